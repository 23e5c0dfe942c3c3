import { type Database, jsonArray, statement } from '@wapas/database';
import { Bus } from '@wapas/events';
import { openSeals } from '../simulation/container';
import { type RealDatabase, startRealDatabase } from '../simulation/store/real-database';
import { until } from '../support/world';

interface Events {
  'thing.happened': number;
}

let real: RealDatabase;
beforeAll(async () => {
  real = await startRealDatabase(openSeals);
});
afterEach(() => sql('truncate bus_outbox'));
afterAll(() => real.stop());

it('a trouble of a quarter of a minute parks nothing, and holds up nothing but what it befell', async () => {
  const done: number[] = [];
  const waits: number[] = [];
  let parked = 0;
  const handle = async (_tx: unknown, items: readonly number[]): Promise<void> => {
    if (items.includes(13)) throw new Error('A name does not resolve.');
    done.push(...items);
  };
  const bus = new Bus<Events>(real.database, { onFailure: (_handler, _error, isParked) => (parked += isParked ? 1 : 0) });
  bus.wire({ 'thing.happened': [{ name: 'test', handler: { handle } }] });
  bus.start();
  await real.database.transaction(async (tx) => bus.publish(tx, 'thing.happened', [11, 12, 13, 14, 15]));
  await until(() => done.length === 4, 'its neighbours to be handled');
  // Time is moved: how long each rest would have been is told, and it is over.
  while (parked === 0) {
    const [rest] = await sql<{ seconds: number }>(
      `with waits as materialized (select seq, not_before from bus_outbox where parked_at is null and not_before > clock_timestamp())
       update bus_outbox b set not_before = '-infinity' from waits where b.seq = waits.seq
       returning extract(epoch from waits.not_before - clock_timestamp())::float as seconds`,
    );
    if (rest) waits.push(rest.seconds);
  }
  await bus.stop();
  expect(done.sort()).toEqual([11, 12, 14, 15]);
  expect(waits.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(15);
  expect(waits[0]).toBeLessThan(1);
});

it('parked ones go back in line a thousand at a time, every one of them', async () => {
  const asked: number[] = [];
  const counted = Object.assign(Object.create(real.database) as Database, {
    query: async (...args: Parameters<Database['query']>) => {
      const before = await freed();
      const rows = await real.database.query(...args);
      asked.push((await freed()) - before);
      return rows;
    },
  });
  await real.database.query(
    statement(
      'test_park',
      `insert into bus_outbox (handler, event, items, attempts, parked_at) select 'test', 'e', items, 5, clock_timestamp() from unnest($1::json[]) as items`,
    ),
    [jsonArray(Array.from({ length: 2_500 }, (_, index) => `[${index}]`))],
  );
  const bus = new Bus<Events>(counted, { onFailure: () => undefined });
  expect(await bus.replayParked()).toBe(2_500);
  expect(asked).toEqual([1_000, 1_000, 500]);
});

const freed = async (): Promise<number> =>
  (await sql<{ count: number }>('select count(*)::int as count from bus_outbox where parked_at is null'))[0]?.count ?? 0;

let statements = 0;
function sql<Row extends object = object>(text: string): Promise<Row[]> {
  return real.database.query<Row>(statement(`bus_spec_${(statements += 1)}`, text));
}
