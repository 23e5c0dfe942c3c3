import { EntityKeys } from '@wapas/entity-keys';
import { hours, type Instant, minutes } from '@wapas/kernel';
import { ProjectEnds, ProjectEntries, ProjectMoves, ProjectTouches } from '../../src/analytics/project-outcomes';
import { rebuildOutcomes } from '../../src/analytics/rebuild-outcomes';
import { ApplyRetention } from '../../src/apply-retention';
import { type RunEnded, runFacts } from '../../src/journeys/journeys.api';
import { TellOfRuns } from '../../src/webhooks/tell-of-facts';
import { apiOf, personOf } from '../support/api';
import { introduce, openPush } from '../support/stories';
import { START, World } from '../support/world';

const PEOPLE = 48;
const DAY = hours(24);
const TABLES = ['outcome', 'touch', 'earlier_touch', 'entry_rollup', 'recovery_rollup', 'message_rollup', 'entry_daily', 'recovery_daily', 'message_daily']; // prettier-ignore
let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
});
afterAll(() => world?.stop());

const push = (key: string, after: string, variants = false) => ({
  key,
  after,
  maxDelay: '5m',
  channel: 'push',
  messages: [
    variants
      ? {
          variants: ['plain', 'warm'].map((variant) => ({
            key: variant,
            percent: 50,
            template: { title: variant, body: 'Tap.' },
          })),
        }
      : { template: { title: 'Still there', body: 'Tap.' } },
  ],
});
const journey = (key: string, change: object = {}) => ({
  format: 'wapas.journey/1',
  key,
  name: key,
  trigger: { event: 'Attempt Failed' },
  correlateBy: ['order'],
  attempts: 'restart',
  hold: { when: [{ field: 'reason.class', in: ['pending'] }], for: '10m', confirmedBy: ['Attempt Declined'] },
  goal: { events: ['Attempt Paid'], by: ['order'] },
  exits: [
    { event: 'Attempt Refunded', reason: 'refunded' },
    { event: 'Order Cancelled', reason: 'order_cancelled' },
  ],
  window: '2h',
  holdoutPercent: 30,
  steps: [
    push('first', '1m', true),
    push('second', '20m'),
    { ...push('third', '40m'), channel: 'whatsapp', messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}', 'x'], button: '{{link_token}}' } }] }, // prettier-ignore
  ],
  ...change,
});

interface Shopper {
  readonly id: string;
  readonly phone: string;
  readonly order: string;
}
const shopper = (number: number): Shopper => ({ id: `rb_${number}`, phone: `+9196${String(10_000_000 + number)}`, order: `rbo_${number}` }); // prettier-ignore

/** Time runs on from there: what is taken twice from the clock differs. */
async function runOnFrom(at: number): Promise<void> {
  await world.clock.startAt((START + at) as Instant, 1);
  await world.settled();
}

let serial = 0;
async function say(event: string, { order, ...who }: Partial<Shopper>, more: object = {}): Promise<void> {
  serial += 1;
  const body = {
    event,
    eventId: `rb-${serial}`,
    person: { ...(who.id ? { customerId: who.id } : {}), ...(who.phone ? { phone: who.phone } : {}) },
    ...(order ? { keys: { order } } : {}),
    ...more,
  };
  expect((await api('POST', '/v1/events', body)).status).toBe(202);
}
const worth = (number: number): object => ({ amount: { value: 100_000 + number, currency: number % 5 === 0 ? 'USD' : 'INR' } });

/** Every row of the reports' tables, but for the parts of one that say nothing: the order of keys. */
async function everyRow(): Promise<Record<string, string[]>> {
  await api('GET', '/v1/analytics/costs?from=2026-11');
  const rows = await Promise.all(
    TABLES.map(async (table) => {
      const found = await world.sql<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t`);
      return [table, found.map(({ row }) => row).sort()] as const;
    }),
  );
  return Object.fromEntries(rows);
}

test('a rich history leaves the same rows, one by one, in the bus and in a rebuild, also when contents are gone', async () => {
  await world.publish(journey('heard'));
  for (const [key, how] of [
    ['unheard', { mode: 'shadow' }],
    ['shared', { share: 50 }],
  ] as const) {
    await api('PUT', `/v1/journeys/${key}/draft`, journey(key, { holdoutPercent: 10 }));
    expect((await api('POST', `/v1/journeys/${key}/versions`, how)).status).toBe(201);
  }
  const people = Array.from({ length: PEOPLE }, (_, number) => shopper(number + 1));
  const every = (step: number, rest: number): Shopper[] => people.filter((_, number) => number % step === rest);
  await introduce(world, every(4, 0).concat(every(4, 1), every(4, 2)));
  for (const { id } of every(4, 3)) await say('App Opened', { id });

  await runOnFrom(0);
  for (const [number, one] of people.entries()) {
    // Of every four one is a guest: nobody knows their id yet.
    const who = number % 4 === 3 ? { ...one, id: undefined } : one;
    await say('Attempt Failed', who, { ...worth(number), reason: { class: number % 6 === 0 ? 'pending' : 'user_error' } });
  }
  await world.settled();
  for (const one of every(12, 1)) await say('Attempt Paid', one, worth(people.indexOf(one)));
  await runOnFrom(minutes(1));
  for (const one of every(12, 6)) await say('Attempt Declined', one);
  for (const one of every(12, 0)) await say('Attempt Paid', one, worth(people.indexOf(one)));
  for (const one of every(12, 4)) await openPush(world, one).catch(() => undefined);
  await runOnFrom(minutes(3));
  for (const one of every(8, 2)) await say('Attempt Failed', one, { ...worth(7), reason: { class: 'bank_down' } });
  await runOnFrom(minutes(5));
  await runOnFrom(minutes(11));
  await runOnFrom(minutes(21));
  // The guests turn out to be customers, some of whom have runs of their own, and one of them another one's.
  for (const one of every(4, 3)) await say('Logged In', one);
  await runOnFrom(minutes(24));
  for (const one of every(8, 4)) await say('Attempt Paid', one, worth(people.indexOf(one)));
  for (const one of every(16, 5)) await say('Order Cancelled', one);
  // Some pictures cannot be had: the first attempt is reported as failed, and so is the one that follows it.
  await world.control('mode', { vendor: 'whatsapp', mode: 'normal', receipts: 'failed', code: '131053' });
  await runOnFrom(minutes(41));
  for (const one of every(8, 2)) await say('Attempt Paid', one, worth(people.indexOf(one)));
  for (const one of every(8, 3)) await say('Attempt Paid', one, worth(people.indexOf(one)));
  await runOnFrom(hours(1));
  for (const { id } of [...every(12, 9).slice(0, 2), ...every(16, 3).slice(0, 1), ...every(12, 1).slice(0, 1)])
    expect((await api('POST', `/v1/people/${await personOf(api, id)}/erasure`)).status).toBe(202);
  await world.settled();
  await runOnFrom(hours(4));
  for (const one of every(16, 7)) await say('Attempt Paid', one, worth(people.indexOf(one)));
  // Money goes back: all, a part, twice, of another currency, of nobody knows how much.
  const back: readonly (readonly [Shopper | undefined, object])[] = [
    [every(8, 4)[0], { amount: { value: 500, currency: 'INR' } }],
    [every(8, 4)[0], { amount: { value: 700, currency: 'INR' } }],
    [every(8, 4)[1], { amount: { value: 500_000, currency: 'INR' } }],
    [every(8, 4)[2], {}],
    [every(8, 2)[0], { amount: { value: 12, currency: 'EUR' } }],
    [every(8, 2)[2], { amount: { value: 12, currency: 'INR' } }],
  ];
  for (const [one, amount] of back) await say('Attempt Refunded', one as Shopper, amount);
  await world.settled();
  // Another round of the same people a day later.
  await runOnFrom(DAY);
  for (const [number, one] of people.entries())
    if (number % 3 === 0)
      await say('Attempt Failed', { ...one, order: `${one.order}b` }, { ...worth(number), reason: { class: 'user_error' } });
  await world.settled();
  await runOnFrom(DAY + minutes(1));
  await runOnFrom(DAY + hours(3));

  const projected = await everyRow();
  expect(Object.fromEntries(TABLES.map((table) => [table, (projected[table]?.length ?? 0) > 0]))).toEqual(
    Object.fromEntries(TABLES.map((table) => [table, true])),
  );
  const outcomes = projected.outcome?.map((row) => JSON.parse(row) as Record<string, unknown>) ?? [];
  const count = (of: (row: Record<string, unknown>) => boolean): number => outcomes.filter(of).length;
  const ends = new Map(outcomes.map(({ run_id, end_reason, goal_at }) => [run_id, `${end_reason as string}, ${goal_at === null ? 'no goal' : 'goal'}`])); // prettier-ignore
  // Otherwise the history is not as rich as it says.
  expect(count(({ arm }) => arm === 'holdout')).toBeGreaterThan(3);
  expect(count(({ moved_from }) => moved_from !== null)).toBeGreaterThan(3);
  expect(count(({ refunds }) => Object.keys(refunds as object).length > 0)).toBeGreaterThan(3);
  expect(new Set(outcomes.map(({ currency }) => currency))).toEqual(new Set([null, 'INR', 'USD']));
  expect(count(({ end_reason }) => end_reason === 'erased')).toBeGreaterThan(0);
  expect(count(({ ended_early }) => ended_early === true)).toBeGreaterThan(0);
  expect((await world.sql(`select from run where lap > 1`)).length).toBeGreaterThan(0);
  expect((await world.sql(`select from run where memory ? 'shadow'`)).length).toBeGreaterThan(3);
  const late = await world.sql<{ id: string }>(`select run_id as id from decision where kind = 'late_goal'`);
  expect(late.length).toBeGreaterThan(0);
  // Who comes back after the window is written down, and no recovery. Of runs in shadow there is no outcome.
  expect(new Set(late.flatMap(({ id }) => ends.get(id) ?? []))).toEqual(new Set(['window_over, no goal']));
  const states = await world.sql<{ state: string }>('select distinct state from touch order by 1');
  expect(states.map(({ state }) => state)).toEqual(expect.arrayContaining(['rejected', 'sent', 'skipped']));

  expect(await rebuildOutcomes(world.database)).toEqual({ runs: outcomes.length, unreadable: 0 });
  expect(await everyRow()).toEqual(projected);
  await world.sql(`truncate ${TABLES.join(', ')}`);
  await rebuildOutcomes(world.database);
  expect(await everyRow()).toEqual(projected);

  const money = new Map(outcomes.map(({ run_id, amount, goal_at }) => [run_id, [amount, goal_at !== null]]));
  const left = async ({ order }: Shopper | undefined = shopper(0)): Promise<unknown> => {
    const [run] = await world.sql<{ id: string }>(
      `select r.id from run r join run_reversal v on v.run_id = r.id join run_key k on k.run_id = r.id where r.journey_key = 'heard' and k.key = $1`,
      [world.app.get(EntityKeys).keyOf('order', order)],
    );
    return money.get(run?.id);
  };
  // A part of the same currency is taken off; of another currency nobody can say what is left.
  expect([await left(every(8, 2)[2]), await left(every(8, 2)[0])]).toEqual([
    [expect.any(Number), true],
    [null, false],
  ]);

  // Contents of events and runs are let go of, the log is not.
  await world.clock.startAt((START + 200 * DAY) as Instant, 0);
  for (let pass = 0; pass < 5; pass += 1) await world.app.get(ApplyRetention).pass();
  expect(await world.sql('select from event where sealed is not null limit 1')).toEqual([]);
  await rebuildOutcomes(world.database);
  expect(await everyRow()).toEqual(projected);
});

describe('in whichever order the bus delivers', () => {
  const outcomesOf = (runIds: readonly string[]) =>
    world.sql(`select to_jsonb(o) as row from outcome o where run_id = any($1::uuid[]) order by run_id`, [runIds]);

  it('a guest who turned out to be a customer is counted once', async () => {
    const moved = await world.sql<{ runId: string; guestId: string; personId: string }>(
      `select id as "runId", moved_from as "guestId", person_id as "personId" from run where moved_from is not null and journey_key = 'heard'`,
    );
    const runIds = moved.map(({ runId }) => runId);
    const before = await outcomesOf(runIds);
    expect(before.length).toBeGreaterThan(3);
    const { started, ended } = await runFacts.of(world.database, runIds);
    const guestOf = new Map(moved.map(({ runId, guestId }) => [runId, guestId]));
    const asGuest = <Run extends { runId: string }>(run: Run): Run & { personId: string } => ({ ...run, personId: guestOf.get(run.runId) as string }); // prettier-ignore
    await world.sql('delete from outcome where run_id = any($1::uuid[])', [runIds]);
    // What is told last is heard first: whose the runs became, of two moves the later one before the earlier, and only then that they began.
    for (const personId of ['later', 'earlier'])
      await world.database.transaction((tx) =>
        world.app
          .get(ProjectMoves)
          .handle(tx, moved.map((one) => ({ guestId: one.guestId, personId: personId === 'later' ? one.personId : one.guestId, runIds: [one.runId] }))),
      ); // prettier-ignore
    await world.database.transaction(async (tx) => {
      await world.app.get(ProjectEnds).handle(tx, ended.map(asGuest));
      await world.app.get(ProjectEntries).handle(tx, started.map(asGuest));
    });
    const fresh = (rows: typeof before) =>
      rows.map(({ row }) => ({ ...(row as object), refunds: {}, paid: null, reached_at: null }));
    const goals = (rows: typeof before) => fresh(rows).map((row) => ({ ...row, amount: null, goal_at: null }));
    expect(goals(await outcomesOf(runIds))).toEqual(goals(before));
    await rebuildOutcomes(world.database);
    expect(await outcomesOf(runIds)).toEqual(before);
  });

  it('of two words about a message the later one counts', async () => {
    const [touch] = await world.sql<Record<string, never>>(
      `select message_id as "messageId", run_id as "runId", step, channel, provider, at from touch where state = 'sent' limit 1`,
    );
    const { at, ...message } = touch as unknown as { at: Date; messageId: string; runId: string; step: string; channel: string; provider: string }; // prettier-ignore
    await world.sql(`update message set state = 'rejected' where id = $1`, [message.messageId]);
    const tell = (state: 'rejected' | 'sent') =>
      world.database.transaction((tx) =>
        world.app.get(ProjectTouches).handle(tx, [{ ...message, state, reason: null, at: at.toISOString() }]),
      );
    await tell('rejected');
    await tell('sent');
    expect(await world.sql('select state from touch where message_id = $1', [message.messageId])).toEqual([
      { state: 'rejected' },
    ]);
    await world.sql(`update message set state = 'sent' where id = $1`, [message.messageId]);
    await tell('sent');
    expect(await world.sql('select state from touch where message_id = $1', [message.messageId])).toEqual([{ state: 'sent' }]);
  });
});

test('a goal whose event cannot be opened counts, and is told of, with what the run knew of its worth, or without', async () => {
  const [goal] = await world.sql<{ runId: string; eventId: string; amount: string }>(
    `select r.id as "runId", r.end_event_id as "eventId", o.amount from run r join outcome o on o.run_id = r.id where o.goal_at is not null and o.amount is not null and o.refunds = '{}' limit 1`,
  );
  const { runId, eventId, amount } = goal as NonNullable<typeof goal>;
  await world.sql(`update event set sealed = '\\x0102030405' where id = $1`, [eventId]);
  const { ended } = await runFacts.of(world.database, [runId]);
  const hear = async (end: RunEnded): Promise<unknown> => {
    await world.database.transaction(async (tx) => {
      await world.app.get(ProjectEnds).handle(tx, [end]);
      await world.app.get(TellOfRuns).handle(tx, [end]);
    });
    const [row] = await world.sql<{ amount: string | null; goal: boolean }>(`select amount, goal_at is not null as goal from outcome where run_id = $1`, [runId]); // prettier-ignore
    return row;
  };
  const end = ended[0] as RunEnded;
  // As an earlier version told it: only the event says.
  expect(await hear({ ...end, worth: undefined })).toEqual({ amount: null, goal: true });
  await world.sql(`update run_input set detail = detail - 'eventId' where run_id = $1 and kind = 'goal_reached'`, [runId]);
  expect((await rebuildOutcomes(world.database)).unreadable).toBe(1);
  expect(await hear(end)).toEqual({ amount, goal: true });
});

test('who entered a version that another container has just published is counted by that version, not by a guess', async () => {
  // This container hears of it within two seconds, and is asked before.
  const definition = journey('elsewhere', { trigger: { event: 'Elsewhere Failed' }, window: '30d' });
  await world.sql(
    `insert into journey_version (key, version, definition, content_hash, published_at) values ('elsewhere', 1, $1, 'x', business_now())`,
    [JSON.stringify(definition)],
  );
  const runIds = ['019a0000-0000-7000-8000-000000000001', '019a0000-0000-7000-8000-000000000002'];
  const droppedOffAt = new Date(world.clock.now()).toISOString();
  const start = { journeyKey: 'elsewhere', version: 1, arm: 'treated', test: false, reasonClass: null, personId: runIds[0] as string, droppedOffAt } as const; // prettier-ignore
  const entries = runIds.map((runId, index) => ({
    ...start,
    runId,
    at: new Date(world.clock.now() + 3 * index * DAY).toISOString(),
  }));
  await world.database.transaction((tx) => world.app.get(ProjectEntries).handle(tx, entries));
  await api('GET', '/v1/analytics/costs?from=2026-11');
  const counted = await world.sql(`select counts, sum(entered)::int as entered from entry_rollup where journey_key = 'elsewhere' group by 1 order by 1`); // prettier-ignore
  expect(counted).toEqual([false, true].map((counts) => ({ counts, entered: 1 })));
});

test('the two equal hours at the end of summer time are told apart, and lead to their own runs', async () => {
  // In Sydney the clock is put back from three to two then.
  for (const [number, at] of ['2027-04-03T15:30:00Z', '2027-04-03T16:30:00Z', '2027-04-03T17:10:00Z'].entries()) {
    await world.clock.startAt(Date.parse(at) as Instant, 0);
    await say('Attempt Failed', { ...shopper(900 + number) }, { ...worth(1), reason: { class: 'user_error' } });
    await world.settled();
  }
  const range = 'from=2027-04-03T14:00:00Z&to=2027-04-03T18:00:00Z';
  const { body } = await api('GET', `/v1/analytics/journeys/heard/series?grain=hour&zone=Australia/Sydney&${range}`);
  const hoursSeen = new Map<string, number>();
  for (const { from, to, entered, runs } of body.rows as {
    from: string;
    to: string;
    entered: number;
    runs: { entered: string };
  }[]) {
    // prettier-ignore
    expect(Date.parse(to) - Date.parse(from)).toBe(hours(1));
    expect(((await api('GET', runs.entered)).body.runs as object[]).length).toBe(entered);
    hoursSeen.set(from, (hoursSeen.get(from) ?? 0) + entered);
  }
  expect([...hoursSeen]).toEqual([
    ['2027-04-03T15:00:00.000Z', 1],
    ['2027-04-03T16:00:00.000Z', 1],
    ['2027-04-03T17:00:00.000Z', 1],
  ]);
});
