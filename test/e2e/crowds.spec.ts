import { EntityKeys } from '@wapas/entity-keys';
import { apiOf } from '../support/api';
import { metaSays } from '../support/vendors';
import { until, World } from '../support/world';

/** A form insists on a number, and thousands of customers give the same one: more than a Postgres as it is shipped has locks for. */
const SHARERS = 20_000;
const AS_SHIPPED = { max_locks_per_transaction: 64, max_connections: 100 };

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({ postgres: AS_SHIPPED });
  api = await apiOf(world);
});
afterAll(() => world?.stop());

let numbers = 0;
/** A number that so many customers have. */
async function crowded(): Promise<string> {
  const phone = `+91999999${String((numbers += 1)).padStart(4, '0')}`;
  const key = world.app.get(EntityKeys).keyOf('phone', phone);
  await world.sql(
    `with made as (insert into person (id, unit, created_at) select gen_random_uuid(), gen_random_uuid(), business_now() from generate_series(1, ${SHARERS}) returning id)
     insert into person_identifier (key, kind, person_id) select '${key}', 'phone', id from made`,
  );
  return phone;
}
const inForce = async (phone: string): Promise<number> => {
  const key = world.app.get(EntityKeys).keyOf('phone', phone);
  const [row] = await world.sql<{ count: number }>(
    `select count(*)::int as count from suppression where subject = '${key}' and lifted_at = 'infinity'`,
  );
  return row?.count ?? 0;
};
const withdrawnBy = async (phone: string): Promise<number> => {
  const key = world.app.get(EntityKeys).keyOf('phone', phone);
  const [row] = await world.sql<{ count: number }>(
    `select count(distinct c.person_id)::int as count from consent_entry c join person_identifier i on i.person_id = c.person_id
     where i.key = '${key}' and c.state = 'withdrawn'`,
  );
  return row?.count ?? 0;
};

test('a number that 20,000 customers share can be suppressed', async () => {
  const phone = await crowded();
  expect((await api('POST', '/v1/suppressions', { person: { phone }, reason: 'complaint' })).status).toBe(201);
  expect(await inForce(phone)).toBe(1);
});

test('a stop from a number that 20,000 customers share is heard, and so is a start', async () => {
  const phone = await crowded();
  const hear = (text: string) => api('POST', '/v1/inbound-messages', { channel: 'sms', phone, text, id: `${phone} ${text}` });
  expect(await hear('STOP')).toMatchObject({ status: 200, body: { outcome: 'stopped' } });
  expect(await inForce(phone)).toBe(1);
  expect(await hear('START')).toMatchObject({ status: 200, body: { outcome: 'resumed' } });
  expect(await inForce(phone)).toBe(0);
});

test('a stop that a vendor tells of a number that 20,000 customers share is heard, under its name for whoever has it too', async () => {
  const phone = await crowded();
  const [from, name] = [phone.slice(1), `IN.${phone.slice(-10)}`];
  const message = { from, from_user_id: name, id: 'wamid.crowd', timestamp: '1795411900', type: 'text', text: { body: 'STOP' } };
  const contacts = [{ wa_id: from, user_id: name }];
  expect(await metaSays(world, 'messages', { contacts, messages: [message] })).toBe(200);
  await until(async () => (await inForce(phone)) === 1, 'the stop to hold');
  await world.settled();
});

test('consent taken back by a number alone binds each of 20,000 who have it, told by a form or by an event', async () => {
  const [form, event] = [await crowded(), await crowded()];
  const taken = { purpose: 'marketing', channel: 'sms', state: 'withdrawn' };
  expect((await api('POST', '/v1/consents', { consents: [{ ...taken, person: { phone: form } }] })).status).toBe(201);
  expect(await withdrawnBy(form)).toBe(SHARERS);
  const told = { event: 'Opted Out', person: { phone: event }, consents: [taken] };
  expect((await api('POST', '/v1/events', told)).status).toBe(202);
  await until(async () => (await withdrawnBy(event)) === SHARERS, 'all to be bound');
  await world.settled();
});
