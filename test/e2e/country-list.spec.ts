import { hours, minutes } from '@wapas/kernel';
import { apiOf, personOf } from '../support/api';
import { paymentEvent, World } from '../support/world';
import { endOfRun, received, treatEverybody } from '../support/stories';

const ABROAD = '+971501234567';
const HOME = '+919812345670';

/**
 * The list was shortened: ours allows India alone, and the one beside it, which is ended before anything is due, still has the
 * longer list that its events came in by.
 */
let world: World;
let before: string;
let api: Awaited<ReturnType<typeof apiOf>>;
let live: string;
let forTests: string;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_ALLOWED_COUNTRIES: 'IN' } });
  before = await world.startAnother({ WAPAS_ALLOWED_COUNTRIES: 'IN,AE' });
  [api, live, forTests] = await Promise.all([apiOf(world), world.key(['admin']), world.key(['admin'], true)]);
  await treatEverybody(world);
});
afterAll(() => world?.stop());

const post = (url: string, path: string, key: string, body: unknown): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
const failure = (customerId: string, phone: string) => ({
  event: 'Payment Failed',
  person: { customerId, phone, pushTokens: [{ token: `token-${phone.slice(1)}`, platform: 'android' }] },
  keys: { order: `order_${customerId}` },
  amount: { value: 149_900, currency: 'INR' },
  reason: { class: 'user_error' },
});

/** What a timeline says of each message, in the order in which they were settled. */
async function settledIn(path: string): Promise<string[]> {
  const { status, body } = await api('GET', path);
  expect(status).toBe(200);
  const { timeline } = body as unknown as { timeline: { what: string; channel?: string; outcome: string; reason?: string }[] };
  const settled = timeline.filter(({ what }) => what === 'settled');
  return settled.map(({ channel, outcome, reason }) => `${channel} ${outcome}${reason ? `: ${reason}` : ''}`);
}
const timelineOf = async (customerId: string) => settledIn(`/v1/people/${await personOf(api, customerId)}/timeline`);

test('a number of a country that is not listed is refused at the door, and of a webhook it alone is left out', async () => {
  const refused = await post(world.url, '/v1/events', live, failure('door', ABROAD));
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ faults: [{ at: '/person/phone', code: 'country_not_allowed' }] });

  expect(
    (await world.razorpay(paymentEvent('payment.failed', { order: 'order_hook', phone: ABROAD, customer: 'hook' }))).status,
  ).toBe(202);
  await world.settled();
  for (const at of [1, 5, 15]) await world.moveTo(minutes(at));
  await world.moveTo(hours(2));
  expect(await timelineOf('hook')).toEqual([
    'push rejected: no_address',
    'whatsapp rejected: no_address',
    'sms rejected: no_address',
  ]);
});

test('somebody abroad whose number came in before the list was shortened gets the push and nothing that goes to a number', async () => {
  await world.moveTo(0);
  for (const [customerId, phone] of [['abroad', ABROAD], ['home', HOME]] as const) expect((await post(before, '/v1/events', live, failure(customerId, phone))).status).toBe(202); // prettier-ignore
  expect((await post(before, '/v1/events', forTests, failure('tester', '+971501234568'))).status).toBe(202);
  await world.settled();
  await world.stopOthers();

  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  // Nothing was sent by WhatsApp, so the SMS is asked for at once, and is not sent either.
  const abroad = ['push sent', 'whatsapp skipped: country_not_allowed', 'sms skipped: country_not_allowed'];
  expect(await timelineOf('abroad')).toEqual(abroad);
  expect(received(world, { id: 'abroad', phone: ABROAD, order: '' })).toEqual(['push']);

  await world.moveTo(hours(2));
  expect(received(world, { id: 'home', phone: HOME, order: '' })).toEqual(['push', 'whatsapp', 'sms']);
  await world.moveTo(hours(24));
  expect(await endOfRun(world, { id: 'abroad', phone: ABROAD, order: '' })).toBe('window_over');
});

test('a test reaches nobody abroad either', async () => {
  const [run] = await world.sql<{ id: string }>(`select id from run where test`);
  expect(await settledIn(`/v1/runs/${run?.id}`)).toEqual([
    'push sent',
    'whatsapp skipped: country_not_allowed',
    'sms skipped: country_not_allowed',
  ]);
  const sent = await post(world.url, '/v1/templates/test-send', forTests, {
    channel: 'sms',
    template: { id: '64f0c0ffee00000000000001', variables: { order: 'order_1' } },
    to: ABROAD,
  });
  expect(sent.status).toBe(202);
  await world.settled();
  const { id } = (await sent.json()) as { id: string };
  expect((await api('GET', `/v1/templates/test-sends/${id}`)).body).toMatchObject({
    state: 'skipped',
    reason: 'country_not_allowed',
    attempts: [],
  });
});
