import { BusinessClock } from '@wapas/database';
import { Bus } from '@wapas/events';
import { hours, type Instant, minutes } from '@wapas/kernel';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { ClaimMessages } from '../../src/channels/claim-messages';
import { KeepPauses } from '../../src/channels/keep-pauses';
import { KeepPrices } from '../../src/channels/keep-prices';
import { KeepSpendCaps } from '../../src/channels/keep-spend-caps';
import { ProviderRegistry, type RegisteredProvider } from '../../src/channels/provider-registry';
import { Log } from '../../src/log';
import { apiOf } from '../support/api';
import { printFigure } from '../support/figures';
import { orderKeys } from '../support/stories';
import { START, until, World } from '../support/world';

const SMS = '64f0c0ffee000000000000aa';
/** Two parts in GSM-7. */
const LONG = 'Shop: payment for order {#alphanumeric#} is not complete. '.padEnd(190, 'Your items are kept for a day. ');

const logged: string[] = [];
let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
let ingest: string;
let other: string;

beforeAll(async () => {
  world = await World.start({ log: new Log('warn', { write: (line: string) => void logged.push(line) }) });
  api = await apiOf(world);
  ingest = await world.key(['ingest']);
  const registered = { language: 'en', category: 'service', entityId: '1201159160000000001', header: 'SHOPIN', dltId: '1207161700000000001', brand: 'Shop', text: LONG, variables: ['order'] }; // prettier-ignore
  expect((await api('PUT', `/v1/templates/sms/${SMS}`, registered)).status).toBe(204);
  await world.publish({
    format: 'wapas.journey/1',
    key: 'held_seat',
    name: 'WhatsApp first, SMS behind it',
    trigger: { event: 'Seat Held' },
    correlateBy: ['order'],
    goal: { events: ['Seat Paid'], by: ['order'] },
    window: '24h',
    holdoutPercent: 0,
    steps: [
      {
        key: 'whatsapp',
        after: '1m',
        maxDelay: '20h',
        channel: 'whatsapp',
        messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}'] } }],
      },
      {
        key: 'sms',
        after: '20h',
        minDelay: '5m',
        channel: 'sms',
        messages: [{ template: { id: SMS, variables: { order: '{{keys.order}}' } } }],
      },
    ],
  });
  other = await world.startAnother();
  // Forty paise for a WhatsApp message, by a contract of the deployment's own.
  const contract = { channel: 'whatsapp', category: 'utility', country: 'IN', currency: 'INR', from: '2026-11-01', price: 40_000, source: 'contract' }; // prettier-ignore
  expect((await api('PUT', '/v1/analytics/rates', contract)).status).toBe(204);
});
afterAll(() => world?.stop());

/** Every test has a day of its own; caps and troubles of the one before are gone. */
let days = 0;
let today = 0;
beforeEach(async () => {
  today = hours(24 * ++days);
  await world.control('mode', { vendor: 'all', mode: 'normal', receipts: 'normal' });
  for (const scope of ['all', 'channel:whatsapp', 'channel:sms']) await api('DELETE', `/v1/operations/spend-caps/${scope}`);
  await world.moveTo(today);
  await known();
});

/** Every container has looked at the clock, the caps, the rates and the pauses: what a second of waiting brings. */
async function known(): Promise<void> {
  for (const app of world.apps) {
    await app.get(BusinessClock).refresh();
    await app.get(KeepPauses).look();
    await app.get(KeepPrices).look();
    await app.get(KeepSpendCaps).look();
  }
}

let seats = 0;
/** So many people hold a seat, told to both containers in turn. Gives their orders. */
async function holdSeats(count: number): Promise<string[]> {
  const orders = Array.from({ length: count }, () => `seat_${++seats}`);
  await Promise.all(
    orders.map(async (order, index) => {
      const response = await fetch(`${index % 2 === 0 ? world.url : other}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ingest}` },
        body: JSON.stringify({
          event: 'Seat Held',
          person: { customerId: `c_${order}`, phone: `+9198${String(20_000_000 + Number(order.slice(5)))}` },
          keys: { order },
        }),
      });
      expect(response.status).toBe(202);
    }),
  );
  await world.settled();
  return orders;
}

/** How many messages of these orders are what. */
async function what(orders: readonly string[]): Promise<Record<string, number>> {
  const rows = await world.sql<{ what: string; count: number }>(
    `select m.step || ' ' || m.state || coalesce(': ' || m.reason, '') as what, count(*)::int as count
     from message m where m.run_id in (select run_id from run_key where key = any($1::uuid[])) group by 1 order by 1`,
    [orderKeys(world, orders)],
  );
  return Object.fromEntries(rows.map((row) => [row.what, row.count]));
}

const cap = (scope: string, amount: number, more: object = {}) =>
  api('PUT', `/v1/operations/spend-caps/${scope}`, { amount, currency: 'INR', ...more });
interface Spend {
  readonly channels: { channel: string; messages: number; amount: number }[];
  readonly caps: { scope: string; heldBack: number; reachedAt: string | null }[];
}
const spend = async (): Promise<Spend> => (await api('GET', '/v1/operations/spend')).body as unknown as Spend;
const spentOn = async (channel: string) => (await spend()).channels.find((one) => one.channel === channel)?.amount ?? 0;
const alarms = () => logged.filter((line) => line.includes('daily spend cap reached'));

test('with a daily cap of ₹10 and WhatsApp at ₹0.40, 50 people in two containers get 25 messages, and the others an SMS', async () => {
  expect((await cap('channel:whatsapp', 1_000, { reason: 'the first week' })).status).toBe(204);
  await known();
  const orders = await holdSeats(50);
  await world.moveTo(today + minutes(1));
  expect(await what(orders)).toEqual({ 'whatsapp sent': 25, 'whatsapp skipped: spend_cap_of_channel': 25 });
  expect(await spend()).toMatchObject({
    channels: [{ channel: 'whatsapp', messages: 25, amount: 1_000, currency: 'INR' }],
    caps: [{ scope: 'channel:whatsapp', amount: 1_000, heldBack: 25, reachedAt: expect.any(String) as unknown }],
  });

  // What a person sees of it: one alarm in the log, a line in the health body, and figures.
  expect(alarms()).toHaveLength(1);
  expect(JSON.parse(alarms()[0] as string)).toMatchObject({ scope: 'channel:whatsapp', cap: 'INR 10.00' });
  const { attention } = (await api('GET', '/health/ready')).body as { attention: string[] };
  expect(attention).toContain(
    'the daily spend cap channel:whatsapp (INR 10.00) is reached: 25 message(s) were held back today; see GET /v1/operations/spend',
  );
  const metrics = await (
    await fetch(`${world.url}/metrics`, { headers: { authorization: `Bearer ${await world.key(['read'])}` } })
  ).text();
  expect(metrics).toContain('wapas_spend_today{channel="whatsapp",currency="INR"} 1000\n');
  expect(metrics).toContain('wapas_spend_cap{scope="channel:whatsapp",currency="INR"} 1000\n');
  expect(metrics).toContain('wapas_spend_cap_held_back{scope="channel:whatsapp"} 25\n');
  const { entries } = (await api('GET', '/v1/operations/audit')).body as { entries: { act: string; subject: string }[] };
  expect(entries.find(({ act }) => act !== 'key_made')).toMatchObject({
    act: 'spend_cap_set',
    subject: 'channel:whatsapp INR 10.00 a day',
    reason: 'the first week',
  });

  await world.moveTo(today + minutes(5));
  expect(await what(orders)).toMatchObject({ 'sms sent': 25 });
  // Twenty paise a part, two parts each.
  expect(await spentOn('sms')).toBe(25 * 40);
});

test('50 claims at once from two containers never take more than there is', async () => {
  await cap('all', 1_000);
  await known();
  const ids = await planUnsent(50);
  const claimed = await Promise.all(
    ids.map((id, index) => {
      const app = world.apps[index % 2] as (typeof world.apps)[number];
      const provider = app.get(ProviderRegistry).named('whatsapp-cloud') as RegisteredProvider;
      return app.get(ClaimMessages).claim(provider, [id]);
    }),
  );
  expect(claimed.flat()).toHaveLength(25);
  expect(await reasonsOf(ids)).toEqual({ calling: 25, 'skipped: spend_cap_of_day': 25 });
  printFigure('50 claims at once, ₹0.40 each, under a cap of ₹10', { spentInPaise: await spentOn('whatsapp') });
  expect(await spentOn('whatsapp')).toBe(1_000);
  // Nobody makes these calls: their processes have died.
  await world.sql(`update message set lease_until = clock_timestamp() where id = any($1)`, [ids]);
  await world.settled();
  expect(await reasonsOf(ids)).toEqual({ 'unknown: process_died': 25, 'skipped: spend_cap_of_day': 25 });
  expect(await spentOn('whatsapp')).toBe(1_000);
});

/** Planned messages that nobody claims, though their step is due. Gives their ids. */
async function planUnsent(count: number): Promise<string[]> {
  const orders = await holdSeats(count);
  await api('PUT', '/v1/operations/stop', {});
  await world.clock.startAt((START + today + minutes(1)) as Instant, 0);
  const planned = () =>
    world.sql<{ id: string }>(
      `select m.id from message m where m.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
      [orderKeys(world, orders)],
    );
  await until(async () => (await planned()).length === count, 'the messages to be planned');
  await world.app.get(Bus).settled();
  // The workers were woken for each: they must have found it stopped before it is so no more.
  const waiting = () => Promise.all(world.apps.map((app) => app.get<WorkQueue>(WORK_QUEUE).waiting('whatsapp-cloud')));
  await until(async () => (await waiting()).every((jobs) => jobs === 0), 'the workers to have looked');
  await api('DELETE', '/v1/operations/stop');
  return (await planned()).map(({ id }) => id);
}

async function reasonsOf(ids: readonly string[]): Promise<Record<string, number>> {
  const rows = await world.sql<{ what: string; count: number }>(
    `select state || coalesce(': ' || reason, '') as what, count(*)::int as count from message where id = any($1) group by 1`,
    [ids],
  );
  return Object.fromEntries(rows.map((row) => [row.what, row.count]));
}

test('what the vendor refuses at once costs nothing, and leaves its money to the next one', async () => {
  await cap('channel:whatsapp', 40);
  await known();
  await world.control('mode', { vendor: 'whatsapp', mode: 'refused' });
  const refused = await holdSeats(1);
  await world.moveTo(today + minutes(1));
  expect(await what(refused)).toMatchObject({ 'whatsapp rejected: bad_credentials': 1 });
  expect(await spentOn('whatsapp')).toBe(0);
  await world.control('mode', { vendor: 'whatsapp', mode: 'normal' });
  await api('POST', '/v1/providers/whatsapp-cloud/resume');
  await known();
  const next = await holdSeats(1);
  await world.moveTo(today + minutes(2));
  expect(await what(next)).toMatchObject({ 'whatsapp sent': 1 });
  expect(await spentOn('whatsapp')).toBe(40);
});

test('what may have been taken stays paid for', async () => {
  await cap('channel:whatsapp', 40);
  await known();
  await world.control('mode', { vendor: 'whatsapp', mode: 'reset-after-accept', receipts: 'none' });
  const unknown = await holdSeats(1);
  await world.moveTo(today + minutes(1));
  expect(await what(unknown)).toEqual({ 'whatsapp unknown: unknown_outcome': 1 });
  await world.control('mode', { vendor: 'whatsapp', mode: 'normal' });
  const next = await holdSeats(1);
  await world.moveTo(today + minutes(2));
  expect(await what(next)).toMatchObject({ 'whatsapp skipped: spend_cap_of_channel': 1 });
});

test('a WhatsApp message that failed after it was taken is not charged for; an SMS that did is', async () => {
  await cap('all', 100);
  await known();
  await world.control('mode', { vendor: 'all', receipts: 'failed' });
  const orders = await holdSeats(1);
  await world.moveTo(today + minutes(1));
  await world.moveTo(today + minutes(5));
  await world.settled();
  expect(Object.keys(await what(orders)).map((one) => one.split(':')[0])).toEqual(['sms rejected', 'whatsapp rejected']);
  expect(await spend()).toMatchObject({ channels: [{ channel: 'sms', messages: 1, amount: 40 }] });
  const [count] = await world.sql<{ milli: string }>(`select milli from spend_day where scope = 'all' order by day desc limit 1`);
  expect(count).toEqual({ milli: '40000' });
});

test('the next day in India has money again, and what an earlier cap held back stays skipped', async () => {
  await cap('channel:whatsapp', 0);
  await known();
  const before = await holdSeats(1);
  await world.moveTo(today + minutes(1));
  expect(await what(before)).toMatchObject({ 'whatsapp skipped: spend_cap_of_channel': 1 });
  await cap('channel:whatsapp', 40);
  const evening = await holdSeats(2);
  await world.moveTo(today + minutes(2));
  expect(await what(evening)).toMatchObject({ 'whatsapp sent': 1, 'whatsapp skipped: spend_cap_of_channel': 1 });
  // 11:00 and thirteen hours.
  await world.moveTo(today + hours(13));
  days += 1;
  const night = await holdSeats(1);
  await world.moveTo(today + hours(13) + minutes(1));
  expect(await what(night)).toMatchObject({ 'whatsapp sent': 1 });
  expect(await what(before)).toMatchObject({ 'whatsapp skipped: spend_cap_of_channel': 1 });
});

test('what was sent before a cap was set counts, and a cap may be taken away', async () => {
  await holdSeats(3);
  await world.moveTo(today + minutes(1));
  expect(await spentOn('whatsapp')).toBe(120);
  await cap('channel:whatsapp', 130);
  await known();
  const next = await holdSeats(1);
  await world.moveTo(today + minutes(2));
  expect(await what(next)).toMatchObject({ 'whatsapp skipped: spend_cap_of_channel': 1 });
  expect((await api('DELETE', '/v1/operations/spend-caps/channel:whatsapp?reason=enough')).status).toBe(204);
  expect((await api('DELETE', '/v1/operations/spend-caps/channel:whatsapp')).status).toBe(404);
  await known();
  const free = await holdSeats(1);
  await world.moveTo(today + minutes(3));
  expect(await what(free)).toMatchObject({ 'whatsapp sent': 1 });
  const { entries } = (await api('GET', '/v1/operations/audit')).body as { entries: object[] };
  expect(entries[0]).toMatchObject({ act: 'spend_cap_removed', subject: 'channel:whatsapp', reason: 'enough' });
});

test('a cap that means nothing is refused, and only an administrator sets one', async () => {
  expect((await cap('channel:pigeon', 1)).body).toMatchObject({ code: 'unknown_channel' });
  expect((await cap('whatsapp', 1)).body).toMatchObject({ code: 'unknown_channel' });
  expect((await cap('all', -1)).status).toBe(422);
  expect((await cap('all', 1.5)).status).toBe(422);
  expect((await cap('all', 1, { currency: 'rupees' })).status).toBe(422);
  expect((await api('GET', '/v1/operations/spend?day=2026-02-30')).body).toMatchObject({ code: 'bad_time' });
  const reader = { authorization: `Bearer ${await world.key(['read'])}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ amount: 1, currency: 'INR' });
  const answer = await fetch(`${world.url}/v1/operations/spend-caps/all`, { method: 'PUT', headers: reader, body });
  expect(answer.status).toBe(403);
});
