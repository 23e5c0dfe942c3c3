import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const file = join(__dirname, '../../src/journeys/starter/payment_failed.yaml');

/** The starter journey with everybody in it: who is in the holdout is a hash, and a test needs its customer. */
export function paymentFailed(changes: Readonly<Record<string, unknown>> = {}): unknown {
  return { ...(parse(readFileSync(file, 'utf8')) as object), holdoutPercent: 0, ...changes };
}

/** Three messages to one customer, each with a link of its own. */
export const threeLinks = paymentFailed({
  steps: [
    {
      key: 'push',
      after: '1m',
      channel: 'push',
      messages: [{ template: { title: 'Payment not completed', body: 'Tap to try again.', deepLink: '{{link}}' } }],
    },
    {
      key: 'whatsapp',
      after: '5m',
      channel: 'whatsapp',
      messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.payment}}', '{{amount|money}}'], button: '{{link_token}}' } }], // prettier-ignore
    },
    {
      key: 'sms',
      after: '10m',
      channel: 'sms',
      messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { url: '{{link}}' } } }],
    },
  ],
});
