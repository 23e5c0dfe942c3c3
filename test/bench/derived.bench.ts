import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { DatabaseServer, query } from './database-server';
import { Load } from './load';
import { describeMachine } from './machine';
import { Product, until } from './product';
import { ProviderStub } from './provider-stub';
import { type Report, rowAgainst, rowAtLeast, rowBelow, tellProgress, tellRound } from './report';

const PENDING = 1_000_000;
const CHUNK = 100_000;
const UPDATES_A_SECOND = 5_000;
const SILENCES_A_SECOND = 200;
const BATCHES = { batch: 100, inFlight: 16 };

/** Silence of a minute, the shortest there is. */
const BASKET_LEFT = {
  format: 'wapas.derived/1',
  key: 'bench_basket_left',
  event: 'Basket Left',
  after: ['Basket Touched'],
  idle: '1m',
  by: 'cart',
};

/**
 * Carts that are being updated while a million others wait to be called abandoned. An update counts when it is committed,
 * attributed and its wait is armed: the time runs until the bus is at rest. Then, while 5,000 updates a second come in, 200
 * carts a second fall silent for a minute: how much later than that minute is what follows recorded?
 */
export async function benchDerived({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const seconds = full ? 10 : 3;
  const server = await DatabaseServer.start(started, { max_wal_size: '4GB' });
  const database = await server.create('bench_derived');
  const [updates, silences, stub] = [await Load.start(started), await Load.start(started), await ProviderStub.start(started)];
  const product = await Product.start({ databaseUrl: database, providerUrl: stub.url }, updates, started);
  const { url, key } = product;
  await publish(product);
  const shape = { url: `${url}/v1/events/batch`, key, content: 'carts updated' as const, ...BATCHES };

  const updatesPerSecond = async (): Promise<number> => {
    const { acknowledged, firstPostAt } = await updates.run({ ...shape, until: { kind: 'seconds', seconds } });
    await product.atRest();
    return acknowledged / ((Date.now() - firstPostAt) / 1_000);
  };
  const lateness = async (): Promise<number> => {
    const [{ firstPostAt }] = await Promise.all([
      silences.run({
        ...shape,
        content: 'baskets touched',
        batch: 10,
        until: { kind: 'paced', perSecond: SILENCES_A_SECOND, seconds },
      }),
      updates.run({ ...shape, until: { kind: 'paced', perSecond: UPDATES_A_SECOND, seconds: seconds + 2 } }),
    ]);
    await product.atRest();
    return p99Late(database, firstPostAt, SILENCES_A_SECOND * seconds);
  };

  const seen = { 'updates/s': [] as number[], 'none pending': [] as number[], 'p99 late ms': [] as number[] };
  await updatesPerSecond(); // Node compiles what is hot, and the carts are known from here on.
  for (let round = 0; round < rounds; round += 1) seen['none pending'].push(await updatesPerSecond());
  await generatePending(database);
  await updatesPerSecond();
  for (let round = 0; round < rounds; round += 1) {
    seen['updates/s'].push(await updatesPerSecond());
    seen['p99 late ms'].push(await lateness());
    tellRound(round, seen);
  }
  const updated = `cart updates in batches of 100, ${PENDING.toLocaleString('en')} waits pending`;
  return {
    bench: 'derived',
    machine: await describeMachine(server.version),
    rows: [
      rowAtLeast(updated, 'updates/s', seen['updates/s'], UPDATES_A_SECOND),
      rowAgainst(
        `${updated}, to none`,
        'updates/s',
        seen['updates/s'],
        { name: 'none but their own', figures: seen['none pending'] },
        0.8,
      ),
      rowBelow(
        `derived events, p99 lateness at ${UPDATES_A_SECOND.toLocaleString('en')} updates/s`,
        'ms',
        seen['p99 late ms'],
        1_000,
      ),
    ],
  };
}

async function publish({ url, key }: Product): Promise<void> {
  const answer = await fetch(`${url}/v1/derived-events/${BASKET_LEFT.key}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(BASKET_LEFT),
  });
  if (!answer.ok) throw new Error(`The definition was refused: ${answer.status} ${await answer.text()}`);
}

/** Carts of other people, due from tomorrow on. */
async function generatePending(database: string): Promise<void> {
  for (let first = 1; first <= PENDING; first += CHUNK) {
    const last = first + CHUNK - 1;
    await query(
      database,
      `insert into derived_wait (key, definition_id, due_at)
       select md5('cart' || n)::uuid, d.id, business_now() + interval '1 day' + n * interval '10 milliseconds'
       from generate_series(${first}, ${last}) n, (select id from derived_definition where key = 'cart_abandoned' order by version desc limit 1) d`,
    );
    tellProgress('pending', last, PENDING);
  }
  await query(database, 'vacuum analyze derived_wait');
}

/** Business time runs as real time here: an event occurred when the minute was over, and was received when it was recorded. */
async function p99Late(database: string, since: number, expected: number): Promise<number> {
  const recorded = `from event where name = '${BASKET_LEFT.event}' and received_at >= to_timestamp(${since} / 1000.0)`;
  await until('what follows from the silences', async () => {
    const [row] = await query<{ count: number }>(database, `select count(*)::int as count ${recorded}`);
    return row?.count === expected;
  });
  const [row] = await query<{ late: number }>(
    database,
    `select extract(epoch from percentile_disc(0.99) within group (order by received_at - occurred_at))::float8 * 1000 as late ${recorded}`,
  );
  return row?.late ?? NaN;
}
