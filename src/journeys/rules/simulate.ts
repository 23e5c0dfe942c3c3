import { type KeyKind } from '@wapas/entity-keys';
import { after, type Duration, type Instant } from '@wapas/kernel';
import { applyDecisions } from './apply-decisions';
import { decide } from './decide';
import { type JourneyVersion, type Signal } from './definition';
import { type ArrivedEvent, isEndingMark, meaningOf } from './endings';
import { enrol, isAbsorbing, matterOf } from './enrol';
import { inWords } from './in-words';
import { type Arm, type Decision, type RunFacts, type RunInput, type RunState } from './run';
import { startRun } from './start-run';

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

export interface Script {
  readonly events: readonly SimulatedEvent[];
  readonly answers: readonly SimulatedAnswer[];
  readonly arm: Arm;
  readonly shadow: boolean;
  /** Whom variants are drawn for. */
  readonly unit: string;
}

export interface SimulatedEntry {
  readonly at: Instant;
  readonly what: 'event' | 'entered' | 'not_entered' | 'decided' | 'heard';
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

/** Far more than the longest journey needs: a script that goes on and on is stopped and says so. */
const MOST_ENTRIES = 2_000;

/**
 * Plays a script on a virtual clock through the very enrol() and decide() that work on real customers, and gives everything
 * that would be decided, oldest first. Touches nothing. Throws RangeError when it does not come to an end.
 */
export function simulate(version: JourneyVersion, script: Script): SimulatedEntry[] {
  return new Play(version, script).told();
}

interface Run {
  readonly number: number;
  readonly matter: string;
  readonly keys: ReadonlySet<string>;
  readonly since: Instant;
  state: RunState;
}

interface Happening {
  readonly at: Instant;
  readonly happen: () => void;
}

class Play {
  private readonly entries: SimulatedEntry[] = [];
  private readonly runs: Run[] = [];
  private readonly past: SimulatedEvent[] = [];
  private readonly ahead: Happening[];

  constructor(
    private readonly version: JourneyVersion,
    private readonly script: Script,
  ) {
    this.ahead = script.events.map((event) => ({ at: event.occurredAt, happen: () => this.arrive(event) })).sort(byTime);
  }

  told(): SimulatedEntry[] {
    for (;;) {
      if (this.entries.length > MOST_ENTRIES) throw new RangeError('The test run does not come to an end.');
      const due = this.runs.filter(({ state }) => state.dueAt !== null).sort((a, b) => dueOf(a) - dueOf(b))[0];
      const next = this.ahead[0];
      if (due && (!next || dueOf(due) <= next.at)) this.take(due, { kind: 'due' }, dueOf(due));
      else if (next) this.ahead.shift()?.happen();
      else return this.entries;
    }
  }

  private arrive(event: SimulatedEvent): void {
    const now = event.occurredAt;
    this.entries.push({ at: now, what: 'event', outcome: event.name, reason: event.facts.reason?.class });
    for (const run of this.runs) this.hear(run, event, now);
    if (event.name === this.version.trigger.event) this.judge(event, now);
    this.past.push(event);
  }

  private hear(run: Run, event: SimulatedEvent, now: Instant): void {
    for (const { kind, value } of event.keys) {
      const counts = isAbsorbing(kind) || event.occurredAt >= run.since;
      const meaning = run.keys.has(nameOf(kind, value)) && counts ? meaningOf(this.version, run.state.facts, event, kind) : null;
      if (meaning) return this.take(run, meaning, now);
    }
  }

  private judge(event: SimulatedEvent, now: Instant): void {
    const { version, script } = this;
    const named = version.correlateBy.flatMap((kind) => event.keys.find((one) => one.kind === kind) ?? [])[0];
    const matter = named ? matterOf(version, nameOf(named.kind, named.value) as never, event.facts) : '';
    const ofMatter = this.runs.filter((run) => run.matter === matter);
    const live = ofMatter.find(({ state }) => !state.isOver);
    const enrolment = enrol(
      version,
      {
        occurredAt: event.occurredAt,
        kinds: new Set(event.keys.map(({ kind }) => kind)),
        run: event.facts,
        hasPerson: event.keys.some(({ kind }) => kind === 'customer' || kind === 'phone'),
        endings: this.endingsOf(event),
        live: live !== undefined,
        lastEndedAt: latest(ofMatter.filter(({ state }) => state.isOver).map((run) => this.lastOf(run))),
        entries: ofMatter.length,
        personEnteredAt: latest(this.runs.map(({ since }) => since)),
        closed: null,
      },
      now,
    );
    if (enrolment.kind === 'refuse')
      this.entries.push({ at: now, what: 'not_entered', outcome: 'not_entered', reason: enrolment.reason });
    else if (live) this.take(live, { kind: 'another_attempt', eventId: event.id, facts: event.facts }, now);
    else {
      const state = startRun(version, { id: `run-${this.runs.length + 1}`, ...script, facts: event.facts }, now);
      const run: Run = {
        number: this.runs.length + 1,
        matter,
        keys: new Set(event.keys.map(({ kind, value }) => nameOf(kind, value))),
        since: event.occurredAt,
        state,
      };
      this.runs.push(run);
      this.entries.push({ at: now, what: 'entered', run: run.number, startedAt: state.startedAt, outcome: script.arm });
    }
  }

  /** What was committed about the same matter before this trigger, by keys it carries. */
  private endingsOf(trigger: SimulatedEvent) {
    return this.past.flatMap((event) =>
      event.keys.flatMap(({ kind, value }) => {
        const shares = trigger.keys.some((one) => one.kind === kind && one.value === value);
        const ending = shares ? isEndingMark(this.version, kind, event.name) : null;
        return ending ? [{ event: event.name, occurredAt: event.occurredAt, ...ending }] : [];
      }),
    );
  }

  private lastOf(run: Run): Instant {
    return latest(this.entries.filter((one) => one.run === run.number).map(({ at }) => at)) ?? run.since;
  }

  private take(run: Run, input: RunInput, now: Instant): void {
    const before = run.state;
    const decisions = decide(this.version, before, input, now);
    run.state = applyDecisions(before, decisions);
    for (const decision of decisions) {
      if (decision.kind === 'wait' || decision.kind === 'note') continue;
      this.entries.push({
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
      if (decision.kind === 'send') this.awaitAnswers(run, decision.step, now);
    }
  }

  private awaitAnswers(run: Run, sent: string, now: Instant): void {
    const lap = run.state.lap;
    for (const { step, signal, after: wait } of this.script.answers) {
      if (step !== sent) continue;
      const at = after(now, wait);
      this.ahead.push({ at, happen: () => run.state.lap === lap && this.answer(run, step, signal, at) });
    }
    this.ahead.sort(byTime);
  }

  private answer(run: Run, step: string, signal: Signal, now: Instant): void {
    this.entries.push({ at: now, what: 'heard', run: run.number, startedAt: run.state.startedAt, step, outcome: signal });
    this.take(
      run,
      signal === 'failed' ? { kind: 'not_reached', step, reason: 'bad_address' } : { kind: 'signal', step, signal },
      now,
    );
  }
}

const byTime = (one: { at: Instant }, other: { at: Instant }): number => one.at - other.at;
const nameOf = (kind: KeyKind, value: string): string => `${kind}:${value}`;
const dueOf = (run: Run): Instant => run.state.dueAt as Instant;
const latest = (moments: readonly Instant[]): Instant | null => (moments.length === 0 ? null : (Math.max(...moments) as Instant));
