import { minutes, toIso, type Instant } from '@wapas/kernel';
import { apiOf, personOf } from '../support/api';
import { paymentFailed } from '../support/journeys';
import { metaSays } from '../support/vendors';
import { START, World } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
let clock = 0;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_SERVICE_OPT_IN: 'none' } });
  await world.publish(
    paymentFailed({
      steps: [
        { key: 'whatsapp', after: '1m', channel: 'whatsapp', messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}', '{{amount|money}}'], button: '{{link_token}}' } }] }, // prettier-ignore
      ],
    }),
  );
  api = await apiOf(world);
});
afterAll(() => world?.stop());

let count = 0;
const fresh = () => ({
  number: `9198141${String((count += 1)).padStart(5, '0')}`,
  userId: `IN.${String(count).padStart(12, 'A1b2')}`,
});

/** A payment of theirs fails, and all that follows is sent and reported. Gives how often they were written to. */
async function failAndSend(customerId: string, number: string): Promise<number> {
  const before = world.sandbox.ledger.entries().length;
  const event = { event: 'Payment Failed', occurredAt: toIso((START + clock) as Instant), person: { customerId, phone: `+${number}` }, keys: { order: `order_${customerId}_${clock}` }, amount: { value: 149_900, currency: 'INR' }, reason: { class: 'user_error' } }; // prettier-ignore
  expect((await api('POST', '/v1/events', event)).status).toBe(202);
  await world.settled();
  await world.moveTo((clock += minutes(2)));
  return world.sandbox.ledger.entries().length - before;
}

let written = 0;
/** They write under Meta's own id for them alone, and answer no message. */
async function write(userId: string, text: string): Promise<void> {
  const message = { from_user_id: userId, id: `wamid.name-${(written += 1)}`, timestamp: String(Math.floor((START + clock) / 1_000)), type: 'text', text: { body: text } }; // prettier-ignore
  expect(await metaSays(world, 'messages', { contacts: [{ user_id: userId }], messages: [message] })).toBe(200);
  await world.settled();
}
const trail = async (customerId: string): Promise<string[]> =>
  ((await api('GET', `/v1/people/${await personOf(api, customerId)}/identity`)).body.entries as { what: string; kind: string }[]).map(({ what, kind }) => `${what} ${kind}`); // prettier-ignore

test.each([false, true])(
  'a stop under WhatsApp’s own name alone binds whom its reports named so (number left out of them: %s)',
  async (alone) => {
    const [customerId, { number, userId }] = [`named_${alone}`, fresh()];
    await world.control('whatsapp/name', { number, userId, alone });
    expect(await failAndSend(customerId, number)).toBe(1);
    expect(await trail(customerId)).toEqual(['met customer', 'met phone', 'vendor_named whatsapp_id']);
    expect(await failAndSend(customerId, number)).toBe(1);
    expect(await trail(customerId)).toHaveLength(3);
    await write(userId, 'STOP');
    expect(await failAndSend(customerId, number)).toBe(0);
    await write(userId, 'START');
    expect(await failAndSend(customerId, number)).toBe(1);
  },
);

test('a stop that was said under a name before anybody knew whose it is holds from the moment it is known', async () => {
  const { number, userId } = fresh();
  await write(userId, 'STOP');
  expect(await failAndSend('late_name', number)).toBe(1);
  await world.control('whatsapp/name', { number, userId, alone: true });
  const [{ vendorId } = { vendorId: '' }] = await world.sql<{ vendorId: string }>(`select a.vendor_id as "vendorId" from attempt a join message m on m.id = a.message_id join run r on r.id = m.run_id where r.person_id = '${await personOf(api, 'late_name')}'`); // prettier-ignore
  await world.control(`handset/${encodeURIComponent(vendorId)}/read`, {});
  await world.settled();
  expect(await trail('late_name')).toContain('vendor_named whatsapp_id');
  expect(await failAndSend('late_name', number)).toBe(0);
});

test('two customers on one number stay two: both go by its name, a stop binds both, and what it says alone is neither’s', async () => {
  const { number, userId } = fresh();
  await world.control('whatsapp/name', { number, userId });
  expect((await api('POST', '/v1/events', { event: 'Logged In', person: { customerId: 'share_a', phone: `+${number}` } })).status).toBe(202); // prettier-ignore
  expect(await failAndSend('share_b', number)).toBe(1);
  const [one, other] = [await personOf(api, 'share_a'), await personOf(api, 'share_b')];
  expect(one).not.toBe(other);
  for (const customerId of ['share_a', 'share_b']) expect(await trail(customerId)).toContain('vendor_named whatsapp_id');
  await write(userId, 'STOP');
  for (const customerId of ['share_a', 'share_b']) expect(await failAndSend(customerId, number)).toBe(0);
  expect((await api('POST', '/v1/events', { event: 'Logged In', person: { whatsappId: userId } })).status).toBe(202);
  await world.settled();
  const [row] = await world.sql<{ people: string[] }>(`select array_agg(distinct person_id) as people from person_identifier where person_id in ('${one}', '${other}')`); // prettier-ignore
  expect(row?.people).toHaveLength(2);
  expect(await world.sql(`select from person_merge where person_id in ('${one}', '${other}')`)).toEqual([]);
});

test('what a gateway of the team passes on with number and name makes the name known as well', async () => {
  const { number, userId } = fresh();
  expect(await failAndSend('relayed', number)).toBe(1);
  const said = (more: object) => api('POST', '/v1/inbound-messages', { channel: 'whatsapp', whatsappId: userId, ...more });
  expect(await said({ phone: `+${number}`, text: 'hello', id: 'in-1' })).toMatchObject({ body: { outcome: 'not_a_command' } });
  expect(await trail('relayed')).toContain('vendor_named whatsapp_id');
  expect(await said({ text: 'STOP', id: 'in-2' })).toMatchObject({ body: { outcome: 'stopped' } });
  expect(await failAndSend('relayed', number)).toBe(0);
});
