import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { eachNode, filesIn, literalsOf, productCode, ROOT, type SourceFile } from './source-tree';

const product = productCode();

it('there is something to look at', () => expect(product.length).toBeGreaterThan(100));

/**
 * Business time comes from business_now() and nowhere else (D14), so that the demo and tests can move it. Real time is for
 * what is real: leases, retry delays and locks. Where it may stand in SQL, and why:
 */
const REAL_TIME_IN_SQL: Readonly<Record<string, string>> = {
  'libs/database/business-clock.ts': 'the anchor of business time is a moment of real time',
  'libs/database/migrations/business-clock-1764000000001.ts': 'business_now() itself is made of it',
  'libs/database/migrations/business-now-1764300000100.ts': 'and made of it anew, with a plan that is kept',
  'libs/events/outbox.store.ts': 'delivery: when a packet was tried and may be tried again',
  'libs/events/outbox-1764000000002.ts': 'the age of a packet, for the alarm',
  'src/channels/store/message.store.ts': 'leases, retry delays and offers of the send path',
  'src/channels/store/further-attempt.store.ts': 'when a message that was reported as failed is offered again',
  'src/channels/store/people-limit.store.ts': 'since when a vendor has a limit',
  'src/channels/store/waiting.store.ts': 'offers of the send path',
  'src/channels/store/status-check.store.ts': 'a message is held back for as long as its gateway asks',
  'src/payments/store/gateway-link.store.ts': 'when a payment link is looked at again',
  'src/profiles/store/consent-import.store.ts': 'leases of consent files that are worked off',
  'src/ingestion/store/quarantine-replay.store.ts': 'leases of replays that are worked off',
  'src/channels/store/breaker.store.ts': 'when a provider failed, and when it is tried again',
  'src/channels/store/spend.store.ts': 'which caps every container may not know yet',
  'src/channels/store/pause.store.ts': 'how long a vendor wants to be left alone',
  'src/channels/store/vendor-template.store.ts': "when a vendor's list is read again, and by whom",
  'src/webhooks/store/migrations/webhooks-1764100000700.ts': 'since when a delivery has been tried',
  'src/webhooks/store/delivery.store.ts': 'when a delivery is tried again and given up',
  'src/webhooks/store/endpoint.store.ts': 'how long an endpoint has been failing, and rests',
  'src/journeys/replay/store/replay.store.ts': 'leases of replays that are worked off',
  'libs/demo/population/moved-clock.ts':
    'the simulation sets the anchor of business time, and waits for what is due in real time',
  'src/access/store/migrations/api-keys-1764000000011.ts': 'when a key was made, for the auditor',
  'src/access/store/api-key.store.ts': 'whether a key has expired: of nothing that the demo or tests move',
};
const REAL_TIME = /(?<![\w.])(?:clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|now)\s*\(\s*\)|\b(?:current_timestamp|current_time|current_date|localtimestamp|localtime)\b/gi; // prettier-ignore
const realTimeIn = (file: SourceFile): string[] =>
  literalsOf(file).flatMap((text) => [...text.matchAll(REAL_TIME)].map(([word]) => word.toLowerCase().replace(/\s/g, '')));

it('SQL asks for no time but business_now(), except real time where it is listed', () => {
  const found = product.flatMap((file) => realTimeIn(file).map((word) => `${file.path}: ${word}`));
  expect(found.filter((one) => !one.endsWith(': clock_timestamp()'))).toEqual([]);
  const places = new Set(found.map((one) => one.split(': ')[0] as string));
  expect([...places].filter((path) => !Object.hasOwn(REAL_TIME_IN_SQL, path))).toEqual([]);
  expect(Object.keys(REAL_TIME_IN_SQL).filter((path) => !places.has(path))).toEqual([]);
});

it('every body of the API has a name of its own: of two with one name the documentation shows one in both places', () => {
  const names = product.flatMap(({ text }) => [...text.matchAll(/^(?:export )?class (\w+Dto)\b/gm)].map(([, name]) => name));
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

it('every setting that is read is in the list of settings', () => {
  const readme = readFileSync(join(ROOT, 'src/config/README.md'), 'utf8');
  const read = product
    .filter(({ path }) => /^src\/config\//.test(path))
    .flatMap((file) => literalsOf(file).filter((text) => /^(WAPAS|RAZORPAY|CASHFREE|STRIPE|CLOUDEVENTS)_[A-Z_]+$/.test(text)));
  expect(read.length).toBeGreaterThan(30);
  expect(read.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

it('every statement has a name of its own', () => {
  const names: string[] = [];
  for (const file of product)
    eachNode(file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'statement') return;
      const [name] = node.arguments;
      // A name that is put together at run time could not be found again in pg_stat_activity, nor counted here.
      names.push(name && ts.isStringLiteral(name) ? name.text : `${file.path}: not a plain name`);
    });
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name, index) => names.indexOf(name) !== index || !/^[a-z][a-z0-9_]{2,62}$/.test(name))).toEqual([]);
});

it('only the configuration and entry points read the environment', () => {
  const ENTRY_POINTS =
    /^(src\/config\/|src\/main\.ts$|src\/.*\.command\.ts$|libs\/demo\/|libs\/sandbox\/main\.ts$|libs\/testing\/)/;
  const readers = product.filter((file) => {
    let reads = false;
    eachNode(file, (node) => {
      if (ts.isPropertyAccessExpression(node)) reads ||= node.getText() === 'process.env';
      if (ts.isElementAccessExpression(node)) reads ||= /^process\[['"]env['"]\]$/.test(node.getText());
      if (ts.isVariableDeclaration(node))
        reads ||= /\benv\b/.test(node.name.getText()) && node.initializer?.getText() === 'process';
    });
    return reads;
  });
  expect(readers.map(({ path }) => path).filter((path) => !ENTRY_POINTS.test(path))).toEqual([]);
});

describe('nothing in the tree', () => {
  const everything = filesIn();
  const linesWith = (pattern: RegExp, files = everything): string[] =>
    files.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
    );

  it('names a place on one machine', () =>
    expect(linesWith(/(?<![\w.}])\/(?:home|Users|root|work|mnt)\/[A-Za-z][\w.-]*|[A-Z]:\\Users\\/)).toEqual([]));
  // The last letters stand apart so that these lines do not find themselves.
  it('names a package registry', () =>
    expect(
      linesWith(/\bregistry\.(?:npmjs|yarnpkg|npmmirror)\.|\bnpm\.pkg\.github\.|\.jfrog\.io|artifactor[y]|verdacci[o]/i),
    ).toEqual([]));
  it('is left for later', () =>
    expect(
      linesWith(
        /\b(?:TO-?DO|FIX-?ME)\b/,
        everything.filter(({ path }) => path !== 'package-lock.json'),
      ),
    ).toEqual([]));
  it('runs one test alone, or leaves one out', () =>
    expect(linesWith(/^\s*(?:(?:it|test|describe)\.only|[fx](?:it|describe|test))\s*[(.]/)).toEqual([]));
});
