import { EntityKeys } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { minutes, toIso } from '@wapas/kernel';
import { DeriveEvents } from '../../src/ingestion/derived/derive-events';
import { derivedStore } from '../../src/ingestion/derived/store/derived.store';
import { DerivedDefinitions } from '../../src/ingestion/derived/derived-definitions';
import { answerOf, expectRefusal } from '../support/refusals';
import { START, until, World } from '../support/world';

let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['ingest', 'admin']);
});
afterAll(() => world?.stop());
beforeEach(() => world.moveTo(0));

const iso = (at: number): string => toIso((START + at) as typeof START);
const MINUTE = minutes(1);
let number = 0;
const freshCart = (): string => `cart_${(number += 1)}`;

const call = (method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${world.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

/** Something happens on a cart at so many minutes after the start, and is told at once or later. */
async function tell(event: string, cart: string, minute: number, more: object = {}): Promise<void> {
  const body = { event, occurredAt: iso(minute * MINUTE), person: { customerId: `of_${cart}` }, keys: { cart }, ...more };
  const response = await call('POST', 'events', body);
  if (response.status !== 202) throw new Error(`Not taken: ${await response.text()}`);
  await world.settled();
}
const moveTo = (minute: number): Promise<void> => world.moveTo(minute * MINUTE);

/** At which minutes the cart was said to be abandoned. */
async function abandoned(cart: string, event = 'Cart Abandoned'): Promise<number[]> {
  return (await eventsAbout(cart, event)).map(({ occurredAt }) => (occurredAt - START) / MINUTE);
}
const eventsAbout = async (cart: string, event = 'Cart Abandoned') =>
  (await world.events('name = $1', [event])).filter(({ content }) => content.keys?.cart === cart);

it('a cart left alone for 30 minutes is abandoned at that minute, not a millisecond before', async () => {
  const cart = freshCart();
  await tell('Cart Updated', cart, 0, { amount: { value: 149_900, currency: 'INR' }, properties: { items: 2 } });
  await world.moveTo(30 * MINUTE - 1);
  expect(await abandoned(cart)).toEqual([]);
  await moveTo(30);
  expect(await abandoned(cart)).toEqual([30]);
  const [{ content, source } = {}] = await eventsAbout(cart);
  expect({ source, content }).toEqual({
    source: 'derived',
    content: {
      person: { customerId: `of_${cart}` },
      keys: { cart },
      amount: { amount: 149_900, currency: 'INR' },
      properties: { items: 2, derived_by: 'cart_abandoned', last_event: 'Cart Updated', last_activity_at: iso(0) },
    },
  });
});

it('activity moves the moment; the last one before the silence counts', async () => {
  const cart = freshCart();
  await tell('Cart Created', cart, 0);
  await moveTo(20);
  await tell('Cart Updated', cart, 20);
  await moveTo(29);
  await tell('Cart Updated', cart, 29);
  await moveTo(58);
  expect(await abandoned(cart)).toEqual([]);
  await moveTo(59);
  expect(await abandoned(cart)).toEqual([59]);
});

it('a cart whose last event cannot be opened keeps no other one waiting, and is abandoned once it can', async () => {
  const [lost, other] = [freshCart(), freshCart()];
  await tell('Cart Updated', lost, 0);
  await tell('Cart Updated', other, 0);
  // Done twice it is undone.
  const damage = () =>
    world.sql(
      `update event set sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1) where id in (select event_id from event_mark where key = $1)`,
      [world.app.get(EntityKeys).keyOf('cart', lost)],
    );
  await damage();
  await moveTo(30);
  await until(async () => (await abandoned(other)).length > 0, 'the other cart');
  await damage();
  expect(await abandoned(lost)).toEqual([]);
  await moveTo(32);
  expect([await abandoned(lost), await abandoned(other)]).toEqual([[30], [30]]);
});

it.each(['Order Paid', 'Checkout Started'])('%s on the same cart ends the matter', async (ending) => {
  const cart = freshCart();
  await tell('Cart Updated', cart, 0);
  await moveTo(29);
  await tell(ending, cart, 29);
  await moveTo(120);
  expect(await abandoned(cart)).toEqual([]);
});

it('an ending on another cart ends nothing', async () => {
  const [cart, other] = [freshCart(), freshCart()];
  await tell('Cart Updated', cart, 0);
  await tell('Order Paid', other, 0);
  await moveTo(30);
  expect(await abandoned(cart)).toEqual([30]);
});

it('who comes back after it can leave a second time', async () => {
  const cart = freshCart();
  await tell('Cart Updated', cart, 0);
  await moveTo(30);
  await moveTo(45);
  await tell('Cart Updated', cart, 45);
  await moveTo(75);
  expect(await abandoned(cart)).toEqual([30, 75]);
});

describe('what arrives late counts by when it happened', () => {
  it('an ending that came before its activity', async () => {
    const cart = freshCart();
    await moveTo(5);
    await tell('Order Paid', cart, 4);
    await tell('Cart Updated', cart, 2);
    await moveTo(90);
    expect(await abandoned(cart)).toEqual([]);
  });

  it('an ending from before the activity ends nothing', async () => {
    const cart = freshCart();
    await moveTo(5);
    await tell('Cart Updated', cart, 4);
    await tell('Order Paid', cart, 2);
    await moveTo(34);
    expect(await abandoned(cart)).toEqual([34]);
  });

  it('older activity does not bring the moment forward', async () => {
    const cart = freshCart();
    await moveTo(10);
    await tell('Cart Updated', cart, 10);
    await tell('Cart Updated', cart, 1);
    await moveTo(39);
    expect(await abandoned(cart)).toEqual([]);
    await moveTo(40);
    expect(await abandoned(cart)).toEqual([40]);
  });

  it('activity whose silence is over already is abandoned at once, at its own time', async () => {
    const cart = freshCart();
    await moveTo(100);
    await tell('Cart Updated', cart, 10);
    expect(await abandoned(cart)).toEqual([40]);
  });

  it('old activity told after the cart was abandoned changes nothing', async () => {
    const cart = freshCart();
    await tell('Cart Updated', cart, 0);
    await moveTo(31);
    await tell('Cart Updated', cart, -5);
    await moveTo(120);
    expect(await abandoned(cart)).toEqual([30]);
  });

  it('an import of last week abandons nothing', async () => {
    const cart = freshCart();
    await tell('Cart Updated', cart, -7 * 24 * 60);
    await moveTo(120);
    expect(await abandoned(cart)).toEqual([]);
  });
});

describe('a journey that a silence starts', () => {
  /** Written to ten minutes after the cart was said to be abandoned. An order of the same customer with the same items counts as well. */
  const broughtBack = {
    format: 'wapas.journey/1',
    key: 'brought_back',
    name: 'Brought back',
    trigger: { event: 'Cart Abandoned', where: [{ field: 'properties.journey', is: true }], maxAge: '2h' },
    correlateBy: ['cart'],
    goal: {
      events: ['Order Paid', 'Order Placed COD'],
      by: ['cart'],
      or: [{ events: ['Order Paid'], by: ['customer'], where: [{ field: 'properties.itemIds', sameAs: 'properties.itemIds' }] }],
    },
    exits: [{ event: 'Cart Updated', reason: 'came_back', by: ['cart'] }],
    window: '24h',
    holdoutPercent: 0,
    maxMessages: 1,
    steps: [
      {
        key: 'push',
        after: '10m',
        maxDelay: '4h',
        channel: 'push',
        purpose: 'marketing',
        messages: [{ template: { title: 'Still in your bag', body: 'It is saved.', deepLink: 'shop://cart' } }],
      },
    ],
  };
  /** A cart with items in it that is left at minute 0. */
  async function leave(): Promise<string> {
    const cart = freshCart();
    const person = { customerId: `of_${cart}`, pushTokens: [{ token: `token-of-${cart}`, platform: 'android' }] };
    const consents = [{ purpose: 'marketing', channel: 'push', state: 'granted' }];
    await tell('Cart Updated', cart, 0, { person, consents, properties: { journey: true, itemIds: [`item_${cart}`] } });
    return cart;
  }
  const endOf = async (cart: string): Promise<string | undefined> =>
    (
      await world.sql<{ reason: string }>(
        `select coalesce(r.end_reason, 'live') as reason from run r join run_key k on k.run_id = r.id where k.key = $1`,
        [world.app.get(EntityKeys).keyOf('cart', cart)],
      )
    )[0]?.reason;
  const sentTo = async (cart: string): Promise<number> =>
    (await world.sql(`select from message m join run r on r.id = m.run_id join run_key k on k.run_id = r.id where k.key = $1 and m.state = 'sent'`, [world.app.get(EntityKeys).keyOf('cart', cart)])).length; // prettier-ignore
  beforeAll(() => world.publish(broughtBack));

  it('writes to who was silent, and ends when they pay', async () => {
    const cart = await leave();
    await moveTo(30);
    expect(await endOf(cart)).toBe('live');
    await moveTo(41);
    expect(await sentTo(cart)).toBe(1);
    await tell('Order Paid', cart, 41);
    expect(await endOf(cart)).toBe('goal_reached');
  });

  it('is not started by a silence in which a payment is heard of in time', async () => {
    const cart = await leave();
    await moveTo(20);
    await tell('Order Paid', cart, 12);
    await moveTo(60);
    expect([await abandoned(cart), await endOf(cart)]).toEqual([[], undefined]);
  });

  it('ends without a message when the payment of that silence is heard of after it', async () => {
    const cart = await leave();
    await moveTo(30);
    expect(await endOf(cart)).toBe('live');
    await tell('Order Paid', cart, 12);
    expect(await endOf(cart)).toBe('goal_reached');
    await moveTo(120);
    expect(await sentTo(cart)).toBe(0);
  });

  it('is not started by what another key of the customer shows to be paid within the silence, in whatever order it is heard', async () => {
    const [inTime, late] = [await leave(), await leave()];
    const order = (cart: string) => ({ keys: {}, properties: { itemIds: [`item_${cart}`] } });
    await moveTo(13);
    await tell('Order Paid', inTime, 12, order(inTime));
    await moveTo(30);
    await tell('Order Paid', late, 12, order(late));
    await moveTo(120);
    expect([await endOf(inTime), await endOf(late)]).toEqual([undefined, 'goal_reached']);
    expect([await sentTo(inTime), await sentTo(late)]).toEqual([0, 0]);
  });

  it('is not started by a payment that is heard of between the silence and its journey', async () => {
    const cart = await leave();
    await world.app.get(Bus).stop();
    await world.clock.startAt((START + 30 * MINUTE) as typeof START, 0);
    await until(async () => (await abandoned(cart)).length > 0, 'the silence to be over');
    await call('POST', 'events', { event: 'Order Placed COD', occurredAt: iso(29 * MINUTE), keys: { cart } });
    world.app.get(Bus).start();
    await world.settled();
    expect(await endOf(cart)).toBeUndefined();
  });

  it('is not stopped by a payment from before the last activity, nor by that activity itself', async () => {
    const cart = await leave();
    await moveTo(30);
    await tell('Order Paid', cart, -1);
    await moveTo(41);
    expect([await endOf(cart), await sentTo(cart)]).toEqual(['live', 1]);
  });
});

it('an ending that has its 2xx counts, even where the bus stands still', async () => {
  const cart = freshCart();
  await tell('Cart Updated', cart, 0);
  await world.pause();
  await call('POST', 'events', { event: 'Order Paid', occurredAt: iso(MINUTE), keys: { cart } });
  await world.clock.startAt((START + 60 * MINUTE) as typeof START, 0);
  world.resume();
  await world.settled();
  expect(await abandoned(cart)).toEqual([]);
});

it('a wait outlives the process, and two containers derive once', async () => {
  const carts = Array.from({ length: 300 }, freshCart);
  const events = carts.map((cart) => ({ event: 'Cart Updated', occurredAt: iso(0), keys: { cart } }));
  expect((await call('POST', 'events/batch', { events })).status).toBe(202);
  await world.settled();
  await world.pause();
  const another = await world.startAnother();
  expect((await fetch(`${another}/health/live`)).status).toBe(200);
  world.resume();
  await moveTo(30);
  const derived = (await world.events(`name = 'Cart Abandoned'`)).map(({ content }) => content.keys?.cart ?? '');
  expect(derived.filter((cart) => carts.includes(cart)).sort()).toEqual([...carts].sort());
  await world.stopOthers();
});

it('nothing follows from activity whose content was erased', async () => {
  const cart = freshCart();
  await tell('Cart Updated', cart, 0);
  const [last] = await eventsAbout(cart, 'Cart Updated');
  await world.sql(`update event set content = '{}', sealed = null where id = $1`, [last?.id]);
  const before = await world.events(`name = 'Cart Abandoned'`);
  await moveTo(30);
  expect(await world.events(`name = 'Cart Abandoned'`)).toHaveLength(before.length);
  expect(await world.sql(`select from derived_wait where due_at <= business_now()`)).toEqual([]);
});

it('a test key abandons carts of its own', async () => {
  const cart = freshCart();
  const headers = { authorization: `Bearer ${await world.key(['ingest'], true)}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ event: 'Cart Updated', occurredAt: iso(0), keys: { cart } });
  expect((await fetch(`${world.url}/v1/events`, { method: 'POST', headers, body })).status).toBe(202);
  await world.settled();
  await tell('Order Paid', cart, 1);
  await moveTo(30);
  expect((await eventsAbout(cart)).map(({ source, test }) => ({ source, test }))).toEqual([
    { source: 'derived-test', test: true },
  ]);
});

describe('a definition over the API', () => {
  const quiet = { format: 'wapas.derived/1', key: 'quiet_cart', event: 'Cart Quiet', after: ['Cart Opened'], unless: ['Cart Shut'], idle: '10m', by: 'cart' }; // prettier-ignore
  const publish = (definition: object) => call('PUT', 'derived-events/quiet_cart', definition);

  it('is in force with the answer, changes for what happens later, and is retired', async () => {
    const [first, second, third, fourth] = [freshCart(), freshCart(), freshCart(), freshCart()];
    expect(await (await publish(quiet)).json()).toEqual({ version: 1, isNew: true });
    expect(await (await publish(quiet)).json()).toEqual({ version: 1, isNew: false });
    await tell('Cart Opened', first, 0);
    await tell('Cart Opened', second, 0);
    await moveTo(5);
    expect(await (await publish({ ...quiet, idle: '2m' })).json()).toEqual({ version: 2, isNew: true });
    await tell('Cart Opened', second, 5);
    await tell('Cart Opened', third, 5);
    await moveTo(7);
    expect([await abandoned(first, 'Cart Quiet'), await abandoned(second, 'Cart Quiet'), await abandoned(third, 'Cart Quiet')]).toEqual([[], [7], [7]]); // prettier-ignore
    await moveTo(10);
    expect([await abandoned(first, 'Cart Quiet'), await abandoned(second, 'Cart Quiet')]).toEqual([[10], [7]]);
    await tell('Cart Opened', fourth, 10);
    const listed = (await (await call('GET', 'derived-events')).json()) as { derivedEvents: { key: string; waiting: number }[] };
    expect(listed.derivedEvents.find((one) => one.key === 'quiet_cart')).toMatchObject({ version: 2, idle: '2m', waiting: 1 });
    expect((await call('DELETE', 'derived-events/quiet_cart')).status).toBe(204);
    expect((await call('DELETE', 'derived-events/quiet_cart')).status).toBe(404);
    await moveTo(60);
    expect(await abandoned(fourth, 'Cart Quiet')).toEqual([]);
    const [left] = await world.sql<{ count: number }>(
      `select count(*)::int as count from derived_wait where due_at < business_now()`,
    );
    expect(left).toEqual({ count: 0 });
  });

  it('that was retired stays so after a start, until it is published again', async () => {
    expect((await call('DELETE', 'derived-events/kyc_incomplete')).status).toBe(204);
    await world.app.get(DerivedDefinitions).start();
    const keys = async () =>
      ((await (await call('GET', 'derived-events')).json()) as { derivedEvents: { key: string }[] }).derivedEvents.map(
        (one) => one.key,
      );
    expect(await keys()).not.toContain('kyc_incomplete');
    const again = { format: 'wapas.derived/1', key: 'kyc_incomplete', event: 'KYC Incomplete', after: ['KYC Started'], idle: '30m', by: 'kyc_application' }; // prettier-ignore
    expect((await call('PUT', 'derived-events/kyc_incomplete', again)).status).toBe(200);
    expect(await keys()).toContain('kyc_incomplete');
  });

  it.each<[string, object, string]>([
    ['with a fault', { ...quiet, idle: '1s' }, 'idle_out_of_range'],
    ['under another address', { ...quiet, key: 'loud_cart' }, 'key_mismatch'],
    ['with a field of its own', { ...quiet, tenantId: 'mine' }, 'unknown_field'],
  ])('%s is refused', async (_title, definition, code) => {
    await expectRefusal(world, async () => answerOf(await publish(definition)), { status: 422, code });
  });
});

it('activity that is told while a wait is being settled is not forgotten with it', async () => {
  const cart = freshCart();
  await tell('Cart Updated', cart, 0);
  await world.app.get(DeriveEvents).stop();
  await world.clock.startAt((START + 31 * MINUTE) as typeof START, 0);
  await world.database.transaction(async (tx) => {
    const due = await derivedStore.claimDue(tx, 500);
    expect(due).toHaveLength(1);
    await call('POST', 'events', { event: 'Cart Updated', occurredAt: iso(31 * MINUTE), keys: { cart } });
    await world.app.get(Bus).settled();
    await derivedStore.remove(tx, due);
  });
  world.app.get(DeriveEvents).start();
  await moveTo(61);
  expect(await abandoned(cart)).toEqual([61]);
});

it('20 closed and 30 open carts under crossing activity: each open one is abandoned once, no closed one ever', async () => {
  await world.run(0);
  await call('PUT', 'derived-events/rush', { format: 'wapas.derived/1', key: 'rush', event: 'Rush Over', after: ['Rush'], unless: ['Rush End'], idle: '1m', by: 'cart' }); // prettier-ignore
  const carts = Array.from({ length: 50 }, freshCart);
  await Promise.all(
    carts.map(async (cart, index) => {
      for (let round = 0; round < 5; round += 1) await call('POST', 'events', { event: 'Rush', keys: { cart } });
      if (index < 20) await call('POST', 'events', { event: 'Rush End', keys: { cart } });
    }),
  );
  await world.moveTo(5 * MINUTE);
  await until(
    async () => (await world.sql(`select from derived_wait where due_at <= business_now()`)).length === 0,
    'all waits to be settled',
  );
  const over = (await world.events(`name = 'Rush Over'`)).map(({ content }) => content.keys?.cart ?? '');
  expect(over.sort()).toEqual(carts.slice(20).sort());
});
