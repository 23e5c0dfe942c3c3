import { join } from 'node:path';
import { describeProvider, smtpLine } from '@wapas/provider-testing';
import { smtp } from '.';
import { smtpErrors } from './smtp.errors';

describeProvider(
  {
    definition: smtp,
    line: smtpLine,
    fixtures: join(__dirname, 'fixtures'),
    settings: (vendorUrl, _helperUrl, deadlineMs) => ({
      SMTP_URL: vendorUrl.replace('smtp://', 'smtp://mailer:pass-word-0001@'),
      SMTP_FROM: 'orders@shop.example',
      // A whole second is the shortest; a machine that is busy must not look like a silent server elsewhere.
      SMTP_TIMEOUT_SECONDS: `${Math.ceil(deadlineMs / 1_000)}`,
    }),
    privateTexts: ['pass-word-0001'],
    address: { kind: 'email', value: 'asha@example.com' },
    content: { fields: { subject: 'Payment not completed', text: 'Your basket is saved, Asha.' } },
    errorTable: smtpErrors,
    quoting: (words) => ({ status: 550, body: words }),
    checkRequest: (received, sent) => {
      expect([received.headers['from'], received.path]).toEqual([
        expect.stringContaining('<orders@shop.example>'),
        'RCPT TO:<asha@example.com>',
      ]);
      expect(received.body).toContain(`Message-ID: <${sent.messageId}@shop.example>`);
      expect(received.body).toContain('Your basket is saved, Asha.');
    },
  },
  { describe, it, beforeAll, afterAll },
);
