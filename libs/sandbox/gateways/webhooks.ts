import { createHmac, randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { DueList } from '../due-list';
import { type ModeBook } from '../mode-book';
import { post } from '../receipts';
import { type SandboxOptions } from '../options';
import { type Mail } from '../vendor';
import { type GatewayName, type PlayedLink, type PlayedOrder, type PlayedPayment, rupees } from './payment-book';

const MOST_TRIES = 5;

/** Tells the shop's systems what the customer did, signed as each gateway signs. `receipts: none` is a webhook switched off. */
export class GatewayWebhooks {
  private readonly due = new DueList();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });
  private open = 0;

  constructor(
    private readonly options: SandboxOptions,
    private readonly modes: ModeBook,
    private readonly now: () => number,
  ) {}

  /** Webhooks that will still be posted, or tried again. */
  pending(): number {
    return this.open;
  }

  tell(order: PlayedOrder, payment: PlayedPayment): void {
    if (payment.state !== 'begun') this.send(order.gateway, () => this.mailOf(order, payment));
  }

  tellLinkPaid(link: PlayedLink, payment: PlayedPayment): void {
    this.send('razorpay', () =>
      razorpayMail(razorpayLinkPaid(link, payment, this.seconds()), this.options.razorpayWebhookSecret),
    );
  }

  close(): void {
    this.due.close();
    this.agent.destroy();
  }

  private send(gateway: GatewayName, mail: () => Mail): void {
    const url = {
      razorpay: this.options.razorpayWebhookUrl,
      cashfree: this.options.cashfreeWebhookUrl,
      stripe: this.options.stripeWebhookUrl,
    }[gateway];
    const mode = this.modes.pick(gateway);
    if (url === undefined || this.options.quiet || mode?.mode === 'none') return;
    const afterMs = mode?.mode === 'late' ? (mode.delayMs ?? 5_000) : 1;
    const written = mail();
    for (let copy = mode?.mode === 'doubled' ? 2 : 1; copy > 0; copy -= 1) {
      this.open += 1;
      this.due.after(afterMs, () => void this.deliver(url, written, 1));
    }
  }

  private async deliver(url: string, mail: Mail, tries: number): Promise<void> {
    const isTaken = await post(this.agent, url, mail, (status) => status >= 200 && status < 300).catch(() => false);
    if (isTaken || tries >= MOST_TRIES) this.open -= 1;
    else this.due.after(this.options.receiptsRetryMs * 4 ** (tries - 1), () => void this.deliver(url, mail, tries + 1));
  }

  private mailOf(order: PlayedOrder, payment: PlayedPayment): Mail {
    switch (order.gateway) {
      case 'razorpay':
        return razorpayMail(razorpayEvent(order, payment, this.seconds()), this.options.razorpayWebhookSecret);
      case 'cashfree':
        return cashfreeMail(cashfreeEvent(order, payment, this.now()), this.options.cashfreeClientSecret ?? '', this.now());
      case 'stripe':
        return stripeMail(
          stripeEvent(order, payment, this.seconds()),
          this.options.stripeWebhookSecret,
          Math.floor(Date.now() / 1_000),
        );
    }
  }

  private seconds(): number {
    return Math.floor(this.now() / 1_000);
  }
}

/** razorpay.com/docs/webhooks, read 2026-11-23: hex HMAC-SHA256 of the body, the event's id beside it. */
function razorpayMail(body: object, secret: string): Mail {
  const text = JSON.stringify(body);
  return {
    headers: {
      'content-type': 'application/json',
      'x-razorpay-signature': createHmac('sha256', secret).update(text).digest('hex'),
      'x-razorpay-event-id': `evt_${randomBytes(7).toString('hex')}`,
    },
    body: text,
  };
}

const RAZORPAY_STATUS = {
  captured: 'captured',
  authorised: 'authorized',
  pending: 'created',
  failed: 'failed',
  begun: 'created',
  refunded: 'refunded',
};

/** A payment as Razorpay's API and webhooks show it. */
export function razorpayPayment(
  order: Pick<PlayedOrder, 'amount' | 'currency' | 'customer'> & { id: string | null },
  { id, state, at }: PlayedPayment,
): object {
  const hasFailed = state === 'failed';
  return {
    id,
    entity: 'payment',
    amount: order.amount,
    currency: order.currency,
    status: RAZORPAY_STATUS[state],
    order_id: order.id,
    invoice_id: null,
    method: 'upi',
    captured: state === 'captured',
    email: null,
    contact: order.customer.phone ?? null,
    notes: order.customer.id === undefined ? [] : { customer_id: order.customer.id },
    error_code: hasFailed ? 'BAD_REQUEST_ERROR' : null,
    error_description: hasFailed ? 'The payment could not be completed.' : null,
    error_source: hasFailed ? 'customer' : null,
    error_step: hasFailed ? 'payment_authentication' : null,
    error_reason: hasFailed ? 'payment_cancelled' : null,
    created_at: Math.floor(at / 1_000),
  };
}

function razorpayEvent(order: PlayedOrder, payment: PlayedPayment, createdAt: number): object {
  const event =
    payment.state === 'captured' ? 'payment.captured' : payment.state === 'authorised' ? 'payment.authorized' : 'payment.failed';
  return {
    entity: 'event',
    account_id: 'acc_WapasSandbox1',
    event,
    contains: ['payment'],
    payload: { payment: { entity: razorpayPayment(order, payment) } },
    created_at: createdAt,
  };
}

function razorpayLinkPaid(link: PlayedLink, payment: PlayedPayment, createdAt: number): object {
  const entity = razorpayPayment({ id: null, amount: link.amount, currency: link.currency, customer: {} }, payment);
  return {
    entity: 'event',
    account_id: 'acc_WapasSandbox1',
    event: 'payment_link.paid',
    contains: ['payment_link', 'order', 'payment'],
    payload: {
      payment: { entity: { ...entity, notes: link.notes } },
      payment_link: { entity: { id: link.id, reference_id: link.reference, status: 'paid', amount: link.amount } },
    },
    created_at: createdAt,
  };
}

/** docs.cashfree.com payment webhooks 2025-01-01, read 2026-11-23: base64 HMAC-SHA256 of timestamp and body, nothing between them. */
function cashfreeMail(body: object, secret: string, now: number): Mail {
  const text = JSON.stringify(body);
  const timestamp = String(now);
  return {
    headers: {
      'content-type': 'application/json',
      'x-webhook-timestamp': timestamp,
      'x-webhook-signature': createHmac('sha256', secret)
        .update(timestamp + text)
        .digest('base64'),
      'x-webhook-version': '2025-01-01',
      'x-webhook-attempt': '1',
      'x-idempotency-key': randomBytes(16).toString('hex'),
    },
    body: text,
  };
}

function cashfreeEvent(order: PlayedOrder, payment: PlayedPayment, now: number): object {
  const hasFailed = payment.state === 'failed';
  return {
    type: hasFailed ? 'PAYMENT_FAILED_WEBHOOK' : 'PAYMENT_SUCCESS_WEBHOOK',
    event_time: new Date(now).toISOString(),
    data: {
      order: { order_id: order.id, order_amount: Number(rupees(order.amount)), order_currency: order.currency, order_tags: null },
      payment: {
        cf_payment_id: payment.id,
        payment_status: hasFailed ? 'FAILED' : 'SUCCESS',
        payment_amount: Number(rupees(order.amount)),
        payment_currency: order.currency,
        payment_message: hasFailed ? 'Payment declined' : 'Simulated response message',
        payment_time: new Date(payment.at).toISOString(),
        payment_group: 'upi',
        payment_method: { upi: { channel: 'link' } },
      },
      customer_details: { customer_id: order.customer.id ?? null, customer_phone: order.customer.phone ?? null },
      error_details: hasFailed
        ? {
            error_code: 'TRANSACTION_DECLINED',
            error_description: 'Declined',
            error_reason: 'payment_cancelled',
            error_source: 'customer',
          }
        : null,
    },
  };
}

/** stripe-node v22, read 2026-11-23: hex HMAC-SHA256 of `time.body` under the whole secret. Its clock is the real one: receivers check it. */
function stripeMail(body: object, secret: string, time: number): Mail {
  const text = JSON.stringify(body);
  const signature = createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
  return { headers: { 'content-type': 'application/json', 'stripe-signature': `t=${time},v1=${signature}` }, body: text };
}

function stripeEvent(order: PlayedOrder, payment: PlayedPayment, created: number): object {
  const hasFailed = payment.state === 'failed';
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    type: hasFailed ? 'payment_intent.payment_failed' : 'payment_intent.succeeded',
    created,
    livemode: false,
    data: { object: stripeIntent(order) },
  };
}

/** A PaymentIntent as Stripe's API and events show it. */
export function stripeIntent(order: PlayedOrder): object {
  const last = order.payments.at(-1);
  const byState = {
    captured: 'succeeded',
    authorised: 'requires_capture',
    pending: 'processing',
    failed: 'requires_payment_method',
    begun: 'requires_payment_method',
    refunded: 'succeeded',
  };
  return {
    id: order.id,
    object: 'payment_intent',
    amount: order.amount,
    currency: order.currency.toLowerCase(),
    status:
      order.state === 'cancelled' || order.state === 'expired'
        ? 'canceled'
        : last
          ? byState[last.state]
          : 'requires_payment_method',
    latest_charge: last?.id ?? null,
    metadata: order.customer.id === undefined ? {} : { customer_id: order.customer.id },
    livemode: false,
    created: Math.floor(order.createdAt / 1_000),
  };
}

/** A Checkout Session, and an invoice, as Stripe's API shows them. */
export function stripeSession(order: PlayedOrder): object {
  const last = order.payments.at(-1)?.state;
  const isPaid = order.state === 'paid';
  const isWaiting = last === 'pending' || last === 'authorised';
  return {
    id: order.id,
    object: 'checkout.session',
    amount_total: order.amount,
    currency: order.currency.toLowerCase(),
    payment_status: isPaid ? 'paid' : 'unpaid',
    status: isPaid || isWaiting ? 'complete' : order.state === 'open' ? 'open' : 'expired',
    payment_intent: isPaid ? (order.payments.at(-1)?.id ?? null) : null,
  };
}

export function stripeInvoice(order: PlayedOrder): object {
  const isPaid = order.state === 'paid';
  const last = order.payments.at(-1);
  return {
    id: order.id,
    object: 'invoice',
    currency: order.currency.toLowerCase(),
    amount_paid: isPaid ? order.amount : 0,
    amount_remaining: isPaid ? 0 : order.amount,
    status: isPaid ? 'paid' : order.state === 'open' ? 'open' : 'void',
    status_transitions: { paid_at: isPaid && last ? Math.floor(last.at / 1_000) : null },
  };
}
