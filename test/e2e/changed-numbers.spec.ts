import { minutes, toIso, type Instant } from '@wapas/kernel';
import { apiOf, personOf } from '../support/api';
import { paymentFailed } from '../support/journeys';
import { metaSays } from '../support/vendors';
import { START, World } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
let clock = 0;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_STOP_SCOPE: 'marketing', WAPAS_SERVICE_OPT_IN: 'whatsapp' } });
  await world.publish(
    paymentFailed({
      steps: [
        { key: 'whatsapp', after: '1m', channel: 'whatsapp', messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}', '{{amount|money}}'], button: '{{link_token}}' } }] }, // prettier-ignore
        { key: 'sms', after: '3m', channel: 'sms', messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { url: '{{link}}' } } }] }, // prettier-ignore
      ],
    }),
  );
  api = await apiOf(world);
});
afterAll(() => world?.stop());

let numbers = 0;
const freshNumber = (): string => `9198140${String((numbers += 1)).padStart(5, '0')}`;
const ago = (): string => toIso((START + clock) as Instant);

interface Who {
  readonly customerId?: string;
  readonly phone: string;
}
const personIn = ({ customerId, phone }: Who) => ({ customerId, phone: `+${phone}` });

async function tell(event: string, who: Who, more: object = {}): Promise<void> {
  const { status } = await api('POST', '/v1/events', { event, occurredAt: ago(), person: personIn(who), ...more });
  expect(status).toBe(202);
  await world.settled();
}

/** They opt in to WhatsApp, as their shop tells. */
async function optIn(who: Who, state = 'granted', purpose = 'all'): Promise<void> {
  const { status } = await api('POST', '/v1/consents', {
    consents: [{ person: personIn(who), purpose, channel: 'whatsapp', state }],
  });
  expect(status).toBe(201);
}

/** A payment of theirs fails, and everything that follows from it is sent. Gives where to, by channel. */
async function failAndSend(who: Who): Promise<Record<string, string>> {
  const before = world.sandbox.ledger.entries().length;
  const order = `order_${clock}_${numbers}`;
  await tell('Payment Failed', who, {
    keys: { order },
    amount: { value: 149_900, currency: 'INR' },
    reason: { class: 'user_error' },
  });
  await world.moveTo((clock += minutes(2)));
  await world.moveTo((clock += minutes(2)));
  const sent = world.sandbox.ledger.entries().slice(before);
  return Object.fromEntries(sent.map(({ channel, address }) => [channel, address.replace(/^\+/, '')]));
}

const change = async (from: string, to: string, more: object = {}): Promise<void> => {
  await world.control('whatsapp/number', { from, to, time: Math.floor((START + clock) / 1_000), ...more });
  await world.settled();
};
const stepsOf = async (id: string): Promise<string[]> =>
  ((await api('GET', `/v1/people/${id}/identity`)).body.entries as { what: string; kind: string }[]).map(({ what, kind }) => `${what} ${kind}`); // prettier-ignore
const addressesOf = async (id: string): Promise<Record<string, unknown>> => {
  const { body } = await api('GET', `/v1/people/${id}`);
  return Object.fromEntries(
    (body.addresses as { kind: string; ending: string; blocks: { channel: string; reason: string; until: unknown }[] }[])
      .filter(({ kind }) => kind === 'phone')
      .map(({ ending, blocks }) => [
        ending.slice(-4),
        blocks.map(({ channel, reason, until }) => `${channel} ${reason} ${String(until)}`),
      ]),
  );
};
const last4 = (phone: string): string => phone.slice(-4);

test('WhatsApp follows a customer to their new number, SMS stays where it was, and it is written down why', async () => {
  const [old, fresh] = [freshNumber(), freshNumber()];
  const who = { customerId: 'mover', phone: old };
  await optIn(who);
  expect(await failAndSend(who)).toEqual({ whatsapp: old, sms: old });
  await change(old, fresh);
  expect(await failAndSend(who)).toEqual({ whatsapp: fresh, sms: old });
  const id = await personOf(api, 'mover');
  expect(await addressesOf(id)).toEqual({ [last4(old)]: ['whatsapp number_changed null'], [last4(fresh)]: [] });
  expect(await stepsOf(id)).toEqual(['met customer', 'met phone', 'number_changed phone']);
  // They are known by the new number as well.
  expect((await api('GET', `/v1/people?phone=${encodeURIComponent(`+${fresh}`)}`)).body.people).toMatchObject([{ id }]);
});

test('a late word about an old message does not let the old number in again', async () => {
  const [old, fresh] = [freshNumber(), freshNumber()];
  const who = { customerId: 'late_word', phone: old };
  await optIn(who);
  await world.control('mode', { vendor: 'whatsapp', receipts: 'none' });
  expect(await failAndSend(who)).toEqual({ whatsapp: old, sms: old });
  const [sent] = await world.sql<{ id: string }>(
    `select t.vendor_id as id from attempt t join message m on m.id = t.message_id where m.channel = 'whatsapp' order by m.due_at desc, m.id desc limit 1`,
  );
  await change(old, fresh);
  const failed = { id: sent?.id, status: 'failed', timestamp: '1795411900', recipient_id: old, errors: [{ code: 131026 }] };
  expect(await metaSays(world, 'messages', { statuses: [failed] })).toBe(200);
  await world.settled();
  await world.control('mode', { vendor: 'whatsapp', receipts: 'normal' });
  expect((await addressesOf(await personOf(api, 'late_word')))[last4(old)]).toEqual(['whatsapp number_changed null']);
});

test('the same news ten times are one change, and who moves back is written to at the old number again, in whatever order that is heard', async () => {
  const [first, second] = [freshNumber(), freshNumber()];
  const who = { customerId: 'returner', phone: first };
  await optIn(who);
  await tell('App Opened', who);
  const seconds = Math.floor((START + clock) / 1_000);
  await change(second, first, { time: seconds - 10, id: 'wamid.back' });
  for (let times = 0; times < 10; times += 1) await change(first, second, { time: seconds - 20, id: 'wamid.away' });
  expect(await stepsOf(await personOf(api, 'returner'))).toEqual(['met customer', 'met phone']);
  // The sandbox goes by what it was told last.
  await world.control('whatsapp/number', { from: second, to: first, webhook: 'lost' });
  expect(await failAndSend(who)).toEqual({ whatsapp: first, sms: first });
});

test('two customers are never made one by a number that one of them moves to, and each keeps what they agreed to', async () => {
  const [old, shared] = [freshNumber(), freshNumber()];
  const [mover, other] = [
    { customerId: 'sharer_1', phone: old },
    { customerId: 'sharer_2', phone: shared },
  ];
  await optIn(mover);
  await optIn(other, 'withdrawn');
  await change(old, shared);
  expect(await personOf(api, 'sharer_1')).not.toBe(await personOf(api, 'sharer_2'));
  expect(await failAndSend(mover)).toEqual({ whatsapp: shared, sms: old });
  expect(await failAndSend(other)).toEqual({ sms: shared });
  const statesOf = async (id: string) => ((await api('GET', `/v1/people/${id}/consents`)).body.entries as { state: string }[]).map(({ state }) => state); // prettier-ignore
  expect([await statesOf(await personOf(api, 'sharer_1')), await statesOf(await personOf(api, 'sharer_2'))]).toEqual([['granted'], ['withdrawn']]); // prettier-ignore
});

test('where several share the old number nobody is taken for who moved, and nothing more is sent to it on WhatsApp', async () => {
  const [old, fresh] = [freshNumber(), freshNumber()];
  for (const customerId of ['one_of_two', 'two_of_two']) await optIn({ customerId, phone: old });
  await change(old, fresh);
  expect(await failAndSend({ customerId: 'one_of_two', phone: old })).toEqual({ sms: old });
  expect((await api('GET', `/v1/people?phone=${encodeURIComponent(`+${fresh}`)}`)).body.people).toEqual([]);
});

test('a guest does not take over a number that somebody else has', async () => {
  const [old, taken] = [freshNumber(), freshNumber()];
  await tell('App Opened', { phone: old });
  await tell('App Opened', { customerId: 'has_it', phone: taken });
  await change(old, taken);
  const id = await personOf(api, 'has_it');
  expect((await api('GET', `/v1/people?phone=${encodeURIComponent(`+${taken}`)}`)).body.people).toMatchObject([{ id }]);
  await tell('App Opened', { phone: taken });
  expect((await api('GET', `/v1/people?phone=${encodeURIComponent(`+${taken}`)}`)).body.people).toMatchObject([{ id }]);
});

test('a stop that was said from the old number holds at the new one, and a start from there takes it back', async () => {
  const [old, fresh] = [freshNumber(), freshNumber()];
  const who = { customerId: 'stopper', phone: old };
  await optIn(who);
  await tell('App Opened', who);
  const say = async (phone: string, text: string) =>
    (await api('POST', '/v1/inbound-messages', { channel: 'whatsapp', phone: `+${phone}`, text, id: `${phone}.${text}` })).body.outcome; // prettier-ignore
  expect(await say(old, 'STOP')).toBe('stopped');
  await world.moveTo((clock += minutes(1)));
  await change(old, fresh);
  const id = await personOf(api, 'stopper');
  const inForce = async () => ((await api('GET', `/v1/people/${id}/consents`)).body.suppressions as { channel: string; reason: string }[]).map(({ channel, reason }) => `${channel} ${reason}`); // prettier-ignore
  expect(await inForce()).toEqual(['whatsapp stop_word', 'whatsapp stop_word']);
  await world.moveTo((clock += minutes(1)));
  expect(await say(fresh, 'START')).toBe('resumed');
  expect(await inForce()).toEqual([]);
});

test('who was erased is not found again by their new number', async () => {
  const [old, fresh] = [freshNumber(), freshNumber()];
  const who = { customerId: 'forgotten', phone: old };
  await tell('App Opened', who);
  const id = await personOf(api, 'forgotten');
  expect((await api('POST', `/v1/people/${id}/erasure`)).status).toBe(202);
  await world.settled();
  await change(old, fresh);
  expect((await api('GET', `/v1/people?phone=${encodeURIComponent(`+${fresh}`)}`)).body.people).toEqual([]);
  expect(await world.sql(`select from person_address where person_id = $1`, [id])).toEqual([]);
});
