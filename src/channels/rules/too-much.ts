import { type FailureMeaning } from '@wapas/provider-kit';

/** Does it say that an account or a number sends too fast? One person who is written to too often, or a number in maintenance, is no reason to slow the others down. */
export const isTooMuch = ({ class: kind, scope }: FailureMeaning): boolean =>
  kind === 'throttled' && (scope === 'account' || scope === 'sender');
