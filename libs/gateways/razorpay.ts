import { type Instant } from '@wapas/kernel';
import { type HttpClient, SettingsReader } from '@wapas/provider-kit';
import { askJson, isId, type Json, minorMoney, NOT_FOUND, reasonOf, recordOf, recordsIn, textOf, UNREADABLE } from './ask';
import {
  type Checkout,
  type Gateway,
  type GatewayDefinition,
  type LinkAnswer,
  type LinkRequest,
  type PaymentLinks,
  type PaymentState,
  type PaymentStatusSource,
  type PaymentSubject,
  type PaymentWord,
  type StatusAnswer,
} from './contract';

/**
 * Razorpay (razorpay.com/docs/api/orders, /api/payments, /api/payments/payment-links and the hosted web integration, read
 * 2026-11-25). Amounts are whole paise. An order is `created`, `attempted` (a payment was tried) or `paid`; an authorised
 * payment shows only in the order's payments.
 */
export const razorpay: GatewayDefinition = {
  name: 'razorpay',
  settings: [
    { name: 'RAZORPAY_KEY_ID', required: true, secret: false, description: 'API key id (rzp_live_…).' },
    { name: 'RAZORPAY_KEY_SECRET', required: true, secret: true, description: 'API key secret; not the webhook secret.' },
    { name: 'RAZORPAY_BASE_URL', required: false, secret: false, description: 'Default https://api.razorpay.com/v1.' },
  ],
  read: (settings) => {
    const reader = new SettingsReader(settings);
    const config: Config = {
      keyId: reader.requiredToken('RAZORPAY_KEY_ID', 'copy the API key id from the Razorpay dashboard'),
      keySecret: reader.requiredToken('RAZORPAY_KEY_SECRET', 'copy the API key secret from the Razorpay dashboard'),
      baseUrl: reader.baseUrl('RAZORPAY_BASE_URL', 'https://api.razorpay.com/v1'),
    };
    return reader.result(() => (http: HttpClient): Gateway => {
      const api = new Api(config, http);
      return { name: 'razorpay', status: new Status(api), checkout: new HostedCheckout(config), links: new Links(api) };
    });
  },
};

interface Config {
  readonly keyId: string;
  readonly keySecret: string;
  readonly baseUrl: string;
}

class Api {
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly config: Config,
    private readonly http: HttpClient,
  ) {
    const credentials = Buffer.from(`${config.keyId}:${config.keySecret}`).toString('base64');
    this.headers = { authorization: `Basic ${credentials}`, 'content-type': 'application/json' };
  }

  call(method: 'GET' | 'POST', path: string, body?: Json) {
    const request = { method, url: `${this.config.baseUrl}${path}`, headers: this.headers };
    return askJson(this.http, body === undefined ? request : { ...request, body: JSON.stringify(body) }, descriptionOf);
  }
}

const descriptionOf = (body: Json): string | undefined => {
  const error = recordOf(body.error);
  // An unknown id is a 400 with this text, not a 404.
  return textOf(error?.description)?.includes('does not exist') ? MISSING : textOf(error?.code);
};
const MISSING = 'ID_DOES_NOT_EXIST';

class Status implements PaymentStatusSource {
  constructor(private readonly api: Api) {}

  async ask({ order, payment }: PaymentSubject): Promise<StatusAnswer> {
    if (isId(order)) return this.askOrder(order);
    return isId(payment) ? this.askPayment(payment) : NOT_FOUND;
  }

  private async askOrder(id: string): Promise<StatusAnswer> {
    const asked = await this.api.call('GET', `/orders/${id}`);
    if (!asked.ok) return asked.code === MISSING ? NOT_FOUND : reasonOf(asked);
    const order = recordOf(asked.body) ?? {};
    const status = textOf(order.status);
    if (order.id !== id || status === undefined || !['created', 'attempted', 'paid'].includes(status)) return UNREADABLE;
    const open: PaymentWord = { state: 'open', order: id, amount: minorMoney(order.amount_due ?? order.amount, order.currency) };
    if (status === 'created') return { known: true, word: open };
    const payments = await this.api.call('GET', `/orders/${id}/payments`);
    if (payments.ok) return { known: true, word: wordOf(recordsIn((payments.body as Json).items), order, open) };
    // Paid is known without its payments; whether an attempt is authorised is not.
    return status === 'paid' ? { known: true, word: wordOf([], order, open) } : reasonOf(payments);
  }

  private async askPayment(id: string): Promise<StatusAnswer> {
    const asked = await this.api.call('GET', `/payments/${id}`);
    if (!asked.ok) return asked.code === MISSING ? NOT_FOUND : reasonOf(asked);
    const payment = recordOf(asked.body) ?? {};
    const state = PAYMENT_STATES.get(textOf(payment.status) ?? '');
    if (payment.id !== id || state === undefined) return UNREADABLE;
    const order = textOf(payment.order_id);
    // The order may have been paid by another attempt since.
    if (isId(order)) return this.askOrder(order);
    return {
      known: true,
      word: { state, payment: id, amount: minorMoney(payment.amount, payment.currency), at: createdAt(payment) },
    };
  }
}

/** Of one payment. A failed one may be tried again, so its order is open; Razorpay says `created` while the customer is with the bank. */
const PAYMENT_STATES: ReadonlyMap<string, PaymentState> = new Map([
  ['created', 'open'],
  ['failed', 'open'],
  ['authorized', 'authorised'],
  ['captured', 'paid'],
  ['refunded', 'refunded'],
]);

function wordOf(payments: readonly Json[], order: Json, open: PaymentWord): PaymentWord {
  const byStatus = (status: string): Json | undefined => payments.find((one) => one.status === status);
  const decided = (state: PaymentState, payment: Json | undefined): PaymentWord => ({
    ...open,
    state,
    amount: minorMoney(payment?.amount ?? order.amount, order.currency),
    payment: textOf(payment?.id),
    at: payment && createdAt(payment),
  });
  const captured = byStatus('captured');
  if (captured) return decided('paid', captured);
  const refunded = byStatus('refunded');
  if (refunded) return decided('refunded', refunded);
  if (order.status === 'paid') return decided('paid', undefined);
  const authorised = byStatus('authorized');
  return authorised ? decided('authorised', authorised) : open;
}

/** A payment tells when it was begun, not when it was captured: seconds to minutes before. */
const createdAt = ({ created_at }: Json): Instant | undefined =>
  typeof created_at === 'number' && created_at > 0 ? ((created_at * 1_000) as Instant) : undefined;

/** Hosted checkout: a form post from the customer's browser with the id of the order that exists. The key id is public. */
class HostedCheckout implements Checkout {
  constructor(private readonly config: Config) {}

  handOver({ order, amount }: PaymentWord, { returnUrl, title }: { returnUrl: string; title: string }) {
    if (order === undefined || amount === undefined) return null;
    return {
      action: `${this.config.baseUrl}/checkout/embedded`,
      fields: {
        key_id: this.config.keyId,
        order_id: order,
        amount: String(amount.amount),
        currency: amount.currency,
        name: title,
        callback_url: returnUrl,
        cancel_url: returnUrl,
      },
    };
  }
}

class Links implements PaymentLinks {
  constructor(private readonly api: Api) {}

  async makeLink(request: LinkRequest): Promise<LinkAnswer> {
    const made = await this.api.call('POST', '/payment_links', {
      amount: request.amount.amount,
      currency: request.amount.currency,
      accept_partial: false,
      reference_id: request.reference,
      description: request.title,
      expire_by: Math.floor(request.expiresAt / 1_000),
      // Without these Razorpay sends messages of its own beside ours (rule 28).
      notify: { sms: false, email: false },
      reminder_enable: false,
      callback_url: request.returnUrl,
      callback_method: 'get',
      notes: request.notes,
    });
    if (made.ok) return linkIn(made.body);
    // The reference is unique: somebody was faster, or our own answer was lost.
    return made.reason === 'refused' || made.reason === 'timed_out'
      ? this.find(request.reference, made.reason)
      : { ok: false, reason: made.reason };
  }

  async askLink(id: string): Promise<LinkAnswer> {
    const asked = isId(id) ? await this.api.call('GET', `/payment_links/${id}`) : { ok: false as const, ...NOT_FOUND };
    return asked.ok ? linkIn(asked.body) : { ok: false, reason: asked.reason };
  }

  async cancelLink(id: string): Promise<boolean> {
    if (!isId(id)) return true;
    const cancelled = await this.api.call('POST', `/payment_links/${id}/cancel`, {});
    if (cancelled.ok || cancelled.reason === 'not_found') return true;
    // One that is paid, expired or cancelled cannot be cancelled, and need not be.
    const found = await this.askLink(id);
    return found.ok && found.state !== 'open';
  }

  private async find(reference: string, reason: 'refused' | 'timed_out'): Promise<LinkAnswer> {
    const found = await this.api.call('GET', `/payment_links?reference_id=${encodeURIComponent(reference)}`);
    const [link] = found.ok ? recordsIn((found.body as Json).payment_links) : [];
    return link?.reference_id === reference ? linkIn(link) : { ok: false, reason };
  }
}

const LINK_STATES: ReadonlyMap<string, PaymentState> = new Map([
  ['created', 'open'],
  ['partially_paid', 'open'],
  ['paid', 'paid'],
  ['expired', 'expired'],
  ['cancelled', 'cancelled'],
]);

function linkIn(body: unknown): LinkAnswer {
  const link = recordOf(body) ?? {};
  const [id, url, state] = [textOf(link.id), textOf(link.short_url), LINK_STATES.get(textOf(link.status) ?? '')];
  return id !== undefined && url !== undefined && state !== undefined
    ? { ok: true, id, url, state }
    : { ok: false, reason: 'unreadable' };
}
