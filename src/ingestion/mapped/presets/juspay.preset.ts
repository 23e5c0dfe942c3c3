import { reasons } from '../../reasons/reason-tables';
import { type SourcePreset } from './preset';

export const juspay: SourcePreset = {
  key: 'juspay',
  title: 'Juspay',
  status: 'verified',
  origin: { page: 'https://juspay.io/in/docs/upi-qr-code/docs/scan--pay/webhooks-request', readOn: '2026-11-28' },
  notes: [
    'Set user and password for webhooks in the Juspay dashboard and give them here as user:password.',
    'Amounts are major units of the order. Juspay may post an event twice; its id stays the same.',
  ],
  recipe: { kind: 'basic' },
  mapping: {
    id: '/id',
    event: {
      from: '/event_name',
      names: { ORDER_SUCCEEDED: 'Order Paid', ORDER_FAILED: 'Payment Failed', ORDER_REFUNDED: 'Payment Refunded' },
    },
    occurredAt: { from: '/date_created', format: 'rfc3339' },
    person: {
      customerId: '/content/order/customer_id',
      phone: '/content/order/customer_phone',
      email: '/content/order/customer_email',
    },
    keys: { order: '/content/order/order_id', payment: '/content/order/txn_id' },
    amount: {
      value: '/content/order/amount',
      currency: { first: ['/content/order/currency'], otherwise: 'INR' },
      unit: 'major',
    },
    reason: {
      events: ['Payment Failed'],
      by: [
        { from: { first: ['/content/order/bank_error_code', '/content/order/txn_detail/error_code'] }, classes: reasons.upi },
        { from: '/content/order/status', classes: reasons.juspay },
      ],
    },
    properties: {
      method: '/content/order/payment_method_type',
      status: '/content/order/status',
      issuer: '/content/order/card/card_issuer',
      network: '/content/order/card/card_brand',
      // Juspay hands payments to one of several gateways: an incident is that one's. Where it is not said nobody knows which.
      gateway: '/content/order/txn_detail/gateway',
    },
  },
};
