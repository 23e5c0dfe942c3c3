import { join } from 'node:path';
import { faultOfStandardWebhook, standardWebhookHeaders, standardWebhookKey } from '@wapas/provider-kit';
import { describeProvider } from '@wapas/provider-testing';
import { webhook } from '.';
import { webhookErrors } from './webhook.errors';

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const key = standardWebhookKey(secret) as Buffer;

describeProvider(
  {
    definition: webhook,
    fixtures: join(__dirname, 'fixtures'),
    settings: (vendorUrl) => ({
      WEBHOOK_URL: `${vendorUrl}/messages`,
      WEBHOOK_SECRET: secret,
      WEBHOOK_CHANNEL: 'rcs',
      WEBHOOK_FIELDS: 'text, picture?',
      WEBHOOK_ALLOW_PRIVATE: 'true',
    }),
    address: { kind: 'phone', value: '+919812345678' },
    content: { fields: { text: 'Payment not completed, Asha Rao' } },
    errorTable: webhookErrors,
    quoting: (words) => ({ status: 400, body: { code: 'refused', detail: words } }),
    checkRequest: (received, sent) => {
      const headers = received.headers as Record<string, string>;
      expect(faultOfStandardWebhook(headers, Buffer.from(received.body), key, Date.now())).toBeNull();
      // The id names the message and not the try: that is what lets the gateway take it once.
      expect([received.path, headers['webhook-id']]).toEqual(['/messages', sent.messageId]);
      expect(JSON.parse(received.body)).toMatchObject({
        type: 'message.send',
        data: { messageId: sent.messageId, attemptId: sent.attemptId, channel: 'rcs', content: sent.content },
      });
    },
    webhooks: {
      proof: { kind: 'signature', header: 'webhook-signature' },
      authentic: (rawBody) => ({
        method: 'POST',
        headers: standardWebhookHeaders(key, 'receipt-1', Date.now(), rawBody.toString('utf8')),
        query: {},
        pathToken: '',
        rawBody,
      }),
    },
  },
  { describe, it, beforeAll, afterAll },
);
