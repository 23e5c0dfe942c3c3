import { type Agent } from 'node:http';
import { post } from './receipts';
import { changeMail } from './whatsapp-webhooks';
import { type Answer, type Call, type Json, json, parseObject } from './wire';

const WINDOW_MS = 24 * 60 * 60 * 1_000;
/** Meta's tiers: Graph's word for them and the most customers (developers.facebook.com, WhatsApp, messaging limits, read 2026-11-28). */
const TIERS: readonly (readonly [name: string, customers: number])[] = [
  ['TIER_250', 250],
  ['TIER_2K', 2_000],
  ['TIER_10K', 10_000],
  ['TIER_100K', 100_000],
];

/** How a message over the limit is refused. `told`: in the answer to the send, or accepted first and `failed` in a webhook. */
export interface OverLimit {
  readonly code: number;
  readonly told: 'answer' | 'webhook';
}

/**
 * Meta documents the limit and no code of its own for it. 131048 is the one whose words fit: there are restrictions on how many
 * messages can be sent from this number (error codes, 15 May 2026, read 2026-11-28). Another one can be asked for.
 */
const USUAL: OverLimit = { code: 131048, told: 'answer' };

/**
 * How many different customers the whole business may reach in a moving 24 hours: all of its numbers share it. Somebody who was
 * already reached, or who has written within 24 hours, can always be written to; what answers them counts against nothing.
 */
export class PortfolioLimit {
  /** When each was last reached, oldest first. */
  private readonly reached = new Map<string, number>();
  private readonly wrote = new Map<string, number>();
  private overLimit = USUAL;

  /** 0: no limit. */
  constructor(private limit: number) {}

  /** Null: it may go out, and is counted. */
  take(customer: string, now: number): OverLimit | null {
    if (this.isWithinWindow(customer, now)) return null;
    this.forget(now);
    if (this.limit > 0 && !this.reached.has(customer) && this.reached.size >= this.limit) return this.overLimit;
    // Put last: the order is that of the last message, so the oldest can be forgotten without a look at the others.
    this.reached.delete(customer);
    this.reached.set(customer, now);
    return null;
  }

  customerWrote(customer: string, now: number): void {
    this.wrote.set(customer, now);
  }

  set(limit: number, overLimit: Partial<OverLimit>): void {
    this.limit = limit;
    this.overLimit = { ...USUAL, ...overLimit };
  }

  figures(now: number): { limit: number; customers: number } & OverLimit {
    this.forget(now);
    return { limit: this.limit, customers: this.reached.size, ...this.overLimit };
  }

  /** As Graph names it; a limit between two tiers is called by the one that it does not exceed. */
  get tier(): string {
    const found = TIERS.find(([, customers]) => this.limit > 0 && this.limit <= customers);
    return found?.[0] ?? 'TIER_UNLIMITED';
  }

  private isWithinWindow(customer: string, now: number): boolean {
    const wroteAt = this.wrote.get(customer);
    return wroteAt !== undefined && now - wroteAt < WINDOW_MS;
  }

  private forget(now: number): void {
    for (const [customer, at] of this.reached) {
      if (now - at < WINDOW_MS) return;
      this.reached.delete(customer);
    }
  }
}

interface DeskSettings {
  readonly webhookUrl?: string;
  readonly appSecret: string;
  vendorTime(realMs: number): number;
}

/** `/sandbox/whatsapp/portfolio`: Meta raises or lowers the limit, and tells of it as it does. */
export class PortfolioDesk {
  constructor(
    private readonly portfolio: PortfolioLimit,
    private readonly agent: Agent,
    private readonly settings: DeskSettings,
  ) {}

  show(): Answer {
    return json(200, this.portfolio.figures(this.settings.vendorTime(Date.now())));
  }

  /** `{limit, code?, told?}`. Gives the figures, and whether the webhook was taken (`heard`). */
  async change(call: Call): Promise<Answer> {
    const wanted = readChange(parseObject(call.body) ?? {});
    if (wanted === null)
      return json(400, {
        error: 'Give {"limit": customers in 24 hours, 0 for none, "code"?: 131048, "told"?: "answer" or "webhook"}',
      });
    const { limit, ...overLimit } = wanted;
    this.portfolio.set(limit, overLimit);
    const { webhookUrl, appSecret } = this.settings;
    const change = { field: 'business_capability_update', value: capabilityOf(limit) };
    const heard = webhookUrl !== undefined && (await post(this.agent, webhookUrl, changeMail(appSecret, change)));
    return json(200, { ...this.portfolio.figures(this.settings.vendorTime(Date.now())), heard });
  }
}

function readChange({ limit, code, told }: Json): ({ limit: number } & Partial<OverLimit>) | null {
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0) return null;
  if (code !== undefined && (typeof code !== 'number' || !Number.isInteger(code))) return null;
  if (told !== undefined && told !== 'answer' && told !== 'webhook') return null;
  return { limit, ...(code !== undefined && { code }), ...(told !== undefined && { told }) };
}

/** developers.facebook.com, WhatsApp, webhooks, business_capability_update, 21 May 2026, read 2026-11-28: -1 is no limit. */
const capabilityOf = (limit: number): object => ({
  max_daily_conversations_per_business: limit === 0 ? -1 : limit,
  max_phone_numbers_per_business: 25,
  max_phone_numbers_per_waba: 25,
});
