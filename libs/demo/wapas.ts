import { setTimeout as pause } from 'node:timers/promises';
import { type Instant, toIso } from '@wapas/kernel';
import { type Customer, type KycMatter, type PaymentMatter } from './customers';
import { type PaymentEventName, razorpayWebhook, type Webhook } from './razorpay';
import { type Keys } from './keys';
import { type StoryClock } from './story-clock';

const TRIES = 6;
const TIMEOUT_MS = 10_000;

/** Where Wapas answers and what proves who is asking; times are those of the story. */
export interface WapasAccess {
  readonly appUrl: string;
  readonly razorpaySecret: string;
  readonly keys: Pick<Keys, 'source' | 'app'>;
  readonly clock: Pick<StoryClock, 'now'>;
}

/** Wapas from outside, as its sources and the app reach it: public HTTP and nothing else. */
export class Wapas {
  constructor(private readonly access: WapasAccess) {}

  /** Every customer opens the app once, so that it is known how to reach them. */
  async introduce(customers: readonly Customer[]): Promise<void> {
    const events = customers.map((customer) => ({
      event: 'App Opened',
      eventId: `opened-${customer.id}`,
      person: {
        ...personOf(customer),
        ...(customer.pushToken && { pushTokens: [{ token: customer.pushToken, platform: 'android' }] }),
      },
      // A switch in the shop's app: without an opt-in nothing goes out on WhatsApp.
      consents: [{ purpose: 'service', channel: 'whatsapp', state: 'granted', noticeVersion: 'demo-1', noticeLanguage: 'en' }],
    }));
    await this.post('/v1/events/batch', this.withKey(this.access.keys.source), { events });
  }

  /** Signs and stamps the webhook now. `since` is how long ago it happened, for a gateway that tells it late. */
  async gatewayTells(
    event: PaymentEventName,
    customer: Customer,
    matter: PaymentMatter,
    { payment, since = 0 }: { payment: string; since?: number },
  ): Promise<void> {
    const at = (this.access.clock.now() - since) as Instant;
    const webhook = razorpayWebhook(event, customer, matter, { payment, at, secret: this.access.razorpaySecret });
    // Both copies at once: that is when a race between them would show.
    await Promise.all(Array.from({ length: matter.toldTwice ? 2 : 1 }, () => this.deliver(webhook)));
  }

  async kycRejected(customer: Customer, { application, reason }: KycMatter, retakeUrl: string): Promise<void> {
    await this.tell({
      event: 'KYC Rejected',
      eventId: `${application}-rejected`,
      person: personOf(customer),
      keys: { kycApplication: application },
      reason: { class: reason },
      properties: { checkout_url: retakeUrl },
    });
  }

  async kycApproved(customer: Customer, { application }: KycMatter): Promise<void> {
    await this.tell({
      event: 'KYC Approved',
      eventId: `${application}-approved`,
      person: personOf(customer),
      keys: { kycApplication: application },
    });
  }

  async cartUpdated(customer: Customer, cart: { cart: string; amount: number }): Promise<void> {
    await this.tell({
      event: 'Cart Updated',
      eventId: `${cart.cart}-updated`,
      person: personOf(customer),
      keys: { cart: cart.cart },
      amount: { value: cart.amount, currency: 'INR' },
      properties: { items: 2 },
    });
  }

  /** Events as a source posts them, at most 500; without a time of their own they happen now. */
  async record(events: readonly object[]): Promise<void> {
    await this.post('/v1/events/batch', this.withKey(this.access.keys.source), { events });
  }

  /** What the shop's app does when a push is tapped. */
  async pushOpened(messageId: string): Promise<void> {
    await this.post('/v1/push/opened', this.withKey(this.access.keys.app), { messageId });
  }

  /** Where a browser would be sent by a short link; undefined when the link leads nowhere any more. */
  async follow(link: string): Promise<string | undefined> {
    const response = await fetch(link, {
      headers: { 'user-agent': BROWSER },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.headers.get('location') ?? undefined;
  }

  async get<T>(path: string): Promise<T> {
    const headers = { authorization: `Bearer ${this.access.keys.source}` };
    const response = await fetch(this.access.appUrl + path, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  private async tell(event: object): Promise<void> {
    await this.post('/v1/events', this.withKey(this.access.keys.source), {
      ...event,
      occurredAt: toIso(this.access.clock.now()),
    });
  }

  private async deliver({ headers, body }: Webhook): Promise<void> {
    await this.post('/webhooks/sources/razorpay', headers, body);
  }

  private withKey(key: string): Record<string, string> {
    return { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  }

  /** Tries again when Wapas says later, as gateways do. Any other refusal is a fault of the demo or of Wapas, and ends it. */
  private async post(path: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<void> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    for (let tries = 1; ; tries++) {
      const response = await fetch(this.access.appUrl + path, {
        method: 'POST',
        headers,
        body: text,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = await response.text();
      if (response.ok && response.status !== 207) return;
      const mayComeBack = response.status === 429 || response.status === 503;
      if (!mayComeBack || tries === TRIES)
        throw new Error(`POST ${path} was answered ${response.status}: ${answer.slice(0, 400)}`);
      await pause(200 * tries);
    }
  }
}

const personOf = ({ id, name, phone, email }: Customer): object => ({ customerId: id, name, phone, email });

const BROWSER =
  'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
