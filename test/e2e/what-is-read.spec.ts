import { randomUUID } from 'node:crypto';
import { type Database, type Queryable, statement, type Transaction } from '@wapas/database';
import { type EntityKey, type EntityKeys } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { ApplyRetention } from '../../src/apply-retention';
import { exportStore } from '../../src/analytics/store/export.store';
import { outcomeStore } from '../../src/analytics/store/outcome.store';
import { messageListStore } from '../../src/analytics/store/message-list.store';
import { rollUpStore } from '../../src/analytics/store/roll-up.store';
import { runListStore } from '../../src/analytics/store/run-list.store';
import { type MessageFilter } from '../../src/analytics/rules/message-filter';
import { type RunFilter } from '../../src/analytics/rules/run-filter';
import { RailsDown } from '../../src/channels/rails-down';
import { callOffStore } from '../../src/channels/store/call-off.store';
import { messageStore } from '../../src/channels/store/message.store';
import { statusCheckStore } from '../../src/channels/store/status-check.store';
import { waitingStore } from '../../src/channels/store/waiting.store';
import { type OpenIncidents } from '../../src/journeys/incidents/open-incidents';
import { EraseEvents } from '../../src/ingestion/erase-events';
import { eventStore } from '../../src/ingestion/store/event.store';
import { runStore } from '../../src/journeys/store/run.store';
import { UnparkRuns } from '../../src/journeys/unpark-runs';
import { Log } from '../../src/log';
import { people, type PersonErased } from '../../src/profiles/profiles.api';
import { openSeals } from '../simulation/container';
import { type RealDatabase, startRealDatabase } from '../simulation/store/real-database';

/**
 * A queue is empty nearly always, and that is what the planner's statistics say of it; when it is full they still say so. A plan
 * that is right for the empty one then reads the whole backlog for every batch that is claimed.
 */
const BACKLOG = 3_000;
const BATCH = 20;

/** A phone that has been marked for years. */
const ALWAYS_USED = randomUUID() as EntityKey;
const LATELY = (Date.now() - 3_600_000) as Instant;

let real: RealDatabase;
let messageIds: string[];
let runIds: string[];
let personIds: string[];

beforeAll(async () => {
  real = await startRealDatabase(openSeals);
  for (const table of ['message', 'run', 'person_address', 'consent_entry', 'outcome', 'touch', 'event_mark']) {
    await sql(`alter table ${table} set (autovacuum_enabled = false)`);
    await sql(`analyze ${table}`);
  }
  await sql(
    `insert into message (id, run_id, lap, step, journey_key, person_id, channel, provider, guard, test, state, due_at, not_after, created_at, offer_at)
     select gen_random_uuid(), gen_random_uuid(), 1, 'push', 'j', gen_random_uuid(), 'push', 'vendor', '{"keys":[],"since":0,"stops":{}}', false, 'planned',
            business_now(), business_now() + interval '1 hour', business_now(), clock_timestamp() - interval '1 second' from generate_series(1, ${BACKLOG})`,
  );
  await sql(
    `insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, signals, stops, memory, entered_at)
     select gen_random_uuid(), 'j', 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'treated', false, 1, business_now(), business_now() + interval '1 day', 0,
            business_now() + interval '1 hour', '{}', '{}', '{}', business_now() from generate_series(1, ${BACKLOG})`,
  );
  await sql(
    `insert into event_mark (key, event_name, occurred_at, event_id)
     select '${ALWAYS_USED}', 'Order Paid', business_now() - n * interval '12 hours', gen_random_uuid() from generate_series(0, ${BACKLOG}) n`,
  );
  await sql(`insert into person (id, created_at, unit) select person_id, business_now(), gen_random_uuid() from message`);
  await sql(
    `insert into person_address (person_id, kind, key, last_seen_at) select person_id, 'push_token', gen_random_uuid(), business_now() from message`,
  );
  await sql(
    `insert into consent_entry (id, person_id, purpose, channel, state, at, recorded_at, source)
     select gen_random_uuid(), person_id, 'service', 'all', 'withdrawn', business_now(), business_now(), 'test' from message`,
  );
  await sql(
    `insert into outcome (run_id, journey_key, version, person_id, arm, test, entered_at) select run_id, 'j', 1, person_id, 'treated', false, business_now() from message`,
  );
  await sql(
    `insert into touch (message_id, run_id, channel, state, at) select id, run_id, 'push', 'sent', business_now() from message`,
  );
  await sql(
    `insert into outcome (run_id, journey_key, version, person_id, arm, test, entered_at) values (gen_random_uuid(), 'j', 2, gen_random_uuid(), 'treated', false, business_now() - interval '3 hours')`,
  );
  await sql(
    `insert into touch (message_id, run_id, channel, state, at) select gen_random_uuid(), run_id, 'push', 'rejected', entered_at from outcome where version = 2`,
  );
  await sql(
    `insert into outcome_stale (journey_key, slot) select distinct journey_key, date_bin('15 minutes', entered_at, timestamptz '2000-01-01Z') from outcome`,
  );
  await real.database.transaction((tx) => rollUpStore.rollUp(tx, null, 100, () => Promise.resolve([])));
  const rows = await sql<{ id: string; runId: string; personId: string }>(
    `select id, run_id as "runId", person_id as "personId" from message limit ${BATCH}`,
  );
  messageIds = rows.map(({ id }) => id).sort();
  runIds = rows.map(({ runId }) => runId);
  personIds = rows.map(({ personId }) => personId);
});
afterAll(() => real.stop());

describe('with a backlog that the statistics know nothing of', () => {
  it.each<[string, string, (tx: Transaction) => Promise<unknown>]>([
    ['the candidates of a claim', 'message', (tx) => messageStore.candidates(tx, messageIds)],
    ['the locks of a claim', 'message', (tx) => messageStore.lockForClaim(tx, messageIds, 'vendor')],
    ['what may need a word of its gateway', 'message', (tx) => statusCheckStore.waiting(tx, messageIds)],
    ['what is let go by a shut provider', 'message', (tx) => waitingStore.letGo(tx, 'vendor', messageIds)],
    ['what ends with a run', 'message', (tx) => callOffStore.ended(tx, [{ runId: randomUUID(), reason: 'goal_reached' }])],
    ['what belongs to an earlier lap', 'message', (tx) => callOffStore.restarted(tx, [{ runId: randomUUID(), lap: 2 }])],
    ['calls whose process has died', 'message', (tx) => messageStore.expireLeases(tx, BATCH, [])],
    ['what counts against the caps of people', 'message', (tx) => messageStore.taken(tx, personIds)],
    [
      'what has happened about a key since',
      'event_mark',
      (tx) => eventStore.marks(tx, [{ key: ALWAYS_USED, since: LATELY }], ['Order Paid']),
    ],
    ['whether a run is due', 'run', (tx) => runStore.isAnyDue(tx)],
    ['where people may be reached', 'person_address', (tx) => people.reachable(tx, personIds, 'push_token', 'push')],
    ['what people have agreed to', 'consent_entry', (tx) => people.reachable(tx, personIds, 'push_token', 'push')],
    ['who is under a restriction', 'consent_entry', (tx) => people.restricted(tx, personIds)],
    ['which reports are out of date', 'outcome', (tx) => outcomeStore.reckon(tx, runIds)],
    ['a page of an export', 'outcome', (tx) => pageOfExport(tx)],
    ['a page of the runs of a journey', 'outcome', (tx) => pageOfRuns(tx, 'j')],
    ['a page of the runs of every journey', 'outcome', (tx) => pageOfRuns(tx, null)],
    ['a page of runs of which there is hardly one', 'outcome', (tx) => pageOfRuns(tx, 'j', { versions: [2] }, 1)],
    ['a page of the messages of a journey', 'outcome', (tx) => pageOfMessages(tx, 'j')],
    ['a page of the messages of every journey', 'touch', (tx) => pageOfMessages(tx, null)],
    ['a page of messages of which there is hardly one', 'outcome', (tx) => pageOfMessages(tx, 'j', { state: 'rejected' }, 1)],
    ['a page of what was called on a day', 'touch', (tx) => pageOfMessages(tx, null, { state: 'rejected', calledOn: { from: '2000-01-01', to: '2100-01-01' } }, 1)], // prettier-ignore
    ['the further devices of a person', 'person_address', (tx) => people.liveTokens(tx, personIds, 'push', [])],
  ])('%s: nothing is read but the rows that are asked for', async (_what, table, read) => {
    const rows = await real.database.transaction(async (tx) => {
      const before = await rowsRead(tx, table);
      await read(tx);
      return (await rowsRead(tx, table)) - before;
    });
    expect(rows).toBeLessThanOrEqual(2 * BATCH);
  });

  it('what is held for what is still down is not read to see what may go', async () => {
    await sql(
      `insert into message (id, run_id, lap, step, journey_key, person_id, channel, provider, guard, test, state, due_at, not_after, created_at, held_by)
       select gen_random_uuid(), gen_random_uuid(), 1, 'push', 'held', gen_random_uuid(), 'push', 'vendor', '{"keys":[],"since":0,"stops":{}}', false, 'planned',
              business_now() + n * interval '1 second', business_now() + interval '1 hour', business_now(),
              case when n % (${BACKLOG} / ${BATCH}) = 0 then '{bank:hdfc}' when n % 2 = 0 then '{method:upi}' else '{bank:hdfc,method:upi}' end::text[]
       from generate_series(1, ${BACKLOG}) n`,
    );
    // Whether the rows have been counted meanwhile is up to chance.
    for (const isCounted of [false, true]) {
      if (isCounted) await sql('analyze message');
      const rows = await real.database.transaction(async (tx) => {
        const before = await rowsRead(tx, 'message');
        expect(await waitingStore.letGoHeld(tx, ['method:upi'], BATCH / 2)).toBe(BATCH / 2);
        return (await rowsRead(tx, 'message')) - before;
      }, 'set local plan_cache_mode = force_generic_plan');
      // It is found, and then changed; each of what holds them is asked for once more.
      expect(rows).toBeLessThanOrEqual(2 * BATCH);
    }
  });
});

describe('what is let go of', () => {
  const PAST = 20_000;
  const DAYS_AGO = (days: number) =>
    `lateral (select business_now() - interval '${days} days' + n * interval '1 second') as times (at)`;

  it('no batch reads again what the batches before it have blanked', async () => {
    await sql(
      `insert into event (id, source, source_event_id, content_hash, name, occurred_at, received_at, test, content, sealed)
       select gen_random_uuid(), 'shop', n::text, '', 'Payment Failed', at, at, false, null, decode(repeat(md5(n::text), 20), 'hex')
       from generate_series(1, ${PAST}) n, ${DAYS_AGO(100)}`,
    );
    const [rows = 0] = await readWhileRetiring(['event']);
    expect(await sql('select from event where sealed is not null')).toEqual([]);
    // It is found, and then changed; the instant at which a batch ends is looked at by the next once more.
    expect(rows).toBeLessThanOrEqual(3 * PAST);
  });

  it.each(['force_generic_plan', 'force_custom_plan'])(
    'runs and their keys are found by the runs, of a large table too: %s',
    async (plans) => {
      await sql(
        `with gone as (
         insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, signals, stops, memory, entered_at, ended_at)
         select gen_random_uuid(), 'j', 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'treated', false, 1, at, at, 0, '{}', '{}', '{}', at, at
         from generate_series(1, ${PAST}) n, ${DAYS_AGO(500)} returning id)
       insert into run_key (key, run_id, absorbing) select gen_random_uuid(), id, false from gone, generate_series(1, 4)`,
      );
      for (const table of ['run', 'run_key']) await sql(`analyze ${table}`);
      const [rows = 0, runs = 0] = await readWhileRetiring(['run_key', 'run'], plans);
      expect(await sql('select from run_key')).toEqual([]);
      expect(rows).toBeLessThanOrEqual(3 * 4 * PAST);
      expect(runs).toBeLessThanOrEqual(5 * PAST);
    },
  );

  it.each(['force_generic_plan', 'force_custom_plan'])(
    'messages, their calls and what was heard of them are found by the messages, of a large table too: %s',
    async (plans) => {
      await sql(
        `with gone as (
           insert into message (id, run_id, lap, step, journey_key, person_id, channel, provider, guard, test, state, due_at, not_after, created_at, sealed)
           select gen_random_uuid(), gen_random_uuid(), 1, 'push', 'j', gen_random_uuid(), 'push', 'vendor', '{"keys":[],"since":0,"stops":{}}', false, 'sent', at, at, at, 'x'
           from generate_series(1, ${PAST}) n, ${DAYS_AGO(500)} returning id, created_at as at),
         calls as (insert into attempt (message_id, fence, provider, started_at, ended_at, outcome) select id, 1, 'vendor', at, at, 'accepted' from gone)
         insert into receipt (id, message_id, provider, kind, at, received_at)
         select gen_random_uuid(), id, 'vendor', kind, at, at from gone, unnest(array['delivered', 'read', 'clicked']) as kind`,
      );
      for (const table of ['message', 'attempt', 'receipt']) await sql(`analyze ${table}`);
      const [messages = 0, attempts = 0, receipts = 0] = await readWhileRetiring(['message', 'attempt', 'receipt'], plans);
      expect(await sql('select from receipt')).toEqual([]);
      // A message is blanked first, and then let go of.
      expect([messages <= 8 * PAST, attempts <= 3 * PAST, receipts <= 3 * 3 * PAST]).toEqual([true, true, true]);
    },
  );

  it.each(['outcome', 'touch'])('what stands behind figures is found by its journey and its runs: %s', async (table) => {
    await sql(
      `with old as (
         insert into outcome (run_id, journey_key, version, person_id, arm, test, entered_at)
         select gen_random_uuid(), 'j' || n % 3, 1, gen_random_uuid(), 'treated', false, at from generate_series(1, ${PAST}) n, ${DAYS_AGO(500)} returning run_id, entered_at)
       insert into touch (message_id, run_id, channel, state, at) select gen_random_uuid(), run_id, 'push', 'sent', entered_at from old`,
    );
    // Nobody has looked at it since it was empty; of a table that grows somebody has.
    await sql('analyze touch');
    const [rows = 0] = await readWhileRetiring([table]);
    expect(await sql(`select from touch where at < business_now() - interval '1 day'`)).toEqual([]);
    // Of each journey as many are looked at as a batch may hold.
    expect(rows).toBeLessThanOrEqual((table === 'outcome' ? 5 : 3) * PAST);
  });

  /** Lets go of everything there is to let go of. Gives how many rows of each table were read. */
  async function readWhileRetiring(tables: readonly string[], plans = 'force_generic_plan'): Promise<number[]> {
    await sql('delete from retention_progress');
    const rows = tables.map(() => 0);
    // With the plan that a connection is left with, unless told otherwise; while it tries others, a table as small as this one is simply read.
    const counted = Object.assign(Object.create(real.database) as Database, {
      transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
        real.database.transaction(async (tx) => {
          const before = await Promise.all(tables.map((table) => rowsRead(tx, table)));
          const result = await work(tx);
          for (const [index, table] of tables.entries())
            rows[index] = (rows[index] ?? 0) + (await rowsRead(tx, table)) - (before[index] ?? 0);
          return result;
        }, `set local plan_cache_mode = ${plans}`),
    });
    const retention = new ApplyRetention(
      { retention: { payloadDays: 90, logDays: 400, reportDays: 400 } },
      counted,
      new Log('silent'),
    );
    while ((await retention.pass()).done > 0);
    return rows;
  }
});

describe('what is parked', () => {
  it('runs of a paused journey are not read to see what may go on', async () => {
    await park('paused', 'journey_paused', {});
    expect(await rowsReadBy([], 1)).toBeLessThanOrEqual(2 * BATCH);
  });

  it('what an incident holds is not read over and over while it lasts, and goes on at once when it is over', async () => {
    await park('j', 'incident_of_method', { method: 'upi' });
    const down = [{ dimension: 'method', value: 'upi', gateway: null }];
    const rows = await rowsReadBy(down, 60, () => down.splice(0));
    expect(rows).toBeLessThanOrEqual(10 * BACKLOG);
    expect(await sql(`select from run where memory ? 'parked' and journey_key = 'j'`)).toHaveLength(BACKLOG - 200);
  });

  const park = (journey: string, reason: string, rails: object) =>
    sql(
      `insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, signals, stops, rails, memory, entered_at)
       select gen_random_uuid(), '${journey}', 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'treated', false, 1, business_now(), business_now() + interval '1 day', 0,
              business_now() + interval '1 day', '{}', '{}', '${JSON.stringify(rails)}', '${JSON.stringify({ parked: { reason, dueAt: 0 } })}', business_now() from generate_series(1, ${BACKLOG})`,
    );

  /** Gives how many rows of runs so many looks read while journey `j` goes on, and one more after `then`. */
  async function rowsReadBy(down: readonly object[], looks: number, then?: () => void): Promise<number> {
    let rows = 0;
    const counted = Object.assign(Object.create(real.database) as Database, {
      query: (...asked: Parameters<Database['query']>) =>
        real.database.transaction(async (tx) => {
          const before = await rowsRead(tx, 'run');
          const answer = await tx.query(...asked);
          rows += (await rowsRead(tx, 'run')) - before;
          return answer;
        }),
    });
    const catalogue = { goingKeys: () => ['j'] };
    const unparkRuns = new UnparkRuns(
      counted,
      catalogue,
      { all: down } as OpenIncidents,
      new RailsDown(counted),
      new Log('silent'),
    );
    for (let look = 1; look <= looks; look += 1) await unparkRuns.pass();
    then?.();
    await unparkRuns.pass();
    return rows;
  }
});

test('an erasure opens the events of years a few at a time, and blanks every one', async () => {
  const key = randomUUID();
  await sql(
    `with told as (
       insert into event (id, source, source_event_id, content_hash, name, occurred_at, received_at, test, content)
       select gen_random_uuid(), 'years', n::text, '', 'Cart Updated', business_now(), business_now(), false, '{"properties":{"secret":"yes"}}'
       from generate_series(1, 1200) n returning id)
     insert into event_mark (key, event_name, occurred_at, event_id) select '${key}', 'Cart Updated', business_now(), id from told`,
  );
  const opened: number[] = [];
  await real.database.transaction(async (tx) => {
    const watched = Object.assign(Object.create(tx) as Transaction, {
      query: (...[asked, values]: Parameters<Transaction['query']>) => {
        if (asked.name === 'events_by_ids') opened.push((values?.[0] as string[]).length);
        return tx.query(asked, values);
      },
    });
    const erased = { erasureId: randomUUID(), personId: randomUUID(), keys: [key] } as unknown as PersonErased;
    await new EraseEvents({} as EntityKeys).handle(watched, [erased]);
  });
  expect([Math.max(...opened), opened.reduce((sum, one) => sum + one)]).toEqual([500, 1_200]);
  expect(await sql(`select from event where source = 'years' and content::text <> '{}'`)).toEqual([]);
});

/** Half a batch: it is found, and then read. */
function pageOfExport(tx: Transaction): Promise<unknown> {
  const now = Date.now();
  const range = { from: new Date(now - 86_400_000), to: new Date(now + 86_400_000) };
  return exportStore.page(tx, 'runs', range, { at: range.from, id: '00000000-0000-0000-0000-000000000000' }, BATCH / 2);
}

const ANY_ENTRY = { arm: null, versions: null, variant: null, reason: null, comparedOnly: false };
const lately = (): { from: Date; to: Date } => ({
  from: new Date(Date.now() - 86_400_000),
  to: new Date(Date.now() + 86_400_000),
});

async function pageOfRuns(tx: Transaction, journey: string | null, asked: Partial<RunFilter> = {}, found = BATCH / 2) {
  const any = { ...ANY_ENTRY, ...lately(), outcome: 'entered', channel: null, currency: null, within: null } as const;
  const runs = await runListStore.page(tx, { ...any, journey, ...asked }, null, BATCH / 2, []);
  expect(runs).toHaveLength(found);
}

async function pageOfMessages(tx: Transaction, journey: string | null, asked: Partial<MessageFilter> = {}, found = BATCH / 2) {
  const any = { channel: null, provider: null, state: null, category: null, country: null, outcome: null, currency: null, calledOn: null }; // prettier-ignore
  const filter = { ...ANY_ENTRY, ...lately(), ...any, journey, ...asked };
  const messages = await messageListStore.page(tx, filter, { country: 'IN', assumedCategory: {} }, null, null, BATCH / 2, []);
  expect(messages).toHaveLength(found);
}

/** Rows of the table that this connection has read and not yet reported, found by an index or not. */
async function rowsRead(tx: Transaction, table: string): Promise<number> {
  const read = statement(
    'rows_read',
    `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_xact_user_tables where relname = $1`,
  );
  return (await tx.query<{ rows: number }>(read, [table]))[0]?.rows ?? 0;
}

let statements = 0;
function sql<Row extends object = object>(text: string, db: Queryable = real.database): Promise<Row[]> {
  return db.query<Row>(statement(`what_is_read_${(statements += 1)}`, text));
}
