import { after, durationOf, type Instant } from '@wapas/kernel';
import { countHad, type ForeseeMessages, type Guard, judgeClaim, type SendFacts } from '../../../channels/channels.api';
import { type PastMessage } from '../../../channels/past-messages.api';
import { contactAt, couldBeReached, mayContact } from '../../../profiles/profiles.api';
import { capsOf } from '../../rules/caps-of-step';
import { type JourneyVersion, type Step } from '../../rules/definition';
import { type Decision, type RunState } from '../../rules/run';
import { ownHoursOf, toNextStep } from '../../rules/timing';
import { type PersonOfPeriod } from './people-of-period';

/** What would come of a message that a step sends. */
export type ForeseenClaim =
  | { readonly outcome: 'given_up'; readonly state: 'skipped' | 'expired' | 'rejected'; readonly reason: string }
  /** `until`: null when nobody can say. */
  | { readonly outcome: 'held'; readonly reason: string; readonly until: Instant | null }
  /** The vendor took the same message then, and said later that it had failed. */
  | { readonly outcome: 'refused_later'; readonly reason: string | null; readonly heardAt: Instant }
  | {
      readonly outcome: 'sent';
      readonly provider: string;
      readonly category: string | null;
      /** Has the vendor said so, of the message that there really was or of its template? */
      readonly categoryIsTold: boolean;
      readonly parts: number | null;
      readonly country: string | null;
      readonly isMarketing: boolean;
    };

export interface ClaimOfThen {
  /** As it was when the step sent. */
  readonly run: RunState;
  readonly step: Step;
  readonly decision: Decision & { kind: 'send' };
  readonly person: PersonOfPeriod;
  readonly guard: Guard;
  readonly marks: SendFacts['marks'];
  /** Of the person's number. */
  readonly country: string | null;
  readonly countryIsAllowed: boolean;
  /** The message of the same step that there really was. */
  readonly asItWas: PastMessage | undefined;
}

export interface MessagesOfThen {
  readonly version: JourneyVersion;
  readonly messages: Pick<ForeseeMessages, 'message' | 'limits' | 'policy'>;
  /** A real claim so much later or earlier was about the same moment. */
  readonly sameTimeMs: number;
}

/** Their own doing when a message waits for nothing: a claim that comes to the same word is judged anew, not taken from the record. */
const SAID_BY_OTHERS: ReadonlySet<string> = new Set(['status_unknown', 'order_cancelled', 'order_expired', 'refunded']);
const NO_DELAY = durationOf(0);

/** Caps on a day's spend are set and lifted by hand: those of then are not known. */
const NO_SPEND = { price: null, purses: [] };

/**
 * Judges a message as a real claim does, by what was known at that moment: by the record of the real claim where there was one about
 * then, else by the person's consents and addresses of the time.
 */
export function foreseeClaim(then: MessagesOfThen, asked: ClaimOfThen, now: Instant): ForeseenClaim {
  const { version, messages } = then;
  const { run, step, decision, person, asItWas } = asked;
  const foreseen = messages.message(
    {
      channel: step.channel,
      template: step.messages[decision.message]?.template ?? {},
      facts: run.facts,
      purpose: step.purpose,
      mandatory: step.mandatory,
      legalHours: step.legalHours,
      toNextStepMs: toNextStep(version, step),
    },
    person.known.language,
  );
  if (foreseen.state !== 'planned') return { outcome: 'given_up', state: foreseen.state, reason: foreseen.reason };
  const said = saidByOthers(asItWas);
  if (said !== null) return { outcome: 'given_up', ...said };
  const caps = capsOf(version, step);
  const message = { personId: person.known.id, runId: run.id, caps };
  const verdict = judgeClaim(
    factsAt(asked, then, foreseen.addressKind, now),
    message,
    countHad(message, person.takenBy(now), now),
    messages.limits,
    NO_SPEND,
  );
  if (!verdict.maySend)
    return verdict.state === 'held'
      ? { outcome: 'held', reason: verdict.reason, until: verdict.until }
      : { outcome: 'given_up', state: verdict.state, reason: verdict.reason };
  if (asItWas?.state === 'rejected' && asItWas.calledAt !== null)
    return { outcome: 'refused_later', reason: asItWas.reason, heardAt: after(now, delayOfFailure(asItWas)) };
  const told = asItWas?.category ?? foreseen.category;
  return {
    outcome: 'sent',
    provider: foreseen.provider,
    category: told ?? foreseen.sentAs ?? asItWas?.sentAs ?? null,
    categoryIsTold: told !== null,
    parts: asItWas?.parts ?? foreseen.parts,
    country: asItWas?.country ?? (foreseen.addressKind === 'phone' ? asked.country : null),
    isMarketing: caps?.marketing ?? false,
  };
}

function factsAt(
  { run, step, decision, person, guard, marks, countryIsAllowed, asItWas }: ClaimOfThen,
  { messages: { policy }, sameTimeMs }: MessagesOfThen,
  addressKind: string,
  now: Instant,
): SendFacts {
  const { channel, purpose, legalHours } = step;
  const { keys, since, stops, asks } = guard;
  const latest = asItWas?.claim ?? null;
  // The same step was really claimed at about that moment: what was known then is on record.
  const claim = latest && Math.abs(latest.at - now) <= sameTimeMs ? latest : null;
  const hasAddress = claim ? claim.noAddress !== true : couldBeReached(person.known, addressKind, channel, now);
  const refusal = (): string | null =>
    hasAddress ? mayContact(contactAt(person.known, now), { channel, purpose }, policy, now) : null;
  return {
    now,
    notAfter: decision.notAfter,
    guard: {
      keys,
      since,
      stops,
      asks,
      purpose,
      hours: legalHours.length === 0 ? undefined : legalHours,
      ownHours: ownHoursOf(run, step),
    },
    marks,
    calledOff: null,
    refusal: claim ? (claim.refusal ?? null) : refusal(),
    down: null,
    paused: claim?.paused ?? null,
    hasAddress,
    countryIsAllowed: claim ? claim.otherCountry !== true : countryIsAllowed,
    test: false,
    addressIsForTests: false,
  };
}

/** A gateway's word before the claim and a cap on the day's spend are outer facts: they are taken as they were. */
function saidByOthers(message: PastMessage | undefined): { state: 'skipped'; reason: string } | null {
  const { state, reason, calledAt, claim } = message ?? {};
  const isTheirs =
    state === 'skipped' &&
    calledAt === null &&
    ((claim?.said === undefined && SAID_BY_OTHERS.has(reason ?? '')) || reason?.startsWith('spend_cap_') === true);
  return isTheirs ? { state: 'skipped', reason: reason ?? '' } : null;
}

function delayOfFailure({ receipts, calledAt, dueAt }: PastMessage) {
  const failed = receipts.find(({ kind }) => kind === 'failed');
  return failed ? durationOf(Math.max(0, failed.at - (calledAt ?? dueAt))) : NO_DELAY;
}
