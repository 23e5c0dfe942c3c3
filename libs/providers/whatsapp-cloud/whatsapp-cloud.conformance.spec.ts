import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { describeProvider } from '@wapas/provider-testing';
import { whatsAppCloud } from '.';
import { whatsAppErrors } from './whatsapp-cloud.errors';

const appSecret = '0123456789abcdef-app-secret';

describeProvider(
  {
    definition: whatsAppCloud,
    fixtures: join(__dirname, 'fixtures'),
    settings: (vendorUrl) => ({
      WHATSAPP_ACCESS_TOKEN: 'EAAG-test-access-token',
      WHATSAPP_PHONE_NUMBER_ID: '106540352242922',
      WHATSAPP_PHONE_NUMBER: '+1 555-078-3881',
      WHATSAPP_BUSINESS_ACCOUNT_ID: '102290129340398',
      WHATSAPP_APP_SECRET: appSecret,
      WHATSAPP_VERIFY_TOKEN: 'verify-token-of-the-test',
      WHATSAPP_BASE_URL: vendorUrl,
    }),
    address: { kind: 'phone', value: '+919812345678' },
    content: { template: 'payment_failed_v2', language: 'en', body: ['Asha Rao', 'Rs 1,499'], buttonSuffix: 'r/abc123' },
    errorTable: whatsAppErrors,
    quoting: (words) => ({ status: 400, body: { error: { code: 132012, message: words, error_data: { details: words } } } }),
    checkRequest: (received, sent) => {
      expect(received.path).toBe('/v25.0/106540352242922/messages');
      expect(received.headers['authorization']).toBe('Bearer EAAG-test-access-token');
      expect(JSON.parse(received.body)).toMatchObject({ to: '919812345678', biz_opaque_callback_data: sent.attemptId });
    },
    webhooks: {
      proof: { kind: 'signature', header: 'x-hub-signature-256' },
      authentic: (rawBody) => ({
        method: 'POST',
        headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', appSecret).update(rawBody).digest('hex')}` },
        query: {},
        pathToken: '',
        rawBody,
      }),
    },
  },
  { describe, it, beforeAll, afterAll },
);
