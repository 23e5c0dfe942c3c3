/**
 * The oracle: a second, declarative account of what may and what must have happened. It keeps its own ledger of what was
 * committed, acknowledged and sent, and when, and judges it by the rules of the product as its documentation has them.
 * It imports nothing of what it judges.
 */

/** Local hours in which something may go out, in minutes of the day. */
export interface PromisedHours {
  readonly from: number;
  readonly to: number;
  /** Of the law: nothing lifts them. */
  readonly isLaw: boolean;
  /** The author's: what to do outside of them, and for how many minutes from T they do not bind. */
  readonly outside?: 'hold' | 'expire';
  readonly exceptWithin?: number;
}

/** What a journey of the scenario promises, in minutes from T. */
export interface PromisedStep {
  readonly step: string;
  readonly channel: string;
  readonly after: number;
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly hours: readonly PromisedHours[];
  /** It is left out once the customer has answered one of these steps. */
  readonly unlessAnswered: readonly string[];
}

export interface PromisedJourney {
  readonly key: string;
  readonly window: number;
  readonly isMarketing: boolean;
  /** What a further attempt does to T. */
  readonly attempts: 'attach' | 'restart' | 'restart_when_engaged';
  /** T of an uncertain trigger waits this many minutes for certainty, and what comes of it without a word. */
  readonly hold: { readonly for: number; readonly onUnknown: 'enter' | 'skip' } | null;
  readonly steps: readonly PromisedStep[];
}

/** One time a customer fell off: what messages are about. */
export interface Visit {
  readonly visit: string;
  readonly journey: PromisedJourney;
  readonly person: string;
  /** The order, which is settled once for all, or the cart, which is used again. */
  readonly matter: string;
  readonly isOrder: boolean;
}

export interface OracleRules {
  readonly perDay: number;
  /** How often T may begin. */
  readonly laps: number;
  readonly marketingPerDay: number;
  /** Channels on which the same message sent twice is shown once. */
  readonly resendable: ReadonlySet<string>;
  /** Channels whose vendors return our own reference. */
  readonly echoing: ReadonlySet<string>;
  /** What is claimed starts within this, milliseconds. */
  readonly startWithin: number;
  /** Channels on which nothing goes out about an order unless somebody who knows has called it open, this many milliseconds ago at the most. */
  readonly asked: ReadonlySet<string>;
  readonly wordFor: number;
  /** A second provider serves SMS. */
  readonly hasSpare: boolean;
}

/** What a gateway told somebody who asked about an order, or its webhook unasked. `failed`: nothing. */
export interface Told {
  readonly order: string;
  readonly said: string;
  /** When it looked, and when it was heard. */
  readonly seenAt: number;
  readonly at: number;
}

export interface Message {
  readonly id: string;
  readonly visit: string;
  readonly step: string;
  readonly runId: string;
  readonly lap: number;
}

/** One beginning of T. */
interface Lap {
  readonly startedAt: number;
  readonly at: number;
}

/** Something that was tried, as it was committed. */
interface Attempt {
  readonly eventId: string;
  readonly occurredAt: number;
  readonly at: number;
  readonly isUncertain: boolean;
}

/** T of a run that waits for certainty. */
interface Hold {
  readonly visit: string;
  readonly since: number;
  readonly until: number;
  readonly trigger: Attempt;
  begunAt?: number;
}

/** By whom and in which words a message is sent. */
interface By {
  readonly channel: string;
  readonly provider: string;
  readonly wording: string;
}

interface Call extends By {
  readonly message: Message;
  readonly fence: number;
  readonly beganAt: number;
  acceptedAt?: number;
  answeredAt?: number;
  /** It was refused for its picture, or for its template. */
  refused?: 'no_picture' | 'no_template';
  /** It was taken, and then the vendor said that it had failed, and who might still make it; and when that had its 2xx. */
  reported?: { readonly again: 'same' | 'elsewhere'; readonly at: number; ackedAt?: number };
}

interface Claim {
  readonly seq: number;
  readonly at: number;
}

interface Ending {
  readonly kind: 'goal' | 'exit';
  readonly matter: string;
  /** The source's id of the event. */
  readonly eventId: string;
  readonly occurredAt: number;
  readonly seq: number;
  readonly at: number;
  ackedAt?: number;
}

/** The rows that are left at the end, as far as the oracle judges them. */
export interface FinalRows {
  readonly runs: readonly {
    readonly id: string;
    readonly journey: string;
    readonly matter: string;
    readonly visit: string;
    readonly arm: string;
    readonly dueAt: number | null;
    readonly startedAt: number;
    readonly endedAt: number | null;
    readonly endReason: string | null;
  }[];
  readonly decisions: readonly Decided[];
  readonly messages: readonly {
    readonly id: string;
    readonly runId: string;
    readonly lap: number;
    readonly step: string;
    readonly state: string;
    readonly reason: string | null;
  }[];
  readonly refusals: readonly { readonly eventId: string }[];
  readonly packets: readonly { readonly handler: string; readonly isParked: boolean; readonly error: string | null }[];
  readonly events: readonly { readonly sourceEventId: string; readonly id: string }[];
}

interface Decided {
  readonly runId: string;
  readonly at: number;
  readonly kind: string;
  readonly step: string | null;
  readonly reason: string | null;
  /** What it was decided for, where it names an event. */
  readonly eventId: string | null;
}

const MINUTE = 60_000;
/** Between what was found out and what is done about it there may be locks, and a process that stands still. */
const WORD_GROWS_OLD_MS = 2 * MINUTE;
/** A container looks every second at what is paused; now and then something is in its way. */
const PAUSE_HEARD_WITHIN_MS = 10_000;
/** Whoever decides looks at the clock, and then may wait for a row. */
const LOCK_WAITS_MS = 2_000;
/** From what is committed to what the run makes of it. */
const BUS_MAY_BE_SLOW_MS = MINUTE;
const ENGAGED = ['opened', 'read', 'clicked', 'replied'];
const DAY = 24 * 60 * MINUTE;
/** India has one zone and no summer time. */
const IST = 5.5 * 60 * MINUTE;

export class Oracle {
  readonly violations: string[] = [];
  private readonly calls: Call[] = [];
  private readonly claims = new Map<string, Claim[]>();
  private readonly endings: Ending[] = [];
  private readonly triggers = new Map<string, { readonly occurredAt: number; readonly at: number; readonly eventId: string }>();
  private readonly optOuts: { person: string; channel: string; isOut: boolean; seq: number; at: number }[] = [];
  /** Of a journey, by its key; of all sending, `all`; of a provider, by its channel. */
  private readonly stops: { scope: string; setAt: number; liftedAt: number }[] = [];
  private readonly attempts = new Map<string, Attempt[]>();
  private readonly confirmations: { readonly visit: string; readonly occurredAt: number; readonly at: number }[] = [];
  private readonly holds = new Map<string, Hold>();
  /** The attempt that a run began with. */
  private readonly startedBy = new Map<string, Attempt>();
  private readonly words: Told[] = [];
  private readonly acks = new Map<string, number>();
  private readonly stored = new Map<string, number>();
  private readonly laps = new Map<string, Lap[]>();
  private readonly arms = new Map<string, string>();
  private readonly heard = new Map<string, { kind: string; at: number }[]>();
  private readonly definiteFailures = new Map<string, Set<string>>();
  private readonly fences = new Map<string, number>();
  private readonly waitingSince = new Map<string, number>();
  private readonly vendorIds = new Set<string>();
  /** When which receipt of a message was committed. */
  private readonly receipted = new Map<string, Map<string, number>>();
  private readonly plannedAt = new Map<string, number>();
  private readonly returnedAt = new Map<string, number>();
  private readonly messages = new Map<string, Message>();

  constructor(
    private readonly rules: OracleRules,
    private readonly visits: ReadonlyMap<string, Visit>,
  ) {}

  // What has been committed and acknowledged.

  eventCommitted(sourceEventId: string): void {
    const copies = (this.stored.get(sourceEventId) ?? 0) + 1;
    this.stored.set(sourceEventId, copies);
    if (copies > 1) this.accuse('S3', `event ${sourceEventId} was stored twice`);
  }

  triggerCommitted(visit: string, attempt: Attempt): void {
    if (!this.triggers.has(visit)) this.triggers.set(visit, attempt);
    this.attempts.set(visit, [...(this.attempts.get(visit) ?? []), attempt]);
  }

  /** Somebody who knows has said that it did fail. */
  confirmationCommitted(visit: string, occurredAt: number, at: number): void {
    this.confirmations.push({ visit, occurredAt, at });
  }

  endingCommitted(ending: Omit<Ending, 'ackedAt'>): void {
    this.endings.push({ ...ending });
  }

  consentCommitted(person: string, channel: string, isOut: boolean, seq: number, at: number): void {
    this.optOuts.push({ person, channel, isOut, seq, at });
  }

  stopCommitted(scope: string, at: number): void {
    this.stops.push({ scope, setAt: at, liftedAt: Number.POSITIVE_INFINITY });
  }

  stopLifted(scope: string, at: number): void {
    for (const stop of this.stops) if (stop.scope === scope && stop.liftedAt > at) stop.liftedAt = at;
  }

  /** Somebody has asked the gateway, and heard this. */
  told(word: Told): void {
    this.words.push(word);
  }

  acknowledged(sourceEventId: string, at: number): void {
    if (this.acks.has(sourceEventId)) return;
    this.acks.set(sourceEventId, at);
    // S3: a 2xx means committed.
    if (!this.stored.has(sourceEventId)) this.accuse('S3', `event ${sourceEventId} got its 2xx and is not stored`);
  }

  /** `eventId`: the source's id of what started it. */
  runStarted(runId: string, visit: string, arm: string, startedAt: number, at: number, eventId: string): void {
    this.arms.set(runId, arm);
    this.laps.set(runId, [{ startedAt, at }]);
    const trigger = this.attempts.get(visit)?.find((one) => one.eventId === eventId);
    if (trigger) this.startedBy.set(runId, trigger);
    const hold = this.visits.get(visit)?.journey.hold;
    if (!trigger) this.accuse('S4', `a run of ${visit} without a trigger`);
    else if (hold && trigger.isUncertain) {
      // S17: an uncertain trigger waits for certainty, for as long as its author wants; what came together with it may have settled it.
      const wait = hold.for * MINUTE;
      const doesWait = startedAt >= trigger.at + wait - 1 && startedAt <= at + wait;
      const held: Hold = { visit, since: doesWait ? at : trigger.at, until: doesWait ? startedAt : at + wait, trigger };
      this.holds.set(runId, held);
      if (!doesWait) this.begins(runId, held, startedAt, at);
    } else if (startedAt < trigger.at - 1 || startedAt > at) this.accuse('S6', `the run of ${visit} begins at a time of its own`);
  }

  /** S9: T begins anew for a further attempt, once its first step has come, so often and where its author wants it. */
  lapChanged(runId: string, visit: string, lap: number, startedAt: number, at: number): void {
    const laps = this.laps.get(runId) ?? [];
    const last = laps.at(-1);
    const journey = this.visits.get(visit)?.journey;
    if (!last || !journey) return;
    const hold = this.holds.get(runId);
    if (lap === laps.length) {
      if (startedAt !== last.startedAt && hold && hold.begunAt === undefined) this.begins(runId, hold, startedAt, at);
      else if (startedAt !== last.startedAt) this.accuse('S9', `T of ${visit} was moved`);
      return;
    }
    this.laps.set(runId, [...laps, { startedAt, at }]);
    const about = `lap ${lap} of ${visit}`;
    if (lap !== laps.length + 1 || lap > this.rules.laps) this.accuse('S9', `${about} is one too many`);
    if (journey.attempts === 'attach') this.accuse('S9', `${about} is against the journey`);
    if ((this.attempts.get(visit)?.length ?? 0) < lap) this.accuse('S9', `${about} has no attempt of its own`);
    if (startedAt > at || startedAt < last.startedAt + (journey.steps[0] as PromisedStep).after * MINUTE - LOCK_WAITS_MS)
      this.accuse('S9', `${about} begins at a time of its own`);
    if (journey.attempts === 'restart_when_engaged' && !this.hasAnswered(runId, last))
      this.accuse('S9', `${about} begins although nobody answered`);
  }

  /** S17: T begins when its wait is over, or when somebody has said that it did fail; once. */
  private begins(runId: string, hold: Hold, startedAt: number, at: number): void {
    hold.begunAt = startedAt;
    this.laps.set(runId, [{ startedAt, at }]);
    const about = `T of ${hold.visit}`;
    if (startedAt > at || startedAt < hold.since) this.accuse('S17', `${about} begins at a time of its own`);
    const isOver = startedAt >= hold.until - 1 && this.visits.get(hold.visit)?.journey.hold?.onUnknown === 'enter';
    if (!isOver && this.certainSince(hold, at) === undefined) this.accuse('S17', `${about} begins although nothing is certain`);
  }

  /**
   * Since when it has been certain that what a run waits for did fail: said after it had been tried, or tried again since and refused. While
   * a further attempt is on its way a word about the one before may come first, or behind it, and then says nothing of it.
   */
  private certainSince({ visit, trigger }: Hold, before: number, doubtful = true): number | undefined {
    const attempts = this.attempts.get(visit) ?? [];
    const isDoubtful = ({ occurredAt, at }: { occurredAt: number; at: number }): boolean =>
      attempts.some((one) => one.isUncertain && one.occurredAt > occurredAt && one.at < at + BUS_MAY_BE_SLOW_MS);
    const confirmed = this.confirmations.filter(
      (one) => one.visit === visit && one.occurredAt >= trigger.occurredAt && (doubtful || !isDoubtful(one)),
    );
    const refused = attempts.filter(
      (one) => one.eventId !== trigger.eventId && !one.isUncertain && one.occurredAt >= trigger.occurredAt,
    );
    const times = [...confirmed, ...refused].map(({ at }) => at).filter((at) => at <= before);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  // Messages on their way.

  messageChanged(
    message: Message,
    before: { state: string; fence: number } | undefined,
    after: { state: string; fence: number; reason: string | null; person: string; channel: string },
    seq: number,
    at: number,
  ): void {
    const { id } = message;
    // S5: a fence never goes back.
    if (after.fence < (this.fences.get(id) ?? 0)) this.accuse('S5', `the fence of ${this.name(message)} went back`);
    this.fences.set(id, after.fence);
    if (after.state === 'calling' && (before?.state !== 'calling' || before.fence !== after.fence))
      this.claimed(message, after, seq, at);
    if (before?.state === 'calling' && after.state !== 'calling') this.ended(message, before.fence, after.state, at);
    if (after.state === 'rejected' || after.state === 'skipped') this.failedForGood(message);
    if (before === undefined) this.plannedAt.set(id, at);
    this.messages.set(id, message);
    if (after.state !== before?.state) this.givenUpRightly(message, before?.state, after.state, after.reason, at);
    this.noteState(message, after.state, at);
    const isWaiting = after.state === 'planned' || after.state === 'retryable';
    if (!isWaiting) this.waitingSince.delete(id);
    else if (!this.waitingSince.has(id)) this.waitingSince.set(id, at);
    if (after.reason?.startsWith('cap_of_person') || after.reason?.startsWith('cap_of_marketing'))
      this.cappedRightly(message, at);
  }

  private claimed(
    message: Message,
    { person, channel, fence }: { person: string; channel: string; fence: number },
    seq: number,
    at: number,
  ): void {
    this.claims.set(message.id, [...(this.claims.get(message.id) ?? []), { seq, at }]);
    const visit = this.visitOf(message);
    if (!visit) return;
    // S2: no claim is committed after the goal or an exit of its matter.
    for (const ending of this.endings)
      if (ending.seq < seq && this.closes(ending, visit))
        this.accuse('S2', `${this.name(message)} was claimed after the ${ending.kind} of ${visit.matter} was committed`);
    // S11: nor after the person has opted out.
    if (this.isOptedOut(person, channel, seq)) this.accuse('S11', `${this.name(message)} was claimed after ${person} opted out`);
    // S12: the control group hears nothing.
    if (this.arms.get(message.runId) === 'holdout') this.accuse('S12', `${this.name(message)} went to the control group`);
    // S1: one claim at a time, and on most channels one only unless it provably reached nobody.
    const mayHaveReached = this.calls.filter((call) => call.message.id === message.id && call.fence < fence && hasReached(call));
    if (mayHaveReached.length > 0 && !this.rules.resendable.has(channel))
      this.accuse('S1', `${this.name(message)} was claimed again although the vendor took it`);
  }

  /** S5: whoever writes down how a call ended must have heard how it ended. */
  private ended(message: Message, fence: number, state: string, at: number): void {
    if (state === 'unknown' || this.receipted.has(message.id)) return;
    const own = this.calls.filter((call) => call.message.id === message.id && call.fence === fence);
    const isKnown = own.length > 0 && own.every((call) => call.answeredAt !== undefined && call.answeredAt <= at);
    if (state === 'sent' && !isKnown)
      this.accuse('S5', `${this.name(message)} was called sent by somebody who did not make the call`);
  }

  // What the vendors saw.

  /** `isAwake`: whoever calls has not stood still lately. */
  callBegan(message: Message, fence: number, by: By, isAwake: boolean, at: number): Call {
    const call: Call = { message, fence, ...by, beganAt: at };
    this.isWorthIt(call);
    this.calls.push(call);
    const visit = this.visitOf(message);
    const claim = this.claims.get(message.id)?.at(-1);
    if (!visit || !claim) {
      this.accuse('S2', `${this.name(message)} was sent without a claim`);
      return call;
    }
    // P5: what is claimed starts within a second, or not at all.
    if (at > claim.at + this.rules.startWithin)
      this.accuse('S2', `${this.name(message)} started ${at - claim.at} ms after its claim`);
    this.startsInTime(call, visit);
    this.startsUnstopped(call, visit, isAwake);
    this.startsAsked(call, visit);
    return call;
  }

  /** S18: what was refused is sent again only where that is worth it: its picture once more, its template not at all, elsewhere elsewhere. */
  private isWorthIt(call: Call): void {
    const about = this.name(call.message);
    const before = this.calls.filter(({ message, fence }) => message.id === call.message.id && fence < call.fence);
    const inTheseWords = before.filter(({ wording }) => wording === call.wording);
    if (inTheseWords.some(({ refused, provider }) => refused === 'no_template' && provider === call.provider))
      this.accuse('S18', `${about} went out in words that are out of use`);
    if (inTheseWords.filter(isWorthOnceMore).length > 1) this.accuse('S18', `${about} had been tried once more`);
    const elsewhere = before.filter(({ reported }) => reported?.again === 'elsewhere');
    if (elsewhere.some(({ provider }) => provider === call.provider))
      this.accuse('S18', `${about} went to the provider that could not hand it over`);
    if (elsewhere.length > 1) this.accuse('S18', `${about} had been tried elsewhere`);
  }

  refused(call: Call, why: NonNullable<Call['refused']>): void {
    call.refused = why;
  }

  /** The vendor says that what it took has failed; it may say so again. */
  reported(call: Call, again: 'same' | 'elsewhere', at: number): void {
    call.reported ??= { again, at };
  }

  reportAcknowledged({ reported }: Call, at: number): void {
    if (reported) reported.ackedAt ??= at;
  }

  accepted(call: Call, at: number): void {
    call.acceptedAt = at;
    const visit = this.visitOf(call.message);
    if (!visit) return;
    // S1: one message for each run, lap and step reaches the customer.
    const same = this.calls.filter((one) => hasReached(one) && isOfSameStep(one.message, call.message));
    const distinct = new Set(same.map((one) => one.message.id));
    if (!this.rules.resendable.has(call.channel) && same.length > 1)
      this.accuse('S1', `${this.name(call.message)} reached the customer ${same.length} times`);
    if (distinct.size > 1) this.accuse('S1', `${this.name(call.message)} was two messages`);
    // And no more of them than there were attempts, whatever laps say.
    const ofVisit = this.calls.filter(
      ({ acceptedAt, message }) =>
        acceptedAt !== undefined && message.visit === call.message.visit && message.step === call.message.step,
    );
    if (new Set(ofVisit.map(({ message }) => message.id)).size > (this.attempts.get(visit.visit)?.length ?? 0))
      this.accuse('S1', `${this.name(call.message)} went out more often than anything was tried`);
    this.keepsCaps(visit, at);
  }

  answered(call: Call, at: number): void {
    call.answeredAt = at;
  }

  private failedForGood({ runId, lap, step }: Message): void {
    const name = `${runId} ${lap}`;
    const steps = this.definiteFailures.get(name) ?? new Set();
    this.definiteFailures.set(name, steps.add(step));
  }

  /** The vendor's own id of a message has been written down. */
  vendorIdKnown(messageId: string, fence: number): void {
    this.vendorIds.add(`${messageId} ${fence}`);
  }

  /** Whatever is told of a message can be matched to it: its vendor echoes our reference, or we know what it calls each call it took. */
  private isTraceable(channel: string, messageId: string): boolean {
    if (this.rules.echoing.has(channel)) return true;
    const taken = this.calls.filter(({ message, acceptedAt }) => message.id === messageId && acceptedAt !== undefined);
    return taken.length > 0 && taken.every(({ fence }) => this.vendorIds.has(`${messageId} ${fence}`));
  }

  receiptCommitted(messageId: string, kind: string, at: number): void {
    this.receipted.set(messageId, (this.receipted.get(messageId) ?? new Map<string, number>()).set(kind, at));
  }

  /** Whether the customer has answered a message of this run, of one step or of any, since a lap began; whichever lap it was sent in. */
  private hasAnswered(runId: string, lap: Lap | undefined, step?: string): boolean {
    const since = (lap?.at ?? 0) - BUS_MAY_BE_SLOW_MS;
    return [...this.messages.values()].some(
      (one) =>
        one.runId === runId &&
        (step === undefined || one.step === step) &&
        ENGAGED.some((kind) => (this.receipted.get(one.id)?.get(kind) ?? 0) > since),
    );
  }

  receiptAcknowledged(messageId: string, kind: string, at: number): void {
    this.heard.set(messageId, [...(this.heard.get(messageId) ?? []), { kind, at }]);
  }

  /** S6 and S7: not before its time, not after it, and not at night. */
  private startsInTime({ message, beganAt }: Call, { journey }: Visit): void {
    const step = journey.steps.find((one) => one.step === message.step);
    const start = this.lapOf(message)?.startedAt;
    if (!step || start === undefined) return this.accuse('S4', `${this.name(message)} belongs to no step`);
    const earlier = journey.steps.slice(0, journey.steps.indexOf(step));
    const failed = this.definiteFailures.get(`${message.runId} ${message.lap}`);
    const mayFallForward = earlier.some((one) => failed?.has(one.step));
    const soonest = start + (mayFallForward ? step.minDelay : step.after) * MINUTE;
    if (beganAt < soonest - 1) this.accuse('S6', `${this.name(message)} went out ${Math.round(soonest - beganAt)} ms early`);
    const latest = Oracle.latest(journey, step, start);
    if (beganAt > latest + this.rules.startWithin)
      this.accuse('S7', `${this.name(message)} went out ${Math.round(beganAt - latest)} ms too late`);
    const isOpen = Oracle.isOpen(step, start, beganAt) || Oracle.isOpen(step, start, beganAt - this.rules.startWithin);
    if (!isOpen) this.accuse('S7', `${this.name(message)} went out at night`);
    // What was answered well before is not asked again.
    for (const answered of step.unlessAnswered) {
      const since = this.answeredSince(message, answered);
      if (since !== undefined && (this.plannedAt.get(message.id) ?? 0) > since + 3 * MINUTE)
        this.accuse('S13', `${this.name(message)} went out although ${answered} had been answered`);
    }
  }

  private startsUnstopped({ message, provider, beganAt }: Call, { journey }: Visit, isAwake: boolean): void {
    for (const { scope, setAt, liftedAt } of this.stops) {
      if (beganAt >= liftedAt) continue;
      if ((scope === journey.key || scope === 'all') && beganAt > setAt + this.rules.startWithin)
        this.accuse('S14', `${this.name(message)} went out while ${scope === 'all' ? 'all sending' : 'its journey'} was stopped`);
      // Whoever has just come to has to look first, and may be at work before it has.
      if (scope === provider && isAwake && beganAt > setAt + PAUSE_HEARD_WITHIN_MS)
        this.accuse('S14', `${this.name(message)} went out by a provider that was paused`);
    }
    const goal = this.endings.find(
      (ending) => ending.ackedAt !== undefined && this.closes(ending, this.visitOf(message) as Visit),
    );
    // P5: once the goal has its 2xx nothing new starts; what had been claimed before it starts within its second.
    if (goal?.ackedAt !== undefined && beganAt > goal.ackedAt + this.rules.startWithin)
      this.accuse('S2', `${this.name(message)} started after the ${goal.kind} had its 2xx`);
    // S9: a lap that is over says nothing more.
    const next = this.laps.get(message.runId)?.[message.lap];
    if (next !== undefined && beganAt > next.at + this.rules.startWithin)
      this.accuse('S9', `${this.name(message)} of lap ${message.lap} went out after the next lap had begun`);
  }

  /** S15: where somebody knows how an order stands, nothing is said to its customer unless they have called it open lately. */
  private startsAsked({ message, channel, beganAt }: Call, { visit, matter, isOrder }: Visit): void {
    if (!isOrder || !this.rules.asked.has(channel)) return;
    const oldest = beganAt - this.rules.wordFor - WORD_GROWS_OLD_MS;
    const isKnownOpen =
      this.words.some(
        ({ order, said, seenAt }) => order === matter && (said === 'open' || said === 'not_found') && seenAt >= oldest,
      ) || this.attempts.get(visit)?.some(({ occurredAt }) => occurredAt >= oldest);
    if (!isKnownOpen) this.accuse('S15', `${this.name(message)} went out although nobody had called its order open`);
  }

  /** S7 and S16: what is given up for being late is late, and what is given up by a gateway's word was told so. */
  private givenUpRightly(message: Message, before: string | undefined, state: string, reason: string | null, at: number): void {
    const visit = this.visitOf(message);
    const step = visit?.journey.steps.find((one) => one.step === message.step);
    const start = this.lapOf(message)?.startedAt;
    if (!visit || !step || start === undefined) return;
    const latest = Oracle.latest(visit.journey, step, start);
    // After a call that failed it is the next one that would be too late.
    if (
      before !== 'calling' &&
      state === 'expired' &&
      reason === 'too_late' &&
      at < latest - 1 &&
      !this.closesBefore(step, start, at)
    )
      this.accuse('S7', `${this.name(message)} was given up ${Math.round(latest - at)} ms before its time was over`);
    const lately = this.words.filter((word) => word.at > at - 5 * MINUTE);
    if (reason === 'status_unknown' && !lately.some(({ said }) => said === 'failed'))
      this.accuse('S16', `${this.name(message)} was given up for a gateway that had not failed`);
    const said = { silenced: 'authorised', refunded: 'refunded' }[reason ?? ''];
    if (said !== undefined && !lately.some((word) => word.order === visit.matter && word.said === said))
      this.accuse('S16', `${this.name(message)} was given up as ${reason ?? ''}, which nobody has said`);
  }

  /** The author's hours have closed since: then it is over. */
  private closesBefore(step: PromisedStep, start: number, at: number): boolean {
    return !Oracle.isOpen(step, start, at) || !Oracle.isOpen(step, start, at - MINUTE);
  }

  private lapOf({ runId, lap }: Message): Lap | undefined {
    return this.laps.get(runId)?.[lap - 1];
  }

  endingAcknowledged(eventId: string, at: number): void {
    for (const ending of this.endings) if (ending.eventId === eventId) ending.ackedAt ??= at;
  }

  private answeredSince({ runId, lap }: Message, step: string): number | undefined {
    const times = this.calls
      .filter(({ message }) => isOfSameStep(message, { runId, lap, step }))
      .flatMap(({ message }) => this.heard.get(message.id) ?? [])
      .filter(({ kind }) => ENGAGED.includes(kind))
      .map(({ at }) => at);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  // Caps.

  /** Messages of a person that were taken, or may have been, in the last day. */
  private taken(person: string, at: number, marketingOnly: boolean): Set<string> {
    const counted = this.calls.filter((call) => {
      const visit = this.visitOf(call.message);
      if (!visit || visit.person !== person || (marketingOnly && !visit.journey.isMarketing)) return false;
      if (call.beganAt <= at - DAY || call.beganAt > at) return false;
      const receipts = this.heard.get(call.message.id) ?? [];
      // Of a vendor that echoes nothing, what comes after the first word may be about nobody we know.
      const isKnown = this.isTraceable(call.channel, call.message.id);
      const wasReturned =
        receipts.some(({ kind }) => kind === 'failed') &&
        !(isKnown && receipts.some(({ kind }) => kind !== 'failed' && kind !== 'sent'));
      return hasReached(call) && !wasReturned;
    });
    return new Set(counted.map(({ message }) => message.id));
  }

  /** S8 */
  private keepsCaps({ person, journey }: Visit, at: number): void {
    const all = this.taken(person, at, false).size;
    if (all > this.rules.perDay) this.accuse('S8', `${person} got ${all} messages in a day`);
    const marketing = journey.isMarketing ? this.taken(person, at, true).size : 0;
    if (marketing > this.rules.marketingPerDay) this.accuse('S8', `${person} got ${marketing} marketing messages in a day`);
  }

  /** S8: a cap that held a message back was full. */
  private cappedRightly(message: Message, at: number): void {
    const visit = this.visitOf(message);
    if (!visit) return;
    const couldBe = this.possiblyTaken(visit.person, at, message.id);
    const couldBeMarketing = this.possiblyTaken(visit.person, at, message.id, true);
    const wasFull = couldBe >= this.rules.perDay || (visit.journey.isMarketing && couldBeMarketing >= this.rules.marketingPerDay);
    if (!wasFull) this.accuse('S8', `${this.name(message)} was held back by a cap that was not full`);
  }

  /** Messages that were calling, sent or unknown just now, claimed within a day. A claim takes a moment: what has just been returned counts. */
  private possiblyTaken(person: string, at: number, except: string, marketingOnly = false): number {
    let count = 0;
    for (const [id, claims] of this.claims) {
      const visit = this.visitOf(this.messages.get(id) ?? { visit: '' });
      if (id === except || !visit || visit.person !== person || (marketingOnly && !visit.journey.isMarketing)) continue;
      const isHeld = (this.returnedAt.get(id) ?? at) >= at - MINUTE;
      if (isHeld && claims.some((claim) => claim.at > at - DAY)) count += 1;
    }
    return count;
  }

  /** Remembers when a message gave its place under the caps back. */
  private noteState({ id }: Message, state: string, at: number): void {
    if (HOLDS_ITS_PLACE.has(state)) this.returnedAt.delete(id);
    else if (!this.returnedAt.has(id)) this.returnedAt.set(id, at);
  }

  // The end.

  /** What must be true once faults have stopped and every window has closed. */
  judgeTheEnd({ runs, decisions, messages, refusals, packets, events }: FinalRows): void {
    for (const run of runs) {
      const about = `the run of ${run.visit}`;
      // L1, L4
      if (run.endedAt === null) this.accuse(run.dueAt === null ? 'L4' : 'L1', `${about} has not ended`);
      this.hasOutcomes(run, about, decisions, messages);
      this.endedRightly(run, about);
      this.beganAnew(run, about);
      this.waitedForWord(run, about, decisions, new Map(events.map(({ id, sourceEventId }) => [id, sourceEventId])));
      // The goal that was acknowledged while it ran ended it.
      const goal = this.endings.find(
        (one) =>
          one.kind === 'goal' &&
          one.matter === run.matter &&
          one.ackedAt !== undefined &&
          run.endedAt !== null &&
          one.ackedAt < run.endedAt - 3 * MINUTE &&
          one.at > run.startedAt,
      );
      const visit = this.visits.get(run.visit);
      if (
        goal &&
        visit &&
        this.closes(goal, visit) &&
        run.endReason === 'window_over' &&
        goal.occurredAt < run.startedAt + visit.journey.window * MINUTE
      )
        this.accuse('L1', `${about} ran on to the end of its window although its goal was reached`);
    }
    for (const message of messages) {
      const visit = this.messages.get(message.id)?.visit ?? '';
      const about = this.name({ visit, step: message.step });
      // L2
      if (['planned', 'retryable', 'calling'].includes(message.state)) this.accuse('L2', `${about} is still ${message.state}`);
      this.saysWhatWasHeard(message.id, message.state, about);
    }
    // L5
    for (const packet of packets)
      this.accuse('L5', `a packet of ${packet.handler} is ${packet.isParked ? 'parked' : 'left'}: ${packet.error ?? ''}`);
    // L7: every trigger that has its 2xx started a run, joined one, or was refused with a reason.
    const byEvent = new Map(events.map(({ sourceEventId, id }) => [sourceEventId, id]));
    const refused = new Set(refusals.map(({ eventId }) => eventId));
    for (const [visit, { eventId }] of this.triggers) {
      const wasAnswered =
        runs.some((run) => run.matter === this.visits.get(visit)?.matter) || refused.has(byEvent.get(eventId) ?? '');
      if (!wasAnswered) this.accuse('L7', `the trigger of ${visit} came to nothing`);
    }
    for (const acked of this.acks.keys()) if (!byEvent.has(acked)) this.accuse('S3', `event ${acked} had its 2xx and is gone`);
  }

  /** L2 and P10: each step that came due has one outcome in each lap, and what was to be sent became a message. */
  private hasOutcomes(
    { id, journey: key, endReason }: FinalRows['runs'][number],
    about: string,
    decisions: FinalRows['decisions'],
    messages: FinalRows['messages'],
  ): void {
    const own = decisions.filter((one) => one.runId === id);
    const ends = own.filter(({ kind }) => kind === 'end').length;
    if (endReason !== null && ends !== 1) this.accuse('S10', `${about} ended ${ends} times`);
    const journey = [...this.visits.values()].find((one) => one.journey.key === key)?.journey;
    if (!journey) return;
    const restarts = own.flatMap(({ kind }, index) => (kind === 'restart' ? [index] : []));
    const laps = [...restarts, own.length].map((end, index) => own.slice(restarts[index - 1] ?? 0, end));
    for (const [index, decided] of laps.entries()) {
      const isLast = index === laps.length - 1;
      for (const step of journey.steps) {
        const outcomes = decided.filter((one) => one.step === step.step && OUTCOMES.has(one.kind));
        if (outcomes.length > 1) this.accuse('S4', `${step.step} of ${about} has ${outcomes.length} outcomes`);
        if (outcomes.length === 0 && isLast && endReason === 'window_over')
          this.accuse('L2', `${step.step} of ${about} has no outcome`);
        const isPlanned = messages.some((one) => one.runId === id && one.lap === index + 1 && one.step === step.step);
        if (outcomes.some(({ kind }) => kind === 'send') && !isPlanned)
          this.accuse('L2', `${step.step} of ${about} was to be sent, and is no message`);
        for (const outcome of outcomes) {
          this.expiredRightly(journey, step, this.laps.get(id)?.[index], outcome, about);
          this.skippedRightly(step, id, this.laps.get(id)?.[index], outcome, about);
        }
      }
    }
  }

  /** S7: a step is given up as late when it is late, and for its hours when they do not open in time. */
  private expiredRightly(
    journey: PromisedJourney,
    step: PromisedStep,
    lap: Lap | undefined,
    { kind, reason, at }: Decided,
    about: string,
  ): void {
    if (kind !== 'expire' || lap === undefined) return;
    const latest = Oracle.latest(journey, step, lap.startedAt);
    if (reason === 'too_late' && at < latest - 1) this.accuse('S7', `${step.step} of ${about} was not too late yet`);
    if (reason !== 'outside_hours') return;
    const mustExpire = step.hours.some(
      (hours) => hours.outside === 'expire' && !Oracle.isOpen({ hours: [hours] }, lap.startedAt, at),
    );
    if (mustExpire) return;
    for (let later = at; later < latest; later += MINUTE / 4)
      if (Oracle.isOpen(step, lap.startedAt, later))
        return this.accuse('S7', `${step.step} of ${about} was given up although its hours opened in time`);
  }

  /** S13: only an answer since the lap began leaves a step out. */
  private skippedRightly(
    { step, unlessAnswered }: PromisedStep,
    runId: string,
    lap: Lap | undefined,
    { kind, reason }: Decided,
    about: string,
  ): void {
    const answered = unlessAnswered.find((one) => kind === 'skip' && reason === `${one}_engaged`);
    if (answered !== undefined && !this.hasAnswered(runId, lap, answered))
      this.accuse('S13', `${step} of ${about} was left out although nobody had answered ${answered}`);
  }

  /** S10: who is under way is kept until their goal, an exit or the end of their window, whatever is paused meanwhile. */
  private endedRightly({ id, visit, endedAt, endReason }: FinalRows['runs'][number], about: string): void {
    const of = this.visits.get(visit);
    const start = this.laps.get(id)?.at(-1)?.startedAt;
    if (!of || start === undefined || endedAt === null) return;
    if (endReason === 'window_over') {
      if (endedAt < start + of.journey.window * MINUTE - 1) this.accuse('S10', `${about} ended before its window`);
      return;
    }
    const hold = this.holds.get(id);
    // S17: without a word, about what began it or a further attempt, it is given up where its author wants that, and not before its time.
    if (endReason === 'status_unknown' && of.journey.hold?.onUnknown === 'skip') {
      const wait = of.journey.hold.for * MINUTE;
      const isUnheardOf = (this.attempts.get(visit) ?? []).some(({ isUncertain, at }) => isUncertain && endedAt >= at + wait - 1);
      const isOver = hold !== undefined && hold.begunAt === undefined ? endedAt >= hold.until - 1 : isUnheardOf;
      if (!isOver) this.accuse('S17', `${about} was given up before its time`);
      return;
    }
    const kind = endReason === 'goal_reached' ? 'goal' : 'exit';
    if (!this.endings.some((one) => one.kind === kind && one.matter === of.matter))
      this.accuse('S10', `${about} ended as ${endReason ?? ''}, which nobody has said`);
  }

  /** L8: a further attempt of somebody who has been written to begins T anew; not one that is heard of after a later one. */
  private beganAnew({ id, visit, endedAt }: FinalRows['runs'][number], about: string): void {
    const journey = this.visits.get(visit)?.journey;
    const laps = this.laps.get(id) ?? [];
    if (journey?.attempts !== 'restart') return;
    const attempts = this.attempts.get(visit) ?? [];
    for (const { at, occurredAt } of attempts) {
      if (attempts.some((other) => other.at <= at && other.occurredAt > occurredAt)) continue;
      const isUnderWay = endedAt === null || endedAt > at + 3 * MINUTE;
      const lap = laps.filter((one) => one.at < at).length;
      const wasWrittenTo = this.calls.some(
        ({ message, acceptedAt }) =>
          message.runId === id && message.lap === lap && acceptedAt !== undefined && acceptedAt < at - MINUTE,
      );
      const beganAnew = laps.some((one) => one.at >= at && one.at < at + 3 * MINUTE);
      if (lap > 0 && lap < this.rules.laps && isUnderWay && wasWrittenTo && !beganAnew)
        this.accuse('L8', `${about} did not begin anew with a further attempt`);
    }
  }

  /**
   * S17: after a further attempt of which nobody knows whether it failed nothing is said until somebody does, or as long as T would have
   * waited. `sourceIds`: what its source calls an event.
   */
  private waitedForWord(
    { id, visit }: FinalRows['runs'][number],
    about: string,
    decisions: FinalRows['decisions'],
    sourceIds: ReadonlyMap<string, string>,
  ): void {
    const hold = this.visits.get(visit)?.journey.hold;
    if (!hold) return;
    let latest = this.startedBy.get(id)?.occurredAt ?? 0;
    let unsureUntil = 0;
    for (const { kind, reason, step, at, eventId } of decisions.filter((one) => one.runId === id)) {
      const attempt = this.attempts.get(visit)?.find((one) => one.eventId === sourceIds.get(eventId ?? ''));
      if (kind === 'attach' && attempt && attempt.occurredAt >= latest) {
        latest = attempt.occurredAt;
        if (!attempt.isUncertain) unsureUntil = 0;
        else if (unsureUntil <= at) unsureUntil = at + hold.for * MINUTE;
      }
      const isConfirmed = kind === 'advance' && reason === 'confirmed' && this.wasConfirmed(visit, latest, at);
      // What T waited for before it began is judged by its beginning.
      if (kind === 'begin' || isConfirmed) unsureUntil = 0;
      if ((kind === 'send' || kind === 'ghost') && at < unsureUntil - 1)
        this.accuse('S17', `${step} of ${about} went out although nobody knew what had become of its latest attempt`);
    }
  }

  private wasConfirmed(visit: string, after: number, before: number): boolean {
    return this.confirmations.some((one) => one.visit === visit && one.occurredAt >= after && one.at <= before);
  }

  /** L9: what a gateway has said of an order is known to everybody a minute later. Of what was said once faults had stopped. */
  judgeWords(quietSince: number): void {
    for (const { order, said, at } of this.words)
      if (said === 'paid' && at > quietSince && !this.endings.some((one) => one.matter === order && one.at < at + MINUTE))
        this.accuse('L9', `the gateway called ${order} paid, and nobody wrote it down`);
  }

  /** L10: what is certain begins T within a minute. Of what became certain once faults had stopped. */
  judgeHolds(quietSince: number, runs: FinalRows['runs']): void {
    for (const [runId, hold] of this.holds) {
      const endedAt = runs.find(({ id }) => id === runId)?.endedAt ?? Number.POSITIVE_INFINITY;
      const knownAt = Math.max(hold.since, this.certainSince(hold, Number.POSITIVE_INFINITY, false) ?? Number.POSITIVE_INFINITY);
      const mustBegin = knownAt > quietSince && knownAt + MINUTE < Math.min(hold.until, endedAt);
      if (mustBegin && (hold.begunAt ?? Number.POSITIVE_INFINITY) > knownAt + MINUTE)
        this.accuse('L10', `T of ${hold.visit} did not begin although it was certain`);
    }
  }

  /**
   * L12: a failure that is worth a further attempt gets one, while its step is worth it and its run goes on. Of what was reported once
   * faults had stopped, and was the first of its message.
   */
  judgeReports(quietSince: number, { runs, messages }: Pick<FinalRows, 'runs' | 'messages'>): void {
    for (const call of this.calls) {
      const { message, reported } = call;
      const known = this.isTraceable(call.channel, message.id);
      const step = this.visitOf(message)?.journey.steps.find((one) => one.step === message.step);
      const journey = this.visitOf(message)?.journey;
      const start = this.lapOf(message)?.startedAt;
      if (reported?.ackedAt === undefined || !known || !step || !journey || start === undefined) continue;
      const ackedAt = reported.ackedAt;
      const { state, reason } = messages.find(({ id }) => id === message.id) ?? {};
      // L3: that it was taken, told after it failed, does not make it sent.
      const isEchoed = this.rules.echoing.has(call.channel);
      if (isEchoed && state === 'sent' && !this.calls.some((one) => one.message.id === message.id && hasReached(one)))
        this.accuse('L3', `${this.name(message)} is sent although the vendor said that it failed`);
      if (reported.at < quietSince) continue;
      const others = this.calls.filter((one) => one.message.id === message.id && one !== call);
      if (others.some((one) => one.fence > call.fence || isWorthOnceMore(one) || one.reported)) continue;
      if (reported.again === 'elsewhere' && !this.rules.hasSpare) continue;
      const isOver =
        (runs.find(({ id }) => id === message.runId)?.endedAt ?? Number.POSITIVE_INFINITY) < ackedAt + MINUTE ||
        this.laps.get(message.runId)?.[message.lap] !== undefined ||
        ackedAt > Oracle.latest(journey, step, start) - 3 * MINUTE;
      const wasStopped = this.stops.some(({ setAt, liftedAt }) => setAt < ackedAt + MINUTE && liftedAt > reported.at - MINUTE);
      if (!isOver && !wasStopped && state === 'rejected' && reason === 'refused')
        this.accuse('L12', `${this.name(message)} was given up although a further attempt was worth it`);
    }
  }

  /**
   * L11: while a source is silent its runs are asked about, whether a step of theirs is due or not: who has paid is found out within
   * the time after which a source counts as silent, and counted. `paidAt`: since when an order is paid at its gateway.
   */
  judgeSilence(since: number, quietAfter: number, runs: FinalRows['runs'], paidAt: (order: string) => number | undefined): void {
    for (const { matter, visit, startedAt, endedAt } of runs) {
      const paid = paidAt(matter);
      if (paid === undefined) continue;
      const latest = Math.max(since + quietAfter, paid, startedAt) + quietAfter + 3 * MINUTE;
      const wasStopped = this.stops.some(({ setAt, liftedAt }) => setAt < latest && liftedAt > since);
      if (!wasStopped && (endedAt ?? Number.POSITIVE_INFINITY) > latest)
        this.accuse('L11', `${visit} was paid while its source was silent, and nobody asked`);
    }
  }

  /** L4: a run whose timer stands still goes on once its journey does. */
  judgeParked(at: number, parked: readonly { readonly id: string; readonly visit: string; readonly journey: string }[]): void {
    for (const { id, visit, journey } of parked) {
      const freeSince = Math.max(0, ...this.stops.filter(({ scope }) => scope === journey).map(({ liftedAt }) => liftedAt));
      if (at - freeSince <= 3 * MINUTE || this.accusedOfParking.has(id)) continue;
      this.accusedOfParking.add(id);
      this.accuse('L4', `the run of ${visit} stands still although its journey goes on`);
    }
  }
  private readonly accusedOfParking = new Set<string>();

  /**
   * L3: what a vendor has told us settles a message; proof of delivery is never taken back. A vendor that echoes nothing, and
   * whose own id we never heard, may mean another message to the same number: then it stays listed.
   */
  private saysWhatWasHeard(id: string, state: string, about: string): void {
    const call = this.calls.find(({ message }) => message.id === id);
    if (call && !this.isTraceable(call.channel, id)) return;
    const kinds = new Set((this.heard.get(id) ?? []).map(({ kind }) => kind));
    const hasArrived = ['delivered', 'read', 'opened', 'clicked', 'replied'].some((kind) => kinds.has(kind));
    if (hasArrived && state !== 'sent') this.accuse('L3', `${about} is ${state} although it was delivered`);
    if (!hasArrived && kinds.has('failed') && (state === 'sent' || state === 'unknown'))
      this.accuse('L3', `${about} is ${state} although the vendor said that it failed`);
    // What failed afterwards and was worth a further attempt is told apart.
    const wasReported = this.calls.some(({ message, reported }) => message.id === id && reported);
    if (!hasArrived && !kinds.has('failed') && !wasReported && kinds.has('sent') && state !== 'sent')
      this.accuse('L3', `${about} is ${state} although the vendor said that it was sent`);
  }

  /** L6: nothing that could go out lies about. What was stopped, or waits for hours to open, may wait anew once it does not. */
  judgeWaiting(at: number, mayWait: (id: string) => boolean): void {
    for (const [id, since] of this.waitingSince) {
      const message = this.messages.get(id);
      const visit = message && this.visitOf(message);
      const step = visit?.journey.steps.find((one) => one.step === message?.step);
      const start = message && this.lapOf(message)?.startedAt;
      const stops = this.stops.filter(({ scope }) => scope === visit?.journey.key || scope === 'all');
      const freeSince = Math.max(since, ...stops.map(({ liftedAt }) => liftedAt));
      const wasClosed =
        step && start !== undefined && [0, 1, 2, 3, 4, 5].some((ago) => !Oracle.isOpen(step, start, at - ago * MINUTE));
      const isAsked = this.words.some(
        (word) =>
          word.order === visit?.matter && word.at > at - 3 * MINUTE && (word.said === 'pending' || word.said === 'failed'),
      );
      if (at - freeSince <= 5 * MINUTE || wasClosed || isAsked || mayWait(id)) continue;
      this.waitingSince.delete(id);
      this.accuse('L6', `message ${id} of ${visit?.visit} has waited for five minutes`);
    }
  }

  // Small words.

  /** An order is over once and for all; a cart only by what came after the customer had left it. */
  private closes({ matter, occurredAt }: Ending, visit: Visit): boolean {
    if (matter !== visit.matter) return false;
    return visit.isOrder || occurredAt >= (this.triggers.get(visit.visit)?.occurredAt ?? Number.POSITIVE_INFINITY);
  }

  private isOptedOut(person: string, channel: string, before: number): boolean {
    const last = this.optOuts.filter((one) => one.person === person && one.channel === channel && one.seq < before).at(-1);
    return last?.isOut ?? false;
  }

  private visitOf({ visit }: { visit: string }): Visit | undefined {
    return this.visits.get(visit);
  }

  private name({ visit, step }: Pick<Message, 'visit' | 'step'>): string {
    return `${step} of ${visit}`;
  }

  private accuse(rule: string, what: string): void {
    this.violations.push(`${rule}: ${what}`);
  }

  /** From then on a step is too late: for itself, for the step after it, or for its window. */
  private static latest(journey: PromisedJourney, step: PromisedStep, start: number): number {
    const next = journey.steps[journey.steps.indexOf(step) + 1];
    return start + Math.min(step.after + step.maxDelay, next?.after ?? journey.window, journey.window) * MINUTE;
  }

  /** Whether all hours of a step are open at a moment. */
  private static isOpen({ hours }: Pick<PromisedStep, 'hours'>, start: number, at: number): boolean {
    const minute = Math.floor(((at + IST) % DAY) / MINUTE);
    return hours.every(
      ({ from, to, exceptWithin = 0 }) => at <= start + exceptWithin * MINUTE || (minute >= from && minute < to),
    );
  }
}

/** It was taken, and nobody has said since that it failed. */
const hasReached = ({ acceptedAt, reported }: Call): boolean => acceptedAt !== undefined && reported === undefined;
const isWorthOnceMore = ({ refused, reported }: Call): boolean => refused === 'no_picture' || reported?.again === 'same';

/** What is to be sent again may have been taken before. */
const HOLDS_ITS_PLACE: ReadonlySet<string> = new Set(['calling', 'sent', 'unknown', 'retryable']);
const OUTCOMES: ReadonlySet<string> = new Set(['send', 'ghost', 'skip', 'expire']);

const isOfSameStep = (one: Pick<Message, 'runId' | 'lap' | 'step'>, other: Pick<Message, 'runId' | 'lap' | 'step'>): boolean =>
  one.runId === other.runId && one.lap === other.lap && one.step === other.step;
