import { parseInstant } from '@wapas/kernel';
import { type HttpClient, SettingsReader } from '@wapas/provider-kit';
import { askJson, isId, type Json, majorMoney, NOT_FOUND, reasonOf, recordOf, recordsIn, textOf, UNREADABLE } from './ask';
import {
  type Checkout,
  type Gateway,
  type GatewayDefinition,
  type PaymentState,
  type PaymentStatusSource,
  type PaymentSubject,
  type PaymentWord,
  type StatusAnswer,
  type UpiAnswer,
} from './contract';

/**
 * Cashfree Payments, API version 2025-01-01 (docs.cashfree.com, orders, payments and order pay; read 2026-11-25). Amounts are
 * rupees with decimals. An order is ACTIVE, PAID, EXPIRED or being TERMINATED; whether an attempt is still with the bank
 * shows only in the order's payments.
 */
export const cashfree: GatewayDefinition = {
  name: 'cashfree',
  settings: [
    { name: 'CASHFREE_CLIENT_ID', required: true, secret: false, description: 'App id (x-client-id).' },
    { name: 'CASHFREE_CLIENT_SECRET', required: true, secret: true, description: 'Secret key (x-client-secret).' },
    { name: 'CASHFREE_BASE_URL', required: false, secret: false, description: 'Default https://api.cashfree.com/pg.' },
    {
      name: 'CASHFREE_CHECKOUT_URL',
      required: false,
      secret: false,
      description: 'Where a browser posts payment_session_id. Default: below the base address.',
    },
  ],
  read: (settings) => {
    const reader = new SettingsReader(settings);
    const baseUrl = reader.baseUrl('CASHFREE_BASE_URL', 'https://api.cashfree.com/pg');
    const config: Config = {
      clientId: reader.requiredToken('CASHFREE_CLIENT_ID', 'copy the app id from the Cashfree dashboard'),
      clientSecret: reader.requiredToken('CASHFREE_CLIENT_SECRET', 'copy the secret key from the Cashfree dashboard'),
      baseUrl,
      // Cashfree's browser SDK (v3) posts its form here; the API reference does not name the address, so it is a setting.
      checkoutUrl: reader.baseUrl('CASHFREE_CHECKOUT_URL', `${baseUrl}/view/sessions/checkout`),
    };
    return reader.result(() => (http: HttpClient): Gateway => {
      const api = new Api(config, http);
      return { name: 'cashfree', status: new Status(api), checkout: new CashfreeCheckout(config, api) };
    });
  },
};

interface Config {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly baseUrl: string;
  readonly checkoutUrl: string;
}

class Api {
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly config: Config,
    private readonly http: HttpClient,
  ) {
    this.headers = {
      'x-client-id': config.clientId,
      'x-client-secret': config.clientSecret,
      'x-api-version': '2025-01-01',
      'content-type': 'application/json',
    };
  }

  call(method: 'GET' | 'POST', path: string, body?: Json) {
    const request = { method, url: `${this.config.baseUrl}${path}`, headers: this.headers };
    const whole = body === undefined ? request : { ...request, body: JSON.stringify(body) };
    return askJson(this.http, whole, ({ code }) => textOf(code));
  }
}

const ORDER_STATES: ReadonlyMap<string, PaymentState> = new Map([
  ['ACTIVE', 'open'],
  ['PAID', 'paid'],
  ['EXPIRED', 'expired'],
  ['TERMINATED', 'cancelled'],
  ['TERMINATION_REQUESTED', 'cancelled'],
]);

class Status implements PaymentStatusSource {
  constructor(private readonly api: Api) {}

  /** Cashfree looks payments up below their order only. */
  async ask({ order: id }: PaymentSubject): Promise<StatusAnswer> {
    if (!isId(id)) return NOT_FOUND;
    const asked = await this.api.call('GET', `/orders/${id}`);
    if (!asked.ok) return reasonOf(asked);
    const order = recordOf(asked.body) ?? {};
    const state = ORDER_STATES.get(textOf(order.order_status) ?? '');
    if (order.order_id !== id || state === undefined) return UNREADABLE;
    const word: PaymentWord = {
      state,
      order: id,
      amount: majorMoney(order.order_amount, order.order_currency),
      session: textOf(order.payment_session_id),
    };
    if (state !== 'open' && state !== 'paid') return { known: true, word };
    const payments = await this.api.call('GET', `/orders/${id}/payments`);
    if (!payments.ok) return state === 'paid' ? { known: true, word } : reasonOf(payments);
    return { known: true, word: withPayments(word, recordsIn(payments.body)) };
  }
}

/** Nothing comes of an attempt that stands so (docs.cashfree.com, payments; read 2026-11-29). */
const OVER: ReadonlySet<unknown> = new Set(['FAILED', 'USER_DROPPED', 'CANCELLED', 'VOID']);

function withPayments(before: PaymentWord, payments: readonly Json[]): PaymentWord {
  const failed = payments.flatMap((one) => (OVER.has(one.payment_status) ? (idOf(one.cf_payment_id) ?? []) : []));
  const word = failed.length > 0 ? { ...before, failed } : before;
  const paid = payments.find((one) => one.payment_status === 'SUCCESS');
  const pending = payments.find((one) => one.payment_status === 'PENDING');
  const decided = paid ?? (word.state === 'open' ? pending : undefined);
  if (!decided) return word;
  const at = parseInstant(textOf(decided.payment_completion_time) ?? textOf(decided.payment_time) ?? '') ?? undefined;
  // An order is ACTIVE for a moment after its payment has succeeded: the payment knows better.
  return { ...word, state: decided === paid ? 'paid' : 'pending', payment: idOf(decided.cf_payment_id), at };
}

/** A string since 2023-08-01, a number before. */
const idOf = (id: unknown): string | undefined => (typeof id === 'number' ? String(id) : textOf(id));

class CashfreeCheckout implements Checkout {
  constructor(
    private readonly config: Config,
    private readonly api: Api,
  ) {}

  /** The order itself says where the customer goes afterwards (`order_meta.return_url`). */
  handOver({ session }: PaymentWord) {
    return session === undefined ? null : { action: this.config.checkoutUrl, fields: { payment_session_id: session } };
  }

  /** Order Pay with the channel `link` answers with one `upi://` address for any app, and one for each well-known app. */
  async startUpi({ session }: PaymentWord): Promise<UpiAnswer> {
    if (session === undefined) return { ok: false, reason: 'not_offered' };
    const method = { upi: { channel: 'link' } };
    const asked = await this.api.call('POST', '/orders/sessions', { payment_session_id: session, payment_method: method });
    if (!asked.ok) return { ok: false, reason: asked.reason };
    const body = recordOf(asked.body) ?? {};
    const intent = textOf(recordOf(recordOf(body.data)?.payload)?.default);
    return intent === undefined ? { ok: false, reason: 'not_offered' } : { ok: true, intent, payment: idOf(body.cf_payment_id) };
  }
}
