import { minutes } from '@wapas/kernel';
import { type ParsedWebhook, type Provider, type ReceiptEndpoint } from '@wapas/provider-kit';
import { smtpLine, startVendorStub, type VendorStub } from '@wapas/provider-testing';
import { KeepPauses } from '../../src/channels/keep-pauses';
import { ProviderRegistry } from '../../src/channels/provider-registry';
import { LONGEST_ASK_MS } from '../../src/channels/settle-in-time';
import { orderKeys } from '../support/stories';
import { until, World } from '../support/world';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
let world: World;
let gateway: VendorStub;
let mailServer: VendorStub;
let admin: string;

beforeAll(async () => {
  [gateway, mailServer] = await Promise.all([startVendorStub(), smtpLine.start()]);
  mailServer.answer({ status: 250, body: '2.0.0 Ok: queued as Q1' });
  world = await World.start({
    env: {
      SMTP_URL: mailServer.url,
      SMTP_FROM: 'orders@shop.example',
      WEBHOOK_URL: gateway.url,
      WEBHOOK_SECRET: SECRET,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WEBHOOK_MAX_CONCURRENT: '1',
      WEBHOOK_MAX_PER_SECOND: '20',
    },
  });
  admin = await world.key(['admin']);
  await world.publish({
    format: 'wapas.journey/1',
    key: 'two_ways',
    name: 'A gateway first, a letter after',
    trigger: { event: 'Seat Held' },
    correlateBy: ['order'],
    goal: { events: ['Seat Paid'], by: ['order'] },
    window: '24h',
    holdoutPercent: 0,
    steps: [
      { key: 'gateway', after: '1m', channel: 'webhook', messages: [{ template: { text: 'Seat {{keys.order}}' } }] },
      {
        key: 'letter',
        after: '30m',
        minDelay: '2m',
        channel: 'email',
        messages: [{ template: { subject: 'Seat', text: 'Seat' } }],
      },
    ],
  });
});
afterAll(async () => {
  await world?.stop();
  for (const stub of [gateway, mailServer]) await stub?.close();
});

let seats = 0;
/** Somebody holds a seat; what became of their messages once the first step and, falling forward, the second were due. */
async function holdSeat(): Promise<string[]> {
  const order = `seat_${++seats}`;
  await world.moveTo(0);
  const response = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` },
    body: JSON.stringify({
      event: 'Seat Held',
      person: { customerId: `cust_${seats}`, phone: `+9198123456${10 + seats}`, email: `a${seats}@example.com` },
      keys: { order },
    }),
  });
  expect(response.status).toBe(202);
  await world.settled();
  for (const at of [1, 2]) await world.moveTo(minutes(at));
  return messagesOf(order);
}

/** What became of the messages about an order, in the order in which they were due. */
async function messagesOf(order: string): Promise<string[]> {
  const rows = await world.sql<{ what: string }>(
    `select m.step || ' ' || m.state || coalesce(': ' || m.reason, '') as what from message m join run r on r.id = m.run_id
     where m.run_id in (select run_id from run_key where key = any($1::uuid[])) order by m.due_at`,
    [orderKeys(world, [order])],
  );
  return rows.map(({ what }) => what);
}

const ask = (method: string, path: string) =>
  fetch(`${world.url}${path}`, { method, headers: { authorization: `Bearer ${admin}` } });
interface Listed {
  readonly name: string;
  readonly maxPerSecond: number;
  readonly perSecond: number;
  readonly pauses: readonly {
    readonly scope: string;
    readonly reason: string;
    readonly code: string;
    readonly until: string | null;
  }[];
}
const listed = async (name: string) =>
  ((await (await ask('GET', '/v1/providers')).json()) as { providers: Listed[] }).providers.find((one) => one.name === name);
const pausesOf = async (name: string) => (await listed(name))?.pauses;

const theProvider = (name: string) => world.app.get(ProviderRegistry).named(name)?.provider as Provider;
const attention = async () => ((await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] }).attention;

test('a provider whose key is refused is paused: the next customer falls forward at once, and it comes back by itself', async () => {
  gateway.answer({ status: 401, body: '{"code":"bad_credentials"}' });
  expect(await holdSeat()).toEqual(['gateway rejected: bad_credentials', 'letter sent']);
  await until(async () => (await pausesOf('webhook'))?.length === 1, 'the pause');
  expect(await pausesOf('webhook')).toEqual([
    expect.objectContaining({ scope: 'provider', reason: 'bad_credentials', code: 'bad_credentials', until: null }),
  ]);

  gateway.forget();
  expect(await holdSeat()).toEqual(['gateway rejected: provider_paused', 'letter sent']);
  expect(gateway.received).toEqual([]);

  // Somebody mended the key: the provider is asked, answers, and is in use again.
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
  await world.app.get(KeepPauses).askThePaused();
  expect(await pausesOf('webhook')).toEqual([]);
  expect(await holdSeat()).toEqual(['gateway sent']);
});

test('an operator pauses and resumes a provider; asking it whether it is well changes nothing', async () => {
  expect((await ask('POST', '/v1/providers/webhook/pause?reason=moving%20the%20gateway')).status).toBe(204);
  await world.app.get(KeepPauses).askThePaused();
  expect(await holdSeat()).toEqual(['gateway rejected: provider_paused', 'letter sent']);
  expect((await ask('POST', '/v1/providers/webhook/resume')).status).toBe(204);
  expect(await holdSeat()).toEqual(['gateway sent']);
  const { entries } = (await (await ask('GET', '/v1/operations/audit')).json()) as { entries: { act: string }[] };
  expect(entries.filter(({ act }) => act !== 'key_made')).toMatchObject([
    { act: 'provider_resumed', subject: 'webhook', reason: null },
    { act: 'provider_paused', subject: 'webhook', reason: 'moving the gateway', actor: expect.any(String) as string },
  ]);
  expect((await ask('POST', '/v1/providers/nobody/pause')).status).toBe(404);
});

test('while every provider is paused steps are rejected to the last one, and what was rejected is not sent once they are resumed', async () => {
  const rejected = ['gateway rejected: provider_paused', 'letter rejected: provider_paused'];
  for (const name of ['webhook', 'smtp']) expect((await ask('POST', `/v1/providers/${name}/pause`)).status).toBe(204);
  expect(await holdSeat()).toEqual(rejected);
  for (const name of ['webhook', 'smtp']) expect((await ask('POST', `/v1/providers/${name}/resume`)).status).toBe(204);
  await world.moveTo(minutes(45));
  expect(await messagesOf(`seat_${seats}`)).toEqual(rejected);
});

test("whatever is heard of a provider meanwhile, an operator's pause stays until they take it back, and a limit of the vendor until then", async () => {
  const pauses = world.app.get(KeepPauses);
  const ofProvider = { provider: 'webhook', scope: 'provider', subject: '', isHold: false } as const;
  const refused = { ...ofProvider, marketingOnly: false, reason: 'bad_credentials', code: 'locked', needed: 2 };
  const limited = { ...ofProvider, marketingOnly: true, reason: 'throttled', code: 'spam', needed: 1 };
  const reasons = async () => (await pausesOf('webhook'))?.map(({ reason }) => reason).sort();

  expect((await ask('POST', '/v1/providers/webhook/pause')).status).toBe(204);
  for (let told = 0; told < 2; told += 1) await pauses.note(world.database, [refused]);
  await pauses.askThePaused();
  expect(await reasons()).toEqual(['operator']);
  expect((await ask('POST', '/v1/providers/webhook/resume')).status).toBe(204);

  await pauses.note(world.database, [limited, { ...refused, needed: 1 }]);
  expect(await reasons()).toEqual(['bad_credentials', 'throttled']);
  await pauses.askThePaused();
  expect(await reasons()).toEqual(['throttled']);
  expect((await ask('POST', '/v1/providers/webhook/resume')).status).toBe(204);
});

test('a provider that refuses a message as malformed is not paused: the message falls forward, and a person is told', async () => {
  gateway.answer({ status: 400, body: '{"code":"bad_content"}' });
  expect(await holdSeat()).toEqual(['gateway rejected: bad_content', 'letter sent']);
  expect(await holdSeat()).toEqual(['gateway rejected: bad_content', 'letter sent']);
  expect(await pausesOf('webhook')).toEqual([]);
  expect(await attention()).toContainEqual(
    expect.stringMatching(/^webhook refused 2 message\(s\) as our mistake \(bad_content\)/),
  );
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
});

test('a provider whose send never settles keeps no place for ever: the outcome is unknown, and a person is told', async () => {
  const provider = theProvider('webhook');
  const inTime = jest.spyOn(provider, 'send').mockReturnValue(new Promise(() => undefined));
  // Nobody waits twelve seconds for it here.
  const { setTimeout: wait } = globalThis;
  const sooner = (then: () => void, ms?: number): NodeJS.Timeout => wait(then, ms === LONGEST_ASK_MS ? 20 : ms);
  const timers = jest.spyOn(globalThis, 'setTimeout').mockImplementation(sooner);
  try {
    // A team's own gateway takes an id once, so the message may be offered to it again.
    expect(await holdSeat()).toEqual(['gateway retryable: unknown_outcome']);
  } finally {
    timers.mockRestore();
    inTime.mockRestore();
  }
  expect(await attention()).toContainEqual(
    expect.stringMatching(/^webhook failed 1 time\(s\) by a fault of its own \(never_settled\)/),
  );
  // There is one place for a call, and it is free.
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
  expect(await holdSeat()).toEqual(['gateway sent']);
});

test('a provider that answers with nothing of sense leaves the outcome unknown at once, and a person is told', async () => {
  const provider = theProvider('smtp');
  gateway.answer({ status: 400, body: '{"code":"refused"}' });
  const junk = jest.spyOn(provider, 'send').mockResolvedValue({ outcome: 'maybe' } as never);
  try {
    expect(await holdSeat()).toEqual(['gateway rejected: refused', 'letter unknown: unknown_outcome']);
  } finally {
    junk.mockRestore();
  }
  // One of before, that the gateway may be asked for again, may be refused meanwhile and fall forward to it as well.
  expect(await attention()).toContainEqual(
    expect.stringMatching(/^smtp failed [12] time\(s\) by a fault of its own \(junk_answer\)/),
  );
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
});

test('a provider that throws on a webhook has it repeated, what it reads wrongly is left out, and a person is told of both', async () => {
  const endpoint = theProvider('webhook').receiptEndpoint as ReceiptEndpoint;
  const post = async () => {
    const response = await fetch(`${world.url}/webhooks/providers/webhook`, { method: 'POST', body: '{}' });
    return [response.status, ((await response.json().catch(() => ({}))) as { code?: string }).code];
  };
  const verify = jest.spyOn(endpoint, 'verify').mockReturnValue({ authentic: true });
  const parse = jest.spyOn(endpoint, 'parse').mockImplementation(() => JSON.parse('no JSON') as ParsedWebhook);
  try {
    expect(await post()).toEqual([500, 'provider_broken']);
    parse.mockReturnValue({ receipts: [{ kind: 'delivered', at: Number.NaN, vendorId: 'gw-1' }], leftovers: [] });
    expect(await post()).toEqual([200, undefined]);
    verify.mockReturnValue(undefined as never);
    expect(await post()).toEqual([500, 'provider_broken']);
  } finally {
    verify.mockRestore();
    parse.mockRestore();
  }
  const told = (await attention()).filter((line) => line.startsWith('webhook failed'));
  expect(told).toContainEqual(expect.stringMatching(/^webhook failed 1 time\(s\) .*\(webhook_threw\); what its vendor told/));
  expect(told).toContainEqual(expect.stringMatching(/^webhook failed 2 time\(s\) .*\(junk_webhook\); what its vendor told/));
});

test('a vendor that asks to be left alone is left alone for that long and asked half as often, and the message goes out after', async () => {
  // What the tests before left to be tried again would lie behind the hold.
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
  await world.sql(`update message set not_before = clock_timestamp(), offer_at = clock_timestamp() where state = 'retryable'`);
  await world.settled();
  let calls = 0;
  gateway.answer(() =>
    ++calls === 1
      ? { status: 429, headers: { 'retry-after': '600' }, body: '{"code":"throttled"}' }
      : { status: 200, body: '{"id":"gw-2"}' },
  );
  expect(await holdSeat()).toEqual(['gateway retryable: throttled']);
  expect(await pausesOf('webhook')).toEqual([expect.objectContaining({ isHold: true, code: 'throttled' })]);
  expect(calls).toBe(1);

  // The ten minutes have passed.
  await world.sql(
    `update message set not_before = clock_timestamp(), offer_at = clock_timestamp() where state = 'retryable' and reason = 'throttled'`,
  );
  await world.sql(`update provider_pause set until = clock_timestamp() where is_hold`);
  await until(() => calls === 2, 'the second call');
  // Half, and a tenth of the whole comes back with every minute that this test may take.
  const { maxPerSecond, perSecond = 0 } = (await listed('webhook')) ?? {};
  expect(maxPerSecond).toBe(20);
  expect(perSecond).toBeGreaterThanOrEqual(10);
  expect(perSecond).toBeLessThan(20);
  const last = async () => (await world.sql(`select state from message order by id desc limit 1`))[0]?.state;
  await until(async () => (await last()) === 'sent', 'its outcome');
});
