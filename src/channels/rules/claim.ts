import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { brokenCap, CAP_REASONS, type CapLimits, countHad, HAD_NOTHING, type HadCounts, type MessageCaps } from './caps';
import { type Guard } from './guard';
import { maySend, type MaySend, type SendFacts } from './may-send';
import { brokenPurse, type MessagePrice, type Purse, reasonOf, type SpendScope } from './spend';

/** What a claim asks of the message itself. */
export interface ClaimedOf {
  readonly personId: string;
  readonly runId: string;
  readonly caps: MessageCaps | null;
}

/** What a message costs, and what is left of the caps that count it: none when no cap is set. */
export interface ClaimSpend {
  readonly price: MessagePrice | null;
  readonly purses: readonly Purse[];
  /** The price category that is known of it: its template's, or what its step's purpose says. Null or absent: none. */
  readonly sentAs?: string | null;
}

/** May the call start? First whatever speaks against this message, then how much its person has had, then what it costs. */
export function judge(
  facts: SendFacts,
  message: ClaimedOf,
  had: HadCounts,
  limits: CapLimits,
  { price, purses }: ClaimSpend,
): MaySend {
  const verdict = maySend(facts);
  if (!verdict.maySend) return verdict;
  const cap = brokenCap(message.caps, had, limits);
  if (cap !== null) return { maySend: false, state: 'skipped', reason: cap };
  const purse = brokenPurse(message, price, purses);
  // Not held until the day turns: that is midnight, and the next day would pay for what is worth less by then.
  return purse === null ? verdict : { maySend: false, state: 'skipped', reason: reasonOf(purse) };
}

/**
 * What a claim was judged by and what was said, kept with the message. What is absent was as it nearly always is: no marks,
 * nothing against the person or the provider, an address, nothing sent before. Holds ids and hashes, no address.
 */
export interface RecordedClaim {
  readonly at: Instant;
  readonly marks?: readonly (readonly [key: EntityKey, eventName: string, occurredAt: Instant])[];
  readonly calledOff?: string;
  readonly refusal?: string;
  readonly paused?: string;
  readonly down?: string;
  readonly noAddress?: true;
  readonly notForTests?: true;
  readonly otherCountry?: true;
  readonly had?: readonly [ofRun: number, ofDay: number, marketingOfDay: number, marketingOfWeek: number];
  /** What `had` is counted from, as earlier versions kept it: all of 30 days, with each message once more. */
  readonly taken?: readonly (readonly [runId: string, marketing: boolean, calledAt: Instant])[];
  readonly limits?: readonly [perDay: number, marketingPerDay: number, marketingPerWeek: number];
  /** What it cost and what was left of each cap, while there is one. */
  readonly spend?: readonly [milli: number, currency: string, left: readonly (readonly [scope: SpendScope, milli: number])[]];
  /** The price category that was known of it; absent: none. */
  readonly sentAs?: string;
  /** `state:reason`; absent: the call started. */
  readonly said?: string;
}

/** Of somebody who buys all day long the latest marks tell enough. */
const MOST_MARKS = 50;

export function recordOf(
  { now, marks, calledOff, refusal, down, paused, hasAddress, countryIsAllowed, addressIsForTests, test }: SendFacts,
  { ofRun, ofDay, marketingOfDay, marketingOfWeek }: HadCounts,
  { perDay, marketingPerDay, marketingPerWeek }: CapLimits,
  { price, purses, sentAs = null }: ClaimSpend,
  verdict: MaySend,
): RecordedClaim {
  const hadAny = ofRun + ofDay + marketingOfWeek > 0;
  return {
    at: now,
    ...(marks.length > 0 && { marks: latest(marks) }),
    ...(calledOff !== null && { calledOff }),
    ...(refusal !== null && { refusal }),
    ...(down !== null && { down }),
    ...(paused !== null && { paused }),
    ...(!hasAddress && { noAddress: true as const }),
    ...(!countryIsAllowed && { otherCountry: true as const }),
    ...(test && !addressIsForTests && { notForTests: true as const }),
    ...(hadAny && { had: [ofRun, ofDay, marketingOfDay, marketingOfWeek] as const }),
    // Without a message before it only a limit of none can have been broken.
    ...((hadAny || isCapped(verdict)) && { limits: [perDay, marketingPerDay, marketingPerWeek] as const }),
    ...(price !== null && purses.length > 0 && { spend: spendOf(price, purses) }),
    ...(sentAs !== null && { sentAs }),
    ...(!verdict.maySend && { said: `${verdict.state}:${verdict.reason}` }),
  };
}

const spendOf = ({ milli, currency }: MessagePrice, purses: readonly Purse[]): RecordedClaim['spend'] => [
  milli,
  currency,
  purses.filter((purse) => purse.currency === currency).map(({ scope, leftMilli }) => [scope, leftMilli] as const),
];

const isCapped = (verdict: MaySend): boolean => !verdict.maySend && (CAP_REASONS as readonly string[]).includes(verdict.reason);

const latest = (marks: SendFacts['marks']): RecordedClaim['marks'] =>
  [...marks]
    .sort((one, other) => other.occurredAt - one.occurredAt)
    .slice(0, MOST_MARKS)
    .map(({ key, eventName, occurredAt }) => [key, eventName, occurredAt] as const);

/** A message and its claims, as they are stored. */
export interface RecordedMessage extends ClaimedOf {
  readonly messageId: string;
  readonly step: string;
  readonly lap: number;
  readonly guard: Guard;
  readonly notAfter: Instant;
  readonly test: boolean;
  readonly state: string;
  readonly reason: string | null;
  readonly claims: readonly RecordedClaim[];
}

/** A claim that would be judged otherwise today, or a message that says otherwise than its claim. */
export interface ClaimDifference {
  readonly messageId: string;
  readonly step: string;
  readonly at: Instant;
  readonly recorded: string;
  readonly replayed: string;
}

const MAY_SEND = 'may_send';
const GIVEN_UP: ReadonlySet<string> = new Set(['skipped', 'expired', 'rejected']);

/** Judges every claim of a message once more by what was known then. */
export function replayClaims(message: RecordedMessage): ClaimDifference[] {
  return message.claims.flatMap((claim, index) => {
    const verdict = judge(factsOf(message, claim), message, hadOf(message, claim), limitsOf(claim), paidOf(claim));
    const replayed = verdict.maySend ? MAY_SEND : `${verdict.state}:${verdict.reason}`;
    const recorded = [claim.said ?? MAY_SEND];
    // The row must tell what its last claim told: nothing comes after a no, but that an earlier call may have gone through. One that
    // was only held may still have been cancelled, or have become too late.
    const isFinal = claim.said !== undefined && !claim.said.startsWith('held:');
    if (index === message.claims.length - 1 && isFinal && GIVEN_UP.has(message.state))
      recorded.push(`${message.state}:${message.reason}`);
    return recorded
      .filter((one) => one !== replayed)
      .slice(0, 1)
      .map((one) => ({ messageId: message.messageId, step: message.step, at: claim.at, recorded: one, replayed }));
  });
}

function factsOf({ guard, notAfter, test }: RecordedMessage, claim: RecordedClaim): SendFacts {
  return {
    now: claim.at,
    notAfter,
    guard,
    marks: (claim.marks ?? []).map(([key, eventName, occurredAt]) => ({ key, eventName, occurredAt })),
    calledOff: claim.calledOff ?? null,
    refusal: claim.refusal ?? null,
    down: claim.down ?? null,
    paused: claim.paused ?? null,
    hasAddress: claim.noAddress !== true,
    countryIsAllowed: claim.otherCountry !== true,
    test,
    addressIsForTests: claim.notForTests !== true,
  };
}

function hadOf(message: RecordedMessage, { at, had, taken }: RecordedClaim): HadCounts {
  if (had !== undefined) {
    const [ofRun, ofDay, marketingOfDay, marketingOfWeek] = had;
    return { ofRun, ofDay, marketingOfDay, marketingOfWeek };
  }
  if (taken === undefined) return HAD_NOTHING;
  const { personId } = message;
  return countHad(
    message,
    taken.map(([runId, marketing, calledAt]) => ({ personId, runId, marketing, calledAt })),
    at,
  );
}

function paidOf({ spend }: RecordedClaim): ClaimSpend {
  if (spend === undefined) return { price: null, purses: [] };
  const [milli, currency, left] = spend;
  return { price: { milli, currency }, purses: left.map(([scope, leftMilli]) => ({ scope, currency, leftMilli })) };
}

const limitsOf = ({
  limits: [perDay, marketingPerDay, marketingPerWeek] = [Infinity, Infinity, Infinity],
}: RecordedClaim): CapLimits => ({
  perDay,
  marketingPerDay,
  marketingPerWeek,
});
