import { type SandboxOptions } from '../options';
import { type Route } from '../router';
import { type Answer, type Call, isObject, json, parseObject } from '../wire';
import { checkoutPage, donePage } from './checkout-page';
import { troubleOf } from './gateway-modes';
import {
  newVendorId,
  type Outcome,
  OUTCOMES,
  type PaymentBook,
  type PlayedOrder,
  type PlayedPayment,
  rupees,
} from './payment-book';
import { type GatewayWebhooks } from './webhooks';

/** Cashfree's orders, their payments and order pay, API version 2025-01-01 (docs.cashfree.com, read 2026-11-25). */
export class Cashfree {
  constructor(
    private readonly book: PaymentBook,
    private readonly webhooks: GatewayWebhooks,
    private readonly options: SandboxOptions,
  ) {}

  api(): readonly Route[] {
    const route = (method: string, path: string, handle: (call: Call) => Answer): Route => ({
      method,
      path: `/cashfree/pg${path}`,
      handle: (call) =>
        this.isAuthentic(call) ? handle(call) : troubleOf('cashfree', 401, 'request_failed', 'authentication Failed'),
    });
    return [
      route('POST', '/orders', (call) => this.createOrder(call)),
      // Before `/orders/:id`: earlier routes win.
      route('POST', '/orders/sessions', (call) => this.orderPay(call)),
      route('GET', '/orders/:id', ({ params }) => this.withOrder(params.id, (order) => json(200, orderEntity(order)))),
      route('GET', '/orders/:id/payments', ({ params }) =>
        this.withOrder(params.id, (order) =>
          json(
            200,
            order.payments.map((payment) => paymentEntity(order, payment)),
          ),
        ),
      ),
    ];
  }

  pages(): readonly Route[] {
    return [
      {
        method: 'POST',
        path: '/cashfree/pg/view/sessions/checkout',
        handle: (call) => this.checkout(new URLSearchParams(call.body)),
      },
      { method: 'POST', path: '/cashfree/pay', handle: (call) => this.pay(new URLSearchParams(call.body)) },
    ];
  }

  private isAuthentic({ headers }: Call): boolean {
    const { cashfreeClientId, cashfreeClientSecret } = this.options;
    if (headers['x-api-version'] === undefined) return false;
    return (
      cashfreeClientSecret === undefined ||
      (headers['x-client-secret'] === cashfreeClientSecret && headers['x-client-id'] === cashfreeClientId)
    );
  }

  private createOrder(call: Call): Answer {
    const body = parseObject(call.body) ?? {};
    const { order_amount: amount, order_currency: currency, order_id: id } = body;
    if (typeof amount !== 'number' || typeof currency !== 'string')
      return troubleOf('cashfree', 400, 'order_amount_invalid', 'order_amount : invalid value');
    const meta = isObject(body.order_meta) ? body.order_meta : {};
    const order = this.book.add({
      gateway: 'cashfree',
      id: typeof id === 'string' ? id : newVendorId('order_'),
      amount: Math.round(amount * 100),
      currency,
      ...(typeof meta.return_url === 'string' && { returnUrl: meta.return_url }),
    });
    return json(200, orderEntity(order));
  }

  private withOrder(id: string | undefined, then: (order: PlayedOrder) => Answer): Answer {
    const order = this.book.find('cashfree', id ?? '');
    return order ? then(order) : troubleOf('cashfree', 404, 'order_not_found', 'Order Reference Id does not exist');
  }

  /** UPI by link: one address for any app and one each for some. The attempt is not made until the customer's app makes it. */
  private orderPay(call: Call): Answer {
    const body = parseObject(call.body) ?? {};
    const order = this.book.bySession(String(body.payment_session_id));
    if (!order)
      return troubleOf('cashfree', 400, 'payment_session_id_invalid', 'payment_session_id is not present or is invalid');
    if (order.state !== 'open') return troubleOf('cashfree', 400, 'order_already_paid', 'order is already paid');
    const payment = this.book.begin(order, String(4_000_000_000 + Math.floor(Math.random() * 1_000_000_000)));
    const query = `pay?pa=cf.sandbox@cashfree&pn=Sandbox%20Shop&mc=5411&tid=CF${payment.id}&tr=${payment.id}&tn=Order&am=${rupees(order.upiAmount ?? order.amount)}&cu=INR&mode=04&purpose=00`;
    const payload = {
      default: `upi://${query}`,
      bhim: `upi://${query}`,
      gpay: `tez://upi/${query}`,
      paytm: `paytmmp://${query}`,
      phonepe: `phonepe://${query}`,
    };
    return json(200, {
      action: 'custom',
      cf_payment_id: payment.id,
      channel: 'link',
      payment_amount: Number(rupees(order.amount)),
      payment_method: 'upi',
      data: { url: null, payload, content_type: null, method: null },
    });
  }

  private checkout(form: URLSearchParams): Answer {
    const order = this.book.bySession(form.get('payment_session_id') ?? '');
    if (!order) return donePage('There is no such session', null, 400);
    if (order.state !== 'open') return donePage('This order cannot be paid any more', backOf(order));
    return checkoutPage('Cashfree', '/cashfree/pay', order, { payment_session_id: order.session });
  }

  /** From the checkout, or from a UPI app with the id of its attempt (`cf_payment_id`, the `tr` of its address). */
  private pay(form: URLSearchParams): Answer {
    const attempt = form.get('cf_payment_id') ?? undefined;
    const order =
      attempt === undefined
        ? this.book.bySession(form.get('payment_session_id') ?? '')
        : this.book.withPayment('cashfree', attempt);
    const outcome = form.get('outcome') as Outcome;
    if (!order || !OUTCOMES.includes(outcome)) return donePage('There is no such order', null, 400);
    const paid = this.book.pay(order, attempt ?? String(4_000_000_000 + Math.floor(Math.random() * 1_000_000_000)), outcome);
    if (!paid.ok) return donePage('This order is already paid', backOf(order), 409);
    // Cashfree has no webhook for an attempt that is still with the bank.
    if (paid.payment.state === 'captured' || paid.payment.state === 'failed') this.webhooks.tell(order, paid.payment);
    return donePage(outcome === 'failed' ? 'That did not work' : 'Thank you', backOf(order));
  }
}

const backOf = ({ returnUrl, id }: PlayedOrder) =>
  returnUrl === undefined ? null : { url: returnUrl.replaceAll('{order_id}', id), fields: {} };

const ORDER_STATUS = { open: 'ACTIVE', paid: 'PAID', expired: 'EXPIRED', cancelled: 'TERMINATED' } as const;

function orderEntity(order: PlayedOrder): object {
  return {
    cf_order_id: `22${order.createdAt}`,
    order_id: order.id,
    entity: 'order',
    order_currency: order.currency,
    order_amount: Number(rupees(order.amount)),
    order_status: order.status ?? ORDER_STATUS[order.state],
    payment_session_id: order.session,
    order_expiry_time: new Date(order.createdAt + 30 * 86_400_000).toISOString(),
    customer_details: { customer_id: order.customer.id ?? null, customer_phone: order.customer.phone ?? null },
  };
}

const PAYMENT_STATUS = {
  captured: 'SUCCESS',
  authorised: 'PENDING',
  pending: 'PENDING',
  failed: 'FAILED',
  begun: 'NOT_ATTEMPTED',
  refunded: 'SUCCESS',
} as const;

function paymentEntity(order: PlayedOrder, { id, state, at }: PlayedPayment): object {
  return {
    cf_payment_id: id,
    order_id: order.id,
    entity: 'payment',
    payment_amount: Number(rupees(order.amount)),
    payment_currency: order.currency,
    payment_status: PAYMENT_STATUS[state],
    payment_time: new Date(at).toISOString(),
    payment_completion_time: state === 'captured' ? new Date(at).toISOString() : null,
    is_captured: state === 'captured',
    payment_group: 'upi',
  };
}
