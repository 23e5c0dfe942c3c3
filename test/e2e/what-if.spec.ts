import { Client } from 'pg';
import { parse as parseYaml } from 'yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hours, minutes } from '@wapas/kernel';
import { WorkReplays } from '../../src/journeys/replay/work-replays';
import { type ApiAnswer, apiOf } from '../support/api';
import { type Customer, customer, failPayment, introduce, openPush, pay } from '../support/stories';
import { START, until, World } from '../support/world';

const FROM = new Date(START - hours(1)).toISOString();
const TO = new Date(START + hours(48)).toISOString();
const JOURNEY = 'payment_failed';
const starter = parseYaml(readFileSync(join(__dirname, '../../src/journeys/starter/payment_failed.yaml'), 'utf8')) as Definition;

interface Definition {
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

interface Replay {
  readonly id: string;
  readonly state: string;
  readonly problem: string | null;
  readonly lines: number;
  readonly result: Result;
}

interface Result {
  readonly estimate: boolean;
  readonly messages: { readonly would: number; readonly was: number; readonly same: number; readonly added: number; readonly dropped: number; readonly moved: number; readonly rechannelled: number }; // prettier-ignore
  readonly identical: boolean;
  readonly treated: number;
  readonly holdout: number;
  readonly recovered: { readonly recorded: number; readonly estimated: number };
  readonly answers: { readonly recorded: number; readonly stated: number };
  readonly ended: Readonly<Record<string, number>>;
  readonly caps: Readonly<Record<string, number>>;
  readonly windows: Readonly<Record<string, number>>;
  readonly costs: Readonly<Record<'would' | 'was', readonly { currency: string; amount: number }[]>>;
  readonly rates: Readonly<Record<string, { value: number; isOwn: boolean; source: string | null }>>;
  readonly steps: readonly { step: string; sent: number; reallySent: number; ghost: object; skipped: object; expired: object }[];
}

interface Line {
  readonly what: string;
  readonly step: string;
  readonly lap: number;
  readonly runId: string | null;
  readonly would: { readonly channel: string; readonly at: string } | null;
  readonly was: { readonly channel: string; readonly at: string } | null;
  readonly reason: string | null;
}

let world: World;
let api: (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;
let version: number;

const people = Array.from({ length: 30 }, (_, number) => customer(900 + number));
const [asha, bala, chitra, dev, esha, farid] = people as [Customer, Customer, Customer, Customer, Customer, Customer];

beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
  await world.publish({ ...starter, holdoutPercent: 30 });
  version = ((await api('GET', `/v1/journeys/${JOURNEY}/versions`)).body.versions as { version: number }[])[0]?.version ?? 0;
  await afternoon();
});
afterAll(() => world?.stop());

/**
 * Thirty customers, a third of them held out: most are silent; some open, pay before, between and after messages, try again, take
 * consent back, or have no app.
 */
async function afternoon(): Promise<void> {
  await introduce(world, people.slice(0, 26));
  await world.moveTo(0);
  for (const one of people) await failPayment(world, one);
  await world.settled();
  await pay(world, asha);
  await world.settled();
  await world.moveTo(minutes(1));
  for (const one of [bala, chitra, ...people.slice(6, 9)]) if (await hasPush(one)) await openPush(world, one);
  await world.settled();
  await world.moveTo(minutes(6));
  await failPayment(world, { ...chitra }, minutes(6));
  await world.settled();
  await world.moveTo(minutes(7));
  await world.moveTo(minutes(15));
  await world.moveTo(minutes(21));
  await world.moveTo(minutes(40));
  await pay(world, dev, minutes(40));
  await withdraw(esha);
  await world.settled();
  await world.moveTo(hours(2));
  await world.moveTo(minutes(126));
  await world.moveTo(hours(3));
  await pay(world, farid, hours(3));
  await world.settled();
  await world.moveTo(hours(30));
}

const hasPush = async ({ phone }: Customer): Promise<boolean> =>
  world.sandbox.ledger.entries().some((entry) => entry.channel === 'push' && entry.address.endsWith(phone.slice(1)));

async function withdraw({ id, phone }: Customer): Promise<void> {
  const key = await world.key(['ingest']);
  const response = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      event: 'Preferences Changed',
      person: { customerId: id, phone },
      consents: [{ purpose: 'all', channel: 'sms', state: 'withdrawn' }],
    }),
  });
  expect(response.status).toBe(202);
}

/** An order is heard of, at a time that counts from the start. */
async function happens(event: string, at: number, order: string, who: Customer): Promise<void> {
  const response = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` },
    body: JSON.stringify({
      event,
      occurredAt: new Date(START + at).toISOString(),
      person: { customerId: who.id, phone: who.phone },
      keys: { order },
    }),
  });
  expect(response.status).toBe(202);
  await world.settled();
}

async function whatIf(body: Readonly<Record<string, unknown>> = { version }): Promise<Replay> {
  return over(await ordered(body));
}

async function ordered(body: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await api('POST', '/v1/replays', { kind: 'whatif', journey: JOURNEY, from: FROM, to: TO, ...body });
  expect(answer).toMatchObject({ status: 202 });
  return answer.body.id as string;
}

async function over(id: string): Promise<Replay> {
  let replay = {} as Replay;
  await until(async () => {
    replay = (await api('GET', `/v1/replays/${id}`)).body as unknown as Replay;
    return replay.state !== 'waiting' && replay.state !== 'running';
  }, 'the replay to be over');
  return replay;
}

async function linesOf({ id }: Replay): Promise<Line[]> {
  return (await api('GET', `/v1/replays/${id}/lines`)).body.lines as Line[];
}

const stepOf = (key: string): Readonly<Record<string, unknown>> =>
  starter.steps.find((step) => step.key === key) as Readonly<Record<string, unknown>>;
const withSteps = (steps: readonly object[]): object => ({ ...starter, holdoutPercent: 30, steps });
const really = (condition: string) =>
  world.sql<{ step: string; at: Date }>(
    `select step, called_at as at from message where state in ('sent', 'unknown') and ${condition}`,
  );

test('with the version that was in force the same messages go out, at the same times', async () => {
  const replay = await whatIf();
  expect((await api('GET', `/v1/replays/${replay.id}/lines`)).body).toEqual({ estimate: true, lines: [], nextCursor: null });
  const [counts] = await world.sql<{ treated: number; holdout: number; sent: number }>(
    `select count(*) filter (where arm = 'treated')::int as treated, count(*) filter (where arm = 'holdout')::int as holdout,
            (select count(*) from message where state in ('sent', 'unknown'))::int as sent from run`,
  );
  expect(counts?.holdout).toBeGreaterThan(3);
  expect(counts?.sent).toBeGreaterThan(30);
  expect(replay).toMatchObject({
    state: 'done',
    progress: 1,
    lines: 0,
    result: {
      estimate: true,
      identical: true,
      treated: counts?.treated,
      holdout: counts?.holdout,
      messages: { would: counts?.sent, was: counts?.sent, same: counts?.sent, added: 0, dropped: 0, moved: 0, rechannelled: 0 },
      recovered: { estimated: 0 },
      answers: { stated: 0, recorded: counts?.sent },
    },
  });
  const ended = await world.sql<{ reason: string; runs: number }>(
    `select end_reason as reason, count(*)::int as runs from run where ended_at is not null group by 1`,
  );
  expect(replay.result.ended).toEqual(Object.fromEntries(ended.map(({ reason, runs }) => [reason, runs])));
  expect(replay.result.costs.would).toEqual(replay.result.costs.was);
  expect(replay.result.costs.was[0]?.amount).toBeGreaterThan(0);
  // Who tried twice would have had a fourth message of the journey.
  expect(replay.result.caps).toEqual({ cap_of_journey: 1 });
});

/** Runs that are treated and live so long after T, with a phone that shows pushes. */
const reachable = (after: string) =>
  world.sql<{ id: string }>(
    `select id from run r where arm = 'treated' and (ended_at is null or ended_at >= started_at + $1::interval)
       and exists (select from person_address a where a.person_id = r.person_id and a.kind = 'push_token') order by id`,
    [after],
  );

const nudge = { ...stepOf('push'), key: 'nudge', after: '45m', maxDelay: '20m' };
const withNudge = {
  ...withSteps([...starter.steps.slice(0, 2), nudge, ...starter.steps.slice(2)]),
  maxMessages: 9,
};
/** Nobody answers what was never sent. */
const SILENCE = { pushReached: 0 };

test('an added step goes to every treated run that is live at its hour and has an address; whom it makes too many leaves out a later one', async () => {
  const replay = await whatIf({ definition: withNudge, rates: SILENCE });
  const lines = await linesOf(replay);
  const expected = await reachable('45 minutes');
  expect(expected.length).toBeGreaterThan(10);
  const added = lines.filter(({ step }) => step === 'nudge');
  expect(added.map(({ runId }) => runId).sort()).toEqual(expected.map(({ id }) => id));
  expect(added.every(({ what, was, reason }) => what === 'added' && was === null && reason === null)).toBe(true);
  expect(added.find(({ lap }) => lap === 1)?.would).toEqual({
    channel: 'push',
    at: new Date(START + minutes(45)).toISOString(),
  });
  // Whom it could not reach has the SMS at once instead of an hour and a quarter later.
  const unreached = await world.sql<{ id: string }>(
    `select r.id from run r where arm = 'treated' and exists (select from message m where m.run_id = r.id and m.step = 'sms' and m.state = 'sent')
       and not exists (select from person_address a where a.person_id = r.person_id and a.kind = 'push_token') order by id`,
  );
  expect(unreached.length).toBeGreaterThan(0);
  const moved = lines.filter(({ what }) => what === 'moved');
  expect(moved.map(({ runId, step }) => [runId, step]).sort()).toEqual(unreached.map(({ id }) => [id, 'sms']));
  expect(new Set(moved.map(({ would }) => would?.at))).toEqual(new Set([new Date(START + minutes(45)).toISOString()]));
  expect(replay.result.messages).toMatchObject({ added: added.length, dropped: 0, moved: moved.length, rechannelled: 0 });
  // Two laps and the new step are more than four messages a day.
  expect(replay.result.caps).toEqual({ cap_of_person: 1 });
  expect(replay.result.answers.stated).toBe(added.length);
});

test('a step that is moved is listed with both times, and what was heard of it comes as much earlier', async () => {
  const steps = starter.steps.map((step) => (step.key === 'whatsapp' ? { ...step, after: '10m' } : step));
  const replay = await whatIf({ definition: withSteps(steps) });
  const lines = await linesOf(replay);
  // Whom the push did not reach has WhatsApp at T+5 min either way.
  const sent = await really(`step = 'whatsapp' and called_at >= due_at and due_at = (select started_at + interval '15 minutes' from run where id = run_id)`); // prettier-ignore
  expect(sent.length).toBeGreaterThan(5);
  expect(lines).toHaveLength(sent.length);
  for (const { what, would, was } of lines) {
    expect(what).toBe('moved');
    expect(Date.parse(was?.at ?? '') - Date.parse(would?.at ?? '')).toBe(minutes(5));
  }
  expect(replay.result.answers.stated).toBe(0);
});

test('what only the rates know is an estimate: the same one again, and another one with other rates', async () => {
  const everybody = { pushReached: 1, pushOpened: 1, paidAfterClick: 1 };
  const [silent, stated, again, eager] = [
    await whatIf({ definition: withNudge, rates: SILENCE }),
    await whatIf({ definition: withNudge }),
    await whatIf({ definition: withNudge }),
    await whatIf({ definition: withNudge, rates: everybody }),
  ];
  expect(silent.result.recovered.estimated).toBe(0);
  expect(again.result).toEqual(stated.result);
  expect(await linesOf(again)).toEqual(await linesOf(stated));
  // All open the push and pay a little later: only those whose reaction takes longer than to the SMS still get it.
  expect(eager.result.recovered.estimated).toBeGreaterThan(10);
  expect(eager.result.messages.dropped).toBeGreaterThan(silent.result.messages.dropped);
  expect(eager.result.rates).toMatchObject({
    pushOpened: { value: 1, isOwn: true, source: null },
    whatsappRead: { value: 0.68, isOwn: false },
  });
});

test('who would be held out gets nothing, and no message goes to those who are', async () => {
  const replay = await whatIf({ definition: { ...starter, holdoutPercent: 50 } });
  const lines = await linesOf(replay);
  const before = await whatIf();
  expect(replay.result.holdout).toBeGreaterThan(before.result.holdout);
  const newlyHeldOut = new Set(lines.map(({ runId }) => runId));
  expect(newlyHeldOut.size).toBeGreaterThan(0);
  expect(newlyHeldOut.size).toBeLessThanOrEqual(replay.result.holdout - before.result.holdout);
  expect(lines.every(({ what, reason }) => what === 'dropped' && (reason === 'holdout' || reason === 'goal_reached'))).toBe(true);
  const all = await whatIf({ definition: { ...starter, holdoutPercent: 0 }, rates: SILENCE });
  const heldOut = new Set((await world.sql<{ id: string }>(`select id from run where arm = 'holdout'`)).map(({ id }) => id));
  const added = await linesOf(all);
  expect(added.length).toBeGreaterThan(5);
  expect(added.every(({ what, runId, reason }) => what === 'added' && heldOut.has(runId ?? '') && reason === 'holdout')).toBe(
    true,
  );
});

test('a goal stops what is still to come, however the steps lie', async () => {
  const late = { ...stepOf('sms'), after: '4h', maxDelay: '4h' };
  const replay = await whatIf({ definition: withSteps([...starter.steps.slice(0, 2), late]) });
  const lines = await linesOf(replay);
  const paid = await world.sql<{ id: string }>(
    `select id from run r where end_reason = 'goal_reached' and exists (select from message m where m.run_id = r.id and step = 'sms' and state = 'sent')`,
  );
  const dropped = lines.filter(({ what }) => what === 'dropped');
  expect(dropped.map(({ runId, reason }) => [runId, reason])).toEqual(paid.map(({ id }) => [id, 'goal_reached']));
  expect(lines.filter(({ what }) => what === 'moved')).toHaveLength(lines.length - dropped.length);
});

test('by day, step and outcome it adds up to what the result says, with what it costs', async () => {
  const { id, result } = await whatIf();
  const { status, body } = await api('GET', `/v1/replays/${id}/days`);
  expect(status).toBe(200);
  const days = body.days as { day: string; step: string; outcome: string; messages: number; cost: { amount: number } | null }[];
  const sum = (outcome: string) => days.filter((one) => one.outcome === outcome).reduce((total, one) => total + one.messages, 0);
  expect([body.estimate, sum('sent'), sum('really_sent')]).toEqual([true, result.messages.would, result.messages.was]);
  expect(days.find(({ step, outcome }) => step === 'sms' && outcome === 'sent')?.cost).toMatchObject({ currency: 'INR' });
  expect(days.every(({ day }) => day === '2026-11-23' || day === '2026-11-24')).toBe(true);
});

test('without a version it is the draft that is tried; one with faults is refused with them', async () => {
  await api('PUT', `/v1/journeys/${JOURNEY}/draft`, { ...starter, holdoutPercent: 0 });
  const replay = await whatIf({});
  expect(replay).toMatchObject({ version: null, result: { played: 'draft', holdout: 0 } });
  await api('PUT', `/v1/journeys/${JOURNEY}/draft`, { ...starter, window: 'soon' });
  const refused = await api('POST', '/v1/replays', { kind: 'whatif', journey: JOURNEY, from: FROM, to: TO });
  expect(refused.status).toBe(422);
  expect((refused.body.faults as { at: string }[])[0]?.at).toBe('/definition/window');
  await api('DELETE', `/v1/journeys/${JOURNEY}/draft`);
});

const LIVING = ['run', 'run_key', 'run_input', 'decision', 'refusal', 'message', 'attempt', 'receipt', 'event', 'event_mark', 'person', 'person_identifier', 'person_address', 'consent_entry', 'suppression', 'bus_outbox', 'link', 'outcome', 'journey_version']; // prettier-ignore

test('nothing is sent, and no table but that of replays is touched', async () => {
  const fingerprint = async () => {
    const prints = LIVING.map((table) => `select '${table}' as name, count(*)::int as rows, coalesce(sum(hashtext(t::text)::bigint), 0)::text as print from ${table} t`); // prettier-ignore
    return [world.sandbox.ledger.entries().length, await world.sql(prints.join(' union all '))];
  };
  const before = await fingerprint();
  const replay = await whatIf({ definition: withNudge });
  expect(replay.result.messages.added).toBeGreaterThan(0);
  expect(await fingerprint()).toEqual(before);
});

/** Holds a table, so that whoever reads it waits. */
async function holding(table: string): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: world.databaseUrl });
  await client.connect();
  await client.query(`begin; lock table ${table} in access exclusive mode`);
  return () => client.end();
}

async function runningAt(id: string): Promise<void> {
  await until(async () => {
    const [row] = await world.sql<{ begun: boolean }>(`select place is not null and state = 'running' as begun from replay where id = $1`, [id]); // prettier-ignore
    return row?.begun === true;
  }, 'the replay to be in its middle');
}

test('one that is under way can be cancelled, once, and does nothing more', async () => {
  const letGo = await holding('person_identifier');
  const id = await ordered({ version });
  await runningAt(id);
  expect(await api('POST', `/v1/replays/${id}/cancel`)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
  expect(await api('POST', `/v1/replays/${id}/cancel`)).toMatchObject({ status: 409, body: { code: 'replay_over' } });
  await letGo();
  // The next one is taken up when the cancelled one has been let go of.
  expect(await whatIf()).toMatchObject({ state: 'done' });
  expect((await api('GET', `/v1/replays/${id}`)).body).toMatchObject({ state: 'cancelled', done: 0, lines: 0 });
});

test('one that is broken off in its middle begins anew, and counts nothing twice', async () => {
  const undisturbed = await whatIf({ definition: withNudge });
  const letGo = await holding('person_identifier');
  const id = await ordered({ definition: withNudge });
  await runningAt(id);
  const work = world.app.get(WorkReplays);
  const stopped = work.stop();
  await letGo();
  await stopped;
  const [broken] = await world.sql<{ state: string; done: number; lines: number }>(
    `select state, done::int as done, lines from replay where id = $1`,
    [id],
  );
  expect(broken).toEqual({ state: 'running', done: expect.any(Number) as number, lines: expect.any(Number) as number });
  // As if it had been killed behind a later piece: there is more than the first again.
  await world.sql(`update replay set lines = lines + 1 where id = $1`, [id]);
  await world.sql(`insert into replay_line (replay_id, seq, line) select $1, lines, '{}' from replay where id = $1`, [id]);
  await world.sql(
    `insert into replay_tally (replay_id, day, step, channel, outcome, reason, currency, messages, units, assumed, unpriced, milli, gst_milli)
     values ($1, '2026-11-23', 'nudge', 'push', 'sent', '', 'INR', 999, 0, 0, 0, 0, 0)`,
    [id],
  );
  work.start();
  const again = await over(id);
  expect(again).toMatchObject({ state: 'done', lines: undisturbed.lines, result: undisturbed.result });
  expect(await linesOf(again)).toEqual(await linesOf(undisturbed));
  const days = async (of: string) => (await api('GET', `/v1/replays/${of}/days`)).body.days;
  expect(await days(id)).toEqual(await days(undisturbed.id));
});

/** Of what reads for what-ifs. */
const connections = async (): Promise<number> =>
  (await world.sql(`select from pg_stat_activity where application_name = 'wapas what-if'`)).length;

test('what reads for a what-if is gone when it is over, and when it is cancelled', async () => {
  await whatIf();
  await until(async () => (await connections()) === 0, 'its connections to be closed');
  const letGo = await holding('person_identifier');
  const id = await ordered({ version });
  await until(async () => (await connections()) > 0, 'it to read');
  await api('POST', `/v1/replays/${id}/cancel`);
  await letGo();
  await until(async () => (await connections()) === 0, 'its connections to be closed');
});

const GOOD = { kind: 'whatif', journey: JOURNEY, from: FROM, to: TO };
test.each<[string, object, number, string]>([
  ['an unknown journey', { ...GOOD, journey: 'nope' }, 404, 'not_found'],
  ['an unknown version', { ...GOOD, version: 99 }, 404, 'not_found'],
  ['a version and a definition', { ...GOOD, version: 1, definition: starter }, 422, 'one_too_many'],
  ['a definition with another key', { ...GOOD, definition: { ...starter, key: 'other' } }, 422, 'other_key'],
  ['a definition that is none', { ...GOOD, definition: [] }, 422, 'bad_type'],
  ['a rate above one', { ...GOOD, rates: { pushOpened: 1.2 } }, 422, 'out_of_range'],
  ['a rate below zero', { ...GOOD, rates: { smsClicked: -0.1 } }, 422, 'out_of_range'],
  ['a rate that is no number', { ...GOOD, rates: { whatsappRead: '0.5' } }, 422, 'bad_type'],
  ['a rate nobody knows', { ...GOOD, rates: { luck: 0.5 } }, 422, 'unknown_field'],
  ['rates of an audit', { ...GOOD, kind: 'audit', rates: { pushOpened: 0.5 } }, 422, 'not_for_audits'],
  ['a period that ends before it begins', { ...GOOD, from: TO, to: FROM }, 422, 'empty_range'],
  ['a period in the future', { ...GOOD, from: '2027-11-23T00:00:00Z', to: '2027-11-24T00:00:00Z' }, 422, 'impossible_range'],
  ['a period whose events say nothing any more', { ...GOOD, from: '2026-06-01T00:00:00Z' }, 422, 'contents_retired'],
])('%s is refused', async (_, body, status, code) => {
  const answer = await api('POST', '/v1/replays', body);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('an audit has no days', async () => {
  const { body } = await api('POST', '/v1/replays', { kind: 'audit', journey: JOURNEY, version, from: FROM, to: TO });
  expect(await api('GET', `/v1/replays/${body.id as string}/days`)).toMatchObject({
    status: 409,
    body: { code: 'not_a_what_if' },
  });
  await over(body.id as string);
});

test('what is heard of late counts as it did then: a payment of the order whenever it was made, of the customer only what came after', async () => {
  const overPush = { template: { title: 'Desk lost', body: 'Choose another one.', deepLink: '{{link}}' } };
  await world.publish({
    format: 'wapas.journey/1',
    key: 'desk_lost',
    name: 'A desk that was lost',
    trigger: { event: 'Desk Lost' },
    correlateBy: ['order'],
    goal: { events: ['Desk Paid'], by: ['order'] },
    exits: [{ event: 'Customer Complained', reason: 'complaint', by: ['customer'] }],
    window: '24h',
    holdoutPercent: 0,
    steps: [{ key: 'push', after: '10m', channel: 'push', messages: [overPush] }],
  });
  const begun = (await world.clock.refresh(), world.clock.now()) - START;
  const [paid, complained] = people.slice(22, 24) as [Customer, Customer];
  await happens('Desk Lost', begun, 'desk_1', paid);
  await happens('Desk Lost', begun, 'desk_2', complained);
  await happens('Desk Paid', begun - minutes(5), 'desk_1', paid);
  await happens('Customer Complained', begun - minutes(5), 'complaint_2', complained);
  await world.moveTo(begun + minutes(10));
  await world.moveTo(begun + minutes(30));
  expect(await really(`journey_key = 'desk_lost'`)).toHaveLength(1);

  const replay = await whatIf({ journey: 'desk_lost', version: 1, to: new Date(START + begun + hours(1)).toISOString() });
  expect(await linesOf(replay)).toEqual([]);
  expect(replay.result).toMatchObject({
    identical: true,
    ended: { goal_reached: 1 },
    messages: { would: 1, was: 1, same: 1 },
  });
});

test('a confirmation that came before its trigger begins T at once, as it did then', async () => {
  const overPush = { template: { title: 'Seat lost', body: 'Choose another one.', deepLink: '{{link}}' } };
  const definition = {
    format: 'wapas.journey/1',
    key: 'seat_lost',
    name: 'A seat that was lost',
    trigger: { event: 'Seat Lost' },
    correlateBy: ['order'],
    goal: { events: ['Seat Paid'], by: ['order'] },
    hold: { for: '3h', confirmedBy: ['Seat Refused'] },
    window: '24h',
    holdoutPercent: 0,
    steps: [{ key: 'push', after: '1m', channel: 'push', messages: [overPush] }],
  };
  await world.publish(definition);
  const begun = (await world.clock.refresh(), world.clock.now()) - START;
  const [confirmed, before] = people.slice(20, 22) as [Customer, Customer];
  await happens('Seat Refused', begun, 'seat_1', confirmed);
  await happens('Seat Lost', begun - minutes(1), 'seat_1', confirmed);
  // What was refused before this seat was lost says nothing of it.
  await happens('Seat Refused', begun - minutes(2), 'seat_2', before);
  await happens('Seat Lost', begun - minutes(1), 'seat_2', before);
  await world.moveTo(begun + minutes(1));
  await world.moveTo(begun + minutes(30));
  expect(await really(`journey_key = 'seat_lost'`)).toHaveLength(1);

  const replay = await whatIf({ journey: 'seat_lost', version: 1, to: new Date(START + begun + hours(1)).toISOString() });
  expect(await linesOf(replay)).toEqual([]);
  expect(replay.result).toMatchObject({ identical: true, treated: 2, messages: { would: 1, was: 1, same: 1 } });
});

test('events that cannot be opened are passed over and counted; the rest is lived', async () => {
  await world.sql(
    `create table spoilt as select id, name, sealed from event where name in ('Payment Failed', 'Payment Captured') order by received_at, id limit 3`,
  );
  const before = (await whatIf()).result as unknown as { events: number; triggers: number };
  await world.sql(`update event e set sealed = '\\x0102030405' from spoilt where spoilt.id = e.id`);
  const { state, result } = await whatIf();
  await world.sql(`update event e set sealed = spoilt.sealed from spoilt where spoilt.id = e.id`);
  const triggers = (await world.sql(`select from spoilt where name = 'Payment Failed'`)).length;
  const found = result as unknown as { events: number; triggers: number; unreadable: number; notLived: object };
  expect([state, found.events, found.triggers, found.unreadable]).toEqual(['done', before.events, before.triggers, 3]);
  expect(found.notLived).toMatchObject({ not_openable: triggers });
});

test('on a clock that runs 240 times as fast, what went out a few real seconds later went out at the same time', async () => {
  await world.sql(
    `update message set called_at = called_at + interval '500 seconds'
     where id = (select m.id from message m join run r on r.id = m.run_id where r.journey_key = $1 and r.version = $2 and m.state = 'sent' and m.step = 'whatsapp' order by m.id limit 1)`,
    [JOURNEY, version],
  );
  const slow = await whatIf();
  expect(slow.result).toMatchObject({ sameWithinSeconds: 60 });
  expect(slow.result.messages.moved).toBeGreaterThan(0);
  await world.sql(`update business_clock set anchor_real = clock_timestamp(), anchor_business = business_now(), rate = 240`);
  await world.clock.refresh();
  const fast = await whatIf();
  await world.sql(`update business_clock set anchor_real = clock_timestamp(), anchor_business = business_now(), rate = 0`);
  await world.clock.refresh();
  expect(fast.result).toMatchObject({ sameWithinSeconds: 720, messages: { moved: 0 } });
});
