import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boolArray,
  byteaArray,
  int2Array,
  int4Array,
  int8Array,
  jsonArray,
  jsonbArray,
  textArray,
  timestamptzArray,
  uuidArray,
  uuidHeadArray,
} from '@wapas/database';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@wapas/database/embedded';
import { lockOf, type EntityKey } from '@wapas/entity-keys';
import fc from 'fast-check';
import { Client } from 'pg';

const dataDir = mkdtempSync(join(tmpdir(), 'wapas-arrays-'));
let server: EmbeddedPostgres;
let client: Client;

beforeAll(async () => {
  server = await startEmbeddedPostgres({ dataDir });
  client = new Client({ connectionString: server.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** What Postgres makes of the elements, each as its own text. */
async function read(type: string, parameter: Buffer): Promise<(string | null)[]> {
  const { rows } = await client.query<{ text: string | null }>(
    `select one::text as text from unnest($1::${type}[]) with ordinality as given (one, position) order by position`,
    [parameter],
  );
  return rows.map(({ text }) => text);
}

const nullable = <T>(values: fc.Arbitrary<T>) => fc.array(fc.option(values), { maxLength: 40 });
const rounds = { numRuns: 60 };
// Postgres keeps no NUL in a text, and half a surrogate pair is no character.
const text = fc.string({ unit: 'binary' }).filter((one) => !one.includes('\u0000') && one.isWellFormed());

it('texts of any script and length arrive as they are', () =>
  fc.assert(
    fc.asyncProperty(nullable(text), async (texts) => expect(await read('text', textArray(texts))).toEqual(texts)),
    rounds,
  ));

it('UUIDs arrive as they are, and what is none is refused here', async () => {
  await fc.assert(
    fc.asyncProperty(nullable(fc.uuid()), async (ids) => expect(await read('uuid', uuidArray(ids))).toEqual(ids)),
    rounds,
  );
  for (const wrong of ['', 'not-a-uuid', '00000000-0000-0000-0000-00000000000', 'zz000000-0000-0000-0000-000000000000'])
    expect(() => uuidArray([wrong])).toThrow('UUID');
});

it('the head of a UUID is the number of its lock', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.uuid(), { maxLength: 40 }), async (ids) =>
      expect(await read('bigint', uuidHeadArray(ids))).toEqual(ids.map((id) => String(lockOf(id as EntityKey)))),
    ),
    rounds,
  ));

it('whole numbers arrive as they are', () =>
  fc.assert(
    fc.asyncProperty(
      nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      nullable(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      nullable(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })),
      async (eight, four, two) => {
        const texts = (numbers: readonly (bigint | number | null)[]) => numbers.map((one) => (one === null ? null : String(one)));
        expect(await read('bigint', int8Array(eight))).toEqual(texts(eight));
        expect(await read('int', int4Array(four))).toEqual(texts(four));
        expect(await read('smallint', int2Array(two))).toEqual(texts(two));
      },
    ),
    rounds,
  ));

it('instants keep their millisecond, before and after the year 2000', () =>
  fc.assert(
    fc.asyncProperty(
      nullable(fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })),
      async (dates) => {
        const { rows } = await client.query<{ millis: string | null }>(
          `select (extract(epoch from one) * 1000)::bigint::text as millis from unnest($1::timestamptz[]) with ordinality as given (one, position) order by position`,
          [timestamptzArray(dates.map((date) => date && date.getTime()))],
        );
        expect(rows.map(({ millis }) => millis)).toEqual(dates.map((date) => date && String(date.getTime())));
      },
    ),
    rounds,
  ));

it('flags, bytes and JSON arrive as they are', () =>
  fc.assert(
    fc.asyncProperty(
      nullable(fc.boolean()),
      nullable(fc.uint8Array({ maxLength: 300 })),
      nullable(fc.jsonValue().map((value) => JSON.stringify(value))),
      async (flags, bytes, documents) => {
        expect(await read('boolean', boolArray(flags))).toEqual(flags.map((flag) => (flag === null ? null : String(flag))));
        expect(await read('bytea', byteaArray(bytes.map((one) => one && Buffer.from(one))))).toEqual(
          bytes.map((one) => one && `\\x${Buffer.from(one).toString('hex')}`),
        );
        expect(await read('json', jsonArray(documents))).toEqual(documents);
        const { rows } = await client.query<{ same: boolean }>(
          `select count(*) = 0 as same from unnest($1::jsonb[], $2::json[]) as given (packed, plain) where packed is distinct from plain::jsonb`,
          [jsonbArray(documents), jsonArray(documents)],
        );
        expect(rows[0]?.same).toBe(true);
      },
    ),
    rounds,
  ));
