import { createHmac } from 'node:crypto';
import { type Instant } from '@wapas/kernel';
import { type Customer, type PaymentMatter } from './customers';

export type PaymentEventName = 'payment.failed' | 'payment.authorized' | 'payment.captured' | 'order.paid';

/** One webhook as Razorpay posts it: headers and the exact bytes that were signed. */
export interface Webhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Razorpay's envelope with the whole payment, the hex HMAC-SHA256 of the body in `x-razorpay-signature` and the event's id
 * in `x-razorpay-event-id` (razorpay.com/docs/webhooks, read 2026-11-23). `at` becomes `created_at`, in whole seconds.
 */
export function razorpayWebhook(
  event: PaymentEventName,
  customer: Customer,
  matter: PaymentMatter,
  { payment, at, secret }: { payment: string; at: Instant; secret: string },
): Webhook {
  const createdAt = Math.floor(at / 1_000);
  const body = JSON.stringify({
    entity: 'event',
    account_id: 'acc_WapasDemo0001',
    event,
    contains: event === 'order.paid' ? ['payment', 'order'] : ['payment'],
    payload: {
      payment: { entity: paymentEntity(event, customer, matter, payment, createdAt) },
      ...(event === 'order.paid' && { order: { entity: orderEntity(matter, createdAt) } }),
    },
    created_at: createdAt,
  });
  return {
    headers: {
      'content-type': 'application/json',
      'x-razorpay-signature': createHmac('sha256', secret).update(body).digest('hex'),
      'x-razorpay-event-id': `evt_${payment.slice('pay_'.length)}_${event.replace('.', '_')}`,
    },
    body,
  };
}

function paymentEntity(
  event: PaymentEventName,
  customer: Customer,
  { order, amount, method, failure }: PaymentMatter,
  id: string,
  createdAt: number,
): object {
  const hasFailed = event === 'payment.failed';
  return {
    id,
    entity: 'payment',
    amount,
    currency: 'INR',
    status: hasFailed ? 'failed' : event === 'payment.authorized' ? 'authorized' : 'captured',
    order_id: order,
    invoice_id: null,
    international: false,
    method,
    amount_refunded: 0,
    refund_status: null,
    captured: event === 'payment.captured' || event === 'order.paid',
    description: `Order ${order}`,
    email: customer.email,
    contact: customer.phone,
    notes: { customer_id: customer.id, customer_name: customer.name },
    error_code: hasFailed ? 'BAD_REQUEST_ERROR' : null,
    error_description: hasFailed ? 'The payment could not be completed.' : null,
    error_source: hasFailed ? failure.source : null,
    error_step: hasFailed ? 'payment_authentication' : null,
    error_reason: hasFailed ? failure.reason : null,
    created_at: createdAt,
  };
}

function orderEntity({ order, amount }: PaymentMatter, createdAt: number): object {
  return {
    id: order,
    entity: 'order',
    amount,
    amount_paid: amount,
    amount_due: 0,
    currency: 'INR',
    receipt: order,
    status: 'paid',
    attempts: 2,
    notes: [],
    created_at: createdAt,
  };
}
