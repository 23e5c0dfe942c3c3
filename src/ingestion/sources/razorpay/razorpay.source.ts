import { instantFromMillis } from '@wapas/kernel';
import { faultsOfJson } from '../../rules/json-hygiene';
import { type EventContent, type NewEvent } from '../../rules/new-event';
import { normalisePhone, type PhonePolicy } from '../../rules/phone';
import { type ReadContext, type Reading, type Source, type SourceWebhook } from '../source';
import { reasonClass } from './reasons';

/**
 * Razorpay webhooks (razorpay.com/docs/webhooks, read 2026-11-23): hex HMAC-SHA256 of the raw body in
 * `X-Razorpay-Signature`; the event id travels in `x-razorpay-event-id`, outside the signature, and no time is signed.
 * So the raw body is remembered beside the id: a replay with a fresh id is still the same event.
 */
export const razorpay: Source = {
  name: 'razorpay',
  title: 'Razorpay',
  secretSetting: 'RAZORPAY_WEBHOOK_SECRET',
  recipe: { kind: 'hmac', signature: { header: 'x-razorpay-signature' }, algorithm: 'sha256', encoding: 'hex' },
  example: {
    contentType: 'application/json',
    headers: { 'x-razorpay-event-id': 'evt_MkT9ab12' },
    body: {
      entity: 'event',
      account_id: 'acc_BFQ7uQEaa7j2z7',
      event: 'payment.failed',
      contains: ['payment'],
      created_at: 1763874129,
      payload: {
        payment: {
          entity: {
            id: 'pay_29QQ',
            amount: 149900,
            currency: 'INR',
            status: 'failed',
            order_id: 'order_MkT9',
            method: 'upi',
            contact: '+919812345678',
            error_source: 'customer',
            error_reason: 'incorrect_pin',
            notes: { customer_id: 'cust_8812' },
          },
        },
      },
    },
  },
  read,
};

/** Our event names for theirs. `payment.failed` may still be followed by success for the same payment id. */
const EVENTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'payment.failed': 'Payment Failed',
    'payment.authorized': 'Payment Authorized',
    'payment.captured': 'Payment Captured',
    'order.paid': 'Order Paid',
    'payment_link.paid': 'Payment Link Paid',
    'refund.processed': 'Payment Refunded',
  }),
);

/** A time beyond the year 2100 is not in seconds: it would not fit the database either. */
const LAST_SECOND = 4_102_444_800;
/** What Razorpay's checkout and its samples fill in for customers who give no e-mail: it must not make one person of them all. */
const NOBODYS_EMAIL = 'void@razorpay.com';

function read(webhook: SourceWebhook, { phones, test }: ReadContext): Reading {
  const body = parse(webhook.rawBody);
  if (!body) return { kind: 'unusable', reason: 'not_json' };
  if (faultsOfJson(body).length > 0) return { kind: 'unusable', reason: 'not_storable' };
  const name = EVENTS.get(text(body.event) ?? '');
  if (!name) return { kind: 'ignored', what: 'event_type' };
  const payload = record(body.payload);
  const payment = entity(payload, 'payment');
  const order = entity(payload, 'order');
  const refund = entity(payload, 'refund');
  const about = payment ?? order ?? refund;
  const seconds = body.created_at;
  if (!about) return { kind: 'unusable', reason: 'no_entity' };
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds < LAST_SECOND)) return { kind: 'unusable', reason: 'no_time' };
  // A payment link that we made carries the payment it is a second try of: that is the one a run knows.
  const second = text(record(payment?.notes)?.wapas_payment);
  const keys = {
    order: text(payment?.order_id) ?? text(order?.id),
    payment: second ?? text(payment?.id) ?? text(refund?.payment_id),
  };
  if (!keys.order && !keys.payment) return { kind: 'unusable', reason: 'no_order_or_payment' };
  const event: NewEvent = {
    source: 'razorpay',
    sourceEventId: shortText(webhook.headers['x-razorpay-event-id']),
    name,
    occurredAt: instantFromMillis(Math.floor(seconds * 1_000)),
    test,
    // Of a refund the payment tells the whole price; what went back may be a part of it.
    content: contentOf(about, keys, phones, moneyOf(refund ?? about)),
    rawBody: webhook.rawBody,
  };
  return { kind: 'events', events: [event] };
}

function contentOf(
  about: Record<string, unknown>,
  keys: EventContent['keys'],
  phones: PhonePolicy,
  amount: EventContent['amount'],
): EventContent {
  // `notes` is [] when empty and an object otherwise.
  const notes = record(about.notes) ?? {};
  const contact = text(about.contact);
  const phone = contact === undefined ? undefined : normalisePhone(contact, phones);
  const email = text(about.email)?.toLowerCase();
  const code = text(about.error_reason);
  return {
    person: {
      customerId: text(notes.customer_id) ?? text(about.customer_id),
      phone: phone?.ok ? phone.e164 : undefined,
      email: email === NOBODYS_EMAIL ? undefined : email,
      name: text(notes.customer_name),
    },
    keys,
    amount,
    reason: about.status === 'failed' ? { class: reasonClass(code, text(about.error_source)), code } : undefined,
    properties: { method: text(about.method), status: text(about.status), ...scalars(notes) },
  };
}

/** Only what can be printed: an amount in words we do not know is left out, and a template that needs it says so. */
function moneyOf({ amount, currency }: Record<string, unknown>): EventContent['amount'] {
  const isMoney = Number.isSafeInteger(amount) && (amount as number) > 0 && /^[A-Z]{3}$/.test(text(currency) ?? '');
  return isMoney ? { amount: amount as number, currency: currency as string } : undefined;
}

function parse(rawBody: Buffer): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(rawBody.toString('utf8')));
  } catch {
    return undefined; // Signed but not JSON: the caller keeps it raw.
  }
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
const entity = (payload: Record<string, unknown> | undefined, name: string) => record(record(payload?.[name])?.entity);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined;
const shortText = (value: string | undefined): string | undefined =>
  value !== undefined && /^[\x21-\x7e]{1,128}$/.test(value) ? value : undefined;

function scalars(notes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(notes).filter(
      ([key, value]) => key !== 'customer_name' && ['string', 'number', 'boolean'].includes(typeof value),
    ),
  );
}
