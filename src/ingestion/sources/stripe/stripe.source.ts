import { type Money } from '@wapas/kernel';
import { reasons } from '../../reasons/reason-tables';
import { type EventKeys } from '../../rules/new-event';
import { type Mapping } from '../mapping';
import { type Amend, readWith } from '../read-mapped';
import { networkOf, present } from '../rails';
import { at, type Document, textAt, timeOf } from '../read-values';
import { type Source } from '../source';

const OBJECT = '/data/object';
const SUBSCRIPTION = [`${OBJECT}/subscription`, `${OBJECT}/parent/subscription_details/subscription`];

/**
 * Stripe webhooks, API 2026-07-29.dahlia (stripe-node 22.5.0 and docs.stripe.com/webhooks, read 2026-11-23): hex HMAC-SHA256 of
 * `t.body` under the whole secret, `whsec_` included; several `v1` while a secret is rotated; 300 s. A PaymentIntent keeps its id over
 * several failed attempts and then success. Thin events (`v2.core.event`) hold no object and are ignored.
 */
const mapping: Mapping = {
  body: 'json',
  id: '/id',
  event: {
    from: '/type',
    names: {
      'payment_intent.payment_failed': 'Payment Failed',
      'payment_intent.succeeded': 'Payment Captured',
      'payment_intent.processing': 'Payment Pending',
      'payment_intent.amount_capturable_updated': 'Payment Authorized',
      'payment_intent.canceled': 'Payment Cancelled',
      'checkout.session.completed': 'Checkout Completed',
      'checkout.session.async_payment_succeeded': 'Order Paid',
      'checkout.session.async_payment_failed': 'Payment Failed',
      'checkout.session.expired': 'Checkout Abandoned',
      'invoice.payment_failed': 'Payment Failed',
      'invoice.paid': 'Payment Captured',
      'charge.refunded': 'Payment Refunded',
      'charge.dispute.created': 'Dispute Opened',
    },
  },
  occurredAt: { from: '/created', format: 'epoch_s' },
  person: {
    customerId: { first: [`${OBJECT}/metadata/customer_id`, `${OBJECT}/customer`] },
    phone: {
      first: [
        `${OBJECT}/customer_details/phone`,
        `${OBJECT}/customer_phone`,
        `${OBJECT}/shipping/phone`,
        `${OBJECT}/last_payment_error/payment_method/billing_details/phone`,
        `${OBJECT}/billing_details/phone`,
      ],
    },
    email: {
      first: [
        `${OBJECT}/customer_details/email`,
        `${OBJECT}/customer_email`,
        `${OBJECT}/receipt_email`,
        `${OBJECT}/last_payment_error/payment_method/billing_details/email`,
        `${OBJECT}/billing_details/email`,
      ],
    },
    name: {
      first: [
        `${OBJECT}/customer_details/name`,
        `${OBJECT}/customer_name`,
        `${OBJECT}/last_payment_error/payment_method/billing_details/name`,
        `${OBJECT}/billing_details/name`,
      ],
    },
  },
  keys: {
    order: { first: [`${OBJECT}/metadata/order_id`, `${OBJECT}/client_reference_id`] },
    mandate: { first: SUBSCRIPTION },
    payment: `${OBJECT}/id`,
  },
  amount: {
    value: { first: [`${OBJECT}/amount_total`, `${OBJECT}/amount_refunded`, `${OBJECT}/amount_due`, `${OBJECT}/amount`] },
    currency: `${OBJECT}/currency`,
    unit: 'minor',
  },
  reason: {
    events: ['Payment Failed'],
    by: [
      { from: `${OBJECT}/last_payment_error/decline_code`, classes: reasons.stripe },
      { from: `${OBJECT}/last_payment_error/code`, classes: reasons.stripeError },
    ],
  },
  properties: {
    status: { first: [`${OBJECT}/payment_status`, `${OBJECT}/status`] },
    checkout_url: `${OBJECT}/after_expiration/recovery/url`,
    invoice_url: `${OBJECT}/hosted_invoice_url`,
    method: `${OBJECT}/last_payment_error/payment_method/type`,
    network: `${OBJECT}/last_payment_error/payment_method/card/brand`,
    issuer: `${OBJECT}/last_payment_error/payment_method/card/issuer`,
    bank: {
      first: [
        `${OBJECT}/last_payment_error/payment_method/fpx/bank`,
        `${OBJECT}/last_payment_error/payment_method/ideal/bank`,
        `${OBJECT}/last_payment_error/payment_method/netbanking/bank`,
        `${OBJECT}/last_payment_error/payment_method/us_bank_account/bank_name`,
      ],
    },
    wallet: `${OBJECT}/last_payment_error/payment_method/card/wallet/type`,
  },
};

/** Where each kind of object names the payment it is about, and its checkout. */
const KEYS: Readonly<Record<string, Readonly<Partial<Record<keyof EventKeys, readonly string[]>>>>> = {
  payment_intent: { payment: [`${OBJECT}/id`] },
  'checkout.session': { payment: [`${OBJECT}/payment_intent`], checkout: [`${OBJECT}/id`] },
  invoice: { payment: [`${OBJECT}/payment_intent`, `${OBJECT}/payments/data/0/payment/payment_intent`], order: [`${OBJECT}/id`] },
  charge: { payment: [`${OBJECT}/payment_intent`, `${OBJECT}/id`] },
  dispute: { payment: [`${OBJECT}/payment_intent`, `${OBJECT}/charge`] },
};

/** Its kind decides what an object is about, and a subscription makes an instalment of an invoice. */
const amend: Amend = (event, document) => {
  const { body } = document;
  if (textAt('/object', body) === 'v2.core.event') return { kind: 'ignored', what: 'thin_event' };
  const kind = textAt(`${OBJECT}/object`, body) ?? '';
  const { order, mandate } = event.content.keys ?? {};
  const own = keysOf(kind, body);
  // An order id of the seller goes before the invoice's own.
  const keys: EventKeys = { ...own, order: order ?? own.order, mandate };
  if (Object.values(keys).every((key) => key === undefined)) return { kind: 'unusable', reason: 'no_key' };
  const isInstalment = kind === 'invoice' && keys.mandate !== undefined;
  return {
    ...event,
    name: nameOf(event.name, isInstalment, document),
    // What the secret test key did is a test here too.
    test: event.test || at('/livemode', body) === false,
    content: {
      ...event.content,
      keys,
      amount: inMinorUnits(event.name === 'Payment Refunded' ? refundedNow(event.content.amount, body) : event.content.amount),
      properties: {
        ...event.content.properties,
        ...railsOf(event.content.properties),
        ...(isInstalment ? { due_date: dueDateOf(body) } : {}),
        ...(at(`${OBJECT}/consent/promotions`, body) === 'opt_in' ? { marketing_consent: true } : {}),
      },
    },
  };
};

/** Only a payment that failed says what it went over. */
function railsOf({ method, network }: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return method === undefined ? {} : present({ network: networkOf(network), gateway: 'stripe' });
}

function keysOf(kind: string, body: unknown): EventKeys {
  const found: Partial<Record<keyof EventKeys, string>> = {};
  for (const [name, places] of Object.entries(Object.hasOwn(KEYS, kind) ? (KEYS[kind] ?? {}) : {})) {
    const id = places.map((place) => textAt(place, body)).find((text) => text !== undefined && text.length <= 128);
    if (id !== undefined) found[name as keyof EventKeys] = id;
  }
  return found;
}

function nameOf(name: string, isInstalment: boolean, { body }: Document): string {
  if (isInstalment && name === 'Payment Failed') return 'Mandate Debit Failed';
  if (isInstalment && name === 'Payment Captured') return 'Instalment Paid';
  // With a method that takes days the session is complete, and nothing is paid yet.
  const isPaid = name === 'Checkout Completed' && at(`${OBJECT}/payment_status`, body) !== 'unpaid';
  return isPaid ? 'Order Paid' : name;
}

/**
 * Stripe writes these two with two decimals although they have none any more: 500 is 5 krónur (docs.stripe.com/currencies, special
 * cases, read 2026-11-28).
 */
const WITH_TWO_DECIMALS = new Set(['ISK', 'UGX']);

function inMinorUnits(amount: Money | undefined): Money | undefined {
  if (!amount || !WITH_TWO_DECIMALS.has(amount.currency)) return amount;
  return amount.amount % 100 === 0 ? { ...amount, amount: amount.amount / 100 } : undefined;
}

/** A charge tells all that went back so far; what went back now is what was not there before. */
function refundedNow(amount: Money | undefined, body: unknown): Money | undefined {
  const before = at('/data/previous_attributes/amount_refunded', body);
  return amount && typeof before === 'number' && before > 0 && before < amount.amount
    ? { ...amount, amount: amount.amount - before }
    : amount;
}

/** The day an instalment belongs to, the same in its failures and in its success. */
function dueDateOf(body: unknown): string | undefined {
  const due = timeOf(at(`${OBJECT}/due_date`, body) ?? at(`${OBJECT}/created`, body), 'epoch_s');
  return due === null ? undefined : new Date(due).toISOString().slice(0, 10);
}

export const stripe: Source = {
  name: 'stripe',
  title: 'Stripe',
  secretSetting: 'STRIPE_WEBHOOK_SECRET',
  recipe: {
    kind: 'hmac',
    signature: { header: 'stripe-signature', separator: ',', prefix: 'v1=' },
    algorithm: 'sha256',
    encoding: 'hex',
    signed: '{timestamp}.{body}',
    timestamp: { header: 'stripe-signature', separator: ',', prefix: 't=', unit: 's', toleranceSeconds: 300 },
  },
  example: {
    contentType: 'application/json',
    body: {
      id: 'evt_3QK1aZ2eZvKYlo2C0AbCdEfG',
      object: 'event',
      api_version: '2026-07-29.dahlia',
      created: 1763874129,
      livemode: true,
      type: 'payment_intent.payment_failed',
      data: {
        object: {
          id: 'pi_3QK1aZ2eZvKYlo2C0h1kLmNo',
          object: 'payment_intent',
          amount: 149900,
          currency: 'inr',
          customer: 'cus_R4kq',
          status: 'requires_payment_method',
          receipt_email: 'asha@example.com',
          metadata: { order_id: 'order_42', customer_id: 'cust_8812' },
          last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds', type: 'card_error' },
        },
      },
    },
  },
  read: readWith('stripe', mapping, amend),
};
