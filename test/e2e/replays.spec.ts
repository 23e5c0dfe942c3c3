import { Client } from 'pg';
import { hours, minutes } from '@wapas/kernel';
import { WorkReplays } from '../../src/journeys/replay/work-replays';
import { type ApiAnswer, apiOf } from '../support/api';
import { type Customer, customer, failPayment, introduce, openPush, pay, treatEverybody } from '../support/stories';
import { START, until, World } from '../support/world';

const FROM = new Date(START - hours(1)).toISOString();
const TO = new Date(START + hours(48)).toISOString();
const JOURNEY = 'payment_failed';

let world: World;
let api: (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;
/** The version everybody of the story entered. */
let version: number;

beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
  await treatEverybody(world);
  version = ((await api('GET', `/v1/journeys/${JOURNEY}/versions`)).body.versions as { version: number }[])[0]?.version ?? 0;
  await busyAfternoon();
});
afterAll(() => world?.stop());

/** Twenty customers: silent ones, openers, payers before and between messages, second attempts, a paused journey, people nobody has introduced. */
async function busyAfternoon(): Promise<void> {
  const people = Array.from({ length: 20 }, (_, number) => customer(700 + number));
  const [asha, bala, chitra, dev] = people as [Customer, Customer, Customer, Customer];
  await introduce(world, people.slice(0, 16));
  await world.moveTo(0);
  for (const one of people) await failPayment(world, one);
  await world.settled();
  await pay(world, asha, 30_000);
  await world.moveTo(minutes(1));
  await openPush(world, bala);
  await world.settled();
  await world.moveTo(minutes(6));
  await failPayment(world, chitra, minutes(6));
  await api('POST', `/v1/journeys/${JOURNEY}/pause`);
  await world.moveTo(minutes(16));
  await api('POST', `/v1/journeys/${JOURNEY}/resume`);
  await until(async () => (await world.sql(`select from run where memory ? 'parked'`)).length === 0, 'parked runs to go on');
  await world.settled();
  await world.moveTo(minutes(40));
  await pay(world, dev, minutes(40));
  await world.moveTo(hours(2));
  await world.moveTo(hours(6));
  await world.moveTo(hours(30));
  await failPayment(world, customer(700 + 18), hours(30));
  await world.moveTo(hours(31));
}

async function audit(body: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  const ordered = await api('POST', '/v1/replays', { kind: 'audit', journey: JOURNEY, version, from: FROM, to: TO, ...body });
  expect(ordered.status).toBe(202);
  return over(ordered.body.id as string);
}

async function over(id: string): Promise<Record<string, unknown>> {
  let replay: Record<string, unknown> = {};
  await until(async () => {
    replay = (await api('GET', `/v1/replays/${id}`)).body;
    return replay.state !== 'waiting' && replay.state !== 'running';
  }, 'the replay to be over');
  return replay;
}

test('after a busy afternoon every decision and every claim would be the same today', async () => {
  const replay = await audit();
  const { body } = await api('GET', `/v1/replays/${replay.id as string}/lines`);
  expect(body.lines).toEqual([]);
  const [counts] = await world.sql<{ runs: number; decisions: number; claims: number; parked: number }>(
    `select (select count(*) from run where version = $1)::int as runs, (select count(*) from decision)::int as decisions,
            (select sum(jsonb_array_length(claims)) from message)::int as claims, (select count(*) from decision where kind = 'park')::int as parked`,
    [version],
  );
  expect(counts?.parked).toBeGreaterThan(0);
  expect(replay).toMatchObject({
    state: 'done',
    progress: 1,
    result: {
      identical: true,
      differences: 0,
      runs: counts?.runs,
      decisions: counts?.decisions,
      claims: counts?.claims,
      notReplayed: {},
    },
  });
});

test('an audit does not say that all is identical before it is done, nor when there was nothing to compare', async () => {
  const ordered = await api('POST', '/v1/replays', { kind: 'audit', journey: JOURNEY, version, from: FROM, to: TO });
  const replay = await over(ordered.body.id as string);
  expect(replay).toMatchObject({ state: 'done', result: { identical: true } });
  await world.sql(`update replay set state = 'running', lease_until = clock_timestamp() + interval '1 hour' where id = $1`, [
    replay.id,
  ]);
  expect((await api('GET', `/v1/replays/${replay.id as string}`)).body).toMatchObject({
    state: 'running',
    result: { identical: null },
  });
  expect((await api('POST', `/v1/replays/${replay.id as string}/cancel`)).body).toMatchObject({ result: { identical: null } });
  const before = new Date(START - hours(900)).toISOString();
  expect(await audit({ from: before, to: FROM })).toMatchObject({ state: 'done', result: { runs: 0, identical: null } });
});

test('what an audit lists is no estimate, and is read on from a place that was given out', async () => {
  const { id } = (await audit()) as { id: string };
  expect((await api('GET', `/v1/replays/${id}/lines`)).body).toEqual({ estimate: false, lines: [], nextCursor: null });
  for (const cursor of ['7!!', '07', '-1', '1e3', '0x10', '9999999999'])
    expect([cursor, (await api('GET', `/v1/replays/${id}/lines?cursor=${cursor}`)).body.code]).toEqual([cursor, 'bad_cursor']);
});

test.each([
  [
    'a skipped step where a message was decided',
    `update decision set kind = 'skip', reason = 'too_late' where ctid = (select ctid from decision where kind = 'send' and step = 'whatsapp' limit 1)`,
    { what: 'decision', step: 'whatsapp', recorded: { kind: 'skip', reason: 'too_late' }, replayed: { kind: 'send' } },
  ],
  [
    'another end of a run',
    `update run set end_reason = 'goal_reached' where ctid = (select ctid from run where end_reason = 'window_over' or ended_at is null limit 1)`,
    { what: 'decision', step: null, recorded: { endReason: 'goal_reached' } },
  ],
  [
    'a message that says otherwise than its claim',
    `update message set claims = jsonb_set(claims, '{-1,refusal}', '"consent_withdrawn"') where ctid = (select ctid from message where state = 'sent' limit 1)`,
    { what: 'claim', recorded: 'may_send', replayed: 'skipped:consent_withdrawn' },
  ],
])('%s is listed', async (_, plant, line) => {
  // Planted and taken back: each case has its own difference.
  await world.sql(`drop table if exists kept_decision, kept_run, kept_message`);
  for (const table of ['decision', 'run', 'message']) await world.sql(`create table kept_${table} as select * from ${table}`);
  await world.sql(plant);
  const replay = await audit();
  for (const table of ['decision', 'run', 'message']) {
    await world.sql(`delete from ${table}`);
    await world.sql(`insert into ${table} select * from kept_${table}`);
  }
  expect(replay).toMatchObject({ state: 'done', lines: 1, result: { identical: false, differences: 1 } });
  const { body } = await api('GET', `/v1/replays/${replay.id as string}/lines`);
  expect(body).toMatchObject({ lines: [line], nextCursor: null });
});

test('runs of people who asked to be forgotten, and of before recording, are counted apart', async () => {
  await world.sql(`create table kept_run_2 as select * from run`);
  await world.sql(`update run set entered_at = null where id in (select id from run order by id limit 2)`);
  const replay = await audit();
  await world.sql(`delete from run`);
  await world.sql(`insert into run select * from kept_run_2`);
  expect(replay).toMatchObject({ result: { identical: true, notReplayed: { entered_before_recording: 2 } } });
});

test('runs and events whose key is missing are counted as that: neither as erased, nor as decisions that would be others', async () => {
  const attempted = `select id, trigger_id from run r where version = $1 and exists (select from run_input i where i.run_id = r.id and i.kind = 'another_attempt') order by id limit 1`;
  const [further] = await world.sql<{ id: string; trigger_id: string }>(attempted, [version]);
  const [single] = await world.sql<{ id: string }>(
    `select id from run r where version = $1 and not exists (select from run_input i where i.run_id = r.id and i.kind = 'another_attempt') order by id limit 1`,
    [version],
  );
  const kept = await Promise.all([
    world.sql<{ sealed: Buffer }>('select sealed from run where id = $1', [single?.id]),
    world.sql<{ sealed: Buffer }>('select sealed from event where id = $1', [further?.trigger_id]),
  ]);
  // As if sealed with a key that this deployment does not have.
  await world.sql(`update run set sealed = '\\x0102030405' where id = $1`, [single?.id]);
  await world.sql(`update event set sealed = '\\x0102030405' where id = $1`, [further?.trigger_id]);
  const replay = await audit();
  await world.sql(`update run set sealed = $2 where id = $1`, [single?.id, kept[0][0]?.sealed]);
  await world.sql(`update event set sealed = $2 where id = $1`, [further?.trigger_id, kept[1][0]?.sealed]);
  expect(replay).toMatchObject({ result: { identical: true, differences: 0, notReplayed: { unreadable: 2 } } });
});

test('a replay that a restart has broken off is taken up where it was', async () => {
  const done = await audit();
  const result = done.result as { runs: number };
  const place = (await world.sql<{ place: object }>(`select place from replay where id = $1`, [done.id]))[0]?.place;
  await world.sql(
    `update replay set state = 'running', ended_at = null, lease_until = clock_timestamp() - interval '1 second', place = $2 where id = $1`,
    [done.id, JSON.stringify(place)],
  );
  expect(await over(done.id as string)).toMatchObject({ state: 'done', result: { runs: result.runs } });
});

/** As many runs of another journey as fit into two pieces, between the first half of the story's runs and the second. */
async function setApart(): Promise<{ first: string; last: string }> {
  const ids = (await world.sql<{ id: string }>(`select id from run where version = $1 order by id`, [version])).map(
    ({ id }) => id,
  );
  const middle = ids[ids.length >> 1] as string;
  await world.sql(
    `insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, signals, facts, stops, memory, ended_at, end_reason, entered_at)
     select (left(id::text, 24) || lpad(to_hex(('x' || right(id::text, 12))::bit(48)::bigint + n), 12, '0'))::uuid, 'another', 1, person_id, gen_random_uuid(), gen_random_uuid(), arm, test, lap, started_at, expires_at,
            next_step, signals, facts, stops, memory, started_at, 'window_over', entered_at
     from run, generate_series(1, 4000) n where id = $1`,
    [middle],
  );
  return { first: ids[0] as string, last: ids.at(-1) as string };
}

test('an audit that is broken off in its middle goes on there: what came before is not read again, what comes after is', async () => {
  const { first, last } = await setApart();
  const holder = new Client({ connectionString: world.databaseUrl });
  await holder.connect();
  await holder.query('begin; lock table message in access exclusive mode');
  const ordered = await api('POST', '/v1/replays', { kind: 'audit', journey: JOURNEY, version, from: FROM, to: TO });
  const id = ordered.body.id as string;
  // It has taken the first piece up and waits for what is held; whoever stops now waits for that piece.
  await until(
    async () => (await world.sql(`select from replay where id = $1 and state = 'running'`, [id])).length > 0,
    'the audit to begin',
  );
  const work = world.app.get(WorkReplays);
  const stopped = work.stop();
  await holder.end();
  await stopped;
  const [broken] = await world.sql<{ state: string; done: number; total: number }>(
    `select state, done::int as done, total::int as total from replay where id = $1 and lease_until is null`,
    [id],
  );
  expect(broken?.state).toBe('running');
  expect(broken?.done).toBeGreaterThan(0);
  expect(broken?.done).toBeLessThan(broken?.total ?? 0);
  // Both runs end otherwise now: only the one that is still to come can be found.
  const ends = await world.sql<{ id: string; end_reason: string | null }>(`select id, end_reason from run where id in ($1, $2)`, [
    first,
    last,
  ]);
  await world.sql(`update run set end_reason = 'planted' where id in ($1, $2)`, [first, last]);
  work.start();
  const done = await over(id);
  for (const one of ends) await world.sql(`update run set end_reason = $2 where id = $1`, [one.id, one.end_reason]);
  await world.sql(`delete from run where journey_key = 'another'`);
  expect(done).toMatchObject({ state: 'done', done: broken?.total, result: { runs: broken?.total, differences: 1 } });
  const { body } = await api('GET', `/v1/replays/${id}/lines`);
  expect(body.lines).toMatchObject([{ runId: last, recorded: { endReason: 'planted' } }]);
});

test('a replay that takes the process down again and again is given up', async () => {
  const done = await audit();
  await world.sql(`update replay set state = 'running', ended_at = null, starts = 5, lease_until = null where id = $1`, [
    done.id,
  ]);
  expect(await over(done.id as string)).toMatchObject({ state: 'failed', problem: 'interrupted_too_often' });
});

test('a replay that is under way can be cancelled, once', async () => {
  const done = await audit();
  await world.sql(
    `update replay set state = 'running', ended_at = null, lease_until = clock_timestamp() + interval '1 hour' where id = $1`,
    [done.id],
  );
  expect(await api('POST', `/v1/replays/${done.id as string}/cancel`)).toMatchObject({
    status: 200,
    body: { state: 'cancelled' },
  });
  expect(await api('POST', `/v1/replays/${done.id as string}/cancel`)).toMatchObject({
    status: 409,
    body: { code: 'replay_over' },
  });
});

const GOOD = { kind: 'audit', journey: JOURNEY, from: FROM, to: TO };
test.each([
  ['a kind nobody knows', { ...GOOD, kind: 'guess' }, 422, 'bad_value'],
  ['an unknown journey', { ...GOOD, journey: 'nope' }, 404, 'not_found'],
  ['an unknown version', { ...GOOD, version: 99 }, 404, 'not_found'],
  ['a version of zero', { ...GOOD, version: 0 }, 422, 'out_of_range'],
  ['a time without a zone', { ...GOOD, from: '2026-11-23T00:00:00' }, 422, 'bad_time'],
  ['a period that ends before it begins', { ...GOOD, from: TO, to: FROM }, 422, 'empty_range'],
  ['a period of two years', { ...GOOD, from: '2024-01-01T00:00:00Z' }, 422, 'impossible_range'],
])('%s is refused', async (_, body, status, code) => {
  const answer = await api('POST', '/v1/replays', body);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test.each([
  ['/v1/replays/not-an-id', 400, 'bad_id'],
  ['/v1/replays/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', 404, 'not_found'],
])('%s is answered with %d', async (path, status, code) => {
  const answer = await api('GET', path);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});
