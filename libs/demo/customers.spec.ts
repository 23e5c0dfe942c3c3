import { minutes } from '@wapas/kernel';
import { DEFAULT_SEED } from './arguments';
import { type Customer, inventCustomers } from './customers';

const customers = inventCustomers(DEFAULT_SEED);
const paying = customers.filter(({ matter }) => matter.kind === 'payment');

test('the same seed invents the same people, another seed others', () => {
  expect(inventCustomers(DEFAULT_SEED)).toEqual(customers);
  expect(inventCustomers(DEFAULT_SEED + 1)).not.toEqual(customers);
});

test('a customer does not depend on how many others there are', () => {
  expect(inventCustomers(DEFAULT_SEED, 10)).toEqual(customers.slice(0, 10));
});

test('nobody shares a number, a token or an order', () => {
  for (const part of [({ phone }: Customer) => phone, ({ matter }: Customer) => JSON.stringify(matter)])
    expect(new Set(customers.map(part)).size).toBe(200);
});

test('every part of the story has its people', () => {
  expect(new Set(customers.map(({ matter }) => matter.kind))).toEqual(new Set(['payment', 'kyc', 'cart']));
  expect(new Set(paying.map(({ behaviour }) => behaviour))).toEqual(
    new Set(['opens_push', 'taps_whatsapp', 'taps_sms', 'acts_alone', 'never']),
  );
  const has = (trait: (matter: Customer['matter'] & { kind: 'payment' }) => boolean): boolean =>
    customers.some(({ matter }) => matter.kind === 'payment' && trait(matter));
  expect(has((matter) => matter.paidBeforeFailureIsTold)).toBe(true);
  expect(has((matter) => matter.toldTwice)).toBe(true);
  expect(has((matter) => matter.toldInThreeSteps)).toBe(true);
  expect(has((matter) => matter.secondFailureAfter !== undefined)).toBe(true);
  expect(has((matter) => matter.failure.source === 'business')).toBe(true);
  expect(customers.some(({ pushToken }) => pushToken === undefined)).toBe(true);
  expect(customers.some(({ pushToken }) => pushToken?.startsWith('dead-'))).toBe(true);
});

test.each([1, 2, 3, DEFAULT_SEED, 99])(
  'seed %i: whoever acts alone does so eight minutes or more away from every step',
  (seed) => {
    for (const { actsAloneAfter } of inventCustomers(seed)) {
      if (actsAloneAfter === undefined) continue;
      for (const step of [1, 5, 15, 120].map(minutes)) expect(Math.abs(actsAloneAfter - step)).toBeGreaterThanOrEqual(minutes(8));
    }
  },
);

test('whoever opens the push has done so eight minutes before the WhatsApp would go out', () => {
  for (const { reactions } of customers) expect(reactions.push?.after ?? 0).toBeLessThanOrEqual(minutes(15 - 1 - 8));
});
