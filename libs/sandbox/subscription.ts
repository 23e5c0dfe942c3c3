import { randomInt } from 'node:crypto';
import { type Agent, get } from 'node:http';

export interface SubscriptionResult {
  readonly verified: boolean;
  readonly reason?: string;
}

/** Meta's handshake when a webhook address is entered in the dashboard (developers.facebook.com, webhooks, verification requests, read 2026-11-23). */
export class Subscription {
  constructor(
    private readonly agent: Agent,
    private readonly webhookUrl: string | undefined,
    private readonly verifyToken: string | undefined,
  ) {}

  async verify(): Promise<SubscriptionResult> {
    if (this.webhookUrl === undefined || this.verifyToken === undefined) {
      return { verified: false, reason: 'SANDBOX_WHATSAPP_WEBHOOK_URL and SANDBOX_WHATSAPP_VERIFY_TOKEN are needed' };
    }
    const challenge = String(randomInt(1_000_000_000, 2_000_000_000));
    const url = new URL(this.webhookUrl);
    url.searchParams.set('hub.mode', 'subscribe');
    url.searchParams.set('hub.verify_token', this.verifyToken);
    url.searchParams.set('hub.challenge', challenge);
    const answer = await fetchText(this.agent, url);
    if (answer === null) return { verified: false, reason: 'The webhook address cannot be reached' };
    if (answer.status !== 200) return { verified: false, reason: `The webhook answered ${answer.status}` };
    return answer.body === challenge ? { verified: true } : { verified: false, reason: 'The answer is not the challenge' };
  }
}

function fetchText(agent: Agent, url: URL): Promise<{ status: number; body: string } | null> {
  return new Promise((resolve) => {
    const outgoing = get(url, { agent, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', () => resolve(null));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(null));
    outgoing.on('close', () => resolve(null));
  });
}
