import { createHmac } from 'node:crypto';
import { minutes } from '@wapas/kernel';
import { standardWebhookHeaders, standardWebhookKey } from '@wapas/provider-kit';
import { smtpLine, startVendorStub, type VendorStub } from '@wapas/provider-testing';
import { apiOf } from '../support/api';
import { OutsideFolder } from '../support/packages';
import { until, World } from '../support/world';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const REGISTERED = '64f0c0ffee000000000000bb';
const ACME_KEY = 'acme-key-for-tests-0001';

let world: World;
let outside: OutsideFolder;
let gateway: VendorStub;
let acme: VendorStub;
let mailServer: VendorStub;

beforeAll(async () => {
  outside = new OutsideFolder();
  outside.installAcme();
  [gateway, acme, mailServer] = await Promise.all([startVendorStub(), startVendorStub(), smtpLine.start()]);
  gateway.answer({ status: 202, body: '{"id":"gw-1"}' });
  acme.answer({ status: 201, body: '{"id":"acme-1"}' });
  mailServer.answer({ status: 250, body: '2.0.0 Ok: queued as Q1' });
  world = await World.start({
    env: {
      // MSG91 is not set up here, so that the stranger's provider serves SMS.
      MSG91_AUTH_KEY: '',
      MSG91_WEBHOOK_TOKEN: '',
      WAPAS_PROVIDER_PACKAGES: 'wapas-provider-acme-sms',
      WAPAS_PROVIDER_PACKAGES_DIR: outside.path,
      ACME_SMS_KEY: ACME_KEY,
      ACME_SMS_BASE_URL: acme.url,
      SMTP_URL: mailServer.url,
      SMTP_FROM: 'orders@shop.example',
      WEBHOOK_URL: `${gateway.url}/messages`,
      WEBHOOK_SECRET: SECRET,
      WEBHOOK_CHANNEL: 'rcs',
      WEBHOOK_FIELDS: 'text,picture?',
      WEBHOOK_ALLOW_PRIVATE: 'true',
    },
  });
});
afterAll(async () => {
  await world?.stop();
  for (const stub of [gateway, acme, mailServer]) await stub?.close();
  outside?.remove();
});

const journey = {
  format: 'wapas.journey/1',
  key: 'three_new_ways',
  name: 'Over channels that providers brought along',
  trigger: { event: 'Seat Held' },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    { key: 'email', after: '1m', channel: 'email', messages: [{ template: { subject: 'Seat {{keys.order}}', text: 'Dear {{name|first_name}}: {{link}}' } }] }, // prettier-ignore
    { key: 'rcs', after: '10m', channel: 'rcs', messages: [{ template: { text: 'Seat {{keys.order}}, {{amount|money}}' } }] },
    {
      key: 'sms',
      after: '20m',
      channel: 'sms',
      messages: [{ template: { id: 'pay-1', variables: { order: '{{keys.order}}' } } }],
    },
    {
      key: 'registered_sms',
      after: '30m',
      channel: 'sms',
      messages: [{ template: { id: REGISTERED, variables: { order: '{{keys.order}}' } } }],
    },
  ],
};

test('e-mail, a gateway of the team and a provider from an npm package each send their step, and receipts settle them', async () => {
  const registered = {
    language: 'en',
    category: 'service',
    entityId: '1201159160000000001',
    header: 'SHOPIN',
    dltId: '1207161700000000001',
    brand: 'Shop',
    text: 'Shop: your seat {#alphanumeric#} waits for its payment.',
    variables: ['order'],
  };
  const api = await apiOf(world);
  expect((await api('PUT', `/v1/templates/sms/${REGISTERED}`, registered)).status).toBe(204);
  await world.publish(journey);
  const response = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` },
    body: JSON.stringify({
      event: 'Seat Held',
      person: { customerId: 'cust_1', name: 'Asha\r\nBcc: all@example.com', phone: '+919812345678', email: 'asha@example.com' },
      keys: { order: 'seat_7' },
      amount: { value: 149_900, currency: 'INR' },
      properties: { checkout_url: 'https://shop.example/seats/7' },
    }),
  });
  expect(response.status).toBe(202);
  await world.settled();
  for (const at of [1, 10, 20, 30]) await world.moveTo(minutes(at));

  const [letter] = mailServer.received;
  expect(letter?.path).toBe('RCPT TO:<asha@example.com>');
  expect(letter?.body).toMatch(/^Subject: Seat seat_7\r$/m);
  expect(letter?.body).toMatch(new RegExp(`Dear Asha: ${world.url}/WAPAS/[\\w-]{11}`));
  expect(letter?.body).not.toMatch(/^Bcc:/m);

  const [post] = gateway.received;
  const sent = JSON.parse(post?.body ?? '{}') as { data: { attemptId: string; messageId: string } };
  expect(sent).toMatchObject({
    type: 'message.send',
    data: {
      channel: 'rcs',
      address: { kind: 'phone', value: '+919812345678' },
      content: { fields: { text: 'Seat seat_7, Rs 1,499' } },
    },
  });
  const [plain, withText] = acme.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(plain).toMatchObject({ to: '+919812345678', template: 'pay-1', variables: { order: 'seat_7' } });
  // A vendor that is given texts gets the registered one, filled in, with its ids on DLT; where nobody registered it, none.
  expect(plain).not.toHaveProperty('registered');
  const { dltId, entityId, header } = registered;
  const text = 'Shop: your seat seat_7 waits for its payment.';
  expect(withText).toMatchObject({ template: REGISTERED, registered: { text, dltId, entityId, header } });

  const receipt = JSON.stringify({
    type: 'message.receipt',
    data: { attemptId: sent.data.attemptId, kind: 'delivered', at: '2026-11-23T11:11:00+05:30' },
  });
  const signed = standardWebhookHeaders(standardWebhookKey(SECRET) as Buffer, 'r-1', Date.now(), receipt);
  const acmeReceipt = JSON.stringify([
    {
      reference: (JSON.parse(acme.received[0]?.body ?? '{}') as { reference: string }).reference,
      state: 'DELIVERED',
      at: Date.UTC(2026, 10, 23, 5, 51),
    },
  ]);
  const acmeSigned = { 'x-acme-signature': createHmac('sha256', ACME_KEY).update(acmeReceipt).digest('hex') };
  const hear = async (provider: string, body: string, headers: Record<string, string>) =>
    (
      await fetch(`${world.url}/webhooks/providers/${provider}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      })
    ).status;
  expect(await hear('webhook', receipt, signed)).toBe(200);
  expect(await hear('webhook', `${receipt} `, signed)).toBe(401);
  expect(await hear('acme-sms', acmeReceipt, acmeSigned)).toBe(200);
  await until(async () => (await world.sql('select 1 from receipt')).length === 2, 'both receipts');
  expect(await world.sql('select step, channel, provider, state from message order by due_at')).toEqual([
    { step: 'email', channel: 'email', provider: 'smtp', state: 'sent' },
    { step: 'rcs', channel: 'rcs', provider: 'webhook', state: 'sent' },
    { step: 'sms', channel: 'sms', provider: 'acme-sms', state: 'sent' },
    { step: 'registered_sms', channel: 'sms', provider: 'acme-sms', state: 'sent' },
  ]);
});
