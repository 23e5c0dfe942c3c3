import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { describeProvider } from '@wapas/provider-testing';
import { fcm } from '.';
import { fcmErrors } from './fcm.errors';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const accessToken = 'ya29.test-access-token-0001';

describeProvider(
  {
    definition: fcm,
    fixtures: join(__dirname, 'fixtures'),
    settings: (vendorUrl, helperUrl) => ({
      FCM_SERVICE_ACCOUNT: JSON.stringify({
        type: 'service_account',
        project_id: 'shop-test',
        private_key_id: 'key-0001',
        private_key: pem,
        client_email: 'push@shop-test.iam.gserviceaccount.example',
        token_uri: `${helperUrl}/token`,
      }),
      FCM_BASE_URL: vendorUrl,
    }),
    helpers: [
      {
        path: '/token',
        answer: { status: 200, body: JSON.stringify({ access_token: accessToken, expires_in: 3599, token_type: 'Bearer' }) },
      },
    ],
    privateTexts: [accessToken, pem],
    address: { kind: 'push_token', value: 'dQw4w9WgXcQ:APA91b-token-of-the-handset' },
    content: {
      title: 'Payment did not go through',
      body: 'Your basket is saved, Asha.',
      deepLink: 'myshop://basket/42',
      data: { kind: 'payment_failed' },
    },
    errorTable: fcmErrors,
    quoting: (words) => ({ status: 400, body: { error: { code: 400, message: words, status: 'INVALID_ARGUMENT' } } }),
    checkRequest: (received, sent) => {
      expect(received.path).toBe('/v1/projects/shop-test/messages:send');
      expect(received.headers['authorization']).toBe(`Bearer ${accessToken}`);
      expect(JSON.parse(received.body)).toMatchObject({
        message: { token: sent.address.value, data: { wapas_attempt: sent.attemptId } },
      });
    },
  },
  { describe, it, beforeAll, afterAll },
);
