/**
 * The oracle: a second, declarative account of what may and what must have happened. It keeps its own ledger of what was
 * committed, acknowledged and sent, and when, and judges it by the rules of the product as its documentation has them.
 * It imports nothing of what it judges.
 */

/** What a journey of the scenario promises, in minutes from T. */
export interface PromisedStep {
  readonly step: string;
  readonly channel: string;
  readonly after: number;
  readonly minDelay: number;
  readonly maxDelay: number;
  /** Local hours in which it may go out. */
  readonly hours?: { readonly from: number; readonly to: number };
  /** It is left out once the customer has answered one of these steps. */
  readonly unlessAnswered: readonly string[];
}

export interface PromisedJourney {
  readonly key: string;
  readonly window: number;
  readonly isMarketing: boolean;
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
  readonly marketingPerDay: number;
  /** Channels on which the same message sent twice is shown once. */
  readonly resendable: ReadonlySet<string>;
  /** Channels whose vendors return our own reference. */
  readonly echoing: ReadonlySet<string>;
  /** What is claimed starts within this, milliseconds. */
  readonly startWithin: number;
}

export interface Message {
  readonly id: string;
  readonly visit: string;
  readonly step: string;
}

interface Call {
  readonly message: Message;
  readonly fence: number;
  readonly channel: string;
  readonly beganAt: number;
  acceptedAt?: number;
  answeredAt?: number;
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
  readonly decisions: readonly { readonly runId: string; readonly kind: string; readonly step: string | null }[];
  readonly messages: readonly {
    readonly id: string;
    readonly runId: string;
    readonly step: string;
    readonly state: string;
    readonly reason: string | null;
  }[];
  readonly refusals: readonly { readonly eventId: string }[];
  readonly packets: readonly { readonly handler: string; readonly isParked: boolean; readonly error: string | null }[];
  readonly events: readonly { readonly sourceEventId: string; readonly id: string }[];
}

const MINUTE = 60_000;
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
  private readonly stops: { journey: string; setAt: number; liftedAt: number }[] = [];
  private readonly acks = new Map<string, number>();
  private readonly stored = new Map<string, number>();
  private readonly starts = new Map<string, number>();
  private readonly arms = new Map<string, string>();
  private readonly heard = new Map<string, { kind: string; at: number }[]>();
  private readonly definiteFailures = new Map<string, Set<string>>();
  private readonly fences = new Map<string, number>();
  private readonly waitingSince = new Map<string, number>();
  private readonly vendorIds = new Set<string>();
  private readonly receipted = new Set<string>();
  private readonly plannedAt = new Map<string, number>();
  private readonly returnedAt = new Map<string, number>();
  private readonly visitByMessage = new Map<string, string>();

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

  triggerCommitted(visit: string, eventId: string, occurredAt: number, at: number): void {
    if (!this.triggers.has(visit)) this.triggers.set(visit, { occurredAt, at, eventId });
  }

  endingCommitted(ending: Omit<Ending, 'ackedAt'>): void {
    this.endings.push({ ...ending });
  }

  consentCommitted(person: string, channel: string, isOut: boolean, seq: number, at: number): void {
    this.optOuts.push({ person, channel, isOut, seq, at });
  }

  stopCommitted(journey: string, at: number): void {
    this.stops.push({ journey, setAt: at, liftedAt: Number.POSITIVE_INFINITY });
  }

  stopLifted(journey: string, at: number): void {
    for (const stop of this.stops) if (stop.journey === journey && stop.liftedAt > at) stop.liftedAt = at;
  }

  acknowledged(sourceEventId: string, at: number): void {
    if (this.acks.has(sourceEventId)) return;
    this.acks.set(sourceEventId, at);
    // S3: a 2xx means committed.
    if (!this.stored.has(sourceEventId)) this.accuse('S3', `event ${sourceEventId} got its 2xx and is not stored`);
  }

  runStarted(runId: string, visit: string, arm: string, startedAt: number, at: number): void {
    this.arms.set(runId, arm);
    this.starts.set(runId, startedAt);
    const trigger = this.triggers.get(visit);
    if (!trigger) this.accuse('S4', `a run of ${visit} without a trigger`);
    else if (startedAt < trigger.at - 1 || startedAt > at) this.accuse('S6', `the run of ${visit} begins at a time of its own`);
  }

  // Messages on their way.

  messageChanged(
    message: Message,
    runId: string,
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
      this.claimed(message, runId, after, seq, at);
    if (before?.state === 'calling' && after.state !== 'calling') this.ended(message, before.fence, after.state, at);
    if (after.state === 'rejected' || after.state === 'skipped') this.failedForGood(runId, message.step);
    if (before === undefined) this.plannedAt.set(id, at);
    this.noteState(message, after.state, at);
    const isWaiting = after.state === 'planned' || after.state === 'retryable';
    if (!isWaiting) this.waitingSince.delete(id);
    else if (!this.waitingSince.has(id)) this.waitingSince.set(id, at);
    if (after.reason?.startsWith('cap_of_person') || after.reason?.startsWith('cap_of_marketing'))
      this.cappedRightly(message, at);
  }

  private claimed(
    message: Message,
    runId: string,
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
    if (this.arms.get(runId) === 'holdout') this.accuse('S12', `${this.name(message)} went to the control group`);
    // S1: one claim at a time, and on most channels one only unless it provably reached nobody.
    const mayHaveReached = this.calls.filter(
      (call) => call.message.id === message.id && call.fence < fence && call.acceptedAt !== undefined,
    );
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

  callBegan(message: Message, fence: number, channel: string, runId: string, at: number): Call {
    const call: Call = { message, fence, channel, beganAt: at };
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
    this.startsInTime(call, visit, runId);
    this.startsUnstopped(call, visit);
    return call;
  }

  accepted(call: Call, at: number): void {
    call.acceptedAt = at;
    const visit = this.visitOf(call.message);
    if (!visit) return;
    // S1: one message for each run and step reaches the customer.
    const same = this.calls.filter(
      (one) => one.acceptedAt !== undefined && one.message.visit === call.message.visit && one.message.step === call.message.step,
    );
    const distinct = new Set(same.map((one) => one.message.id));
    if (!this.rules.resendable.has(call.channel) && same.length > 1)
      this.accuse('S1', `${this.name(call.message)} reached the customer ${same.length} times`);
    if (distinct.size > 1) this.accuse('S1', `${this.name(call.message)} was two messages`);
    this.keepsCaps(visit, at);
  }

  answered(call: Call, at: number): void {
    call.answeredAt = at;
  }

  private failedForGood(runId: string, step: string): void {
    const steps = this.definiteFailures.get(runId) ?? new Set();
    this.definiteFailures.set(runId, steps.add(step));
  }

  /** The vendor's own id of a message has been written down. */
  vendorIdKnown(messageId: string): void {
    this.vendorIds.add(messageId);
  }

  receiptCommitted(messageId: string): void {
    this.receipted.add(messageId);
  }

  receiptAcknowledged(message: Message, kind: string, at: number): void {
    this.heard.set(message.id, [...(this.heard.get(message.id) ?? []), { kind, at }]);
  }

  /** S6 and S7: not before its time, not after it, and not at night. */
  private startsInTime({ message, beganAt }: Call, { journey, visit }: Visit, runId: string): void {
    const step = journey.steps.find((one) => one.step === message.step);
    const start = this.starts.get(runId);
    if (!step || start === undefined) return this.accuse('S4', `${this.name(message)} belongs to no step`);
    const earlier = journey.steps.slice(0, journey.steps.indexOf(step));
    const mayFallForward = earlier.some((one) => this.definiteFailures.get(runId)?.has(one.step));
    const soonest = start + (mayFallForward ? step.minDelay : step.after) * MINUTE;
    if (beganAt < soonest - 1) this.accuse('S6', `${this.name(message)} went out ${Math.round(soonest - beganAt)} ms early`);
    const next = journey.steps[journey.steps.indexOf(step) + 1];
    const latest = Math.min(
      start + (step.after + step.maxDelay) * MINUTE,
      start + (next?.after ?? journey.window) * MINUTE,
      start + journey.window * MINUTE,
    );
    if (beganAt > latest + this.rules.startWithin)
      this.accuse('S7', `${this.name(message)} went out ${Math.round(beganAt - latest)} ms too late`);
    if (step.hours && !Oracle.isWithin(step.hours, beganAt - this.rules.startWithin))
      this.accuse('S7', `${this.name(message)} went out at night`);
    // What was answered well before is not asked again.
    for (const answered of step.unlessAnswered) {
      const since = this.answeredSince(visit, answered);
      if (since !== undefined && (this.plannedAt.get(message.id) ?? 0) > since + 3 * MINUTE)
        this.accuse('S13', `${this.name(message)} went out although ${answered} had been answered`);
    }
  }

  private startsUnstopped({ message, beganAt }: Call, { journey }: Visit): void {
    for (const { journey: key, setAt, liftedAt } of this.stops)
      if (key === journey.key && beganAt > setAt + this.rules.startWithin && beganAt < liftedAt)
        this.accuse('S14', `${this.name(message)} went out while its journey was stopped`);
    const goal = this.endings.find(
      (ending) => ending.ackedAt !== undefined && this.closes(ending, this.visitOf(message) as Visit),
    );
    // P5: once the goal has its 2xx nothing new starts; what had been claimed before it starts within its second.
    if (goal?.ackedAt !== undefined && beganAt > goal.ackedAt + this.rules.startWithin)
      this.accuse('S2', `${this.name(message)} started after the ${goal.kind} had its 2xx`);
  }

  endingAcknowledged(eventId: string, at: number): void {
    for (const ending of this.endings) if (ending.eventId === eventId) ending.ackedAt ??= at;
  }

  private answeredSince(visit: string, step: string): number | undefined {
    const times = this.calls
      .filter(({ message }) => message.visit === visit && message.step === step)
      .flatMap(({ message }) => this.heard.get(message.id) ?? [])
      .filter(({ kind }) => kind === 'opened' || kind === 'read' || kind === 'clicked' || kind === 'replied')
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
      const wasReturned =
        receipts.some(({ kind }) => kind === 'failed') && !receipts.some(({ kind }) => kind !== 'failed' && kind !== 'sent');
      return call.acceptedAt !== undefined && !wasReturned;
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
      const visit = this.visitOf({ visit: this.visitByMessage.get(id) ?? '' });
      if (id === except || !visit || visit.person !== person || (marketingOnly && !visit.journey.isMarketing)) continue;
      const isHeld = (this.returnedAt.get(id) ?? at) >= at - MINUTE;
      if (isHeld && claims.some((claim) => claim.at > at - DAY)) count += 1;
    }
    return count;
  }

  /** Remembers when a message gave its place under the caps back. */
  private noteState({ id, visit }: Message, state: string, at: number): void {
    this.visitByMessage.set(id, visit);
    if (state === 'calling' || state === 'sent' || state === 'unknown') this.returnedAt.delete(id);
    else if (!this.returnedAt.has(id)) this.returnedAt.set(id, at);
  }

  // The end.

  /** What must be true once faults have stopped and every window has closed. */
  judgeTheEnd({ runs, decisions, messages, refusals, packets, events }: FinalRows): void {
    for (const run of runs) {
      const about = `the run of ${run.visit}`;
      // L1, L4
      if (run.endedAt === null) this.accuse(run.dueAt === null ? 'L4' : 'L1', `${about} has not ended`);
      this.hasOutcomes(run.id, run.journey, run.endReason, about, decisions);
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
      const visit = this.visitByMessage.get(message.id) ?? '';
      const about = this.name({ id: message.id, visit, step: message.step });
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

  /** L2 and P10: each step that came due has one outcome. */
  private hasOutcomes(
    runId: string,
    key: string,
    endReason: string | null,
    about: string,
    decisions: FinalRows['decisions'],
  ): void {
    const own = decisions.filter((one) => one.runId === runId);
    const ends = own.filter(({ kind }) => kind === 'end').length;
    if (endReason !== null && ends !== 1) this.accuse('S10', `${about} ended ${ends} times`);
    const steps = [...this.visits.values()].find(({ journey }) => journey.key === key)?.journey.steps ?? [];
    for (const { step } of steps) {
      const outcomes = own.filter((one) => one.step === step && ['send', 'ghost', 'skip', 'expire'].includes(one.kind)).length;
      if (outcomes > 1) this.accuse('S4', `${step} of ${about} has ${outcomes} outcomes`);
      if (outcomes === 0 && endReason === 'window_over') this.accuse('L2', `${step} of ${about} has no outcome`);
    }
  }

  /**
   * L3: what a vendor has told us settles a message; proof of delivery is never taken back. A vendor that echoes nothing, and
   * whose own id we never heard, may mean another message to the same number: then it stays listed.
   */
  private saysWhatWasHeard(id: string, state: string, about: string): void {
    const call = this.calls.find(({ message }) => message.id === id);
    if (call && !this.rules.echoing.has(call.channel) && !this.vendorIds.has(id)) return;
    const kinds = new Set((this.heard.get(id) ?? []).map(({ kind }) => kind));
    const hasArrived = ['delivered', 'read', 'opened', 'clicked', 'replied'].some((kind) => kinds.has(kind));
    if (hasArrived && state !== 'sent') this.accuse('L3', `${about} is ${state} although it was delivered`);
    if (!hasArrived && kinds.has('failed') && (state === 'sent' || state === 'unknown'))
      this.accuse('L3', `${about} is ${state} although the vendor said that it failed`);
    if (!hasArrived && !kinds.has('failed') && kinds.has('sent') && state !== 'sent')
      this.accuse('L3', `${about} is ${state} although the vendor said that it was sent`);
  }

  /** L6: nothing that could go out lies about. What was stopped may wait anew once it is not. */
  judgeWaiting(at: number, mayWait: (id: string) => boolean): void {
    for (const [id, since] of this.waitingSince) {
      const visit = this.visitOf({ visit: this.visitByMessage.get(id) ?? '' });
      const stops = this.stops.filter((stop) => stop.journey === visit?.journey.key);
      const freeSince = Math.max(since, ...stops.map(({ liftedAt }) => liftedAt));
      if (at - freeSince <= 5 * MINUTE || mayWait(id)) continue;
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

  private name({ visit, step }: Message): string {
    return `${step} of ${visit}`;
  }

  private accuse(rule: string, what: string): void {
    this.violations.push(`${rule}: ${what}`);
  }

  /** Whether a moment lies within local hours of India. */
  static isWithin(hours: { from: number; to: number }, at: number): boolean {
    const minute = Math.floor(((at + IST) % DAY) / MINUTE);
    return minute >= hours.from && minute < hours.to;
  }
}
