import { Bus } from '@wapas/events';
import { minutes } from '@wapas/kernel';
import { type HttpVendorStub, startVendorStub } from '@wapas/provider-testing';
import { KeepBreakers } from '../../src/channels/keep-breakers';
import { printFigure } from '../support/figures';
import { orderKeys } from '../support/stories';
import { until, World } from '../support/world';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

/** Two gateways for SMS, the team's own first; a step of twenty minutes, and one on WhatsApp half an hour after the trigger. */
const JOURNEY = {
  format: 'wapas.journey/1',
  key: 'held_seat',
  name: 'SMS first, WhatsApp later',
  trigger: { event: 'Seat Held' },
  correlateBy: ['order'],
  goal: {
    events: ['Seat Paid'],
    by: ['order'],
    or: [{ events: ['Seats Paid'], by: ['customer'], where: [{ field: 'properties.seat', is: 'all' }] }],
  },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    {
      key: 'sms',
      after: '1m',
      maxDelay: '20m',
      channel: 'sms',
      messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}' } } }],
    },
    {
      key: 'whatsapp',
      after: '30m',
      minDelay: '5m',
      channel: 'whatsapp',
      messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}'] } }],
    },
  ],
};

let world: World;
let gateway: HttpVendorStub;
let admin: string;
beforeAll(async () => {
  gateway = await startVendorStub();
  world = await World.start({
    env: {
      WEBHOOK_URL: gateway.url,
      WEBHOOK_SECRET: SECRET,
      WEBHOOK_CHANNEL: 'sms',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WAPAS_PROVIDER_ORDER: 'webhook',
      MSG91_MAX_CONCURRENT: '4',
    },
  });
  admin = await world.key(['admin', 'ingest']);
  await world.publish(JOURNEY);
});
afterAll(async () => {
  await world?.stop();
  await gateway?.close();
});
beforeEach(async () => {
  await world.control('mode', { vendor: 'all', mode: 'normal', receipts: 'normal' });
  for (const name of ['webhook', 'msg91']) await ask('POST', `/v1/providers/${name}/resume`);
  gateway.forget();
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
  await world.moveTo(0);
});

const ask = (method: string, path: string) =>
  fetch(`${world.url}${path}`, { method, headers: { authorization: `Bearer ${admin}` } });

interface Listed {
  readonly name: string;
  readonly breaker: { readonly state: string; readonly code: string | null; readonly probeAt: string | null };
  readonly people: { readonly most: number } | null;
}
const listed = async (name: string) =>
  ((await (await ask('GET', '/v1/providers')).json()) as { providers: Listed[] }).providers.find((one) => one.name === name);
const breakerOf = async (name: string) => (await listed(name))?.breaker;

const tell = (event: object) =>
  fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
    body: JSON.stringify(event),
  });

let seats = 0;
/** So many people hold a seat; their journeys have begun. Gives their orders. */
async function holdSeats(count: number): Promise<string[]> {
  const orders = Array.from({ length: count }, () => `seat_${++seats}`);
  const events = orders.map((order) => {
    const number = order.slice('seat_'.length);
    return {
      event: 'Seat Held',
      person: { customerId: `cust_${number}`, phone: `+9198${String(20_000_000 + Number(number))}` },
      keys: { order },
    };
  });
  const response = await fetch(`${world.url}/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
    body: JSON.stringify({ events }),
  });
  expect(response.status).toBe(202);
  await world.app.get(Bus).settled();
  return orders;
}

/** Business time moves, and nobody waits for what waits. */
const letTimeBe = (at: number) => world.clock.startAt((Date.parse('2026-11-23T05:30:00Z') + at) as never, 0);

/** The messages of these orders on a channel, in words, with the providers that were called for them. */
async function messagesOf(orders: readonly string[], channel = 'sms'): Promise<string[]> {
  const rows = await world.sql<{ what: string }>(
    `select m.state || coalesce(': ' || m.reason, '') || coalesce(' by ' || (select string_agg(a.provider, ', ' order by a.fence) from attempt a where a.message_id = m.id), '') as what
     from message m join run r on r.id = m.run_id where m.channel = $2 and m.run_id in (select run_id from run_key where key = any($1::uuid[])) order by m.id`,
    [orderKeys(world, orders), channel],
  );
  return rows.map(({ what }) => what);
}
const statesOf = async (orders: readonly string[], channel = 'sms') => [...new Set(await messagesOf(orders, channel))];
const smsReceived = () => world.sandbox.ledger.entries().filter((entry) => entry.channel === 'sms' && entry.accepted).length;

describe('several providers of a channel', () => {
  test('are asked in the configured order', async () => {
    const orders = await holdSeats(1);
    await world.moveTo(minutes(1));
    expect(await messagesOf(orders)).toEqual(['sent by webhook']);
  });

  test('the next one makes a further attempt of the same message after a refusal that concerns the provider', async () => {
    gateway.answer({ status: 401, body: '{"code":"bad_credentials"}' });
    const orders = await holdSeats(1);
    await world.moveTo(minutes(1));
    expect(await messagesOf(orders)).toEqual(['sent by webhook, msg91']);
    // The first is paused, so the next message does not ask it at all.
    gateway.forget();
    await world.moveTo(0);
    const more = await holdSeats(1);
    await world.moveTo(minutes(1));
    expect([await messagesOf(more), gateway.received.length]).toEqual([['sent by msg91'], 0]);
  });

  test('what waits for a provider that an operator pauses goes out through the next one', async () => {
    const orders = await holdSeats(1);
    await ask('POST', '/v1/providers/webhook/pause');
    await world.moveTo(minutes(1));
    expect(await messagesOf(orders)).toEqual(['sent by msg91']);
  });

  describe('that may write to so many people a day', () => {
    const mayWriteTo = async (name: string, most: number | null) => {
      await world.sql(
        `insert into people_limit (provider, most_people, told_at, since) values ($1, $2, clock_timestamp(), clock_timestamp())
         on conflict (provider) do update set most_people = excluded.most_people`,
        [name, most],
      );
      await until(async () => ((await listed(name))?.people?.most ?? null) === most, 'the limit to be known');
    };
    afterEach(async () => {
      for (const name of ['webhook', 'msg91']) await mayWriteTo(name, null);
    });

    test('hand on whom the first has no room for, and give up with the reason whom none has', async () => {
      await mayWriteTo('webhook', 0);
      const one = await holdSeats(1);
      await world.moveTo(minutes(1));
      expect([await messagesOf(one), gateway.received.length]).toEqual([['sent by msg91'], 0]);
      await mayWriteTo('msg91', 0);
      await world.moveTo(0);
      const none = await holdSeats(1);
      await world.moveTo(minutes(1));
      expect(await messagesOf(none)).toEqual(['skipped: messaging_limit']);
    });
  });

  test('none of them gets what the first may have taken, and none what is wrong with the message itself', async () => {
    const before = smsReceived();
    gateway.answer({ status: 400, body: '{"code":"refused"}' });
    const refused = await holdSeats(1);
    await world.moveTo(minutes(1));
    expect(await messagesOf(refused)).toEqual(['rejected: refused by webhook']);
    gateway.resetAfterReading();
    await world.moveTo(0);
    const unknown = await holdSeats(1);
    await letTimeBe(minutes(1));
    // This gateway takes an id once, so it alone is asked again.
    await until(async () => (await messagesOf(unknown)).join().startsWith('retryable: unknown_outcome'), 'the first try');
    await ask('POST', '/v1/providers/webhook/pause');
    await world.sql(`update message set not_before = null, offer_at = clock_timestamp() where state = 'retryable'`);
    await until(async () => !(await messagesOf(unknown)).join().startsWith('retryable'), 'the second look');
    expect([await messagesOf(unknown), smsReceived() - before]).toEqual([['unknown: provider_paused by webhook'], 0]);
  });
});

test('a call that comes to nothing after its run has ended is not made again', async () => {
  const [order] = (await holdSeats(1)) as [string];
  const answer = gateway.answerLater();
  await letTimeBe(minutes(1));
  await until(() => gateway.received.length === 1, 'the call');
  // A goal with conditions leaves no mark that a claim could go by.
  const paid = { event: 'Seats Paid', person: { customerId: order.replace('seat_', 'cust_') }, properties: { seat: 'all' } };
  expect((await tell(paid)).status).toBe(202);
  await until(
    async () => (await world.sql(`select from run where end_reason = 'goal_reached'`)).length === 1,
    'the end of the run',
  );
  await world.app.get(Bus).settled();
  answer({ status: 429, headers: { 'retry-after': '1' }, body: '{"code":"throttled"}' });
  await until(async () => (await messagesOf([order])).join().startsWith('retryable: throttled'), 'the answer');
  gateway.answer({ status: 200, body: '{"id":"gw-2"}' });
  await world.sql(`update message set not_before = null, offer_at = clock_timestamp() where state = 'retryable'`);
  await world.settled();
  expect([await messagesOf([order]), gateway.received.length]).toEqual([['skipped: goal_reached by webhook'], 1]);
});

describe('a provider in trouble, and nobody to stand in', () => {
  beforeEach(() => ask('POST', '/v1/providers/webhook/pause'));

  test('one that breaks every call leaves unknowns until its breaker opens; the others wait, and a probe brings them back', async () => {
    await world.control('mode', { vendor: 'msg91', mode: 'reset-after-accept', receipts: 'none' });
    const before = smsReceived();
    const orders = await holdSeats(60);
    await letTimeBe(minutes(1));
    await until(async () => (await breakerOf('msg91'))?.state === 'open', 'the breaker');
    const unknownNow = async () => (await messagesOf(orders)).filter((state) => state.startsWith('unknown')).length;
    // Claims that were at work when it opened still call; what was not called is let go of, for a time that has come.
    const atWork = `select from message where channel = 'sms' and (state = 'calling' or (state = 'planned' and offer_at > clock_timestamp()))`;
    await until(async () => (await world.sql(atWork)).length === 0, 'the open calls to end');
    const called = smsReceived() - before;
    const unknown = await unknownNow();
    printFigure('P8 a provider that breaks every call', { waiting: 60, unknown, called, doubled: called - unknown });
    expect(unknown).toBeGreaterThanOrEqual(8);
    expect(unknown).toBeLessThan(30);
    expect(called).toBe(unknown);
    const health = (await (await fetch(`${world.url}/health/ready`)).json()) as { status: string; attention: string[] };
    expect(health.status).toBe('ready');
    expect(health.attention.join('\n')).toMatch(/msg91 is left alone since .*: its calls came to nothing/);

    // A probe that fails leaves it shut, for longer.
    await dueForProbe();
    await until(
      async () => (await world.sql('select 1 from provider_breaker where failed_probes = 1')).length === 1,
      'the probe',
    );
    expect(smsReceived() - before).toBe(called + 1);
    expect(await breakerOf('msg91')).toMatchObject({ state: 'open' });
    // One that gets through brings everybody back.
    await world.control('mode', { vendor: 'msg91', mode: 'normal' });
    await dueForProbe();
    await world.settled();
    expect(await breakerOf('msg91')).toMatchObject({ state: 'closed', probeAt: null });
    expect(smsReceived() - before).toBe(60);
    expect((await messagesOf(orders)).filter((state) => state === 'sent by msg91').length).toBe(60 - unknown - 1);
  });

  test('a database that fails while a provider is probed costs no place for a call: it goes on with the next probe', async () => {
    await world.control('mode', { vendor: 'msg91', mode: 'reset-after-accept', receipts: 'none' });
    const orders = await holdSeats(40);
    await letTimeBe(minutes(1));
    await until(async () => (await breakerOf('msg91'))?.state === 'open', 'the breaker');
    const atWork = `select from message where channel = 'sms' and (state = 'calling' or (state = 'planned' and offer_at > clock_timestamp()))`;
    await until(async () => (await world.sql(atWork)).length === 0, 'the open calls to end');
    await world.control('mode', { vendor: 'msg91', mode: 'normal' });
    await dueForProbe();
    // A number that was drawn stays drawn, whatever becomes of the statement.
    await world.sql('create sequence probes_refused');
    await world.sql(
      `create function refuse_probe() returns trigger language plpgsql as $$ begin perform nextval('probes_refused'); raise exception 'no'; end $$`,
    );
    await world.sql('create trigger refuse_probe before update on provider_breaker for each row execute function refuse_probe()');
    await until(async () => (await world.sql('select from probes_refused where is_called')).length === 1, 'a probe to fail');
    await world.sql('drop trigger refuse_probe on provider_breaker');
    await dueForProbe();
    await until(async () => (await breakerOf('msg91'))?.state === 'closed', 'the next probe');
    const ended = /^(sent|unknown: \S+) by msg91$/;
    await until(async () => (await messagesOf(orders)).every((state) => ended.test(state)), 'the others to go out');
    expect(await statesOf(orders)).toContain('sent by msg91');
  });

  test('one that refuses for thirty minutes delays its own channel only: late within maxDelay, else expired', async () => {
    await world.control('mode', { vendor: 'msg91', mode: '429', delayMs: 1_000 });
    const early = await holdSeats(20);
    await letTimeBe(minutes(1));
    await until(async () => (await statesOf(early)).join().includes('throttled'), 'the refusals');
    await letTimeBe(minutes(15));
    const late = await holdSeats(20);
    await letTimeBe(minutes(22));
    await until(
      async () => (await statesOf(early)).every((state) => state.startsWith('expired: too_late')),
      'the first to expire',
    );
    await letTimeBe(minutes(30));
    await until(async () => (await messagesOf(early, 'whatsapp')).length === 20, 'WhatsApp');
    await until(async () => (await statesOf(early, 'whatsapp')).join() === 'sent by whatsapp-cloud', 'WhatsApp on time');
    await world.control('mode', { vendor: 'msg91', mode: 'normal' });
    // Those that were refused a moment ago wait a moment of real time more.
    await until(
      async () => (await messagesOf(late)).every((state) => /^sent by (msg91, )*msg91$/.test(state)),
      'the others to go out',
    );
    await world.settled();
    const [sent] = await world.sql<{ late: number; inTime: number }>(
      `select count(*)::int as late, count(*) filter (where called_at <= not_after)::int as "inTime"
       from message where channel = 'sms' and state = 'sent' and run_id in (select run_id from run_key where key = any($1::uuid[]))`,
      [orderKeys(world, late)],
    );
    printFigure('P8 a provider that refuses for 30 minutes', {
      expired: 20,
      late: sent?.late ?? 0,
      'late beyond maxDelay': 20 - (sent?.inTime ?? 0),
      'WhatsApp on time': 20,
    });
    expect(sent).toEqual({ late: 20, inTime: 20 });
  });

  async function dueForProbe(): Promise<void> {
    await world.sql('update provider_breaker set probe_at = clock_timestamp()');
    await world.app.get(KeepBreakers).look();
  }
});
