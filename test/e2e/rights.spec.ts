import { hours, type Instant, minutes } from '@wapas/kernel';
import { EntityKeys } from '@wapas/entity-keys';
import { apiOf, personOf } from '../support/api';
import { linksOf, open } from '../support/links';
import { customer, failPayment, introduce, received, treatEverybody } from '../support/stories';
import { KeepStatedConsents } from '../../src/profiles/keep-stated-consents';
import { ReactToEvents } from '../../src/journeys/react-to-events';
import { START, until, World } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
  await treatEverybody(world);
});
afterAll(() => world?.stop());

/** Rows of all tables that hold any of these texts, sealed ones aside. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const tables = await world.sql<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`); // prettier-ignore
  const hits: string[] = [];
  for (const { name } of tables) {
    const [row] = await world.sql<{ count: number }>(`select count(*)::int as count from "${name}" t where t::text ilike any($1)`, [texts.map((text) => `%${text}%`)]); // prettier-ignore
    if ((row?.count ?? 0) > 0) hits.push(name);
  }
  return hits;
}

test('an export shows a person everything that is held of them', async () => {
  const one = customer(901);
  await introduce(world, [one]);
  await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(1));
  await api('POST', '/v1/consents', { consents: [{ person: { customerId: one.id }, purpose: 'marketing', channel: 'sms', state: 'granted', proof: 'form 8' }] }); // prettier-ignore
  const id = await personOf(api, one.id);
  const { body } = await api('GET', `/v1/people/${id}/export`);
  expect(body).toMatchObject({
    person: { id },
    addresses: expect.arrayContaining([expect.objectContaining({ kind: 'phone', value: one.phone })]) as unknown[],
    consents: [{ purpose: 'marketing', channel: 'sms', state: 'granted', proof: 'form 8' }],
    runs: [{ journeyKey: 'payment_failed' }],
    messages: [{ channel: 'push', state: 'sent' }],
  });
  expect((body.events as { name: string }[]).map(({ name }) => name).sort()).toEqual(['App Opened', 'Payment Failed']);
});

test('an export leaves out nothing of a person, however much there is of them', async () => {
  const one = customer(950);
  await introduce(world, [one]);
  await world.settled();
  const id = await personOf(api, one.id);
  const [many, journeys] = [10_300, 2_100];
  await world.sql(
    `with fresh as (
       insert into event (id, source, source_event_id, content_hash, name, occurred_at, received_at, test)
       select gen_random_uuid(), 'shop', 'much-' || n, '', 'Page Viewed', business_now(), business_now(), false from generate_series(1, $1::int) n returning id, occurred_at)
     insert into event_mark (key, event_name, occurred_at, event_id) select $2::uuid, 'Page Viewed', occurred_at, id from fresh`,
    [many, world.app.get(EntityKeys).keyOf('customer', one.id)],
  );
  await world.sql(
    `insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, signals, stops, memory, entered_at, ended_at)
     select gen_random_uuid(), 'payment_failed', 1, $1::uuid, gen_random_uuid(), gen_random_uuid(), 'treated', false, 1, business_now(), business_now(), 0, '{}', '{}', '{}', business_now(), business_now()
     from generate_series(1, $2::int)`,
    [id, journeys],
  );
  const { body } = await api('GET', `/v1/people/${id}/export`);
  const [events, runs] = [body.events, body.runs] as { id: string }[][];
  const distinct = (rows: { id: string }[] = []): number => new Set(rows.map((row) => row.id)).size;
  expect([distinct(events), distinct(runs), body.unreadable]).toEqual([many + 1, journeys, []]);
});

test('a corrected phone is the only one from then on', async () => {
  const one = customer(902);
  await introduce(world, [one]);
  const id = await personOf(api, one.id);
  expect((await api('PATCH', `/v1/people/${id}`, { phone: '9812399999', language: 'hi', timeZone: 'Asia/Kolkata', dnd: 'on', minor: true })).status).toBe(204); // prettier-ignore
  expect((await api('PATCH', `/v1/people/${id}`, { language: 'ta' })).status).toBe(204);
  expect((await api('GET', `/v1/people/${id}/export`)).body).toMatchObject({
    person: { traits: { language: 'ta', timeZone: 'Asia/Kolkata', dnd: 'on', minor: true } },
    addresses: expect.arrayContaining([expect.objectContaining({ value: '+919812399999' })]) as unknown[],
  });
  expect((await api('GET', `/v1/people?phone=${encodeURIComponent(one.phone)}`)).body.people).toEqual([]);
  expect((await api('GET', '/v1/people?phone=9812399999')).body.people).toMatchObject([{ id }]);
});

test.each([
  [{ phone: '12' }, 422],
  [{ timeZone: 'Mars/Olympus' }, 422],
  [{ dnd: 'maybe' }, 422],
  [{ id: 'x' }, 422],
])('a correction of %j is refused', async (body, status) => {
  const id = await personOf(api, customer(902).id);
  expect((await api('PATCH', `/v1/people/${id}`, body)).status).toBe(status);
});

test('I109 erasing a person ends their runs, reaches every table, and leaves the send log under a pseudonym', async () => {
  const one = customer(903);
  await introduce(world, [one]);
  await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(2));
  expect(received(world, one)).toEqual(['push']);
  const id = await personOf(api, one.id);
  expect((await api('GET', `/v1/people/${id}`)).body.erasedAt).toBeNull();
  expect((await api('POST', `/v1/people/${id}/erasure`)).status).toBe(202);
  await until(async () => (await api('GET', `/v1/people/${id}/erasure`)).body.state === 'done', 'the erasure to be done');
  const when = expect.stringMatching(/^\d{4}-/) as string;
  expect((await api('GET', `/v1/people/${id}`)).body.erasedAt).toEqual(when);
  expect((await api('GET', `/v1/people/${id}/export`)).body.person).toMatchObject({ name: null, erasedAt: when });
  await world.moveTo(hours(3));
  expect(received(world, one)).toEqual(['push']);
  expect(await tablesWith([one.phone.slice(3), one.id, `token-${one.phone.slice(1)}`])).toEqual([]);
  expect(await world.sql('select end_reason as why from run where person_id = $1', [id])).toEqual([{ why: 'erased' }]);
  expect(await world.sql('select m.state from message m join run r on r.id = m.run_id where r.person_id = $1', [id])).toEqual([{ state: 'sent' }]); // prettier-ignore
  expect((await api('GET', `/v1/people?customerId=${one.id}`)).body.people).toEqual([]);
  expect((await api('POST', `/v1/people/${id}/erasure`)).body.state).toBe('done');
});

test('the links of an erased person lead nowhere from then on, in containers too that remember where they led', async () => {
  const one = customer(931);
  await introduce(world, [one]);
  await failPayment(world, one, world.clock.now() - START);
  await world.settled();
  for (const after of [minutes(1), minutes(14)]) {
    await world.clock.startAt((world.clock.now() + after) as Instant, 0);
    await world.settled();
  }
  const link = linksOf(world, one).find((url) => url.startsWith(world.url));
  const other = await world.startAnother();
  const everywhere = [link as string, (link as string).replace(world.url, other)];
  const seen = () => Promise.all(everywhere.map(async (url) => (await open(url)).status));
  expect(await seen()).toEqual([302, 302]);
  expect((await api('POST', `/v1/people/${await personOf(api, one.id)}/erasure`)).status).toBe(202);
  await world.settled();
  expect(await seen()).toEqual([410, 410]);
  await world.stopOthers();
});

test('a later event of an erased person makes nobody and keeps nothing, until they give a new consent', async () => {
  const one = customer(904);
  await introduce(world, [one]);
  const id = await personOf(api, one.id);
  await api('POST', `/v1/people/${id}/erasure`);
  await world.moveTo(hours(4));
  await failPayment(world, one, hours(4));
  await world.moveTo(hours(5));
  expect(await personOf(api, one.id)).toBeUndefined();
  expect(received(world, one)).toEqual([]);
  const before = { purpose: 'marketing', channel: 'sms', state: 'granted', at: '2026-11-01T10:00:00+05:30' };
  const told = { event: 'Profile Updated', person: { customerId: one.id, language: 'hi' }, consents: [before] };
  expect((await api('POST', '/v1/events', told)).status).toBe(202);
  await world.settled();
  expect(await personOf(api, one.id)).toBeUndefined();
  expect(await world.sql('select from person_trait where person_id = $1', [id])).toEqual([]);
  expect(await tablesWith([one.phone.slice(3)])).toEqual([]);
  await api('POST', '/v1/consents', { consents: [{ person: { customerId: one.id, phone: one.phone }, purpose: 'service', channel: 'all', state: 'granted' }] }); // prettier-ignore
  const back = await personOf(api, one.id);
  expect(back).toEqual(expect.any(String));
  expect(back).not.toBe(id);
});

test('whatever was found out of somebody before they were erased starts no run and keeps no consent afterwards', async () => {
  const one = customer(905);
  await introduce(world, [one]);
  const id = await personOf(api, one.id);
  await world.pause();
  const eventId = (await api('POST', '/v1/events', { event: 'Payment Failed', eventId: 'late-905', person: { customerId: one.id, phone: one.phone }, keys: { order: 'order_905' }, consents: [{ purpose: 'marketing', channel: 'sms', state: 'granted', proof: 'form 9' }] })).body.eventId as string; // prettier-ignore
  await api('POST', `/v1/people/${id}/erasure`);
  const attributed = { id: eventId, name: 'Payment Failed', personId: id };
  await world.database.transaction(async (tx) => {
    await world.app.get(ReactToEvents).handle(tx, [attributed]);
    await world.app.get(KeepStatedConsents).handle(tx, [{ eventId, personId: id }]);
  });
  expect(await world.sql('select 1 as run from run where person_id = $1', [id])).toEqual([]);
  expect(await world.sql('select 1 as consent from consent_entry where person_id = $1', [id])).toEqual([]);
  world.resume();
  await world.settled();
});

test('what cannot be opened is said to be so, and keeps neither the page, the export nor the erasure waiting', async () => {
  const one = customer(909);
  await introduce(world, [one]);
  await failPayment(world, one);
  await world.settled();
  await api('POST', '/v1/consents', { consents: [{ person: { customerId: one.id }, purpose: 'marketing', channel: 'sms', state: 'granted', proof: 'form 8' }] }); // prettier-ignore
  const id = await personOf(api, one.id);
  const { url } = (await api('POST', `/v1/people/${id}/preference-link`, {})).body as { url: string };
  await api('PATCH', `/v1/people/${id}`, { name: 'Asha Rao' });
  const damaged = (column: string): string => `${column} = set_byte(${column}, length(${column}) - 1, get_byte(${column}, length(${column}) - 1) # 1)`; // prettier-ignore
  await world.sql(`update person set ${damaged('sealed_name')} where id = $1`, [id]);
  await world.sql(`update person_address set ${damaged('sealed')} where person_id = $1 and kind = 'phone'`, [id]);
  await world.sql(`update consent_entry set ${damaged('proof')} where person_id = $1`, [id]);
  await world.sql(`update event set ${damaged('sealed')} where name = 'Payment Failed' and id in (select trigger_id::uuid from run where person_id = $1)`, [id]); // prettier-ignore
  await world.sql(`update run set ${damaged('sealed')} where person_id = $1`, [id]);

  expect((await fetch(url)).status).toBe(200);
  expect((await api('POST', `/v1/people/${id}/preference-link`, {})).status).toBe(201);
  expect((await api('GET', `/v1/people/${id}`)).body.addresses).toContainEqual(expect.objectContaining({ kind: 'phone', ending: null })); // prettier-ignore
  expect((await api('GET', `/v1/people/${id}/consents`)).body.entries).toMatchObject([{ hasProof: true }]);
  const exported = await api('GET', `/v1/people/${id}/export`);
  expect(exported.body).toMatchObject({
    person: { id, name: null },
    addresses: expect.arrayContaining([expect.objectContaining({ kind: 'phone', value: null })]) as unknown[],
    consents: [{ purpose: 'marketing', proof: null }],
    events: expect.arrayContaining([expect.objectContaining({ name: 'Payment Failed', content: null })]) as unknown[],
    unreadable: ['person.name', 'addresses[1].value', 'consents[0].proof', 'events[1].content'],
  });
  expect((await api('POST', `/v1/people/${id}/erasure`)).status).toBe(202);
  await until(async () => (await api('GET', `/v1/people/${id}/erasure`)).body.state === 'done', 'the erasure to be done', 5_000);
  expect(await world.sql(`select 1 from event where sealed is not null and id in (select trigger_id::uuid from run where person_id = $1)`, [id])).toEqual([]); // prettier-ignore
});

test('of two customers on one phone neither finds what names the other in their export or timeline', async () => {
  const [one, other] = [customer(912), customer(913)];
  await introduce(world, [one]);
  const events = [
    {
      event: 'Page Viewed',
      eventId: 'of-the-second',
      person: { customerId: other.id, phone: one.phone, email: 'ravi@example.com' },
    },
    { event: 'Page Viewed', eventId: 'of-their-phone', person: { phone: one.phone } },
  ];
  for (const event of events) expect((await api('POST', '/v1/events', event)).status).toBe(202);
  await world.settled();
  const told = async ({ id: customerId }: { id: string }) => {
    const id = await personOf(api, customerId);
    return JSON.stringify([
      (await api('GET', `/v1/people/${id}/export`)).body,
      (await api('GET', `/v1/people/${id}/timeline`)).body,
    ]);
  };
  const ids = await world.sql<{ id: string; name: string }>(`select id, source_event_id as name from event where source_event_id like 'of-the%'`); // prettier-ignore
  const eventOf = (name: string) => ids.find((row) => row.name === name)?.id as string;
  const [ofOne, ofOther] = [await told(one), await told(other)];
  for (const theirs of [other.id, 'ravi@example.com', eventOf('of-the-second')]) expect(ofOne).not.toContain(theirs);
  expect(ofOther).not.toContain(one.id);
  expect(ofOther).toContain(eventOf('of-the-second'));
  for (const both of [ofOne, ofOther]) expect(both).toContain(eventOf('of-their-phone'));
});

test("what somebody did on the same phone who was erased since stands in nobody else's export or timeline", async () => {
  const [one, other] = [customer(914), customer(915)];
  await introduce(world, [one]);
  const shared = { event: 'Page Viewed', person: { customerId: other.id, phone: one.phone } };
  for (const eventId of ['before-the-erasure', 'after-the-erasure']) {
    expect((await api('POST', '/v1/events', { ...shared, eventId })).status).toBe(202);
    await world.settled();
    if (eventId.startsWith('after')) break;
    const erased = await personOf(api, other.id);
    await api('POST', `/v1/people/${erased}/erasure`);
    await until(async () => (await api('GET', `/v1/people/${erased}/erasure`)).body.state === 'done', 'the erasure', 5_000);
  }
  const id = await personOf(api, one.id);
  const told = JSON.stringify([
    (await api('GET', `/v1/people/${id}/export`)).body,
    (await api('GET', `/v1/people/${id}/timeline`)).body,
  ]);
  const rows = await world.sql<{ id: string }>(`select id from event where source_event_id like '%-the-erasure'`);
  expect(rows).toHaveLength(2);
  for (const event of rows) expect(told).not.toContain(event.id);
});

test("what cannot be opened and is another customer's on the same phone stays when one of them is erased", async () => {
  const [one, other] = [customer(910), customer(911)];
  const event = { event: 'Page Viewed', eventId: 'of-the-other', person: { customerId: other.id, phone: one.phone } };
  await introduce(world, [one]);
  await api('POST', '/v1/events', event);
  await world.settled();
  await world.sql(`update event set sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) where source_event_id = 'of-the-other'`); // prettier-ignore
  const id = await personOf(api, one.id);
  await api('POST', `/v1/people/${id}/erasure`);
  await until(async () => (await api('GET', `/v1/people/${id}/erasure`)).body.state === 'done', 'the erasure to be done', 5_000);
  expect(await world.sql(`select 1 as there from event where sealed is not null and source_event_id = 'of-the-other'`)).toEqual([{ there: 1 }]); // prettier-ignore
});

test('a person who was erased cannot be corrected back', async () => {
  const one = customer(906);
  await introduce(world, [one]);
  const id = await personOf(api, one.id);
  await api('POST', `/v1/people/${id}/erasure`);
  expect((await api('PATCH', `/v1/people/${id}`, { phone: one.phone, name: 'Asha' })).status).toBe(404);
  expect(await tablesWith([one.phone.slice(3)])).toEqual([]);
});

test('an address of an erased person that is there against all rules is not written to', async () => {
  const one = customer(907);
  await introduce(world, [one]);
  await failPayment(world, one);
  await world.settled();
  const id = await personOf(api, one.id);
  await world.sql('update person set erased_at = business_now() where id = $1', [id]);
  await world.moveTo(hours(8));
  expect(received(world, one)).toEqual([]);
  expect(await world.sql(`select distinct reason from message m join run r on r.id = m.run_id where r.person_id = $1`, [id])).toEqual([{ reason: 'erased' }]); // prettier-ignore
});

test('an erased customer can be suppressed no more, and that is said', async () => {
  const one = customer(908);
  await introduce(world, [one]);
  await api('POST', `/v1/people/${await personOf(api, one.id)}/erasure`);
  const refused = await api('POST', '/v1/suppressions', { person: { customerId: one.id }, reason: 'asked' });
  expect([refused.status, (refused.body.faults as { code: string }[])?.[0]?.code]).toEqual([422, 'person_erased']);
});

test.each([
  ['a mail', { email: 'only.mail@example.com' }],
  ["WhatsApp's own name", { whatsappId: 'IN.only123' }],
  ['a device', { pushTokens: [{ token: 'token-only-1', platform: 'android' }] }],
])('events that name their person by %s alone are blanked with everything, their hashes too', async (_what, person) => {
  const eventId = `only-${Object.keys(person)[0]}`;
  await api('POST', '/v1/events', { event: 'App Opened', person: { customerId: eventId, ...person } });
  await world.settled();
  const event = { event: 'Page Viewed', eventId, person, properties: { page: 'pricing' } };
  expect((await api('POST', '/v1/events', event)).status).toBe(202);
  await world.settled();
  const [stored] = await world.sql<{ id: string }>(`select id from event where source_event_id = $1`, [eventId]);
  const id = await personOf(api, eventId);
  await api('POST', `/v1/people/${id}/erasure`);
  await until(async () => (await api('GET', `/v1/people/${id}/erasure`)).body.state === 'done', 'the erasure to be done');
  const [left] = await world.sql('select sealed, raw_hash as raw, length(content_hash) as hash from event where id = $1', [stored?.id]); // prettier-ignore
  expect(left).toEqual({ sealed: null, raw: null, hash: 0 });
  // The source repeats itself: that is still known by the id.
  expect((await api('POST', '/v1/events', event)).body).toMatchObject({ eventId: stored?.id });
});
