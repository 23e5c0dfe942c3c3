import { DOWNTIME_EVENTS } from '../../rules/downtime-events';
import { type NewEvent } from '../../rules/new-event';
import { reasons } from '../../reasons/reason-tables';
import { type Mapping } from '../mapping';
import { type Amend, readWith } from '../read-mapped';
import { networkOf, present, upiHandleOf } from '../rails';
import { at, type Document, textAt } from '../read-values';
import { type Source } from '../source';

/**
 * Cashfree payment webhooks, version 2025-01-01 (docs.cashfree.com, payment webhooks, read 2026-11-23): base64 HMAC-SHA256 of the
 * timestamp and the raw body, one behind the other, under the client secret. Amounts are rupees with decimals. A customer who
 * dropped out (`PAYMENT_USER_DROPPED_WEBHOOK`) has not paid either, and can be brought back. `HEALTH_ALERT` says which instruments are
 * down (docs.cashfree.com, incident webhook, read 2026-11-28): it calls banks by their names.
 */
const METHOD = '/data/payment/payment_method';
const INSTRUMENTS = '/data/instruments';
const mapping: Mapping = {
  body: 'json',
  id: 'header:x-idempotency-key',
  event: {
    from: '/type',
    names: {
      PAYMENT_SUCCESS_WEBHOOK: 'Payment Captured',
      PAYMENT_FAILED_WEBHOOK: 'Payment Failed',
      PAYMENT_USER_DROPPED_WEBHOOK: 'Payment Failed',
      REFUND_STATUS_WEBHOOK: 'Payment Refunded',
      HEALTH_ALERT: DOWNTIME_EVENTS.updated,
    },
  },
  occurredAt: { from: '/event_time', format: 'rfc3339' },
  person: {
    customerId: '/data/customer_details/customer_id',
    phone: '/data/customer_details/customer_phone',
    email: '/data/customer_details/customer_email',
    name: '/data/customer_details/customer_name',
  },
  keys: {
    order: { first: ['/data/order/order_id', '/data/refund/order_id'] },
    payment: { first: ['/data/payment/cf_payment_id', '/data/refund/cf_payment_id'] },
  },
  amount: {
    value: { first: ['/data/payment/payment_amount', '/data/refund/refund_amount', '/data/order/order_amount'] },
    currency: { first: ['/data/payment/payment_currency', '/data/refund/refund_currency', '/data/order/order_currency'] },
    unit: 'major',
  },
  reason: {
    events: ['Payment Failed'],
    by: [
      // What the bank said of a UPI payment, in NPCI's code, says more than Cashfree's word for it.
      { from: '/data/error_details/error_code_raw', classes: reasons.upi },
      { from: '/data/error_details/error_reason', classes: reasons.cashfree },
      { from: '/data/error_details/error_code', classes: reasons.cashfree },
      { from: '/data/payment/payment_status', classes: { USER_DROPPED: 'payer_cancelled', CANCELLED: 'payer_cancelled' } },
      { from: '/data/error_details/error_source', classes: reasons.cashfreeSource },
    ],
  },
  properties: {
    method: '/data/payment/payment_group',
    status: { first: ['/data/payment/payment_status', '/data/refund/refund_status'] },
    payment_link: '/data/order/order_tags/cf_link_id',
    refund_id: '/data/refund/refund_id',
    bank: { first: [`${METHOD}/netbanking/netbanking_bank_name`, `${INSTRUMENTS}/net_banking/issuers`] },
    issuer: { first: [`${METHOD}/card/card_bank_name`, `${INSTRUMENTS}/card/issuers`] },
    network: { first: [`${METHOD}/card/card_network`, `${INSTRUMENTS}/card/scheme`] },
    wallet: { first: [`${METHOD}/app/provider`, `${INSTRUMENTS}/wallet/issuers`] },
    upi_bank: `${INSTRUMENTS}/upi/issuers`,
    gateway: '/data/payment_gateway_details/gateway_name',
    downtime: '/data/incident/id',
    severity: '/data/incident/impact',
    begins: '/data/incident/start_time',
    ends: '/data/incident/end_time',
  },
};

const amend: Amend = (event: NewEvent, { body }: Document) => {
  switch (event.name) {
    case 'Payment Refunded':
      // A refund is told of at each step of its way; only the last one has given the money back.
      return textAt('/data/refund/refund_status', body) === 'SUCCESS' ? event : { kind: 'ignored', what: 'refund_not_done' };
    case DOWNTIME_EVENTS.updated:
      return {
        ...event,
        name: STATES[textAt('/data/incident/status', body) ?? ''] ?? event.name,
        content: { properties: { ...event.content.properties, ...railsDown(event, body) } },
      };
    default:
      return { ...event, content: { ...event.content, properties: { ...event.content.properties, ...railsOf(event, body) } } };
  }
};

const STATES: Readonly<Record<string, string>> = { OPEN: DOWNTIME_EVENTS.started, RESOLVED: DOWNTIME_EVENTS.resolved };
/** Our words for what payments call their group, by the instruments of an alert. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  upi: ['upi'],
  net_banking: ['net_banking'],
  wallet: ['wallet'],
  card: ['credit_card', 'debit_card'],
};

function railsDown({ content }: NewEvent, body: unknown): Record<string, unknown> {
  const instruments = Object.keys(GROUPS).filter((name) => at(`${INSTRUMENTS}/${name}`, body) !== undefined);
  return present({
    method: instruments.flatMap((name) => GROUPS[name] ?? []),
    network: networkOf(content.properties?.network),
    // Alone it would say that all of Cashfree is down.
    gateway: instruments.length > 0 ? 'cashfree' : undefined,
  });
}

/** A refund or a payment link tells nothing of what it went over. */
function railsOf({ content: { properties } }: NewEvent, body: unknown): Record<string, unknown> {
  return properties?.method === undefined
    ? {}
    : present({
        network: networkOf(properties.network),
        upi_handle: upiHandleOf(at(`${METHOD}/upi/upi_id`, body)),
        gateway: properties.gateway ?? 'cashfree',
      });
}

export const cashfree: Source = {
  name: 'cashfree',
  title: 'Cashfree',
  secretSetting: 'CASHFREE_WEBHOOK_SECRET',
  recipe: {
    kind: 'hmac',
    signature: { header: 'x-webhook-signature' },
    algorithm: 'sha256',
    encoding: 'base64',
    signed: '{timestamp}{body}',
    // Retries are signed with a time of their own.
    timestamp: { header: 'x-webhook-timestamp', unit: 'ms', toleranceSeconds: 300 },
  },
  example: {
    contentType: 'application/json',
    headers: { 'x-webhook-version': '2025-01-01', 'x-idempotency-key': 'bXkta2V5LTE=' },
    body: {
      type: 'PAYMENT_FAILED_WEBHOOK',
      event_time: '2026-11-23T11:02:09+05:30',
      data: {
        order: { order_id: 'order_42', order_amount: 1499.5, order_currency: 'INR', order_tags: null },
        payment: {
          cf_payment_id: '1453002795',
          payment_status: 'FAILED',
          payment_amount: 1499.5,
          payment_currency: 'INR',
          payment_message: 'Transaction declined by the bank',
          payment_time: '2026-11-23T11:02:05+05:30',
          payment_group: 'upi',
        },
        customer_details: {
          customer_id: 'cust_8812',
          customer_name: 'Asha Rao',
          customer_email: 'asha@example.com',
          customer_phone: '9812345678',
        },
        error_details: { error_code: 'TRANSACTION_DECLINED', error_reason: 'bank_rejected', error_source: 'bank' },
      },
    },
  },
  read: readWith('cashfree', mapping, amend),
};
