import { type Instant } from '@wapas/kernel';
import { type ContactFacts, mayContact } from '../profiles/profiles.api';
import { type JourneyVersion } from './rules/definition';
import { type EnrolFacts } from './rules/enrol';

/** What somebody has decided, as against what was never asked: a missing opt-in may still come, and is asked for at each send. */
const DECIDED = { suppressed: true, minor: true, consent_withdrawn: true } as const;
type Decided = keyof typeof DECIDED;

/**
 * Why a run of this journey could send this person nothing at all: every step is on a channel, and for a purpose, that they
 * took back or that is forbidden to them. Undefined: something may be sent. Asked of both arms alike, before there is an arm.
 */
export function forbiddenFor(version: JourneyVersion, contact: ContactFacts, now: Instant): EnrolFacts['forbidden'] {
  const refusals = version.steps.map(({ channel, purpose }) =>
    mayContact(contact, { channel, purpose }, { serviceOptIn: [] }, now),
  );
  const decided = refusals.flatMap((refusal) => (refusal !== null && refusal in DECIDED ? [refusal as Decided] : []));
  if (decided.length < refusals.length) return undefined;
  return decided.find((refusal) => refusal === 'suppressed') ?? decided[0];
}
