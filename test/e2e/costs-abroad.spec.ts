import { hours, minutes } from '@wapas/kernel';
import { KeepPrices } from '../../src/channels/keep-prices';
import { apiOf } from '../support/api';
import { received, treatEverybody } from '../support/stories';
import { START, until, World } from '../support/world';

const ABROAD = { id: 'abroad', phone: '+971501234567', order: 'order_abroad' };
const HOME = { id: 'home', phone: '+919812345670', order: 'order_home' };
const RATE = { channel: 'sms', country: 'AE', currency: 'USD', from: '2026-01-01', price: 4_200, source: 'contract' };

/** An SMS and a WhatsApp message to a country whose rates nobody has said. */
const UNPRICED = 2;

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_ALLOWED_COUNTRIES: 'IN,AE' } });
  api = await apiOf(world);
  await treatEverybody(world);
  expect((await api('PUT', '/v1/analytics/rates', RATE)).status).toBe(204);
  await world.app.get(KeepPrices).look();
  for (const { id, phone, order } of [ABROAD, HOME]) {
    const event = { event: 'Payment Failed', person: { customerId: id, phone }, keys: { order }, amount: { value: 149_900, currency: 'INR' }, reason: { class: 'user_error' } }; // prettier-ignore
    expect((await api('POST', '/v1/events', event)).status).toBe(202);
  }
  await world.settled();
  for (const at of [minutes(1), minutes(15), hours(2)]) await world.moveTo(at);
  for (const one of [ABROAD, HOME]) expect(received(world, one)).toContain('sms');
});
afterAll(() => world?.stop());

test('a message takes from the caps what it costs where its number is, and what goes to no number has no country', async () => {
  const prices = await world.sql<{ price: string }>(
    `select country || ' ' || price_milli || ' ' || price_currency as price from message where channel = 'sms' order by 1`,
  );
  expect(prices.map(({ price }) => price)).toEqual(['AE 4200 USD', 'IN 20000 INR']);
  expect(await world.sql(`select from message where channel = 'push' and country is not null`)).toEqual([]);
});

test('the month is billed by country, and nothing is guessed of one whose rate nobody has said', async () => {
  expect(await linesOfSms()).toEqual(['AE: 1 for 4 USD, 0 without a rate', 'IN: 1 for 20 INR, 0 without a rate']);
  await world.sql('delete from rate');
  expect(await linesOfSms()).toEqual(['AE: 0, 1 without a rate', 'IN: 1 for 20 INR, 0 without a rate']);
  expect((await api('PUT', '/v1/analytics/rates', RATE)).status).toBe(204);
});

test('what has no rate is said beside every cost that it is missing from', async () => {
  await world.sql('delete from rate');
  const arm = (await api('GET', '/v1/analytics/journeys/payment_failed')).body as unknown as { treated: { cost: { unpriced: number } }; experiments: { unpriced: number }[] }; // prettier-ignore
  expect([arm.treated.cost.unpriced, arm.experiments[0]?.unpriced]).toEqual([UNPRICED, UNPRICED]);
  const csv = await fetch(`${world.url}/v1/analytics/journeys/payment_failed/series.csv?grain=all`, {
    headers: { authorization: `Bearer ${await world.key(['read'])}` },
  });
  const [head, ...rows] = (await csv.text())
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  const at = head?.indexOf('unpriced_units') ?? -1;
  expect(rows.reduce((sum, row) => sum + Number(row[at]), 0)).toBe(UNPRICED);
  expect((await api('PUT', '/v1/analytics/rates', RATE)).status).toBe(204);
});

test('an export says where each message went', async () => {
  const response = await fetch(`${world.url}/v1/exports/messages?format=ndjson`, {
    headers: { authorization: `Bearer ${await world.key(['read'])}` },
  });
  const rows = (await response.text()).trimEnd().split('\n').map((line) => JSON.parse(line) as { channel: string; country: string | null }); // prettier-ignore
  expect(rows.map(({ channel, country }) => `${channel} ${country}`).sort()).toEqual(
    expect.arrayContaining(['sms AE', 'sms IN', 'whatsapp AE', 'whatsapp IN']),
  );
});

test('a what-if prices what would be sent, and what was, where it goes', async () => {
  await world.moveTo(hours(25));
  const [from, to] = [new Date(START - 60_000).toISOString(), new Date(START + 3_600_000).toISOString()];
  const ordered = await api('POST', '/v1/replays', { kind: 'whatif', journey: 'payment_failed', from, to, version: 1 });
  expect(ordered.status).toBe(202);
  let replay: { state?: string; result?: { costs: Record<'would' | 'was', { currency: string }[]> } } = {};
  await until(async () => {
    replay = (await api('GET', `/v1/replays/${String(ordered.body.id)}`)).body;
    return replay.state === 'done' || replay.state === 'failed';
  }, 'the what-if to be over');
  const currencies = (side: 'would' | 'was') => replay.result?.costs[side].map(({ currency }) => currency);
  expect([currencies('would'), currencies('was')]).toEqual([
    ['INR', 'USD'],
    ['INR', 'USD'],
  ]);
  // WhatsApp abroad has no rate: a line of the days says so, as the totals do.
  const days = await api('GET', `/v1/replays/${String(ordered.body.id)}/days`);
  const unpriced = (days.body.days as { channel: string; outcome: string; unpriced: number }[]).filter((one) => one.unpriced > 0);
  expect(unpriced.map(({ channel, outcome }) => `${channel} ${outcome}`).sort()).toEqual([
    'whatsapp really_sent',
    'whatsapp sent',
  ]);
});

interface Line {
  readonly channel: string;
  readonly country: string;
  readonly units: number;
  readonly unpriced: number;
  readonly cost: { readonly currency: string; readonly amount: number } | null;
}

async function linesOfSms(): Promise<string[]> {
  const { lines } = (await api('GET', '/v1/analytics/costs?from=2026-11')).body as unknown as { lines: Line[] };
  return lines
    .filter(({ channel }) => channel === 'sms')
    .map(({ country, units, unpriced, cost }) => `${country}: ${units}${cost ? ` for ${cost.amount} ${cost.currency}` : ''}, ${unpriced} without a rate`); // prettier-ignore
}
