import { type ModeBook } from '../mode-book';
import { type SandboxOptions } from '../options';
import { type Route } from '../router';
import { type Answer, bearerOf, type Call, isObject, json, parseObject } from '../wire';
import { Cashfree } from './cashfree';
import { troubleOf, withTroubles } from './gateway-modes';
import {
  type GatewayName,
  GATEWAYS,
  newVendorId,
  type OrderState,
  type Outcome,
  OUTCOMES,
  PaymentBook,
  type PlayedOrder,
} from './payment-book';
import { Razorpay } from './razorpay';
import { GatewayWebhooks, stripeIntent, stripeInvoice, stripeSession } from './webhooks';

/** The three payment gateways: one book of orders, their APIs, what a customer's browser sees, and what a test may do. */
export class Gateways {
  private readonly book: PaymentBook;
  private readonly webhooks: GatewayWebhooks;
  /** Calls of each gateway's API, failed ones included. */
  private readonly calls: Record<GatewayName, number> = { razorpay: 0, cashfree: 0, stripe: 0 };

  constructor(
    private readonly options: SandboxOptions,
    private readonly modes: { readonly calls: ModeBook; readonly webhooks: ModeBook },
    now: () => number,
  ) {
    this.book = new PaymentBook(now);
    this.webhooks = new GatewayWebhooks(options, modes.webhooks, now);
  }

  routes(): readonly Route[] {
    const razorpay = new Razorpay(this.book, this.webhooks, this.options);
    const cashfree = new Cashfree(this.book, this.webhooks, this.options);
    return [
      ...this.counted('razorpay', razorpay.api()),
      ...this.counted('cashfree', cashfree.api()),
      ...this.counted('stripe', [
        this.stripe('/payment_intents/:id', stripeIntent),
        this.stripe('/checkout/sessions/:id', stripeSession),
        this.stripe('/invoices/:id', stripeInvoice),
      ]),
      ...razorpay.pages(),
      ...cashfree.pages(),
      { method: 'POST', path: '/sandbox/orders', handle: (call) => this.addOrder(call) },
      {
        method: 'GET',
        path: '/sandbox/orders/:gateway/:id',
        handle: (call) => this.withOrder(call, (order) => json(200, order)),
      },
      {
        method: 'POST',
        path: '/sandbox/orders/:gateway/:id/pay',
        handle: (call) => this.withOrder(call, (order) => this.pay(order, call)),
      },
      { method: 'GET', path: '/sandbox/payment-links', handle: () => json(200, this.book.allLinks()) },
      { method: 'GET', path: '/sandbox/gateway-calls', handle: () => json(200, this.calls) },
    ];
  }

  pending(): number {
    return this.webhooks.pending();
  }

  close(): void {
    this.webhooks.close();
  }

  private counted(gateway: GatewayName, routes: readonly Route[]): Route[] {
    return routes.map((route) => {
      const handle = withTroubles(gateway, this.modes.calls, route.handle);
      return {
        ...route,
        handle: (call, response) => {
          this.calls[gateway] += 1;
          return handle(call, response);
        },
      };
    });
  }

  private stripe(path: string, entity: (order: PlayedOrder) => object): Route {
    const { stripeSecretKey } = this.options;
    return {
      method: 'GET',
      path: `/stripe/v1${path}`,
      handle: (call) => {
        if (stripeSecretKey !== undefined && bearerOf(call.headers) !== stripeSecretKey)
          return troubleOf('stripe', 401, 'invalid_api_key', 'Invalid API Key provided');
        const order = this.book.find('stripe', call.params.id as string);
        return order ? json(200, entity(order)) : troubleOf('stripe', 404, 'resource_missing', 'No such object');
      },
    };
  }

  /** `{gateway, id, amount, currency?, state?, customer?, returnUrl?, payment?, upiAmount?, status?}`: an order as the shop would have made it; an earlier one of the id is replaced. */
  private addOrder(call: Call): Answer {
    const body = parseObject(call.body) ?? {};
    const { gateway, id, amount, currency = 'INR', state = 'open', customer = {}, returnUrl, payment, upiAmount, status } = body;
    const isRight =
      GATEWAYS.includes(gateway as GatewayName) &&
      typeof id === 'string' &&
      Number.isSafeInteger(amount) &&
      typeof currency === 'string' &&
      isObject(customer);
    if (!isRight || !['open', 'paid', 'expired', 'cancelled'].includes(state as string))
      return json(400, {
        error: 'Give {"gateway", "id", "amount": minor units, "currency"?, "state"?, "customer"?: {"id", "phone"}}',
      });
    const order = this.book.add({
      gateway: gateway as GatewayName,
      id,
      amount: amount as number,
      currency,
      customer: customer,
      state: state as OrderState,
      ...(typeof returnUrl === 'string' && { returnUrl }),
      ...(typeof upiAmount === 'number' && { upiAmount }),
      ...(typeof status === 'string' && { status }),
    });
    if (typeof payment === 'string') order.payments.push({ id: payment, state: 'failed', at: this.book.time() });
    return json(201, order);
  }

  /** `{outcome?}`: the customer pays elsewhere, in the shop itself. */
  private pay(order: PlayedOrder, call: Call): Answer {
    const outcome = (parseObject(call.body)?.outcome ?? 'captured') as Outcome;
    if (!OUTCOMES.includes(outcome)) return json(400, { error: `outcome is one of ${OUTCOMES.join(', ')}` });
    const paid = this.book.pay(order, newVendorId(order.gateway === 'stripe' ? 'ch_' : 'pay_'), outcome);
    if (!paid.ok) return json(409, { error: paid.why });
    if (outcome !== 'pending') this.webhooks.tell(order, paid.payment);
    return json(200, order);
  }

  private withOrder({ params }: Call, then: (order: PlayedOrder) => Answer): Answer {
    const order = this.book.find(params.gateway as GatewayName, params.id as string);
    return order ? then(order) : json(404, { error: 'There is no such order' });
  }
}
