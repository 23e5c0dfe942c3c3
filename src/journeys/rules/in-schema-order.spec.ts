import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isRecord } from '@wapas/kernel';
import { inSchemaOrder } from './in-schema-order';

const STARTERS = join(__dirname, '../starter');
const starters = readdirSync(STARTERS).filter((file) => file.endsWith('.yaml'));

/** As `jsonb` gives it back: shorter names first. */
const asStored = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asStored);
  if (!isRecord(value)) return value;
  const names = Object.keys(value).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, asStored(value[name])]));
};

it.each(starters)('%s says the same, from its format to its steps, each from its key to its messages', (file) => {
  const definition = parse(readFileSync(join(STARTERS, file), 'utf8')) as { steps: object[] };
  const ordered = inSchemaOrder(asStored(definition)) as { steps: object[] };
  expect(ordered).toEqual(definition);
  const names = Object.keys(ordered);
  expect([names.slice(0, 3), names.indexOf('trigger') < names.indexOf('steps')]).toEqual([['format', 'key', 'name'], true]);
  for (const step of ordered.steps) expect([Object.keys(step)[0], Object.keys(step).at(-1)]).toEqual(['key', 'messages']);
});

it('what is no definition comes back as it is', () =>
  expect([1, null, 'x', [{ b: 1, a: 2 }], { steps: 'none', zebra: 1 }].map((one) => JSON.stringify(inSchemaOrder(one)))).toEqual([
    '1',
    'null',
    '"x"',
    '[{"b":1,"a":2}]',
    '{"steps":"none","zebra":1}',
  ]));
