import { assertNever } from '@wapas/kernel';
import { type PaymentState } from '@wapas/gateways';

/** What a customer is told about an order. Whoever might have paid is never asked to pay again (rule 24). */
export function viewOf(
  heard: 'said' | 'trusted' | 'unknown',
  state?: PaymentState,
): 'pay' | 'paid' | 'confirming' | 'closed' | 'unavailable' {
  // A gateway that fails is asked again by the customer; one that knows no such order has nothing to pay.
  if (heard !== 'said' || state === undefined) return heard === 'unknown' ? 'unavailable' : 'closed';
  switch (state) {
    case 'open':
      return 'pay';
    case 'paid':
      return 'paid';
    case 'authorised':
    case 'pending':
      return 'confirming';
    case 'refunded':
    case 'cancelled':
    case 'expired':
      return 'closed';
    default:
      return assertNever(state);
  }
}
