import { hours, minutes } from '@wapas/kernel';
import { outcomeStore } from '../../src/analytics/store/outcome.store';
import { rebuildOutcomes } from '../../src/analytics/rebuild-outcomes';
import { RecordReceipts } from '../../src/channels/record-receipts';
import { apiOf } from '../support/api';
import { orderKeys } from '../support/stories';
import { START, until, World } from '../support/world';

/** One WhatsApp message, as marketing or about the customer's own transaction. */
const journey = (purpose: 'service' | 'marketing') => ({
  format: 'wapas.journey/1',
  key: `by_${purpose}`,
  name: `One message: ${purpose}`,
  trigger: { event: `Seat Held ${purpose}` },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    { key: 'only', after: '1m', channel: 'whatsapp', purpose, messages: [{ template: { name: 'seat_v1', language: 'en', body: ['{{keys.order}}'] } }] }, // prettier-ignore
  ],
});

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
/** The message about each order. */
const messages = new Map<string, string>();
const ORDERS = { unsaid: 'marketing', silent: 'marketing', raised: 'marketing', lowered: 'marketing', own: 'service' } as const;
type Order = keyof typeof ORDERS;

beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
  await world.control('mode', { vendor: 'all', mode: 'normal', receipts: 'none' });
  for (const purpose of ['service', 'marketing'] as const) await world.publish(journey(purpose));
  let number = 0;
  for (const [order, purpose] of Object.entries(ORDERS)) {
    const person = { customerId: order, phone: `+9198400000${(number += 1) + 10}` };
    const consents = [{ purpose: 'marketing', channel: 'whatsapp', state: 'granted' }];
    expect((await api('POST', '/v1/events', { event: `Seat Held ${purpose}`, person, keys: { order }, consents })).status).toBe(202); // prettier-ignore
  }
  // Nobody agreed to this one: it is skipped.
  const person = { customerId: 'refused', phone: '+919840000021' };
  expect((await api('POST', '/v1/events', { event: 'Seat Held marketing', person, keys: { order: 'refused' } })).status).toBe(
    202,
  );
  await world.settled();
  await world.moveTo(minutes(1));
  for (const order of Object.keys(ORDERS)) {
    const [row] = await world.sql<{ id: string }>(
      `select id from message where state = 'sent' and run_id in (select run_id from run_key where key = any($1::uuid[]))`,
      [orderKeys(world, [order])],
    );
    messages.set(order, row?.id ?? '');
  }
  for (const order of Object.keys(ORDERS) as Order[]) await hear(order, 'delivered');
});
afterAll(() => world?.stop());

/** What the vendor says of the message about an order; without a category as where its status has no `pricing`. */
async function hear(order: Order, kind: 'delivered' | 'read' | 'sent', category?: string): Promise<void> {
  const billing = category === undefined ? {} : { billing: { category, billable: true } };
  const receipt = { kind, at: Date.now(), attemptId: `${messages.get(order)}.1`, ...billing } as const;
  await world.app.get(RecordReceipts).record('whatsapp-cloud', [receipt]);
  await world.settled();
}

interface Line {
  readonly category: string | null;
  readonly units: number;
  readonly assumed: number;
  readonly cost: { readonly amount: number };
}
async function billed(): Promise<string[]> {
  const { lines } = (await api('GET', '/v1/analytics/costs?from=2026-11')).body as unknown as { lines: Line[] };
  return lines.map(({ category, units, assumed, cost }) => `${category}: ${units} for ${cost.amount}, ${assumed} assumed`);
}

/** What a journey's messages really cost by a what-if, and would. */
async function whatIf(key: string): Promise<Record<'was' | 'would', number[]>> {
  const [from, to] = [new Date(START - 60_000).toISOString(), new Date(START + 3_600_000).toISOString()];
  const ordered = await api('POST', '/v1/replays', { kind: 'whatif', journey: key, from, to, version: 1 });
  expect(ordered.status).toBe(202);
  let replay: { state?: string; result?: { costs: Record<'was' | 'would', { amount: number; assumed: number }[]> } } = {};
  await until(async () => {
    replay = (await api('GET', `/v1/replays/${String(ordered.body.id)}`)).body;
    return replay.state === 'done' || replay.state === 'failed';
  }, 'the what-if to be over');
  const side = (of: 'was' | 'would') => (replay.result?.costs[of] ?? []).flatMap(({ amount, assumed }) => [amount, assumed]);
  return { was: side('was'), would: side('would') };
}

test('a marketing message whose vendor says no category costs in reports what it took from the caps', async () => {
  expect(await billed()).toEqual(['marketing: 4 for 345, 4 assumed', 'utility: 1 for 12, 1 assumed']);
  const { channels } = (await api('GET', '/v1/operations/spend')).body as { channels: { amount: number }[] };
  expect(channels.map(({ amount }) => amount)).toEqual([Math.ceil(4 * 86.31 + 11.5)]);
});

test("the month counts what a provider's invoice can name, and no message that was skipped", async () => {
  expect(await world.sql(`select count(*)::int as count from message where state = 'skipped'`)).toEqual([{ count: 1 }]);
  const { lines } = (await api('GET', '/v1/analytics/costs?from=2026-11')).body as unknown as { lines: { messages: number }[] };
  expect(lines.map(({ messages: count }) => count)).toEqual([4, 1]);
});

test('a marketing message without a category costs the same in a report that is made again from what is stored', async () => {
  await world.sql('truncate touch, outcome');
  await rebuildOutcomes(world.database);
  expect(await billed()).toEqual(['marketing: 4 for 345, 4 assumed', 'utility: 1 for 12, 1 assumed']);
});

test('of several categories the latest word of the vendor counts, in whichever order the reports come to hear of it', async () => {
  await hear('raised', 'sent', 'utility');
  await hear('lowered', 'sent', 'marketing');
  await world.moveTo(minutes(2));
  await hear('raised', 'read', 'marketing');
  await hear('lowered', 'read', 'utility');
  const said = ['marketing: 3 for 259, 2 assumed', 'utility: 2 for 23, 1 assumed'];
  expect(await billed()).toEqual(said);
  const [run] = await world.sql<{ id: string; at: Date }>(
    `select m.run_id as id, r.received_at as at from message m join receipt r on r.message_id = m.id where m.id = $1 and r.kind = 'sent'`,
    [messages.get('lowered')],
  );
  await world.database.transaction((tx) =>
    outcomeStore.hear(tx, [
      { messageId: messages.get('lowered') ?? '', runId: run?.id ?? '', step: 'only', channel: 'whatsapp', kind: 'sent', at: run?.at.toISOString() ?? '', billing: { category: 'marketing', billable: true } }, // prettier-ignore
    ]),
  );
  expect(await billed()).toEqual(said);
});

test('a what-if takes the same word for what was sent, and what is known for what would be', async () => {
  await world.moveTo(hours(25));
  // Those of which nothing was said are marketing on both sides.
  expect(await whatIf('by_marketing')).toEqual({ was: [270, 2], would: [270, 2] });
  expect(await whatIf('by_service')).toEqual({ was: [12, 1], would: [12, 1] });
});
