import { Client } from 'pg';
import { EntityKeys } from '@wapas/entity-keys';
import { minutes } from '@wapas/kernel';
import { RecordReceipts } from '../../src/channels/record-receipts';
import { customer, failPayment, introduce, received, type Customer } from '../support/stories';
import { metaSays, msg91Says } from '../support/vendors';
import { until, World } from '../support/world';

let world: World;
interface Sent {
  readonly id: string;
  readonly fence: number;
  readonly vendorId: string;
  readonly customer: Customer;
}
const sent: Sent[] = [];

/** Thirty customers whose WhatsApp is out and of whom nothing was heard yet. */
beforeAll(async () => {
  world = await World.start({
    env: { WAPAS_TRUSTED_PROXIES: '1', MSG91_WEBHOOK_FROM: '127.0.0.1,203.0.113.0/24' },
  });
  const everybody = Array.from({ length: 30 }, (_, index) => customer(index + 1));
  await introduce(world, everybody);
  for (const one of everybody) await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  const rows = await world.sql<{ id: string; fence: number; vendorId: string; phone: string }>(
    `select m.id, m.fence, t.vendor_id as "vendorId", a.key as phone from message m
     join attempt t on t.message_id = m.id and t.fence = m.fence
     join person_address a on a.person_id = m.person_id and a.kind = 'phone' where m.channel = 'whatsapp' and m.state = 'sent' order by m.id`,
  );
  for (const { phone, ...row } of rows)
    sent.push({
      ...row,
      customer: everybody.find((one) => world.app.get(EntityKeys).keyOf('phone', one.phone) === phone) as Customer,
    });
  // What the sandbox told by itself is not what is tested here.
  await world.sql('delete from receipt');
});
afterAll(() => world?.stop());

let next = 0;
const fresh = (): Sent => sent[next++] as Sent;
const status = (one: Sent, kind: string, more: object = {}) => ({
  id: one.vendorId,
  status: kind,
  timestamp: '1795411900',
  biz_opaque_callback_data: `${one.id}.${one.fence}`,
  ...more,
});
const say = (...statuses: unknown[]) => metaSays(world, 'messages', { statuses });
const heardOf = async ({ id }: Sent): Promise<string[]> =>
  (await world.sql<{ kind: string }>('select kind from receipt where message_id = $1 order by kind', [id])).map(
    ({ kind }) => kind,
  );
const stateOf = async ({ id }: Sent): Promise<string> =>
  (await world.sql<{ state: string }>('select state from message where id = $1', [id]))[0]?.state ?? 'none';
const failure = (code: number) => ({ errors: [{ code, title: 'failed' }] });

test('there are messages to hear of', () => expect(sent.length).toBeGreaterThan(15));

test.each([
  ['a token that is wrong', 'f'.repeat(32)],
  ['a token that is cut', '8f3a61d2c94b7e05a1d6f0938b2c47e'],
  ['no token but a blank', '%20'],
])('E57 an unsigned "delivered" with %s is refused', async (_what, token) => {
  const before = await world.sql('select 1 from receipt');
  expect(await msg91Says(world, { requestId: '64f0c0ffee00000000000009', status: '1', date: '2026-11-23 11:20:00' }, token)).toBe(
    401,
  );
  expect(await world.sql('select 1 from receipt')).toHaveLength(before.length);
});

test('E57 an unsigned "delivered" with the right token from an address that is not listed is refused', async () => {
  const report = { requestId: '64f0c0ffee00000000000057', status: '1', date: '2026-11-23 11:20:00' };
  const from = (address: string) => msg91Says(world, report, undefined, { 'x-forwarded-for': address });
  expect(await from('198.51.100.9')).toBe(401);
  expect(await world.sql('select 1 from receipt where vendor_id = $1', [report.requestId])).toEqual([]);
  // What the caller wrote before the trusted proxy's word is not believed.
  expect(await from('203.0.113.4, 198.51.100.9')).toBe(401);
  expect(await from('203.0.113.4')).toBe(200);
  expect(await world.sql('select 1 from receipt where vendor_id = $1', [report.requestId])).toHaveLength(1);
});

test('of a failure and a "sent" that are heard in the same moment the failure counts, whichever is written first', async () => {
  const one = fresh();
  const holder = new Client({ connectionString: world.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from message where id = $1 for update', [one.id]);
  const waiting = async () => (await world.sql(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%for update%'`)).length; // prettier-ignore
  const failed = say(status(one, 'failed', failure(131_000)));
  await until(async () => (await waiting()) === 1, 'the first to wait');
  const taken = say(status(one, 'sent'));
  await until(async () => (await waiting()) === 2, 'the second to wait');
  await holder.query('commit');
  await holder.end();
  expect([await failed, await taken, await stateOf(one)]).toEqual([200, 200, 'rejected']);
});

test("what is told of somebody else's message to the same number, or the customer writes by themselves, settles no unknown message", async () => {
  const one = fresh();
  const from = one.customer.phone.slice(1);
  await world.sql(`update message set state = 'unknown', vendor_id = null where id = $1`, [one.id]);
  await world.sql('delete from attempt where message_id = $1', [one.id]);
  expect(await say({ id: 'wamid.of-others', status: 'read', timestamp: '1795411900', recipient_id: from })).toBe(200);
  const inbound = [
    {
      from,
      id: 'wamid.inbound',
      timestamp: String(Math.floor(world.clock.now() / 1_000)),
      type: 'text',
      text: { body: 'hello, are you open?' },
    },
  ];
  expect(await metaSays(world, 'messages', { messages: inbound })).toBe(200);
  await world.app.get(RecordReceipts).takeParked();
  expect([await stateOf(one), await heardOf(one)]).toEqual(['unknown', []]);
  // Its own word does.
  expect(await say(status(one, 'delivered'))).toBe(200);
  expect(await stateOf(one)).toBe('sent');
});

/** A receipt whose message is committed after it has come. */
async function early(one: Sent, vendorId: string, said: { status: string } = { status: 'delivered' }): Promise<void> {
  expect(await say({ id: vendorId, timestamp: '1795411900', ...said })).toBe(200);
  expect(await world.sql('select 1 from receipt where message_id is null and vendor_id = $1', [vendorId])).toHaveLength(1);
  await world.sql(
    `insert into attempt (message_id, fence, provider, started_at, ended_at, outcome, vendor_id)
     values ($1, 99, 'whatsapp-cloud', business_now(), business_now(), 'accepted', $2)`,
    [one.id, vendorId],
  );
  await until(async () => (await heardOf(one)).includes(said.status), 'the parked receipt');
}

test('E58 a receipt that beat our own commit is parked and counts once the message is there', () =>
  early(fresh(), 'wamid.early'));

test.each([
  [
    '131049',
    'a marketing limit of one day',
    'it forbids marketing for that day, and no service message',
    { suppressed: true, blockedForDays: null },
  ],
  [
    '131026',
    'a number that is not on WhatsApp',
    'it blocks the number for thirty days, not for ever',
    { suppressed: false, blockedForDays: 30 },
  ],
])(
  'E58 a failure (%s) that beat our own commit reaches as far as one that came after it: %s, %s',
  async (code, _what, _reach, expected) => {
    const one = fresh();
    await early(one, `wamid.early-${code}`, { status: 'failed', ...failure(Number(code)) });
    const reach = async () => {
      const [row] = await world.sql<{ suppressed: boolean; blockedForDays: number | null }>(
        `select exists (select from suppression s where s.subject = m.address_key and s.subject_kind = 'phone' and s.reason = 'vendor_refusal') as suppressed,
              (select round(extract(epoch from b.until - business_now()) / 86400)::int from address_block b where b.key = m.address_key) as "blockedForDays"
       from message m where m.id = $1`,
        [one.id],
      );
      return row;
    };
    await until(
      async () => JSON.stringify(await reach()) === JSON.stringify(expected),
      `the reach ${JSON.stringify(expected)}, not ${JSON.stringify(await reach())}`,
    );
  },
);

test('E58 a receipt of a message that nobody knows is answered 200 and changes nothing', async () => {
  expect(await say({ id: 'wamid.stranger', status: 'read', timestamp: '1795411900' })).toBe(200);
  expect(await world.sql(`select message_id from receipt where vendor_id = 'wamid.stranger'`)).toEqual([{ message_id: null }]);
});

test('E59 read, then sent: the rank only goes up', async () => {
  const one = fresh();
  expect([await say(status(one, 'read')), await say(status(one, 'sent'))]).toEqual([200, 200]);
  expect([await stateOf(one), await heardOf(one)]).toEqual(['sent', ['read', 'sent']]);
});

test('E60 read without delivered counts as read', async () => {
  const one = fresh();
  expect(await say(status(one, 'read'))).toBe(200);
  expect(await heardOf(one)).toEqual(['read']);
});

test('E61 failed after delivered: delivered stays, the failure is kept beside it, and the number it arrived at stays open', async () => {
  const one = fresh();
  await say(status(one, 'delivered'), status(one, 'failed', failure(131026)));
  expect([await stateOf(one), await heardOf(one)]).toEqual(['sent', ['delivered', 'failed']]);
  const blocks = 'select from address_block b join message m on m.address_key = b.key where m.id = $1';
  expect(await world.sql(blocks, [one.id])).toEqual([]);
});

test('E61 delivered after failed, as on a second device: it arrived', async () => {
  const one = fresh();
  await say(status(one, 'failed', failure(131026)));
  expect(await stateOf(one)).toBe('rejected');
  await say(status(one, 'delivered'));
  expect(await stateOf(one)).toBe('sent');
});

test('a failed status that says that our message was malformed is told to a person', async () => {
  const one = fresh();
  expect(await say(status(one, 'failed', failure(131009)))).toBe(200);
  expect(await stateOf(one)).toBe('rejected');
  const { attention } = (await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] };
  expect(attention).toContainEqual(expect.stringMatching(/^whatsapp-cloud refused 1 message\(s\) as our mistake \(131009\)/));
});

test("E62 a status that carries somebody else's reference is no message of ours", async () => {
  const reference = '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a.1';
  expect(await say({ id: 'wamid.other', status: 'failed', timestamp: '1795411900', biz_opaque_callback_data: reference })).toBe(
    200,
  );
  expect(await world.sql(`select message_id from receipt where vendor_id = 'wamid.other'`)).toEqual([{ message_id: null }]);
});

test('E63 a thousand statuses in one body are all stored before the answer', async () => {
  const strangers = Array.from({ length: 990 }, (_, index) => ({
    id: `wamid.many-${index}`,
    status: 'sent',
    timestamp: '1795411900',
  }));
  const known = Array.from({ length: 5 }, fresh);
  const all = [...strangers, ...known.map((one) => status(one, 'delivered')), ...known.map((one) => status(one, 'read'))];
  expect(all).toHaveLength(1_000);
  expect(await say(...all)).toBe(200);
  expect(await world.sql(`select 1 from receipt where vendor_id like 'wamid.many-%'`)).toHaveLength(990);
  for (const one of known) expect(await heardOf(one)).toEqual(['delivered', 'read']);
});

test('E58 that holds behind a thousand parked receipts of messages that others send from the same account', () =>
  early(fresh(), 'wamid.early-behind-many'));

test('E64, D44 our reference with the right signature in upper case is refused: only the documented form is one', async () => {
  const one = sent[sent.length - 1] as Sent;
  expect(await metaSays(world, 'messages', { statuses: [status(one, 'read')] }, (proof) => proof.toUpperCase())).toBe(401);
  expect(await metaSays(world, 'messages', { statuses: [status(one, 'read')] }, (proof) => `${proof}, sha256=${proof}`)).toBe(
    401,
  );
  expect(await heardOf(one)).toEqual([]);
});

test.each([
  ['no valid signature', `sha256=${'0'.repeat(64)}`],
  ['another algorithm', 'sha1=0000'],
  ['an empty signature', ''],
])('E64 our reference with %s is refused', async (_what, signature) => {
  const one = sent[sent.length - 1] as Sent;
  expect(await metaSays(world, 'messages', { statuses: [status(one, 'read')] }, signature)).toBe(401);
  expect(await heardOf(one)).toEqual([]);
});

test.each([
  ['STOP', 'text'],
  ['रोकें', 'text'],
  ['Stop', 'button'],
] as const)('E65 %s as %s forbids messages to that number at once', async (word, type) => {
  const one = fresh();
  const content = type === 'text' ? { text: { body: word } } : { button: { text: word, payload: 'x' } };
  const answer = { id: `wamid.stop-${one.id}`, timestamp: '1795411900', type, ...content };
  // Meta leaves the number out for people with a user name; the message that is answered says who it is.
  const from =
    type === 'button' ? { from_user_id: 'IN.1', context: { id: one.vendorId } } : { from: one.customer.phone.slice(1) };
  expect(await metaSays(world, 'messages', { messages: [{ ...answer, ...from }] })).toBe(200);
  const stops = () =>
    world.sql(
      `select s.reason from suppression s join message m on m.address_key = s.subject where m.id = $1 and s.subject_kind = 'phone'`,
      [one.id],
    );
  await until(async () => (await stops()).length > 0, 'the stop');
  expect(await stops()).toEqual([{ reason: 'stop_word' }]);
});

test('E66 a click before any "delivered" says that it was read: no SMS follows', async () => {
  const one = fresh();
  const [link] = await world.sql<{ token: string }>('select token from link where message_id = $1', [one.id]);
  const click = await fetch(`${world.url}/WAPAS/${link?.token}`, {
    redirect: 'manual',
    headers: { 'user-agent': 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36' },
  });
  expect(click.status).toBe(302);
  await until(async () => (await heardOf(one)).includes('clicked'), 'the click');
  await world.settled();
  await world.moveTo(minutes(120));
  expect(received(world, one.customer)).not.toContain('sms');
  // Whoever was heard nothing of gets one.
  expect(received(world, (sent[sent.length - 1] as Sent).customer)).toContain('sms');
});
