import { minutes } from '@wapas/kernel';
import { DEFAULT_SEED } from './arguments';
import { type Customer, inventCustomers, LIVE_TOKEN } from './customers';

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

test.each([1, 2, 3, DEFAULT_SEED, 99])('seed %i: nobody acts on their own close to a step', (seed) => {
  for (const { actsAloneAfter, pushToken } of inventCustomers(seed)) {
    if (actsAloneAfter === undefined) continue;
    const getsPush = pushToken?.startsWith(LIVE_TOKEN) === true;
    const steps = [1, getsPush ? 15 : 5, 120].map(minutes);
    for (const step of steps) expect(Math.abs(actsAloneAfter - step)).toBeGreaterThanOrEqual(minutes(4));
  }
});
