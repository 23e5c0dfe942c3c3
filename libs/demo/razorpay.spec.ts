import { createHmac } from 'node:crypto';
import { type Instant, parseInstant } from '@wapas/kernel';
import { type Customer, inventCustomers, type PaymentMatter } from './customers';
import { razorpayWebhook } from './razorpay';

const at = parseInstant('2026-11-23T11:02:09+05:30') as Instant;
const customer = inventCustomers(1).find(({ matter }) => matter.kind === 'payment') as Customer;
const matter = customer.matter as PaymentMatter;
const webhook = (secret: string) => razorpayWebhook('order.paid', customer, matter, { payment: 'pay_1', at, secret });

test('a webhook is signed over its very bytes', () => {
  const { headers, body } = webhook('a secret');
  expect(headers['x-razorpay-signature']).toBe(createHmac('sha256', 'a secret').update(body).digest('hex'));
});

test('a webhook told again is the same, byte for byte', () => {
  expect(webhook('a secret')).toEqual(webhook('a secret'));
});

test('a webhook is stamped with the second of business time at which it is played', () => {
  expect(JSON.parse(webhook('a secret').body)).toMatchObject({ event: 'order.paid', created_at: at / 1_000 });
});
