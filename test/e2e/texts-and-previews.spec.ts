import { minutes } from '@wapas/kernel';
import { smtpLine, type VendorStub } from '@wapas/provider-testing';
import { WHATSAPP_TEMPLATES } from '../../libs/demo/settings';
import { Catalogue } from '../../src/journeys/catalogue';
import { apiOf, personOf } from '../support/api';
import { World } from '../support/world';

const ACCOUNT = '102290129340398';
const SMS = '64f0c0ffee000000000000bb';
const registered = {
  language: 'en',
  category: 'service',
  entityId: '1201159160000000001',
  header: 'WAPAS',
  dltId: '1207161700000000001',
  brand: 'Shop',
  text: 'Shop: payment for order {#alphanumeric#} is not complete. Finish here: {#url#}',
  variables: ['order', 'url'],
};

let world: World;
let mailServer: VendorStub;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  mailServer = await smtpLine.start();
  mailServer.answer({ status: 250, body: '2.0.0 Ok: queued as Q1' });
  world = await World.start({
    env: {
      WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT,
      WAPAS_LINK_URL: 'https://pay.example',
      WAPAS_LINK_HEADER: 'WAPAS',
      SMTP_URL: mailServer.url,
      SMTP_FROM: 'orders@shop.example',
    },
    sandbox: {
      whatsappBusinessAccountId: ACCOUNT,
      whatsappButtonPrefix: { '*': 'https://pay.example/WAPAS/' },
      whatsappTemplates: WHATSAPP_TEMPLATES,
    },
  });
  api = await apiOf(world);
  expect((await api('PUT', `/v1/templates/sms/${SMS}`, { ...registered, header: 'SHOPIN' })).status).toBe(204);
  await api('DELETE', `/v1/templates/sms/${SMS}`);
});
afterAll(async () => {
  await world?.stop();
  await mailServer?.close();
});

const journey = (steps: object[]) => ({
  format: 'wapas.journey/1',
  key: 'seat_texts',
  name: 'Texts',
  trigger: { event: 'Seat Held' },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps,
});
const step = (key: string, after: string, channel: string, template: object) => ({
  key,
  after,
  channel,
  messages: [{ template }],
});
const faultsOf = async (definition: unknown): Promise<string[]> => {
  const result = await world.app.get(Catalogue).publish(definition);
  return 'faults' in result ? result.faults.map(({ code }) => code) : [];
};
interface Preview {
  readonly locale: string | null;
  readonly missing: string | null;
  readonly fields: Record<string, string>;
  readonly text: string | null;
  readonly sms: { encoding: string; places: number; parts: number } | null;
  readonly price: { totalMilli: number; units: number; currency: string } | null;
}
const preview = async (ask: object): Promise<{ faults: { code: string }[]; previews: Preview[] }> => {
  const { status, body } = await api('POST', '/v1/templates/preview', ask);
  expect(status).toBe(200);
  return body as never;
};

test('every starter journey fits the templates that are registered for it', () =>
  expect(world.app.get(Catalogue).brokenFiles).toEqual([]));

test('a text in several languages: the event says which, then the person, then the deployment; and it is written down', async () => {
  const text = (channel: string, name: string, locale: string, fields: object, category = 'service') =>
    api('PUT', `/v1/templates/texts/${channel}/${name}/${locale}`, { category, fields });
  expect(await faultsOf(journey([step('push', '1m', 'push', { registered: 'seat' })]))).toEqual(['no_such_text']);
  expect((await text('push', 'seat', 'hi', { title: 'सीट', body: '{{name|first_name}}, सीट {{keys.order}}' })).status).toBe(204);
  expect(await faultsOf(journey([step('push', '1m', 'push', { registered: 'seat' })]))).toEqual(['no_fallback_text']);
  expect((await text('push', 'seat', 'en', { title: 'Seat', body: '{{name|first_name}}, seat {{keys.order}}' })).status).toBe(
    204,
  );
  expect((await text('push', 'seat', 'ta', { title: 'x', body: '{{nope}}' })).status).toBe(422);
  expect((await text('push', 'seat', 'english', { title: 'x', body: 'x' })).status).toBe(422);
  expect((await text('sms', 'seat', 'en', { title: 'x' })).status).toBe(422);
  expect((await text('email', 'seat', 'en', { subject: 'Seat', text: 'Seat {{keys.order}}' }, 'marketing')).status).toBe(204);
  expect(await faultsOf(journey([step('mail', '1m', 'email', { registered: 'seat' })]))).toEqual(['category_differs']);
  expect((await text('email', 'seat', 'en', { subject: 'Seat', text: 'Seat {{keys.order}}' })).status).toBe(204);
  await world.publish(
    journey([step('push', '1m', 'push', { registered: 'seat' }), step('mail', '2m', 'email', { registered: 'seat' })]),
  );

  const hold = async (number: number, properties: object): Promise<void> => {
    const { status } = await api('POST', '/v1/events', {
      event: 'Seat Held',
      person: {
        customerId: `c${number}`,
        name: 'Asha Rao',
        email: `a${number}@example.com`,
        pushTokens: [{ token: `token-${number}`, platform: 'android' }],
      },
      keys: { order: `seat_${number}` },
      properties,
    });
    expect(status).toBe(202);
    await world.settled();
  };
  await hold(1, { locale: 'hi-IN' });
  await hold(2, { locale: 'ta' });
  await hold(3, {});
  const asked = await personOf(api, 'c3');
  const changed = await api('PATCH', `/v1/people/${asked}`, { language: 'hi' });
  expect([200, 204]).toContain(changed.status);
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(2));
  const pushes = await world.messages(`channel = 'push'`);
  expect(pushes.map(({ channel, locale, content }) => `${channel} ${locale} ${String(content?.title)}`).sort()).toEqual([
    'push en Seat',
    'push hi सीट',
    'push hi सीट',
  ]);
  expect(await world.sql(`select distinct channel, locale, state from message where channel = 'email'`)).toEqual([
    { channel: 'email', locale: 'en', state: 'sent' },
  ]);

  const { previews } = await preview({
    channel: 'push',
    template: { registered: 'seat' },
    facts: { name: 'Asha Rao', keys: { order: 'seat_7' } },
  });
  expect(previews.map(({ locale, text: said }) => [locale, said])).toEqual([
    ['en', 'Seat\nAsha, seat seat_7'],
    ['hi', 'सीट\nAsha, सीट seat_7'],
  ]);
});

test('an SMS is previewed with its parts and today’s price, and its parts are kept with the message and billed', async () => {
  const other = { ...registered, header: 'WAPASX' };
  expect((await api('PUT', `/v1/templates/sms/${SMS}`, other)).status).toBe(204);
  const ask = {
    channel: 'sms',
    template: { id: SMS, variables: { order: '{{keys.order}}', url: '{{link}}' } },
    facts: { keys: { order: 'order_1' } },
  };
  expect((await preview(ask)).faults.map(({ code }) => code)).toEqual(['link_under_other_header']);
  // A value that a send would be refused for is named: there is no text to show.
  const tooLong = await preview({ ...ask, facts: { keys: { order: 'o'.repeat(41) } } });
  expect(tooLong.faults).toContainEqual(expect.objectContaining({ at: '/variables/order', code: 'value_too_long' }));
  expect(tooLong.previews).toMatchObject([{ text: null, sms: null, price: null }]);
  const plain = { ...other, text: `${'Shop: '.padEnd(150, 'x')} {#alphanumeric#} waits.`, variables: ['order'] };
  expect((await api('PUT', `/v1/templates/sms/${SMS}`, plain)).status).toBe(204);
  const { faults, previews } = await preview({ ...ask, template: { id: SMS, variables: { order: '{{keys.order}}' } } });
  expect(faults).toEqual([]);
  expect(previews).toMatchObject([
    {
      sms: { encoding: 'GSM-7', places: 165, parts: 2 },
      price: { currency: 'INR', units: 2, totalMilli: 40_000 },
      missing: null,
    },
  ]);
  expect((await preview({ ...ask, template: { id: SMS, variables: { order: '{{name}}' } } })).previews[0]).toMatchObject({
    missing: 'name',
    price: null,
  });

  await world.publish({
    ...journey([step('sms', '1m', 'sms', { id: SMS, variables: { order: '{{keys.order}}' } })]),
    key: 'long_sms',
    trigger: { event: 'Long Held' },
  });
  await world.moveTo(0);
  await api('POST', '/v1/events', {
    event: 'Long Held',
    person: { customerId: 'long', phone: '+919812345699' },
    keys: { order: 'long_1' },
  });
  await world.settled();
  await world.moveTo(minutes(1));
  expect(
    await world.sql(
      `select m.state, m.parts, t.parts as billed from message m join touch t on t.message_id = m.id where m.channel = 'sms'`,
    ),
  ).toEqual([{ state: 'sent', parts: 2, billed: 2 }]);
});

const BY_WHATSAPP = {
  channel: 'whatsapp',
  template: {
    name: 'payment_failed_v1',
    language: 'en',
    body: ['{{keys.order}}', '{{amount|money}}'],
    button: '{{link_token}}',
  },
  facts: { keys: { order: 'order_1' }, amount: { value: 149_900, currency: 'INR' } },
};

test('a WhatsApp template is previewed as the handset shows it, at the price of its category', async () => {
  const { faults, previews } = await preview(BY_WHATSAPP);
  expect(faults).toEqual([]);
  expect(previews).toMatchObject([
    {
      text: 'Your payment of Rs 1,499 for order order_1 did not go through. Your items are saved.\n[Complete payment] https://pay.example/WAPAS/SampleToken',
      price: { currency: 'INR', units: 1, totalMilli: 11_500 },
    },
  ]);
});

test('a preview is priced by the country it names, and says when there is no rate for it', async () => {
  const priceIn = async (country: string, ask: object = BY_WHATSAPP) =>
    (await preview({ ...ask, country })).previews[0]?.price ?? null;
  expect(await priceIn('AE')).toBeNull();
  const abroad = { channel: 'whatsapp', category: 'utility', country: 'AE', currency: 'INR', from: '2026-01-01', price: 130_000 };
  expect((await api('PUT', '/v1/analytics/rates', { ...abroad, source: 'contract' })).status).toBe(204);
  expect([await priceIn('AE'), await priceIn('IN')]).toMatchObject([{ totalMilli: 130_000 }, { totalMilli: 11_500 }]);
  // A push goes to no number: it costs what it costs, wherever its device is.
  const push = { channel: 'push', template: { title: 'Hello', body: 'A test.' } };
  expect(await priceIn('AE', push)).toEqual(await priceIn('IN', push));
  const { status, body } = await api('POST', '/v1/templates/preview', { ...BY_WHATSAPP, country: 'Dubai' });
  expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining('/country')]);
});

test("a preview of a WhatsApp template that nobody has listed is priced as what it is for, a listed one as its vendor's category", async () => {
  const unlisted = { ...BY_WHATSAPP, template: { ...BY_WHATSAPP.template, name: 'nobody_has_listed_it' } };
  const priceOf = async (ask: object) => (await preview(ask)).previews[0]?.price?.totalMilli;
  expect(await priceOf(unlisted)).toBe(11_500);
  expect(await priceOf({ ...unlisted, purpose: 'marketing' })).toBe(86_310);
  expect(await priceOf({ ...BY_WHATSAPP, purpose: 'marketing' })).toBe(11_500);
  expect((await api('POST', '/v1/templates/preview', { ...BY_WHATSAPP, purpose: 'anything' })).status).toBe(422);
});

test('a test send takes a test key, a known address, and the way of every message', async () => {
  const ask = { channel: 'push', template: { title: 'Hello {{name}}', body: 'A test.' }, facts: { name: 'Asha' }, to: 'token-1' };
  expect((await api('POST', '/v1/templates/test-send', ask)).status).toBe(403);
  const key = await world.key(['admin'], true);
  const send = async (body: object): Promise<{ status: number; body: { id: string } }> => {
    const response = await fetch(`${world.url}/v1/templates/test-send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { id: string } };
  };
  expect((await send({ ...ask, to: 'token-nobody' })).status).toBe(422);
  const shapeless = {
    ...ask,
    channel: 'sms',
    template: { id: SMS, variables: { order: ['{{keys.order}}'] } },
    to: '+919812345699',
  };
  expect(await send(shapeless)).toMatchObject({ status: 422, body: { faults: [{ at: '/template/variables' }] } });
  const planned = await send(ask);
  expect(planned.status).toBe(202);
  await world.settled();
  expect((await api('GET', `/v1/templates/test-sends/${planned.body.id}`)).body).toMatchObject({
    state: 'sent',
    attempts: [{ provider: 'fcm', outcome: 'accepted' }],
  });
  const shown = world.sandbox.ledger.entries().at(-1);
  expect(shown).toMatchObject({ accepted: true, address: 'token-1', content: { title: 'Hello Asha' } });
  const lacking = await send({ ...ask, facts: {} });
  await world.settled();
  expect((await api('GET', `/v1/templates/test-sends/${lacking.body.id}`)).body).toMatchObject({
    state: 'skipped',
    reason: 'missing_name',
    attempts: [],
  });
  expect((await api('GET', '/v1/templates/test-sends/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a')).status).toBe(404);
  // Nothing follows from it: no report counts it.
  expect(await world.sql(`select count(*)::int as n from run where id = $1`, [planned.body.id])).toEqual([{ n: 0 }]);
});
