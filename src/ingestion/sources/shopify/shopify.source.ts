import { type EventConsent, type NewEvent } from '../../rules/new-event';
import { classOf } from '../../reasons/reason-classes';
import { reasons } from '../../reasons/reason-tables';
import { type Mapping } from '../mapping';
import { type Amend, readWith } from '../read-mapped';
import { at, idOf, textAt } from '../read-values';
import { type Source } from '../source';

/**
 * Shopify webhooks (shopify.dev, webhooks, read 2026-11-23): base64 HMAC-SHA256 of the raw body under the app's client secret. Topic,
 * id and time travel in headers that nobody signs, so the bytes are remembered too. There is no "abandoned" webhook: a checkout
 * without an order follows from silence. An order belongs to its checkout by the checkout's token, then by that of the cart. Of its
 * transactions only a charge that failed is read: that an order is paid stands in `orders/paid`, whatever parts it was paid in.
 */
const FAILED = 'Payment Failed';
const mapping: Mapping = {
  body: 'json',
  id: { join: ['header:x-shopify-topic', 'header:x-shopify-event-id'] },
  event: {
    from: 'header:x-shopify-topic',
    names: {
      'checkouts/create': 'Checkout Started',
      'checkouts/update': 'Checkout Updated',
      'checkouts/delete': 'Checkout Cancelled',
      'orders/create': 'Order Created',
      'orders/paid': 'Order Paid',
      'orders/cancelled': 'Order Cancelled',
      'order_transactions/create': FAILED,
    },
  },
  occurredAt: {
    from: { first: ['header:x-shopify-triggered-at', '/cancelled_at', '/updated_at', '/created_at'] },
    format: 'rfc3339',
  },
  person: {
    customerId: '/customer/id',
    phone: { first: ['/phone', '/sms_marketing_phone', '/customer/phone', '/shipping_address/phone', '/billing_address/phone'] },
    email: { first: ['/email', '/contact_email', '/customer/email'] },
    name: { join: ['/customer/first_name', '/customer/last_name'], separator: ' ' },
  },
  nobody: ['0'],
  keys: { checkout: { first: ['/checkout_token', '/token', '/id'] }, cart: '/cart_token' },
  amount: {
    value: { first: ['/total_price', '/amount'] },
    currency: { first: ['/currency', '/presentment_currency'] },
    unit: 'major',
  },
  properties: {
    checkout_url: '/abandoned_checkout_url',
    order_url: '/order_status_url',
    order_name: '/name',
    product: '/line_items/0/title',
    financial_status: '/financial_status',
    marketing_consent: '/buyer_accepts_marketing',
    shop: 'header:x-shopify-shop-domain',
  },
};

const MOST_ITEMS = 50;

/** Whether it is a checkout or an order stands in the topic, and decides what its id is the id of. */
const amend: Amend = (event, { body, headers }) => {
  if (event.name === FAILED) return failureIn(event, body);
  const isOrder = event.name.startsWith('Order');
  const own = idOf(at('/id', body));
  const keys = {
    ...event.content.keys,
    ...(isOrder ? { order: own, checkout: textAt('/checkout_token', body) } : {}),
  };
  if (keys.order === undefined && keys.checkout === undefined && keys.cart === undefined)
    return { kind: 'unusable', reason: 'no_order_or_checkout' };
  return {
    ...event,
    name: nameOf(event, body),
    test: event.test || headers['x-shopify-test'] === 'true' || at('/test', body) === true,
    content: {
      ...event.content,
      keys,
      consents: consentsIn(body),
      properties: { ...event.content.properties, itemIds: itemsIn(body) },
    },
  };
};

/** `pending` is no end, and what comes back or is released is no charge. */
const CHARGES = new Set(['authorization', 'capture', 'sale']);
const FAILURES = new Set(['failure', 'error']);

function failureIn(event: NewEvent, body: unknown): ReturnType<Amend> {
  if (!CHARGES.has(textAt('/kind', body) ?? '') || !FAILURES.has(textAt('/status', body) ?? ''))
    return { kind: 'ignored', what: 'event_type' };
  const order = idOf(at('/order_id', body));
  if (order === undefined) return { kind: 'unusable', reason: 'no_order_or_checkout' };
  const code = textAt('/error_code', body);
  const { shop } = event.content.properties ?? {};
  return {
    ...event,
    test: event.test || at('/test', body) === true,
    content: {
      ...event.content,
      keys: { order, payment: idOf(at('/id', body)) },
      reason: { class: classOf([code?.toUpperCase(), reasons.shopify]), code },
      properties: { shop, gateway: textAt('/gateway', body) },
    },
  };
}

const COD = /cash on delivery|\bcod\b/i;

function nameOf({ name }: NewEvent, body: unknown): string {
  // A checkout that became an order is updated once more.
  if (name === 'Checkout Updated' && textAt('/completed_at', body) !== undefined) return 'Checkout Completed';
  const gateways = at('/payment_gateway_names', body);
  const isCod = Array.isArray(gateways) && gateways.some((gateway) => typeof gateway === 'string' && COD.test(gateway));
  return name === 'Order Created' && isCod ? 'Order Placed COD' : name;
}

/** A tick is a consent; that there is none withdraws nothing: it may have been given elsewhere. */
function consentsIn(body: unknown): readonly EventConsent[] | undefined {
  const given = (field: string, channel: string): EventConsent[] =>
    at(field, body) === true ? [{ purpose: 'marketing', channel, state: 'granted', proof: `shopify ${field.slice(1)}` }] : [];
  const consents = [...given('/buyer_accepts_marketing', 'email'), ...given('/buyer_accepts_sms_marketing', 'sms')];
  return consents.length > 0 ? consents : undefined;
}

/** What a later order of the same customer is compared with. */
function itemsIn(body: unknown): readonly string[] | undefined {
  const items = at('/line_items', body);
  if (!Array.isArray(items)) return undefined;
  const ids = items.slice(0, MOST_ITEMS).flatMap((item: unknown) => idOf(at('/product_id', item)) ?? []);
  return ids.length > 0 ? [...new Set(ids)] : undefined;
}

export const shopify: Source = {
  name: 'shopify',
  title: 'Shopify',
  secretSetting: 'SHOPIFY_WEBHOOK_SECRET',
  recipe: { kind: 'hmac', signature: { header: 'x-shopify-hmac-sha256' }, algorithm: 'sha256', encoding: 'base64' },
  example: {
    contentType: 'application/json',
    headers: {
      'x-shopify-topic': 'checkouts/update',
      'x-shopify-shop-domain': 'example.myshopify.com',
      'x-shopify-api-version': '2026-07',
      'x-shopify-event-id': '98880550-7158-44d4-b7cd-2c97c8a091b5',
      'x-shopify-triggered-at': '2026-11-23T05:32:09.877041743Z',
    },
    body: {
      id: 37409825112345,
      token: 'bd5a8aa1ecd019dd3520ff791ee3a24c',
      cart_token: 'eeafa272cebfd4b22385bc4b645e762c',
      email: 'asha@example.com',
      phone: '+919812345678',
      buyer_accepts_marketing: true,
      abandoned_checkout_url: 'https://shop.example/checkouts/ac/bd5a8aa1ecd019dd3520ff791ee3a24c/recover',
      completed_at: null,
      currency: 'INR',
      total_price: '1499.00',
      customer: { id: 7091234567, first_name: 'Asha', last_name: 'Rao' },
      line_items: [{ product_id: 8123456789, title: 'Blue kurta', quantity: 1, price: '1499.00' }],
    },
  },
  read: readWith('shopify', mapping, amend),
};
