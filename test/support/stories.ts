import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { EntityKeys } from '@wapas/entity-keys';
import { paymentEvent, type World } from './world';

/** A customer as the tests need one: known by id, phone and a phone's push token. */
export interface Customer {
  readonly id: string;
  readonly phone: string;
  readonly order: string;
}

export function customer(number: number): Customer {
  return { id: `cust_${number}`, phone: `+9198${String(10_000_000 + number)}`, order: `order_${number}` };
}

/** The starter journey without a holdout: for tests in which everybody is to be written to. */
export async function treatEverybody(world: World): Promise<void> {
  const text = readFileSync(join(__dirname, '../../src/journeys/starter/payment_failed.yaml'), 'utf8');
  await world.publish({ ...(parseYaml(text) as object), holdoutPercent: 0 });
}

/** Wapas knows the customers and their devices. */
export async function introduce(world: World, customers: readonly Customer[], consents?: readonly object[]): Promise<void> {
  const key = await world.key(['ingest']);
  for (let start = 0; start < customers.length; start += 500) {
    const events = customers.slice(start, start + 500).map(({ id, phone }) => ({
      event: 'App Opened',
      person: { customerId: id, phone, pushTokens: [{ token: `token-${phone.slice(1)}`, platform: 'android' }] },
      ...(consents && { consents }),
    }));
    const response = await fetch(`${world.url}/v1/events/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ events }),
    });
    if (response.status !== 202) throw new Error(`Customers not introduced: ${response.status}`);
  }
  await world.settled();
}

/** Their payment fails; the webhook's answer is awaited. */
export async function failPayment(world: World, { id, phone, order }: Customer, at = 0): Promise<void> {
  await untilTaken(() => world.razorpay(paymentEvent('payment.failed', { order, phone, customer: id, at })));
}

/** They pay; the webhook's answer is awaited. */
export async function pay(world: World, { id, phone, order }: Customer, at = 0): Promise<void> {
  await untilTaken(() => world.razorpay(paymentEvent('payment.captured', { order, phone, customer: id, at })));
}

/** On a machine that is short of time a key may be busy for too long: as gateways do, it is sent again. */
async function untilTaken(post: () => Promise<Response>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const response = await post();
    if (response.status === 202) return;
    if (response.status !== 503 || tries === 3) throw new Error(`Webhook answered ${response.status}: ${await response.text()}`);
  }
}

/** The app reports that the customer's push was opened. */
export async function openPush(world: World, of: Customer): Promise<void> {
  const push = world.sandbox.ledger
    .entries()
    .find((entry) => entry.channel === 'push' && entry.address.endsWith(of.phone.slice(1)));
  const key = await world.key(['app']);
  const response = await fetch(`${world.url}/v1/push/opened`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ messageId: push?.messageId }),
  });
  if (response.status !== 204) throw new Error(`Open not taken: ${response.status}`);
}

/** What really reached the vendors for a customer, as channels in the order of arrival. */
export function received(world: World, { phone }: Customer): string[] {
  return world.sandbox.ledger
    .entries()
    .filter((entry) => entry.accepted && entry.address.endsWith(phone.slice(1)))
    .map((entry) => entry.channel);
}

/** Why the customer's run ended; undefined while it is live, and when there is none. */
export async function endOfRun(world: World, { phone }: Customer): Promise<string | undefined> {
  const [run] = await world.sql<{ reason: string | null }>(
    `select r.end_reason as reason from run r join person_address a on a.person_id = r.person_id and a.kind = 'phone' where a.key = $1`,
    [world.app.get(EntityKeys).keyOf('phone', phone)],
  );
  return run?.reason ?? undefined;
}

/** How each step of the customer's runs ended. */
export async function outcomes(world: World, { phone }: Customer): Promise<Record<string, string>> {
  const rows = await world.sql<{ step: string; outcome: string }>(
    `select d.step, d.kind || coalesce(':' || d.reason, '') as outcome from decision d join run r on r.id = d.run_id
     join person_address a on a.person_id = r.person_id and a.kind = 'phone' where a.key = $1 and d.step is not null order by d.at`,
    [world.app.get(EntityKeys).keyOf('phone', phone)],
  );
  return Object.fromEntries(rows.map(({ step, outcome }) => [step, outcome]));
}

/** The keyed hashes by which runs about these orders are found, for `run_key.key`. */
export function orderKeys(world: World, orders: readonly string[]): string[] {
  const hasher = world.app.get(EntityKeys);
  return orders.map((order) => hasher.keyOf('order', order));
}
