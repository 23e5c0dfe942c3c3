import { classesOf, type ReasonTable } from './reason-classes';
import { cashfreeReasons, cashfreeSources } from './tables/cashfree.reasons';
import { juspayStatuses } from './tables/juspay.reasons';
import { nachReturns } from './tables/nach.reasons';
import { payuErrors } from './tables/payu.reasons';
import { razorpayReasons, razorpaySources } from './tables/razorpay.reasons';
import { shopifyErrors } from './tables/shopify.reasons';
import { stripeDeclines, stripeErrors } from './tables/stripe.reasons';
import { sumsubLabels } from './tables/sumsub.reasons';
import { upiCodes } from './tables/upi.reasons';

/** Every table, for whoever shows them. */
export const reasonTables: readonly ReasonTable[] = [
  razorpayReasons,
  razorpaySources,
  cashfreeReasons,
  cashfreeSources,
  stripeDeclines,
  stripeErrors,
  shopifyErrors,
  payuErrors,
  juspayStatuses,
  upiCodes,
  nachReturns,
  sumsubLabels,
];

/** The classes by code, ready for a mapping. */
export const reasons = {
  razorpay: classesOf(razorpayReasons),
  razorpaySource: classesOf(razorpaySources),
  cashfree: classesOf(cashfreeReasons),
  cashfreeSource: classesOf(cashfreeSources),
  stripe: classesOf(stripeDeclines),
  stripeError: classesOf(stripeErrors),
  shopify: classesOf(shopifyErrors),
  payu: classesOf(payuErrors),
  juspay: classesOf(juspayStatuses),
  upi: classesOf(upiCodes),
  nach: classesOf(nachReturns),
  sumsub: classesOf(sumsubLabels),
} as const;
