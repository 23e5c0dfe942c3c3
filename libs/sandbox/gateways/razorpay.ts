import { createHmac } from 'node:crypto';
import { type SandboxOptions } from '../options';
import { type Handler, type Route } from '../router';
import { type Answer, type Call, isObject, json, parseObject } from '../wire';
import { type Back, checkoutPage, donePage } from './checkout-page';
import { troubleOf } from './gateway-modes';
import { newVendorId, type Outcome, OUTCOMES, type PaymentBook, type PlayedLink, type PlayedOrder } from './payment-book';
import { type GatewayWebhooks, razorpayPayment } from './webhooks';

/**
 * Razorpay's orders, payments, payment links and hosted checkout (razorpay.com/docs/api, read 2026-11-25). An unknown id is a
 * 400 whose text says so; a reference of a payment link can be used once.
 */
export class Razorpay {
  constructor(
    private readonly book: PaymentBook,
    private readonly webhooks: GatewayWebhooks,
    private readonly options: SandboxOptions,
  ) {}

  /** The API, behind Basic auth; failure modes stand in front of it. */
  api(): readonly Route[] {
    const route = (method: string, path: string, handle: (call: Call) => Answer): Route => ({
      method,
      path: `/razorpay/v1${path}`,
      handle: (call) =>
        this.isAuthentic(call) ? handle(call) : troubleOf('razorpay', 401, 'BAD_REQUEST_ERROR', 'Authentication failed'),
    });
    return [
      route('POST', '/orders', (call) => this.createOrder(call)),
      route('GET', '/orders/:id', ({ params }) => this.withOrder(params.id, (order) => json(200, orderEntity(order)))),
      route('GET', '/orders/:id/payments', ({ params }) => this.withOrder(params.id, (order) => json(200, paymentsOf(order)))),
      route('GET', '/payments/:id', ({ params }) => this.payment(params.id as string)),
      route('POST', '/payment_links', (call) => this.createLink(call)),
      route('GET', '/payment_links', (call) => this.findLinks(call)),
      route('GET', '/payment_links/:id', ({ params, headers }) =>
        this.withLink(params.id, (link) => json(200, linkEntity(link, headers.host))),
      ),
      route('POST', '/payment_links/:id/cancel', ({ params }) => this.withLink(params.id, (link) => cancel(link))),
    ];
  }

  /** What the customer's browser sees. */
  pages(): readonly Route[] {
    const pay: Handler = (call) => this.pay(new URLSearchParams(call.body));
    return [
      { method: 'POST', path: '/razorpay/v1/checkout/embedded', handle: (call) => this.checkout(new URLSearchParams(call.body)) },
      { method: 'POST', path: '/razorpay/pay', handle: pay },
      { method: 'GET', path: '/razorpay/l/:id', handle: ({ params }) => this.linkPage(params.id as string) },
      { method: 'POST', path: '/razorpay/l/:id/pay', handle: ({ params }) => this.payLink(params.id as string) },
    ];
  }

  private isAuthentic({ headers }: Call): boolean {
    const { razorpayKeyId, razorpayKeySecret } = this.options;
    if (razorpayKeySecret === undefined) return true;
    const expected = Buffer.from(`${razorpayKeyId ?? ''}:${razorpayKeySecret}`).toString('base64');
    return headers.authorization === `Basic ${expected}`;
  }

  private createOrder(call: Call): Answer {
    const { amount, currency } = parseObject(call.body) ?? {};
    if (!Number.isSafeInteger(amount) || (amount as number) < 100 || typeof currency !== 'string')
      return troubleOf('razorpay', 400, 'BAD_REQUEST_ERROR', 'The amount must be at least INR 1.00');
    return json(
      200,
      orderEntity(this.book.add({ gateway: 'razorpay', id: newVendorId('order_'), amount: amount as number, currency })),
    );
  }

  private withOrder(id: string | undefined, then: (order: PlayedOrder) => Answer): Answer {
    const order = this.book.find('razorpay', id ?? '');
    return order ? then(order) : notThere();
  }

  private withLink(id: string | undefined, then: (link: PlayedLink) => Answer): Answer {
    const link = this.book.link(id ?? '');
    return link ? then(link) : notThere();
  }

  private payment(id: string): Answer {
    const order = this.book.withPayment('razorpay', id);
    const payment = order?.payments.find((one) => one.id === id);
    if (!order || !payment) return notThere();
    return json(200, razorpayPayment({ ...order, id: order.id.startsWith('none_') ? null : order.id }, payment));
  }

  private createLink(call: Call): Answer {
    const body = parseObject(call.body) ?? {};
    const { amount, currency, reference_id: reference, description, expire_by: expireBy, callback_url: callbackUrl } = body;
    if (!Number.isSafeInteger(amount) || typeof currency !== 'string' || typeof reference !== 'string' || reference.length > 40)
      return troubleOf('razorpay', 400, 'BAD_REQUEST_ERROR', 'The link cannot be made of these fields');
    if (this.book.linkByReference(reference))
      return troubleOf('razorpay', 400, 'BAD_REQUEST_ERROR', 'payment link with given reference_id already exists');
    const notify = (body.notify ?? {}) as Readonly<Record<string, unknown>>;
    const link: PlayedLink = {
      id: newVendorId('plink_'),
      reference,
      amount: amount as number,
      currency,
      title: typeof description === 'string' ? description : '',
      expiresAt: Number(expireBy ?? 0) * 1_000,
      ...(typeof callbackUrl === 'string' && { callbackUrl }),
      notes: isObject(body.notes) ? body.notes : {},
      // Razorpay's own messages are on unless they are switched off.
      notifies: notify.sms !== false || notify.email !== false || body.reminder_enable !== false,
      state: 'created',
    };
    this.book.addLink(link);
    return json(200, linkEntity(link, call.headers.host));
  }

  private findLinks({ query, headers }: Call): Answer {
    const link = this.book.linkByReference(query.get('reference_id') ?? '');
    return json(200, { payment_links: link ? [linkEntity(link, headers.host)] : [] });
  }

  private checkout(form: URLSearchParams): Answer {
    const order = this.book.find('razorpay', form.get('order_id') ?? '');
    if (!order || form.get('amount') !== String(order.amount)) return donePage('The order and its amount do not fit', null, 400);
    if (order.state === 'paid') return donePage('This order is already paid', this.back(form, undefined, order));
    return checkoutPage('Razorpay', '/razorpay/pay', order, { order_id: order.id, callback_url: form.get('callback_url') ?? '' });
  }

  private pay(form: URLSearchParams): Answer {
    const order = this.book.find('razorpay', form.get('order_id') ?? '');
    const outcome = form.get('outcome') as Outcome;
    if (!order || !OUTCOMES.includes(outcome)) return donePage('There is no such order', null, 400);
    const paid = this.book.pay(order, newVendorId('pay_'), outcome);
    if (!paid.ok) return donePage('This order is already paid', this.back(form, undefined, order), 409);
    this.webhooks.tell(order, paid.payment);
    return donePage(outcome === 'failed' ? 'That did not work' : 'Thank you', this.back(form, paid.payment.id, order));
  }

  /** The browser brings the callback's fields back; the signature is over order and payment with the key secret. */
  private back(form: URLSearchParams, payment: string | undefined, order: PlayedOrder): Back {
    const url = form.get('callback_url') ?? '';
    if (!/^https?:/.test(url)) return null;
    if (payment === undefined) return { url, fields: {} };
    const signature = createHmac('sha256', this.options.razorpayKeySecret ?? '')
      .update(`${order.id}|${payment}`)
      .digest('hex');
    return { url, fields: { razorpay_order_id: order.id, razorpay_payment_id: payment, razorpay_signature: signature } };
  }

  private linkPage(id: string): Answer {
    const link = this.book.link(id);
    if (!link) return donePage('There is no such link', null, 404);
    if (link.state !== 'created') return donePage(link.state === 'paid' ? 'Already paid' : 'This link was cancelled', null);
    return checkoutPage('Razorpay', `/razorpay/l/${id}/pay`, { ...link, id: link.reference }, {});
  }

  private payLink(id: string): Answer {
    const link = this.book.link(id);
    if (!link || link.state !== 'created') return donePage('This link cannot be paid any more', null, 409);
    link.state = 'paid';
    link.payment = { id: newVendorId('pay_'), state: 'captured', at: this.book.time() };
    this.webhooks.tellLinkPaid(link, link.payment);
    return donePage('Thank you', null);
  }
}

const notThere = (): Answer => troubleOf('razorpay', 400, 'BAD_REQUEST_ERROR', 'The id provided does not exist');

function orderEntity(order: PlayedOrder): object {
  const isPaid = order.state === 'paid';
  return {
    id: order.id,
    entity: 'order',
    amount: order.amount,
    amount_paid: isPaid ? order.amount : 0,
    amount_due: isPaid ? 0 : order.amount,
    currency: order.currency,
    receipt: null,
    status: order.status ?? (isPaid ? 'paid' : order.payments.length > 0 ? 'attempted' : 'created'),
    attempts: order.payments.length,
    notes: [],
    created_at: Math.floor(order.createdAt / 1_000),
  };
}

const paymentsOf = (order: PlayedOrder): object => ({
  entity: 'collection',
  count: order.payments.length,
  items: order.payments.map((payment) => razorpayPayment(order, payment)),
});

const linkEntity = (link: PlayedLink, host = '127.0.0.1'): object => ({
  id: link.id,
  reference_id: link.reference,
  amount: link.amount,
  currency: link.currency,
  description: link.title,
  status: link.state,
  short_url: `http://${host}/razorpay/l/${link.id}`,
  expire_by: Math.floor(link.expiresAt / 1_000),
  reminder_enable: link.notifies,
});

function cancel(link: PlayedLink): Answer {
  if (link.state !== 'created')
    return troubleOf('razorpay', 400, 'BAD_REQUEST_ERROR', 'Payment Link cannot be cancelled in its state');
  link.state = 'cancelled';
  return json(200, linkEntity(link));
}
