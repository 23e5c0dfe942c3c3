import {
  faultOfStandardWebhook,
  standardWebhookHeaders,
  standardWebhookKey,
  type HttpRequest,
  type ProviderContext,
} from '@wapas/provider-kit';
import { webhook } from '.';

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const settings = { WEBHOOK_URL: 'https://gateway.example/messages', WEBHOOK_SECRET: secret };
const NOW = Date.parse('2026-11-23T11:00:00+05:30');

function configOf(change: Record<string, string> = {}) {
  const result = webhook.readConfig({ ...settings, ...change });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

describe('the channel it serves', () => {
  it('is one of its own unless the configuration names another', () => {
    expect(webhook.opensChannel?.(configOf())).toMatchObject({ name: 'webhook', addressKind: 'phone' });
    expect(webhook.opensChannel?.(configOf({ WEBHOOK_CHANNEL: 'sms' })).name).toBe('sms');
    expect(
      webhook.opensChannel?.(configOf({ WEBHOOK_CHANNEL: 'letter', WEBHOOK_ADDRESS: 'email', WEBHOOK_FIELDS: 'text,picture?' })),
    ).toMatchObject({
      name: 'letter',
      addressKind: 'email',
      fields: [
        { name: 'text', required: true },
        { name: 'picture', required: false },
      ],
    });
    // Whatever WEBHOOK_ADDRESS says, push goes to tokens.
    expect(configOf({ WEBHOOK_CHANNEL: 'push', WEBHOOK_ADDRESS: 'email' }).channel.addressKind).toBe('push_token');
  });

  it('calls reach public addresses only, unless the operator says otherwise', async () => {
    const asked: HttpRequest[] = [];
    const context: ProviderContext = {
      http: {
        request: async (request) => {
          asked.push(request);
          return { kind: 'failure', stage: 'before_send', code: 'ADDRESS_NOT_PUBLIC' };
        },
      },
      clock: { now: () => NOW },
      log: { info: () => undefined, warn: () => undefined },
    };
    await webhook.create(configOf(), context).health();
    await webhook.create(configOf({ WEBHOOK_ALLOW_PRIVATE: 'true' }), context).health();
    expect(asked.map(({ onlyPublic }) => onlyPublic)).toEqual([true, false]);
  });
});

it.each([
  [{ WEBHOOK_URL: 'http://127.0.0.1:9000/' }, 'WEBHOOK_URL must begin with https'],
  [{ WEBHOOK_URL: 'https://user:pass@gateway.example/' }, 'WEBHOOK_URL must be a plain URL'],
  [{ WEBHOOK_SECRET: 'whsec_dG9vIHNob3J0' }, 'WEBHOOK_SECRET is not base64 of 24 to 64 bytes'],
  [{ WEBHOOK_CHANNEL: 'My Channel' }, 'WEBHOOK_CHANNEL must be a word'],
  [{ WEBHOOK_ADDRESS: 'fax' }, 'WEBHOOK_ADDRESS must be'],
  [{ WEBHOOK_FIELDS: 'text,,x' }, 'WEBHOOK_FIELDS must be words'],
])('the settings %j are refused', (change, words) => {
  const result = webhook.readConfig({ ...settings, ...change });
  expect(result.ok ? [] : result.problems).toEqual([expect.stringContaining(words)]);
});

describe('a signature', () => {
  const key = standardWebhookKey(secret) as Buffer;
  const body = '{"a":1}';
  const good = standardWebhookHeaders(key, 'msg_1', NOW, body);
  const faultAt = (headers: Record<string, string>, now = NOW) => faultOfStandardWebhook(headers, Buffer.from(body), key, now);

  it('is the one of the Standard Webhooks test vector', () => {
    // The example of github.com/standard-webhooks/standard-webhooks, read 2026-11-23.
    const vector = standardWebhookKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') as Buffer;
    expect(
      standardWebhookHeaders(vector, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, '{"test": 2432232314}')[
        'webhook-signature'
      ],
    ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('may stand in a list, beside versions that we do not know', () =>
    expect(faultAt({ ...good, 'webhook-signature': `v1a,x v1,y ${good['webhook-signature']}` })).toBeNull());

  it.each([
    ['six minutes old', good, NOW + 360_000, 'five minutes'],
    ['six minutes ahead', good, NOW - 360_000, 'five minutes'],
    ['for another id', { ...good, 'webhook-id': 'msg_2' }, NOW, 'does not fit'],
    ['without a time', { ...good, 'webhook-timestamp': '' }, NOW, 'missing'],
    ['with words for a time', { ...good, 'webhook-timestamp': 'now' }, NOW, 'missing'],
    ['empty', { ...good, 'webhook-signature': '' }, NOW, 'does not fit'],
  ])('%s is refused', (_what, headers, now, words) => expect(faultAt(headers, now)).toContain(words));
});
