import { join } from 'node:path';
import { describeProvider } from '@wapas/provider-testing';
import { msg91 } from '.';
import { msg91Errors, msg91ReportErrors } from './msg91.errors';

const webhookToken = '3f9c1b7ad0e24586a1c7f2b9d8e60543';

describeProvider(
  {
    definition: msg91,
    fixtures: join(__dirname, 'fixtures'),
    settings: (vendorUrl) => ({
      MSG91_AUTH_KEY: '456789AtestAuthKey01',
      MSG91_WEBHOOK_TOKEN: webhookToken,
      MSG91_BASE_URL: vendorUrl,
    }),
    address: { kind: 'phone', value: '+919812345678' },
    content: { template: '64f0c0ffee00000000000001', variables: { name: 'Asha Rao', link: 'https://pay.example/SHOPIN/abc' } },
    errorTable: msg91Errors,
    reportTable: msg91ReportErrors,
    quoting: (words) => ({ status: 200, body: { message: words, type: 'error' } }),
    checkRequest: (received, sent) => {
      expect(received.path).toBe('/api/v5/flow');
      expect(received.headers['authkey']).toBe('456789AtestAuthKey01');
      expect(JSON.parse(received.body)).toEqual({
        template_id: '64f0c0ffee00000000000001',
        short_url: '0',
        realTimeResponse: '1',
        recipients: [
          { mobiles: '919812345678', name: 'Asha Rao', link: 'https://pay.example/SHOPIN/abc', CRQID: sent.attemptId },
        ],
      });
    },
    webhooks: {
      proof: { kind: 'path_token' },
      authentic: (rawBody) => ({ method: 'POST', headers: {}, query: {}, pathToken: webhookToken, rawBody }),
    },
  },
  { describe, it, beforeAll, afterAll },
);
