import BullQueue, { type Job } from 'bull';
import { createHttpClient } from '@wapas/egress';

const [redisUrl = '', providerUrl = ''] = process.argv.slice(2);
/** As many calls open at once as the product's push provider may have. */
const AT_ONCE = 256;
const ADDED_AT_ONCE = 500;

interface SendJob {
  readonly token: string;
  readonly title: string;
  readonly body: string;
}

const http = createHttpClient();
const queue = new BullQueue<SendJob>('sends', redisUrl, { defaultJobOptions: { removeOnComplete: true, attempts: 1 } });

/** One job for each message, the call made in it, nothing stored anywhere: the same HTTP client as the product has. */
void queue.process(AT_ONCE, async ({ data }: Job<SendJob>) => {
  const answer = await http.request({
    method: 'POST',
    url: `${providerUrl}/v1/projects/bull/messages:send`,
    headers: { authorization: 'Bearer bull', 'content-type': 'application/json' },
    body: JSON.stringify({ message: { token: data.token, notification: { title: data.title, body: data.body } } }),
  });
  if (answer.kind !== 'response' || answer.status !== 200) throw new Error('The provider did not take a message.');
});

async function add(messages: number): Promise<void> {
  for (let from = 0; from < messages; from += ADDED_AT_ONCE) {
    const jobs = Array.from({ length: Math.min(ADDED_AT_ONCE, messages - from) }, (_none, index) => ({
      data: {
        token: `bench-device-token-of-customer-${from + index}-${'x'.repeat(120)}`,
        title: 'Payment not completed',
        body: `Payment of ₹${499 + ((from + index) % 1_000)} didn't go through. Your items are saved. Tap to try again.`,
      },
    }));
    await queue.addBulk(jobs);
  }
}

process.on('message', (messages: number) => {
  add(messages).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
void queue.isReady().then(() => process.send?.('ready'));
