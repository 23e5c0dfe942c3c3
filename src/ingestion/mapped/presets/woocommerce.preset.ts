import { type SourcePreset } from './preset';

export const woocommerce: SourcePreset = {
  key: 'woocommerce',
  title: 'WooCommerce',
  status: 'verified',
  origin: { page: 'https://github.com/woocommerce/woocommerce (class-wc-webhook.php, REST orders)', readOn: '2026-11-23' },
  notes: [
    'Topics order.created and order.updated. The status of the order says what happened; the topic is not signed.',
    'WooCommerce names no event, so the bytes of the body are remembered. It does not repeat what failed: a missed webhook is lost.',
    'Saving the webhook posts an unsigned form to try the address; it is answered with 200 and leaves nothing.',
  ],
  recipe: { kind: 'hmac', signature: { header: 'x-wc-webhook-signature' }, algorithm: 'sha256', encoding: 'base64' },
  pingField: 'webhook_id',
  mapping: {
    event: {
      from: '/status',
      names: {
        pending: 'Order Created',
        failed: 'Payment Failed',
        processing: 'Order Paid',
        completed: 'Order Paid',
        cancelled: 'Order Cancelled',
        refunded: 'Payment Refunded',
      },
    },
    occurredAt: { from: { first: ['/date_modified_gmt', '/date_created_gmt'] }, format: 'local', zone: 'UTC' },
    person: { customerId: '/customer_id', phone: '/billing/phone', email: '/billing/email', name: '/billing/first_name' },
    nobody: ['0'],
    keys: { order: '/id' },
    amount: { value: '/total', currency: '/currency', unit: 'major' },
    reason: { events: ['Payment Failed'], by: [] },
    properties: { number: '/number', method: '/payment_method', checkout_url: '/payment_url', status: '/status' },
  },
};
