import { type SendOutcome } from '@wapas/provider-kit';

/**
 * One message to several addresses of a person: accepted when any of them was. Otherwise the outcome that leaves most open
 * counts: what may have been taken, then what may be tried again, then the refusal of the address that was seen last.
 */
export function outcomeOfAll(outcomes: readonly SendOutcome[]): SendOutcome {
  const accepted = outcomes.find(({ outcome }) => outcome === 'accepted');
  if (accepted) return accepted;
  const byClass = (...classes: readonly string[]) =>
    outcomes.find((one) => one.outcome === 'failed' && classes.includes(one.failure.class));
  return (
    byClass('unknown_outcome') ??
    byClass('temporary', 'throttled') ??
    // An address that is dead says nothing against the others: their refusal is the reason.
    outcomes.find((one) => one.outcome === 'failed' && one.failure.class !== 'bad_address') ??
    (outcomes[0] as SendOutcome)
  );
}
