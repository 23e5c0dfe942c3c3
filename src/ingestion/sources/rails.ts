import { idOf, textOf } from './read-values';

/**
 * Card networks, in one word each, by what vendors call them: Razorpay's payments and its downtimes (razorpay.com/docs/webhooks/payments,
 * razorpay.com/docs/api/payments/downtime/entity), Cashfree's (cashfree.com/docs, payment and incident webhooks), Stripe's card brands
 * (docs.stripe.com/api/payment_methods/object), read 2026-11-28. What is not here stays as it is.
 */
const NETWORKS: Readonly<Record<string, string>> = {
  mc: 'mastercard',
  mast: 'mastercard',
  master: 'mastercard',
  'american express': 'amex',
  american_express: 'amex',
  dicl: 'diners',
  'diners club': 'diners',
  diners_club: 'diners',
};

export function networkOf(value: unknown): string | undefined {
  const said = idOf(value)?.toLowerCase();
  return said === undefined ? undefined : (NETWORKS[said] ?? said);
}

/** The part of a UPI address that names who runs it: `oksbi`. The rest is the person's and is not kept. */
export function upiHandleOf(value: unknown): string | undefined {
  return /@([A-Za-z0-9]{2,64})$/.exec(textOf(value) ?? '')?.[1]?.toLowerCase();
}

/** Without what is not there: a property of undefined would hide one of the same name. */
export function present(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined && value !== null));
}
