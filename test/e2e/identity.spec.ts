import { EntityKeys, lockOf } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { minutes } from '@wapas/kernel';
import { apiOf, personOf } from '../support/api';
import { customer, failPayment, introduce, received, treatEverybody } from '../support/stories';
import { RecordConsents } from '../../src/profiles/record-consents';
import { metaSays } from '../support/vendors';
import { until, World } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
  await treatEverybody(world);
});
afterAll(() => world?.stop());

const post = async (event: object): Promise<void> => {
  const { status } = await api('POST', '/v1/events', event);
  expect(status).toBe(202);
  await world.settled();
};
const steps = async (id: string): Promise<string[]> => {
  const { body } = await api('GET', `/v1/people/${id}/identity`);
  return (body.entries as { what: string; kind: string }[]).map(({ what, kind }) => `${what} by ${kind}`);
};

test('a guest who logs in stays the same person, and it is on record how each identifier was learnt', async () => {
  await post({ event: 'Checkout Started', person: { phone: '+919812344001' } });
  await post({ event: 'Logged In', eventId: 'login', person: { customerId: 'guest_1', phone: '+919812344001' } });
  await post({ event: 'Profile Updated', person: { customerId: 'guest_1', email: 'guest@example.com' } });
  const id = await personOf(api, 'guest_1');
  expect((await api('GET', '/v1/people?phone=9812344001')).body.people).toMatchObject([{ id }]);
  expect(await steps(id)).toEqual(['met by phone', 'recognised by customer', 'recognised by email']);
  const { body } = await api('GET', `/v1/people/${id}/identity`);
  expect((body.entries as { eventId: string }[])[1]?.eventId).toMatch(/^[0-9a-f-]{36}$/);
});

test('a guest whose phone a known customer shows later is that customer: runs, consents and addresses are theirs', async () => {
  await world.moveTo(0);
  await post({
    event: 'Logged In',
    person: { customerId: 'known_1', pushTokens: [{ token: 'token-known-1', platform: 'android' }] },
  });
  await post({ event: 'Payment Failed', person: { phone: '+919812344011', email: 'g11@example.com' }, keys: { order: 'order_g11' }, amount: { value: 100, currency: 'INR' }, reason: { class: 'user_error' } }); // prettier-ignore
  await api('POST', '/v1/consents', { consents: [{ person: { phone: '+919812344011' }, purpose: 'marketing', channel: 'sms', state: 'granted' }] }); // prettier-ignore
  const [guest] = (await api('GET', '/v1/people?phone=9812344011')).body.people as { id: string }[];
  await post({ event: 'Logged In', eventId: 'meeting', person: { customerId: 'known_1', phone: '+919812344011' } });
  const id = await personOf(api, 'known_1');
  expect(guest?.id).not.toBe(id);
  expect((await api('GET', '/v1/people?phone=9812344011')).body.people).toMatchObject([{ id }]);
  expect(await steps(id)).toEqual(['met by customer', 'recognised by phone', 'merged by person']);
  expect(await steps(guest?.id as string)).toEqual(['met by phone', 'met by email', 'merged_into by person']);
  const { body } = await api('GET', `/v1/people/${id}/export`);
  expect(body).toMatchObject({
    runs: [{ journeyKey: 'payment_failed', endedAt: null }],
    consents: [{ purpose: 'marketing', channel: 'sms' }],
  });
  expect((body.addresses as { kind: string }[]).map(({ kind }) => kind).sort()).toEqual(['email', 'phone', 'push_token']);
  expect((await api('GET', '/v1/runs?journey=payment_failed')).body.runs).toMatchObject([{ personId: id, movedFrom: guest?.id }]);
  await world.moveTo(minutes(1));
  expect(world.sandbox.ledger.entries().filter(({ address }) => address === 'token-known-1')).toHaveLength(1);
});

test('a guest on a phone of two customers is merged with neither', async () => {
  for (const customerId of ['pair_1', 'pair_2'])
    await post({ event: 'Logged In', person: { customerId, phone: '+919812344021' } });
  await post({ event: 'Checkout Started', person: { phone: '+919812344021' } });
  await post({ event: 'Logged In', person: { customerId: 'pair_3' } });
  await post({ event: 'Logged In', person: { customerId: 'pair_3', phone: '+919812344021' } });
  expect((await api('GET', '/v1/people?phone=9812344021')).body.people).toHaveLength(4);
  expect(await world.sql('select from person_merge m join person p on p.id = m.guest_id')).toHaveLength(1);
});

test("a guest's payment that fails while they turn out to be a customer is the customer's to repair", async () => {
  await world.moveTo(0);
  await post({ event: 'Logged In', person: { customerId: 'known_4' } });
  const bus = world.app.get(Bus);
  await bus.stop();
  const failed = { event: 'Payment Failed', person: { phone: '+919812344041' }, keys: { order: 'order_g41' }, amount: { value: 100, currency: 'INR' }, reason: { class: 'user_error' } }; // prettier-ignore
  expect((await api('POST', '/v1/events', failed)).status).toBe(202);
  const client = await world.database.pool.connect();
  try {
    // Whoever reacts to the trigger waits here, when it is already known that it is the guest's.
    await client.query('begin');
    const lock = lockOf(world.app.get(EntityKeys).keyOf('order', 'order_g41'));
    await client.query('select pg_advisory_xact_lock($1)', [String(lock)]);
    bus.start();
    const waiting = async () => (await world.sql(`select from pg_locks where locktype = 'advisory' and not granted`)).length;
    await until(async () => (await waiting()) === 1, 'the reaction to the trigger');
    expect((await api('POST', '/v1/events', { event: 'Logged In', person: { customerId: 'known_4', phone: '+919812344041' } })).status).toBe(202); // prettier-ignore
    // By which lock comes first: they are one and all that there was has moved, or they wait for the trigger.
    const known = await personOf(api, 'known_4');
    const hasMoved = async () =>
      JSON.stringify((await api('GET', '/v1/people?phone=9812344041')).body.people).includes(known) &&
      (await bus.state()).every(({ handler, waiting: packets }) => packets === 0 || handler.startsWith('event.attributed/'));
    await until(async () => (await waiting()) === 2 || (await hasMoved()), 'the merge');
    await client.query('commit');
  } finally {
    client.release();
  }
  await world.settled();
  const { body } = await api('GET', `/v1/people/${await personOf(api, 'known_4')}/export`);
  expect(body.runs).toMatchObject([{ journeyKey: 'payment_failed' }]);
});

test('what a guest says after turning out to be a customer holds for the customer: by their link, and in an event that is late', async () => {
  await world.moveTo(0);
  await post({ event: 'Checkout Started', person: { phone: '+919812344031' } });
  const [guest] = (await api('GET', '/v1/people?phone=9812344031')).body.people as { id: string }[];
  const link = (await api('POST', `/v1/people/${guest?.id}/preference-link`, {})).body.url as string;
  await post({ event: 'Logged In', person: { customerId: 'known_3' } });
  await post({ event: 'Logged In', person: { customerId: 'known_3', phone: '+919812344031' } });
  const id = await personOf(api, 'known_3');
  expect(id).not.toBe(guest?.id);

  const saved = await fetch(link, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'on=service.whatsapp&do=save' }); // prettier-ignore
  expect(await saved.text()).toContain('value="service.whatsapp" checked');
  expect(await (await fetch(link)).text()).not.toContain('value="service.sms" checked');

  // It had been found out whose the event was before the two were one.
  const [late] = await world.sql<{ id: string }>(
    `select id from event where name = 'Checkout Started' order by received_at desc limit 1`,
  );
  const said = { personId: guest?.id as string, purpose: 'service', channel: 'whatsapp', state: 'withdrawn', at: world.clock.now(), source: `event_${late?.id}` } as const; // prettier-ignore
  await world.database.transaction((tx) => world.app.get(RecordConsents).append(tx, [said]));

  const { body } = await api('GET', `/v1/people/${id}/consents`);
  expect(
    (body.entries as { purpose: string; channel: string; state: string }[]).map(({ channel, state }) => `${channel} ${state}`),
  ).toEqual(['sms withdrawn', 'whatsapp withdrawn']);
});

test('a customer is shown, corrected and told of their consents by the id of the guest they once were, too', async () => {
  await post({ event: 'App Opened', person: { phone: '+919812344071' }, consents: [{ purpose: 'marketing', channel: 'sms', state: 'granted' }] }); // prettier-ignore
  const [guest] = (await api('GET', '/v1/people?phone=9812344071')).body.people as { id: string }[];
  await post({ event: 'App Opened', person: { customerId: 'merged_71' } });
  await post({ event: 'App Opened', person: { customerId: 'merged_71', phone: '+919812344071' } });
  await world.settled();
  const id = await personOf(api, 'merged_71');
  expect(id).not.toBe(guest?.id);
  expect((await api('PATCH', `/v1/people/${guest?.id}`, { language: 'ta' })).status).toBe(204);
  const { body } = await api('GET', `/v1/people/${guest?.id}/export`);
  expect(body).toMatchObject({
    person: { id, traits: { language: 'ta' } },
    addresses: [{ kind: 'phone', value: '+919812344071' }],
    consents: [{ purpose: 'marketing', channel: 'sms', state: 'granted' }],
  });
  expect((await api('GET', `/v1/people/${guest?.id}/consents`)).body.states).toMatchObject([{ purpose: 'marketing', channel: 'sms', state: 'granted' }]); // prettier-ignore
  expect((await api('GET', `/v1/people/${guest?.id}`)).body).toMatchObject({ id, traits: { language: 'ta' } });
  const [ofGuest, ofCustomer] = [await timeline(guest?.id as string), await timeline(id)];
  expect(ofGuest).toEqual(ofCustomer);
  expect(ofGuest.filter(({ what }) => what === 'event')).toHaveLength(3);
});

test('a timeline holds as many events as it promises, however many identifiers each of them carries', async () => {
  const person = { customerId: 'busy_1', phone: '+919812344091', email: 'busy@example.com' };
  const events = Array.from({ length: 150 }, (_, index) => ({ event: 'Page Viewed', eventId: `busy-${index}`, person }));
  for (const some of [events.slice(0, 75), events.slice(75)])
    expect((await api('POST', '/v1/events/batch', { events: some })).status).toBe(202);
  await world.settled();
  const told = await timeline(await personOf(api, 'busy_1'));
  expect(told.filter(({ what }) => what === 'event')).toHaveLength(150);
});

const timeline = async (id: string): Promise<{ what: string }[]> =>
  (await api('GET', `/v1/people/${id}/timeline`)).body.timeline as { what: string }[];

test('a guest who turned out to be a customer is erased with them, by the id of either, and no proof of theirs stays', async () => {
  await world.moveTo(0);
  await post({ event: 'Checkout Started', person: { phone: '+919812344051' } });
  const consent = { person: { phone: '+919812344051' }, purpose: 'marketing', channel: 'sms', state: 'granted', proof: 'form 8, signed by hand' }; // prettier-ignore
  expect((await api('POST', '/v1/consents', { consents: [consent] })).status).toBeLessThan(300);
  const [guest] = (await api('GET', '/v1/people?phone=9812344051')).body.people as { id: string }[];
  await post({ event: 'Logged In', person: { customerId: 'known_5' } });
  await post({ event: 'Logged In', person: { customerId: 'known_5', phone: '+919812344051' } });
  const id = await personOf(api, 'known_5');
  expect((await api('POST', `/v1/people/${guest?.id}/erasure`)).status).toBe(202);
  await world.settled();
  expect((await api('GET', '/v1/people?phone=9812344051')).body.people).toEqual([]);
  expect((await api('GET', `/v1/people/${id}/erasure`)).body).toMatchObject({ state: 'done' });
  expect((await api('GET', `/v1/people/${guest?.id}/erasure`)).body).toMatchObject({ state: 'done' });
  expect(
    await world.sql(`select from consent_entry where person_id = any($1::uuid[]) and proof is not null`, [[id, guest?.id]]),
  ).toEqual([]);
});

test('two customers on one phone stay two people, each with their own record', async () => {
  for (const customerId of ['twin_1', 'twin_2'])
    await post({ event: 'Logged In', person: { customerId, phone: '+919812344002' } });
  const [one, other] = [await personOf(api, 'twin_1'), await personOf(api, 'twin_2')];
  expect(one).not.toBe(other);
  expect([await steps(one), await steps(other)]).toEqual([
    ['met by customer', 'met by phone'],
    ['met by customer', 'met by phone'],
  ]);
});

test('B33 a device that changes hands belongs to the later one, and both records say so', async () => {
  const pushTokens = [{ token: 'device-1', platform: 'android' }];
  for (const customerId of ['device_1', 'device_2']) await post({ event: 'App Opened', person: { customerId, pushTokens } });
  expect(await steps(await personOf(api, 'device_1'))).toEqual(['met by customer', 'token_lost by push_token']);
  expect(await steps(await personOf(api, 'device_2'))).toEqual(['met by customer', 'token_taken by push_token']);
});

test('a device stays with whoever showed it last, in whatever order that is heard', async () => {
  const pushTokens = [{ token: 'device-late', platform: 'android' }];
  const opened = (customerId: string, ago: number) =>
    post({
      event: 'App Opened',
      occurredAt: new Date(world.clock.now() - ago).toISOString(),
      person: { customerId, pushTokens },
    });
  const holders = async () => {
    const ids = [await personOf(api, 'device_late_1'), await personOf(api, 'device_late_2')];
    const rows = await world.sql<{ id: string }>(`select person_id as id from person_address where kind = 'push_token' and person_id = any($1::uuid[])`, [ids]); // prettier-ignore
    return rows.map(({ id }) => ids.indexOf(id) + 1);
  };
  await opened('device_late_2', minutes(50));
  await opened('device_late_2', minutes(10));
  await opened('device_late_1', minutes(20));
  expect(await holders()).toEqual([2]);
  expect(await steps(await personOf(api, 'device_late_2'))).toEqual(['met by customer']);
  await opened('device_late_1', minutes(5));
  expect(await holders()).toEqual([1]);
});

test('no push goes to a device whose owner does not allow notifications; WhatsApp comes at its earliest moment', async () => {
  const one = customer(801);
  await world.moveTo(0);
  await introduce(world, [one]);
  await post({ event: 'App Opened', person: { customerId: one.id, pushTokens: [{ token: `token-${one.phone.slice(1)}`, platform: 'android', kind: 'fcm_token', permission: 'denied', app: 'in.example.shop' }] } }); // prettier-ignore
  const { body } = await api('GET', `/v1/people/${await personOf(api, one.id)}`);
  expect(body.addresses).toContainEqual(expect.objectContaining({ kind: 'push_token', tokenKind: 'fcm_token', permission: 'denied', app: 'in.example.shop', platform: 'android' })); // prettier-ignore
  await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(5));
  expect(received(world, one)).toEqual(['whatsapp']);
});

test('E65 a stop word, or a stop button, that comes back through a provider stops the number; a later start undoes exactly that', async () => {
  const one = customer(802);
  await introduce(world, [one]);
  const id = await personOf(api, one.id);
  const hear = async (text: string, id: string, payload?: string): Promise<void> => {
    const from = { from: one.phone.slice(1), id, timestamp: String(Math.floor(world.clock.now() / 1_000) + 1) };
    const said = payload === undefined ? { type: 'text', text: { body: text } } : { type: 'button', button: { payload, text } };
    expect(await metaSays(world, 'messages', { messages: [{ ...from, ...said }] })).toBe(200);
    await world.settled();
  };
  const suppressed = async () => ((await api('GET', `/v1/people/${id}/consents`)).body.suppressions as { reason: string; purpose: string | null }[]).map(({ reason, purpose }) => `${reason} ${purpose}`); // prettier-ignore
  await hear('Thanks!', 'wamid.0');
  expect(await suppressed()).toEqual([]);
  await hear('रोकें', 'wamid.2');
  await hear('रोकें', 'wamid.2');
  expect(await suppressed()).toEqual(['stop_word null']);
  await hear('start', 'wamid.3');
  expect(await suppressed()).toEqual([]);
  await hear('Not interested', 'wamid.4', 'stop:att_1');
  expect(await suppressed()).toEqual(['stop_word null']);
});

test('who is known to WhatsApp by a name only is recognised by it, and their STOP counts', async () => {
  await post({ event: 'App Opened', person: { customerId: 'named_1', whatsappId: 'IN.abc123' } });
  const id = await personOf(api, 'named_1');
  await post({ event: 'Chat Opened', person: { whatsappId: 'IN.abc123', phone: '+919812344099' } });
  expect((await api('GET', '/v1/people?phone=9812344099')).body.people).toMatchObject([{ id }]);
  const heard = await api('POST', '/v1/inbound-messages', {
    channel: 'whatsapp',
    whatsappId: 'IN.abc123',
    text: 'stop',
    id: 'named-stop',
  });
  expect(heard.body).toEqual({ outcome: 'stopped' });
  expect((await api('GET', `/v1/people/${id}/consents`)).body.suppressions).toMatchObject([
    { on: 'whatsapp_id', reason: 'stop_word' },
  ]);
  expect((await api('POST', '/v1/inbound-messages', { channel: 'whatsapp', text: 'stop', id: 'nobody' })).status).toBe(422);
});

test('a marketing preference kept by the vendor forbids marketing there and nothing else, once, until it is taken back', async () => {
  const one = customer(803);
  await introduce(world, [one]);
  const id = await personOf(api, one.id);
  const tell = async (value: 'stop' | 'resume', seconds: number): Promise<void> => {
    const timestamp = Math.floor(world.clock.now() / 1_000) + seconds;
    const preference = { wa_id: one.phone.slice(1), category: 'marketing_messages', value, timestamp };
    expect(await metaSays(world, 'user_preferences', { user_preferences: [preference] })).toBe(200);
    await world.settled();
  };
  const suppressions = async () => (await api('GET', `/v1/people/${id}/consents`)).body.suppressions as unknown[];
  await tell('stop', 1);
  await tell('stop', 1);
  expect(await suppressions()).toMatchObject([{ channel: 'whatsapp', purpose: 'marketing', reason: 'vendor_preference' }]);
  await tell('resume', 2);
  await tell('stop', 1);
  expect(await suppressions()).toEqual([]);
});
