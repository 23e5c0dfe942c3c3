import { type EntityKey, type KeyKind } from '@wapas/entity-keys';
import { after, type Duration, type Instant } from '@wapas/kernel';
import { type JourneyVersion, type Signal } from './definition';
import { type ArrivedEvent, confirmationAmong, endingsAmong, type SeenMark } from './endings';
import { isAbsorbing, matterOf } from './enrol';
import { inWords } from './in-words';
import { type Arm, type Decision, type RunFacts, type RunState } from './run';
import { type VirtualEvent, type VirtualRun, VirtualRuns } from './virtual-runs';

/** An event of a test run, with the keys it carries. */
export interface SimulatedEvent extends ArrivedEvent {
  readonly keys: readonly { readonly kind: KeyKind; readonly value: string }[];
}

/** What the customer, or the network, answers to the message of a step. */
export interface SimulatedAnswer {
  readonly step: string;
  readonly signal: Signal;
  readonly after: Duration;
}

/** A message that a step sends, with what had gone out in this script before it. */
export interface SimulatedMessage {
  readonly step: string;
  /** Which of the step's messages, from 0. */
  readonly message: number;
  readonly run: number;
  readonly facts: RunFacts;
  readonly went: readonly { readonly run: number; readonly step: string; readonly at: Instant }[];
}

/** Why a message would be skipped, and whether the next step makes up for it. */
export interface Withheld {
  readonly reason: string;
  readonly wasNotReached: boolean;
}

export interface Script {
  readonly events: readonly SimulatedEvent[];
  readonly answers: readonly SimulatedAnswer[];
  readonly arm: Arm;
  readonly shadow: boolean;
  /** Whom variants are drawn for. */
  readonly unit: string;
  /** What beside the journey's own decisions would keep a message back; null: nothing. */
  readonly withheld: (message: SimulatedMessage, now: Instant) => Withheld | null;
}

export interface SimulatedEntry {
  readonly at: Instant;
  readonly what: 'event' | 'entered' | 'not_entered' | 'decided' | 'settled' | 'heard';
  /** Which run of the script it concerns, from 1; absent when none. */
  readonly run?: number;
  /** T at that moment. */
  readonly startedAt?: Instant;
  readonly outcome: string;
  readonly reason?: string;
  readonly step?: string;
  readonly decision?: Decision;
  readonly facts?: RunFacts;
  readonly words?: string;
}

const SILENCED: Withheld = { reason: 'silenced', wasNotReached: false };

/** Far more than the longest journey needs: a script that goes on and on is stopped and says so. */
const MOST_ENTRIES = 2_000;

/**
 * Plays a script on a virtual clock through the very enrol() and decide() that work on real customers, and gives everything
 * that would be decided, oldest first. Touches nothing. Throws RangeError when it does not come to an end.
 */
export function simulate(version: JourneyVersion, script: Script): SimulatedEntry[] {
  return new Play(version, script).told();
}

class Play {
  private readonly entries: SimulatedEntry[] = [];
  private readonly past: SimulatedEvent[] = [];
  private went: SimulatedMessage['went'] = [];
  private readonly runs: VirtualRuns<undefined>;

  constructor(
    private readonly version: JourneyVersion,
    private readonly script: Script,
  ) {
    this.runs = new VirtualRuns({
      version,
      decided: (run, before, decisions, now) => this.tell(run, before, decisions, now),
      remembersEnded: true,
      mostLive: MOST_ENTRIES,
    });
    for (const event of script.events) this.runs.at(event.occurredAt, () => this.arrive(event));
  }

  told(): SimulatedEntry[] {
    this.runs.playUntil();
    return this.entries;
  }

  private arrive(event: SimulatedEvent): void {
    const now = event.occurredAt;
    this.enter({ at: now, what: 'event', outcome: event.name, reason: event.facts.reason?.class });
    const arrived = { ...event, keys: event.keys.map(({ kind, value }) => ({ kind, key: nameOf(kind, value) })) };
    this.runs.hear(arrived, now);
    if (event.name === this.version.trigger.event) this.judge(arrived, event, now);
    this.past.push(event);
  }

  private judge(event: VirtualEvent, given: SimulatedEvent, now: Instant): void {
    const { version, script } = this;
    const named = version.correlateBy.flatMap((kind) => event.keys.find((one) => one.kind === kind) ?? [])[0];
    const enrolment = this.runs.enter(
      event,
      {
        matter: named ? matterOf(version, named.key as EntityKey, event.facts) : '',
        person: script.unit,
        unit: script.unit,
        arm: script.arm,
        shadow: script.shadow,
        hasPerson: event.keys.some(({ kind }) => kind === 'customer' || kind === 'phone'),
        endings: this.endingsOf(given),
        closed: null,
        past: { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null },
        tag: () => undefined,
      },
      now,
    );
    if (enrolment.kind === 'refused')
      this.enter({ at: now, what: 'not_entered', outcome: 'not_entered', reason: enrolment.reason });
    if (enrolment.kind === 'started') {
      const { number, state } = enrolment.run;
      this.enter({ at: now, what: 'entered', run: number, startedAt: state.startedAt, outcome: script.arm });
      const eventId = confirmationAmong(version, event.occurredAt, event.keys, (key) => this.marksOf(key));
      if (eventId !== undefined) this.runs.feed(enrolment.run, { kind: 'confirmed', eventId }, now);
    }
  }

  /** What was committed about the same matter before this trigger, by keys it carries. */
  private endingsOf(trigger: SimulatedEvent) {
    return this.past.flatMap((event) =>
      event.keys.flatMap(({ kind, value }) => {
        const shares = trigger.keys.some((one) => one.kind === kind && one.value === value);
        const marks = (): SeenMark[] => [{ eventName: event.name, occurredAt: event.occurredAt, eventId: event.id }];
        return shares ? endingsAmong(this.version, trigger.facts, [{ kind, key: value }], marks, () => event) : [];
      }),
    );
  }

  private marksOf(key: string): SeenMark[] {
    return this.past
      .filter(({ keys }) => keys.some(({ kind, value }) => nameOf(kind, value) === key))
      .map(({ id, name, occurredAt }) => ({ eventId: id, eventName: name, occurredAt }));
  }

  private tell(run: VirtualRun<undefined>, before: RunState, decisions: readonly Decision[], now: Instant): void {
    for (const decision of decisions) {
      if (decision.kind === 'wait' || decision.kind === 'note') continue;
      this.enter({
        at: now,
        what: 'decided',
        run: run.number,
        startedAt: before.startedAt,
        outcome: decision.kind,
        reason: 'reason' in decision ? decision.reason : undefined,
        step: 'step' in decision ? decision.step : undefined,
        decision,
        facts: before.facts,
        words: inWords(decision, before.startedAt),
      });
      if (decision.kind === 'send') this.claim(run, before, decision, now);
    }
  }

  private claim(
    run: VirtualRun<undefined>,
    { facts }: RunState,
    { step, message }: Decision & { kind: 'send' },
    now: Instant,
  ): void {
    const withheld = this.isSilenced(run)
      ? SILENCED
      : this.script.withheld({ step, message, run: run.number, facts, went: this.went }, now);
    if (withheld === null) {
      this.went = [...this.went, { run: run.number, step, at: now }];
      this.awaitAnswers(run, step, now);
      return;
    }
    const { reason, wasNotReached } = withheld;
    this.enter({
      ...this.about(run, now),
      what: 'settled',
      step,
      outcome: 'skipped',
      reason,
      words: `skipped ${step}: ${reason}`,
    });
    if (wasNotReached) this.runs.at(now, () => this.runs.feed(run, { kind: 'not_reached', step, reason }, now));
  }

  /** As the claim of a real message sees it: by the marks of what has happened, under the keys of the goal. */
  private isSilenced(run: VirtualRun<undefined>): boolean {
    const { silence, goal } = this.version;
    return this.past.some(
      ({ name, occurredAt, keys }) =>
        silence.includes(name) &&
        keys.some(
          ({ kind, value }) =>
            goal.by.includes(kind) && run.keys.includes(nameOf(kind, value)) && (isAbsorbing(kind) || occurredAt >= run.since),
        ),
    );
  }

  private awaitAnswers(run: VirtualRun<undefined>, sent: string, now: Instant): void {
    const { lap } = run.state;
    for (const { step, signal, after: wait } of this.script.answers) {
      if (step !== sent) continue;
      const at = after(now, wait);
      this.runs.at(at, () => run.state.lap === lap && this.answer(run, step, signal, at));
    }
  }

  private answer(run: VirtualRun<undefined>, step: string, signal: Signal, now: Instant): void {
    this.enter({ ...this.about(run, now), what: 'heard', step, outcome: signal });
    // What reached nobody counts against no cap.
    if (signal === 'failed') this.went = this.went.filter((one) => one.run !== run.number || one.step !== step);
    this.runs.feed(
      run,
      signal === 'failed' ? { kind: 'not_reached', step, reason: 'bad_address' } : { kind: 'signal', step, signal },
      now,
    );
  }

  private about(run: VirtualRun<undefined>, now: Instant): Pick<SimulatedEntry, 'at' | 'run' | 'startedAt'> {
    return { at: now, run: run.number, startedAt: run.state.startedAt };
  }

  private enter(entry: SimulatedEntry): void {
    if (this.entries.length > MOST_ENTRIES) throw new RangeError('The test run does not come to an end.');
    this.entries.push(entry);
  }
}

const nameOf = (kind: KeyKind, value: string): string => `${kind}:${value}`;
