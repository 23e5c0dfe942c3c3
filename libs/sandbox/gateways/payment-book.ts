import { randomBytes } from 'node:crypto';

export const GATEWAYS = ['razorpay', 'cashfree', 'stripe'] as const;
export type GatewayName = (typeof GATEWAYS)[number];

export const OUTCOMES = ['captured', 'authorised', 'pending', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type OrderState = 'open' | 'paid' | 'expired' | 'cancelled';

export interface PlayedPayment {
  readonly id: string;
  state: Outcome | 'begun' | 'refunded';
  /** The gateway's time, in milliseconds. */
  readonly at: number;
}

export interface Customer {
  readonly id?: string;
  readonly phone?: string;
}

export interface PlayedOrder {
  readonly gateway: GatewayName;
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly customer: Customer;
  readonly createdAt: number;
  /** Opens a checkout of this order, at gateways that have such a handle. */
  readonly session: string;
  readonly returnUrl?: string;
  /** A gateway gone wrong: its UPI addresses carry this amount instead. */
  readonly upiAmount?: number;
  /** A gateway gone wrong: it says this of the order, which is none of its documented states. */
  readonly status?: string;
  state: OrderState;
  readonly payments: PlayedPayment[];
}

export interface PlayedLink {
  readonly id: string;
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly title: string;
  readonly expiresAt: number;
  readonly callbackUrl?: string;
  /** Copied into the payment's notes. */
  readonly notes: Readonly<Record<string, unknown>>;
  /** What was asked of the gateway beside the link: both must be off. */
  readonly notifies: boolean;
  state: 'created' | 'paid' | 'cancelled';
  payment?: PlayedPayment;
}

export type Paid =
  { readonly ok: true; readonly payment: PlayedPayment } | { readonly ok: false; readonly why: 'already_paid' | 'closed' };

/** The orders that the gateways know. One order is captured once, however many checkouts of it are open. */
export class PaymentBook {
  private readonly orders = new Map<string, PlayedOrder>();
  private readonly sessions = new Map<string, PlayedOrder>();
  private readonly links = new Map<string, PlayedLink>();

  constructor(private readonly now: () => number) {}

  add(order: Pick<PlayedOrder, 'gateway' | 'id' | 'amount' | 'currency'> & Partial<PlayedOrder>): PlayedOrder {
    const session = `session_${randomBytes(24).toString('base64url')}`;
    const full: PlayedOrder = { customer: {}, createdAt: this.now(), session, state: 'open', payments: [], ...order };
    this.orders.set(`${order.gateway} ${order.id}`, full);
    this.sessions.set(full.session, full);
    return full;
  }

  find(gateway: GatewayName, id: string): PlayedOrder | undefined {
    return this.orders.get(`${gateway} ${id}`);
  }

  bySession(session: string): PlayedOrder | undefined {
    return this.sessions.get(session);
  }

  withPayment(gateway: GatewayName, payment: string): PlayedOrder | undefined {
    return [...this.orders.values()].find(
      (order) => order.gateway === gateway && order.payments.some(({ id }) => id === payment),
    );
  }

  /** An attempt that the customer has been given and has not made yet. */
  begin(order: PlayedOrder, id: string): PlayedPayment {
    const payment: PlayedPayment = { id, state: 'begun', at: this.now() };
    order.payments.push(payment);
    return payment;
  }

  /** The customer goes through with it. A second capture is refused, as the gateways do. */
  pay(order: PlayedOrder, id: string, outcome: Outcome): Paid {
    if (order.state === 'paid') return { ok: false, why: 'already_paid' };
    if (order.state !== 'open') return { ok: false, why: 'closed' };
    const begun = order.payments.find((one) => one.id === id);
    const payment: PlayedPayment = begun ?? { id, state: outcome, at: this.now() };
    payment.state = outcome;
    if (!begun) order.payments.push(payment);
    if (outcome === 'captured') order.state = 'paid';
    return { ok: true, payment };
  }

  addLink(link: PlayedLink): void {
    this.links.set(link.id, link);
  }

  link(id: string): PlayedLink | undefined {
    return this.links.get(id);
  }

  linkByReference(reference: string): PlayedLink | undefined {
    return [...this.links.values()].find((one) => one.reference === reference);
  }

  allLinks(): readonly PlayedLink[] {
    return [...this.links.values()];
  }

  time(): number {
    return this.now();
  }
}

/** An id in the gateway's manner. */
export const newVendorId = (prefix: string): string => `${prefix}${randomBytes(10).toString('hex').slice(0, 14)}`;

/** `1499.00`: rupees as two-decimal text. */
export const rupees = (paise: number): string => `${Math.floor(paise / 100)}.${String(paise % 100).padStart(2, '0')}`;
