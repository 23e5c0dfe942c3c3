import { instantFromMillis, isRecord, toIso } from '@wapas/kernel';
import { DOWNTIME_EVENTS } from '../../rules/downtime-events';
import { faultsOfJson } from '../../rules/json-hygiene';
import { type EventContent, type NewEvent } from '../../rules/new-event';
import { normalisePhone, type PhonePolicy } from '../../rules/phone';
import { classOf } from '../../reasons/reason-classes';
import { reasons } from '../../reasons/reason-tables';
import { PERSON } from '../read-person';
import { networkOf, present, upiHandleOf } from '../rails';
import { type ReadContext, type Reading, type Source } from '../source';
import { type SourceWebhook } from '../source-webhook';

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

/**
 * Our event names for theirs. `payment.failed` may still be followed by success for the same payment id. A subscription is pending while
 * its debit is tried again, and halted when Razorpay has given up: then the way to pay must be set up anew.
 */
const EVENTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'payment.failed': 'Payment Failed',
    'payment.pending': 'Payment Pending',
    'payment.authorized': 'Payment Authorized',
    'payment.captured': 'Payment Captured',
    'payment.dispute.created': 'Dispute Opened',
    'payment.dispute.won': 'Dispute Closed',
    'payment.dispute.lost': 'Dispute Closed',
    'payment.dispute.closed': 'Dispute Closed',
    'order.paid': 'Order Paid',
    'payment_link.paid': 'Payment Link Paid',
    'payment_link.partially_paid': 'Payment Link Partially Paid',
    'payment_link.expired': 'Payment Link Expired',
    'payment_link.cancelled': 'Payment Link Cancelled',
    'refund.created': 'Refund Started',
    'refund.processed': 'Payment Refunded',
    'refund.failed': 'Refund Failed',
    'subscription.authenticated': 'Mandate Authorised',
    'subscription.activated': 'Subscription Activated',
    'subscription.charged': 'Instalment Paid',
    'subscription.pending': 'Mandate Debit Failed',
    'subscription.halted': 'Mandate Debit Failed',
    'subscription.paused': 'Mandate Paused',
    'subscription.resumed': 'Mandate Resumed',
    'subscription.cancelled': 'Mandate Cancelled',
    'subscription.completed': 'Mandate Completed',
    'token.confirmed': 'Mandate Authorised',
    'token.rejected': 'Mandate Rejected',
    'token.paused': 'Mandate Paused',
    'token.cancelled': 'Mandate Cancelled',
    'payment.downtime.started': DOWNTIME_EVENTS.started,
    'payment.downtime.updated': DOWNTIME_EVENTS.updated,
    'payment.downtime.resolved': DOWNTIME_EVENTS.resolved,
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
  const link = entity(payload, 'payment_link');
  const mandate = entity(payload, 'subscription') ?? entity(payload, 'token');
  const dispute = entity(payload, 'dispute');
  const downtime = entity(payload, 'payment.downtime');
  const about = payment ?? order ?? refund ?? link ?? mandate ?? dispute ?? downtime;
  const seconds = body.created_at;
  if (!about) return { kind: 'unusable', reason: 'no_entity' };
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds < LAST_SECOND)) return { kind: 'unusable', reason: 'no_time' };
  const base = {
    source: 'razorpay',
    sourceEventId: shortText(webhook.headers['x-razorpay-event-id']),
    occurredAt: instantFromMillis(Math.floor(seconds * 1_000)),
    test,
    rawBody: webhook.rawBody,
  };
  if (about === downtime) return { kind: 'events', events: [{ ...base, ...sayingOf(name, about) }] };
  // A payment link that we made carries the payment it is a second try of: that is the one a run knows.
  const second = text(record(payment?.notes)?.wapas_payment) ?? text(record(link?.notes)?.wapas_payment);
  const keys = {
    order: text(payment?.order_id) ?? text(order?.id) ?? text(link?.order_id),
    payment: second ?? text(payment?.id) ?? text(refund?.payment_id) ?? text(dispute?.payment_id),
    mandate: text(mandate?.id),
  };
  // A link that nobody paid names no order: it was made for its own reference.
  if (!keys.order && !keys.payment && link) keys.order = text(link.reference_id) ?? text(link.id);
  if (!keys.order && !keys.payment && !keys.mandate) return { kind: 'unusable', reason: 'no_order_or_payment' };
  const event: NewEvent = {
    ...base,
    name,
    // Of a refund the payment tells the whole price; what went back may be a part of it.
    content: {
      ...contentOf(about, keys, phones, moneyOf(refund ?? about)),
      ...instalmentOf(name, text(body.event), mandate, payment),
    },
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
  const customer = record(about.customer) ?? {};
  const contact = text(about.contact) ?? text(customer.contact);
  const phone = contact === undefined ? undefined : normalisePhone(contact, phones);
  const email = PERSON.email(text(about.email) ?? customer.email, phones);
  const code = text(about.error_reason);
  return {
    person: {
      customerId: PERSON.customerId(notes.customer_id, phones) ?? PERSON.customerId(about.customer_id, phones),
      phone: phone?.ok ? phone.e164 : undefined,
      email: email === NOBODYS_EMAIL ? undefined : email,
      name: text(notes.customer_name) ?? text(customer.name),
    },
    keys,
    amount,
    reason: about.status === 'failed' ? { class: reasonOf(about), code } : undefined,
    properties: { ...scalars(notes), ...present({ status: text(about.status), ...railsOf(about) }) },
  };
}

/** What a payment went over, in the words that all sources use. */
function railsOf({ method, bank, wallet, vpa, card }: Record<string, unknown>): Record<string, unknown> {
  if (text(method) === undefined) return {};
  const { issuer, network } = record(card) ?? {};
  return {
    method: text(method),
    bank: text(bank),
    issuer: text(issuer),
    network: networkOf(network),
    wallet: text(wallet),
    upi_handle: upiHandleOf(vpa),
    gateway: 'razorpay',
  };
}

/** Said of an instrument, it stands for all of them: then the method is what is down. */
const EVERY = 'ALL';

/**
 * A downtime entity (razorpay.com/docs/api/payments/downtime/entity, read 2026-11-28). One that was announced and then cancelled is as good
 * as over. That only credit cards of an issuer are down is not kept: payments do not always say which they were.
 */
function sayingOf(name: string, downtime: Record<string, unknown>): Pick<NewEvent, 'name' | 'content'> {
  const method = text(downtime.method);
  const { bank, issuer, network, wallet, vpa_handle: handle, psp } = record(downtime.instrument) ?? {};
  const named = { bank: text(bank), issuer: text(issuer), network: networkOf(network), wallet: text(wallet) };
  const upi = { upi_handle: text(handle)?.toLowerCase(), upi_app: text(psp) };
  const rails = Object.entries({ ...named, ...upi }).filter(([, value]) => value?.toUpperCase() !== EVERY);
  return {
    name: downtime.status === 'cancelled' ? DOWNTIME_EVENTS.resolved : name,
    content: {
      properties: present({
        downtime: text(downtime.id),
        method,
        ...Object.fromEntries(rails),
        // Alone it would say that all of Razorpay is down.
        gateway: method !== undefined || rails.some(([, value]) => value !== undefined) ? 'razorpay' : undefined,
        severity: text(downtime.severity),
        begins: timeOf(downtime.begin),
        ends: timeOf(downtime.end),
      }),
    },
  };
}

const timeOf = (seconds: unknown): string | undefined =>
  typeof seconds === 'number' && seconds > 0 && seconds < LAST_SECOND
    ? toIso(instantFromMillis(Math.floor(seconds * 1_000)))
    : undefined;

const reasonOf = ({ error_reason: reason, error_source: source }: Record<string, unknown>) =>
  classOf([text(reason), reasons.razorpay], [text(source), reasons.razorpaySource]);

const IST_MS = 5.5 * 3_600_000;

/**
 * Which instalment it was, the same day in its failures and in its success, and why it failed: as the payment says, or because
 * Razorpay has given up.
 */
function instalmentOf(
  name: string,
  event: string | undefined,
  mandate: Record<string, unknown> | undefined,
  payment: Record<string, unknown> | undefined,
): Partial<EventContent> {
  if (!mandate || (name !== 'Mandate Debit Failed' && name !== 'Instalment Paid')) return {};
  const start = mandate.current_start ?? mandate.charge_at;
  const isTime = typeof start === 'number' && start > 0 && start < LAST_SECOND;
  const due = isTime ? new Date(start * 1_000 + IST_MS).toISOString().slice(0, 10) : undefined;
  const said = payment?.status === 'failed' ? reasonOf(payment) : 'unknown';
  const code = text(payment?.error_reason) ?? text(mandate.status);
  return {
    reason: name === 'Instalment Paid' ? undefined : { class: event === 'subscription.halted' ? 'mandate_dead' : said, code },
    properties: {
      status: text(mandate.status),
      plan: text(mandate.plan_id),
      due_date: due,
      ...scalars(record(mandate.notes) ?? {}),
    },
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

const record = (value: unknown): Record<string, unknown> | undefined => (isRecord(value) ? value : undefined);
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
