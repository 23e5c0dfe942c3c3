import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classesOf, classOf, REASON_CLASSES } from './reason-classes';
import { reasons, reasonTables } from './reason-tables';

const FOLDER = join(__dirname, 'published');
interface Published {
  readonly from: string;
  readonly readOn: string;
  readonly codes: readonly string[];
}
const published = readdirSync(FOLDER).map((file) => ({
  name: file.replace('.json', ''),
  list: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Published,
}));

it.each(reasonTables)('$name says where it was read and when, and uses our classes only', ({ origin, codes }) => {
  expect(origin.from).toMatch(/^https:\/\//);
  expect(origin.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(Object.keys(codes).filter((kind) => !Object.hasOwn(REASON_CLASSES, kind))).toEqual([]);
});

/** What may be left without a class, and why: such a code says nothing. */
const SAYS_NOTHING: Readonly<Record<string, readonly string[]>> = {
  razorpay: ['payment_failed'],
  nach: ['09'],
  shopify: ['GENERIC_ERROR'],
};

it.each(published)('of the codes that are published for $name nearly every one has a class', ({ name, list }) => {
  const table = reasonTables.find((one) => one.name === name);
  if (!table) throw new Error(`There is no table ${name}.`);
  const known = classesOf(table);
  const without = list.codes.filter((code) => !Object.hasOwn(known, code));
  const covered = list.codes.length - without.length;
  process.stdout.write(`  reasons of ${name}: ${covered} of ${list.codes.length} published codes have a class (${((covered / list.codes.length) * 100).toFixed(1)} %)\n`); // prettier-ignore
  expect(without.filter((code) => !SAYS_NOTHING[name]?.includes(code))).toEqual([]);
});

it.each([
  ['incorrect_pin', 'bank', 'user_error'],
  ['payment_timed_out', 'customer', 'timeout'],
  ['gateway_technical_error', 'gateway', 'infrastructure'],
  ['payment_risk_check_failed', 'issuer_bank', 'risk'],
  ['something_new', 'gateway', 'infrastructure'],
  ['something_new', 'business', 'business'],
  ['payment_failed', 'issuer_bank', 'instrument'],
  [undefined, 'customer', 'user_error'],
  [undefined, undefined, 'unknown'],
  ['constructor', 'toString', 'unknown'],
  ['__proto__', 'hasOwnProperty', 'unknown'],
])('razorpay: error_reason %j from %j is %s', (reason, source, kind) =>
  expect(classOf([reason, reasons.razorpay], [source, reasons.razorpaySource])).toBe(kind),
);

it('a code in two classes is refused', () =>
  expect(() =>
    classesOf({
      name: 'x',
      title: 'x',
      origin: { from: '', readOn: '', as: 'verified' },
      codes: { timeout: ['a'], risk: ['a'] },
    }),
  ).toThrow('in two classes'));
