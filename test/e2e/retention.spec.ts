import { EntityKeys } from '@wapas/entity-keys';
import { hours, minutes } from '@wapas/kernel';
import { ApplyRetention } from '../../src/apply-retention';
import { gatewayLinkStore } from '../../src/payments/store/gateway-link.store';
import { apiOf, personOf } from '../support/api';
import { linksOf, open } from '../support/links';
import { customer, failPayment, introduce, treatEverybody } from '../support/stories';
import { metaSays } from '../support/vendors';
import { START, World } from '../support/world';

const DAY = hours(24);
let world: World;
beforeAll(async () => {
  world = await World.start();
  await treatEverybody(world);
});
afterAll(() => world?.stop());

async function counts(): Promise<Record<string, number>> {
  const [row] = await world.sql<Record<string, number>>(
    `select (select count(*) from event)::int as events, (select count(*) from event where sealed is not null)::int as contents,
            (select count(*) from event_mark)::int as marks, (select count(*) from quarantine)::int as quarantined,
            (select count(*) from run)::int as runs, (select count(*) from run where sealed is not null)::int as names,
            (select count(*) from message)::int as messages, (select count(*) from message where sealed is not null)::int as texts,
            (select count(*) from link)::int as links, (select count(*) from decision)::int as decisions,
            (select count(*) from attempt)::int as attempts, (select count(*) from receipt)::int as receipts,
            (select count(*) from link_count)::int as "linkCounts", (select count(*) from answer)::int as answers,
            (select count(*) from gateway_link)::int as "gatewayLinks"`,
  );
  return row as Record<string, number>;
}

test('contents go after 90 days, the log after 400; what is live or younger stays', async () => {
  const [old, young] = [customer(1), customer(2)];
  const api = await apiOf(world);
  await introduce(world, [old]);
  await failPayment(world, old);
  await world.razorpay({ entity: 'event', event: 'payment.failed', payload: {} });
  await world.settled();
  for (const at of [minutes(1), minutes(15), hours(2)]) await world.moveTo(at);
  await open(linksOf(world, old).find((url) => url.startsWith(world.url)) as string);
  const answer = {
    id: 'wamid.thanks',
    from: old.phone.slice(1),
    timestamp: '1795411900',
    type: 'text',
    text: { body: 'Thanks' },
  };
  expect(await metaSays(world, 'messages', { messages: [answer] })).toBe(200);
  const key = world.app.get(EntityKeys).keyOf('payment', 'pay_old');
  await gatewayLinkStore.add(world.database, { key, gateway: 'razorpay', matter: null, linkId: 'plink_old' });
  await gatewayLinkStore.close(world.database, [key]);
  await world.settled();
  await world.moveTo(2 * DAY);
  const before = await counts();
  expect(before).toMatchObject({ contents: 2, quarantined: 1, names: 1, messages: 3, texts: 3, links: 2 });
  expect(before).toMatchObject({ linkCounts: 1, answers: 1, gatewayLinks: 1 });
  const retention = world.app.get(ApplyRetention);
  await world.moveTo(80 * DAY);
  await introduce(world, [young]);
  await retention.pass();
  expect(await counts()).toMatchObject({ contents: 3, texts: 3, names: 1 });
  await world.moveTo(91 * DAY);
  await retention.pass();
  // What answers no message in particular is a receipt that belongs to nothing.
  const receipts = (before.receipts as number) - 1;
  expect(await counts()).toEqual({ ...before, receipts, events: 3, marks: before.marks as number + 2, contents: 1, quarantined: 0, names: 0, texts: 0, links: 0, linkCounts: 0 }); // prettier-ignore
  expect(await personOf(api, old.id)).toEqual(expect.any(String));
  await world.moveTo(401 * DAY);
  for (let passes = 0; passes < 2; passes += 1) await retention.pass();
  expect(await counts()).toMatchObject({ events: 1, runs: 0, messages: 0, attempts: 0, receipts: 0, decisions: 0 });
  expect(await counts()).toMatchObject({ answers: 0, gatewayLinks: 0 });
});

test('the same past is not looked at twice', async () => {
  const rows = await world.sql<{ through: Date }>('select through from retention_progress');
  expect(rows.every(({ through }) => through instanceof Date)).toBe(true);
  await expect(world.app.get(ApplyRetention).pass()).resolves.toEqual({ done: 0 });
});

test('words that wait for an endpoint that is off, and marks of what happened before the log begins, go as well', async () => {
  const api = await apiOf(world);
  const { body } = await api('POST', '/v1/webhooks', { url: 'https://team.example/hooks', kinds: ['answer.received'] });
  const { id } = body.endpoint as { id: string };
  const someone = customer(3);
  const answer = {
    id: 'wamid.later',
    from: someone.phone.slice(1),
    timestamp: '1795411900',
    type: 'text',
    text: { body: 'Call me' },
  };
  expect(await metaSays(world, 'messages', { messages: [answer] })).toBe(200);
  await world.settled();
  expect((await api('PATCH', `/v1/webhooks/${id}`, { state: 'off' })).status).toBe(200);
  const longAgo = new Date(world.clock.now() - 500 * DAY).toISOString();
  const told = { event: 'Order Paid', occurredAt: longAgo, person: { customerId: someone.id }, keys: { order: 'order_of_then' } };
  expect((await api('POST', '/v1/events', told)).status).toBe(202);
  await world.settled();
  const left = async () =>
    (
      await world.sql<Record<string, number>>(
        `select (select count(*) from webhook_delivery)::int as deliveries, (select count(*) from event_mark where occurred_at <= $1)::int as marks`,
        [longAgo],
      )
    )[0];
  expect(await left()).toEqual({ deliveries: 1, marks: 2 });
  await world.moveTo(401 * DAY + 91 * DAY);
  await world.app.get(ApplyRetention).pass();
  expect(await left()).toEqual({ deliveries: 0, marks: 0 });
});

test('what was told of long ago is found by an erasure as long as its content is kept', async () => {
  const api = await apiOf(world);
  const someone = customer(5);
  const occurredAt = new Date(world.clock.now() - 500 * DAY).toISOString();
  const told = {
    event: 'Order Paid',
    occurredAt,
    person: { customerId: someone.id, name: 'Asha Rao' },
    keys: { order: 'order_long_ago' },
  };
  expect((await api('POST', '/v1/events', told)).status).toBe(202);
  await world.settled();
  await world.moveTo(493 * DAY);
  await world.app.get(ApplyRetention).pass();
  const isKept = async () => (await world.sql(`select from event where name = 'Order Paid' and sealed is not null`)).length > 0;
  expect(await isKept()).toBe(true);
  expect((await api('POST', `/v1/people/${await personOf(api, someone.id)}/erasure`)).status).toBe(202);
  await world.settled();
  expect(await isKept()).toBe(false);
});

test('a rule that fails holds up none of the others', async () => {
  await introduce(world, [customer(4)]);
  await world.settled();
  await world.moveTo(900 * DAY);
  // Its rules come before and behind others in the order in which they are done.
  await world.sql('alter table refusal rename to refusal_away');
  const before = (await counts()).contents as number;
  const progress = async () =>
    new Map((await world.sql<{ rule: string; through: Date }>('select rule, through from retention_progress')).map(({ rule, through }) => [rule, through.getTime()])); // prettier-ignore
  const earlier = await progress();
  await world.app.get(ApplyRetention).pass();
  await world.sql('alter table refusal_away rename to refusal');
  expect([before, (await counts()).contents]).toEqual([1, 0]);
  const stuck = [...(await progress())].flatMap(([rule, through]) => (through === earlier.get(rule) ? [rule] : []));
  expect(stuck).toEqual(['refusals']);
});

test('a link that leads somewhere, and one of a gateway that can be paid by, stay when their time has come and go when they are over', async () => {
  const key = world.app.get(EntityKeys).keyOf('payment', 'pay_open');
  await gatewayLinkStore.add(world.database, { key, gateway: 'razorpay', matter: null, linkId: 'plink_open' });
  await world.sql(
    `insert into link (token, message_id, run_id, sealed, guard, created_at, expires_at)
     values ('longlived', gen_random_uuid(), gen_random_uuid(), '', '{}', business_now(), business_now() + interval '500 days')`,
  );
  const left = async () =>
    (
      await world.sql<Record<string, number>>(
        `select (select count(*) from link where token = 'longlived')::int as links, (select count(*) from gateway_link)::int as "gatewayLinks"`,
      )
    )[0];
  const begun = world.clock.now() - START;
  await world.moveTo(begun + 450 * DAY);
  await world.app.get(ApplyRetention).pass();
  expect(await left()).toEqual({ links: 1, gatewayLinks: 1 });
  await world.moveTo(begun + 501 * DAY);
  await gatewayLinkStore.close(world.database, [key]);
  await world.app.get(ApplyRetention).pass();
  expect(await left()).toEqual({ links: 0, gatewayLinks: 0 });
});
