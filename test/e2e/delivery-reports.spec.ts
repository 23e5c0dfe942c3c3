import { EntityKeys } from '@wapas/entity-keys';
import { hours, minutes } from '@wapas/kernel';
import { KeepPauses } from '../../src/channels/keep-pauses';
import { Log } from '../../src/log';
import { apiOf } from '../support/api';
import { orderKeys } from '../support/stories';
import { msg91Says } from '../support/vendors';
import { until, World } from '../support/world';

/** What MSG91's delivery reports lead to, status by status, told over HTTP as MSG91 tells them. */

const TEMPLATE = '64f0c0ffee00000000000001';
const JOURNEY = {
  format: 'wapas.journey/1',
  key: 'seat_by_sms',
  name: 'SMS, then WhatsApp',
  trigger: { event: 'Seat Held' },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    {
      key: 'sms',
      after: '1m',
      channel: 'sms',
      messages: [{ template: { id: TEMPLATE, variables: { order: '{{keys.order}}' } } }],
    },
    {
      key: 'whatsapp',
      after: '1h',
      minDelay: '2m',
      channel: 'whatsapp',
      messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}'] } }],
    },
  ],
};

const logged: string[] = [];
let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({
    env: { WAPAS_CAP_PER_DAY: '100', MSG91_MAX_PER_SECOND: '1000' },
    log: new Log('warn', { write: (line: string) => void logged.push(line) }),
  });
  api = await apiOf(world);
  await world.publish(JOURNEY);
});
afterAll(() => world?.stop());
beforeEach(() => world.control('mode', { vendor: 'msg91', mode: 'normal', receipts: 'none' }));

const days = (count: number): number => hours(24 * count);
const phoneOf = (person: number): string => `+9198${50_000_000 + person}`;
let seats = 0;
/** A seat is held on a day; the SMS about it is out, unless something kept it back. */
async function hold(
  person: number,
  day = 0,
): Promise<{ id: string; state: string; vendorId: string; order: string; at: number }> {
  const order = `seat_${++seats}`;
  await world.moveTo(days(day));
  const { status } = await api('POST', '/v1/events', {
    event: 'Seat Held',
    person: { customerId: `cust_${person}`, phone: phoneOf(person) },
    keys: { order },
  });
  expect(status).toBe(202);
  await world.settled();
  await world.moveTo(days(day) + minutes(1));
  const [message] = await messagesOf(order, 'sms');
  return { ...(message as Message), order, at: days(day) };
}
interface Message {
  readonly id: string;
  readonly state: string;
  readonly vendorId: string;
}
const messagesOf = (order: string, channel: string) =>
  world.sql<Message & Record<string, unknown>>(
    `select m.id, m.state || coalesce(': ' || m.reason, '') as state, (select a.vendor_id from attempt a where a.message_id = m.id order by a.fence desc limit 1) as "vendorId"
     from message m where m.channel = $2 and m.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
    [orderKeys(world, [order]), channel],
  );

/** A report as our README prescribes it. */
async function reports(person: number, requestId: string, status: string, failedReason = ''): Promise<void> {
  const report = { requestId, status, number: phoneOf(person).slice(1), date: '2026-11-23 11:02:00', failedReason, CRQID: '' };
  expect(await msg91Says(world, report)).toBe(200);
}
const stateOf = async (order: string): Promise<string | undefined> => (await messagesOf(order, 'sms'))[0]?.state;
const blockOf = async (person: number) =>
  (
    await world.sql<{ reason: string; days: number | null }>(
      `select reason, case when isfinite(until) then round(extract(epoch from until - blocked_at) / 86400)::int end as days
       from address_block where key = $1 and channel = 'sms'`,
      [world.app.get(EntityKeys).keyOf('phone', phoneOf(person))],
    )
  )[0];

test.each<[string, string, string, object | undefined]>([
  ['2 failed, absent subscriber', 'Absent Subscriber', 'rejected: refused', undefined],
  ['2 failed, no such number', 'Invalid subscriber', 'rejected: bad_address', { reason: 'bad_address', days: null }],
  ['9 NDNC', '', 'rejected: opted_out', undefined],
  ['16 rejected', '', 'rejected: bad_content', undefined],
  ['25 rejected', '', 'rejected: bad_content', undefined],
  ['17 blocked number', '', 'rejected: opted_out', { reason: 'opted_out', days: null }],
])('%s: the message is over, WhatsApp is brought forward, and the number stays or goes', async (line, words, state, block) => {
  const person = 100 + seats;
  const { order, vendorId, at } = await hold(person);
  await reports(person, vendorId, line.split(' ')[0] as string, words);
  expect(await stateOf(order)).toBe(state);
  expect(await blockOf(person)).toEqual(block);
  await world.settled();
  await world.moveTo(at + minutes(2));
  expect((await messagesOf(order, 'whatsapp')).map(({ state: said }) => said)).toEqual(['sent']);
});

test('306, the route is closed at night: the SMS waits for nine in the morning when it is still worth something then, and is over when not', async () => {
  const closed = { vendor: 'msg91', mode: 'error', code: '306', count: 1 };
  const waiting = async (order: string) =>
    (
      await world.sql<{ minutes: number | null }>(
        `select round(extract(epoch from not_before - clock_timestamp()) / 60)::int as minutes from message
         where channel = 'sms' and run_id in (select run_id from run_key where key = any($1::uuid[]))`,
        [orderKeys(world, [order])],
      )
    )[0]?.minutes;
  // The world begins at eleven; half past eight is 21.5 hours later, and the step is worth an hour.
  const halfPastEight = hours(21.5) / hours(24);
  await world.control('mode', closed);
  const early = await hold(501, halfPastEight);
  expect(early.state).toBe('retryable: throttled');
  expect(await waiting(early.order)).toBe(29);
  await world.sql(`update message set not_before = null, offer_at = clock_timestamp() where state = 'retryable'`);
  await world.moveTo(early.at + minutes(30));
  expect(await stateOf(early.order)).toBe('sent');

  const late = hours(11) / hours(24);
  await world.control('mode', closed);
  const night = await hold(502, late);
  expect(night.state).toBe('expired: too_late');
  expect(await messagesOf(night.order, 'whatsapp')).toEqual([]);
});

test('2 three times within thirty days: the number gets no SMS for thirty days; two, or one of them long ago, are no reason', async () => {
  const person = 1;
  for (const day of [0, 31, 40]) {
    const { order, vendorId } = await hold(person, day);
    await reports(person, vendorId, '2', 'Absent Subscriber');
    expect(await stateOf(order)).toBe('rejected: refused');
    expect(await blockOf(person)).toBeUndefined();
  }
  const third = await hold(person, 50);
  // The same report again is the same failure.
  for (let told = 0; told < 2; told++) await reports(person, third.vendorId, '2', 'Memory full');
  expect(await blockOf(person)).toEqual({ reason: 'bad_address', days: 30 });
  expect((await hold(person, 51)).state).toBe('rejected: no_address');
  expect((await hold(person, 81)).state).toBe('sent');
});

test('16 and 25: three rejected reports within ten minutes pause nothing, four pause the template', async () => {
  await api('POST', '/v1/providers/msg91/resume');
  await world.sql('delete from provider_pause');
  const pauses = async () =>
    (
      (await api('GET', '/v1/providers')).body.providers as {
        name: string;
        pauses: { scope: string; code: string }[];
      }[]
    ).find(({ name }) => name === 'msg91')?.pauses;
  const rejectedFor = async (person: number, status: string) => reports(person, (await hold(person)).vendorId, status);
  for (const status of ['16', '25', '16']) {
    await rejectedFor(200 + seats, status);
    expect(await pauses()).toEqual([]);
  }
  await rejectedFor(200 + seats, '25');
  // Claims read pauses from memory, which is looked up anew every second.
  await until(() => world.app.get(KeepPauses).known().length === 1, 'the pause');
  expect(await pauses()).toEqual([expect.objectContaining({ scope: 'template', code: '25' })]);
  expect((await hold(300)).state).toBe('rejected: template_paused');
});

test('what stands in no table is told once a code: as an answer, as a failed status, as a status of a report', async () => {
  await api('POST', '/v1/providers/msg91/resume');
  const told = () => logged.filter((line) => line.includes('what stands in no table')).map((line) => JSON.parse(line) as object);
  await world.control('mode', { vendor: 'msg91', mode: 'error', code: '999', count: 3 });
  await world.control('mode', { vendor: 'whatsapp', receipts: 'failed', code: '139999' });
  for (const person of [401, 402, 403]) {
    const { state, order, at } = await hold(person);
    expect(state).toBe('rejected: refused');
    // A refusal is definite: WhatsApp is brought forward.
    await world.moveTo(at + minutes(2));
    expect((await messagesOf(order, 'whatsapp')).map(({ state: said }) => said)).toEqual(['rejected: refused']);
  }
  const { vendorId, order } = await hold(404);
  await reports(404, vendorId, '28');
  expect(await stateOf(order)).toBe('sent');

  expect(told()).toMatchObject([
    { provider: 'msg91', code: '999' },
    { provider: 'whatsapp-cloud', code: '139999' },
    { provider: 'msg91', code: 'report 28' },
  ]);
  const { attention } = (await api('GET', '/health/ready')).body as unknown as { attention: string[] };
  expect(attention).toContainEqual(expect.stringContaining('msg91 said 3 time(s) what stands in no table (999)'));
  expect(attention).toContainEqual(
    expect.stringMatching(/^whatsapp-cloud said \d+ time\(s\) what stands in no table \(139999\)/),
  );
  const metrics = await (
    await fetch(`${world.url}/metrics`, { headers: { authorization: `Bearer ${await world.key(['admin'])}` } })
  ).text();
  expect(metrics).toContain('wapas_provider_mistakes{provider="msg91",code="report 28",kind="unlisted"} 1');
  await world.control('mode', { vendor: 'whatsapp', receipts: 'normal' });
});
