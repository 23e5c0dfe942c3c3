import { after, assertNever, durationOf, type Instant } from '@wapas/kernel';
import { type Rates } from '@wapas/stated-rates';
import { type Guard, type SendFacts } from '../../../channels/channels.api';
import { type PastMessage } from '../../../channels/past-messages.api';
import { wasNotReached } from '../../not-reached';
import { type Signal, type Step } from '../../rules/definition';
import { type Decision, type RunState } from '../../rules/run';
import { type VirtualRun, type VirtualRuns } from '../../rules/virtual-runs';
import { type Sent } from '../rules/compare-sends';
import { statedAnswer } from '../rules/stated-answers';
import { foreseeClaim, type MessagesOfThen } from './foresee-claim';
import { count, type ForesightCounts } from './foresight-counts';
import { type LayBeside } from './lay-beside';
import { type PersonOfPeriod } from './people-of-period';
import { type RealRun } from './period-page';
import { dayOf, type Tally } from './tally';

/** What a run of the virtual clock is about, and what became of it so far. */
export interface Passage {
  readonly triggerId: string;
  readonly person: PersonOfPeriod;
  readonly real: RealRun | null;
  readonly guard: Guard;
  readonly marks: SendFacts['marks'][number][];
  /** Of the person's number, ISO 3166; null: no number, or nobody can say. */
  readonly country: string | null;
  readonly countryIsAllowed: boolean;
  readonly sent: Sent[];
  /** Why steps did not go out, by `lap step`. */
  readonly left: Map<string, string>;
}

export type VirtualPassage = VirtualRun<Passage>;

/** What is written down of what is foreseen. */
export interface ForesightRecord {
  readonly counts: ForesightCounts;
  readonly tally: Tally;
  readonly beside: LayBeside;
}

/** What would come of the decisions of virtual runs: messages, what is heard of them, and ends. */
export class ForeseeDecisions {
  private readonly counts: ForesightCounts;
  private readonly tally: Tally;
  private readonly beside: LayBeside;
  private readonly open = new Set<VirtualPassage>();
  private readonly steps: ReadonlyMap<string, Step>;

  constructor(
    private readonly options: MessagesOfThen & { readonly rates: Rates },
    private readonly runs: Pick<VirtualRuns<Passage>, 'at' | 'feed'>,
    record: ForesightRecord,
  ) {
    ({ counts: this.counts, tally: this.tally, beside: this.beside } = record);
    this.steps = new Map(options.version.steps.map((step) => [step.key, step]));
  }

  began(run: VirtualPassage): void {
    this.open.add(run);
    run.tag.person.live += 1;
    this.counts[run.state.arm] += 1;
  }

  /** The clock has run to its end: what is still live stays open. */
  finish(): void {
    for (const run of this.open) {
      count(this.counts.ended, 'still_open');
      this.compare(run);
    }
    this.open.clear();
  }

  /** `before`: the run as it was when the decisions were made. */
  decided(run: VirtualPassage, before: RunState, decisions: readonly Decision[], now: Instant): void {
    for (const decision of decisions) {
      switch (decision.kind) {
        case 'send':
          this.claim(run, before, decision, now);
          break;
        case 'ghost':
          this.note(run, before.lap, decision.step, 'ghost', run.state.arm === 'holdout' ? 'holdout' : 'shadow', now);
          break;
        case 'skip':
          this.note(run, before.lap, decision.step, 'skipped', decision.reason, now);
          break;
        case 'expire':
          this.note(run, before.lap, decision.step, 'expired', decision.reason, now);
          break;
        case 'hold':
          this.tally.add(this.keyOf(decision.step, 'held', decision.reason, now));
          break;
        case 'restart':
          this.counts.laps += 1;
          break;
        case 'end':
          this.end(run, decision);
          break;
        default: // The others change the run alone.
      }
    }
  }

  private end(run: VirtualPassage, { reason, eventId }: Decision & { kind: 'end' }): void {
    count(this.counts.ended, reason);
    if (reason === 'goal_reached') this.counts.recovered[eventId === ESTIMATED ? 'estimated' : 'recorded'] += 1;
    run.tag.person.live -= 1;
    this.open.delete(run);
    this.compare(run);
  }

  /** A message would be sent: it goes through what a real claim goes through, with what was known then. */
  private claim(run: VirtualPassage, before: RunState, decision: Decision & { kind: 'send' }, now: Instant): void {
    const step = this.steps.get(decision.step) as Step;
    const { person, real, guard, marks, country, countryIsAllowed } = run.tag;
    const { lap } = before;
    const asItWas = real?.messages.find((one) => one.step === step.key && one.lap === lap && one.channel === step.channel);
    const asked = { run: before, step, decision, person, guard, marks, country, countryIsAllowed, asItWas };
    const claim = foreseeClaim(this.options, asked, now);
    switch (claim.outcome) {
      case 'given_up':
        return this.giveUp(run, lap, step, claim.state, claim.reason, now);
      case 'held': {
        this.tally.add(this.keyOf(step.key, 'held', claim.reason, now));
        const { until } = claim;
        // What is down is an outer fact, and none of them is lived: nothing is held by it here.
        if (until === null) return;
        return this.runs.at(until, () => {
          if (!run.state.isOver && run.state.lap === lap) this.claim(run, before, decision, until);
        });
      }
      case 'refused_later':
        this.note(run, lap, step.key, 'rejected', claim.reason ?? 'refused', now);
        return this.fallForward(run, lap, step, 'rejected', claim.reason, claim.heardAt);
      case 'sent': {
        person.take({ personId: person.known.id, runId: before.id, marketing: claim.isMarketing, calledAt: now });
        run.tag.sent.push({ step: step.key, lap, channel: step.channel, at: now });
        this.counts.would += 1;
        const { provider, category, categoryIsTold, country, parts } = claim;
        this.tally.addBilled(
          { day: dayOf(now), step: step.key, channel: step.channel, outcome: 'sent', reason: '', provider, category, country },
          { parts, categoryIsTold },
        );
        return this.hearAnswers(run, lap, step, asItWas, now);
      }
      default:
        assertNever(claim);
    }
  }

  private giveUp(
    run: VirtualPassage,
    lap: number,
    step: Step,
    state: 'skipped' | 'expired' | 'rejected',
    reason: string,
    now: Instant,
  ): void {
    this.note(run, lap, step.key, state, reason, now);
    this.fallForward(run, lap, step, state, reason, now);
  }

  private fallForward(run: VirtualPassage, lap: number, step: Step, state: string, reason: string | null, at: Instant): void {
    if (!wasNotReached(state, reason)) return;
    const input = { kind: 'not_reached' as const, step: step.key, reason: reason ?? 'failed', lap };
    this.runs.at(at, () => this.runs.feed(run, input, at));
  }

  /** What was heard of the same step is heard as long after it as then; of a step that never went out the rates tell. */
  private hearAnswers(run: VirtualPassage, lap: number, step: Step, asItWas: PastMessage | undefined, now: Instant): void {
    const hear = (signal: Signal, at: Instant): void =>
      this.runs.at(at, () => this.runs.feed(run, { kind: 'signal', step: step.key, signal, lap }, at));
    if (asItWas && (asItWas.state === 'sent' || asItWas.state === 'unknown')) {
      this.counts.answers.recorded += 1;
      if (asItWas.state === 'unknown') hear('unknown', now);
      for (const { kind, at } of asItWas.receipts)
        if (kind !== 'sent') hear(kind, after(now, durationOf(Math.max(0, at - (asItWas.calledAt ?? asItWas.dueAt)))));
      return;
    }
    this.counts.answers.stated += 1;
    const { signals, paysAfter } = statedAnswer(this.options.rates, step.channel, `${run.tag.triggerId}:${lap}:${step.key}`);
    for (const { signal, after: wait } of signals) hear(signal, after(now, wait));
    if (paysAfter === undefined) return;
    const paidAt = after(now, paysAfter);
    this.runs.at(paidAt, () => {
      if (!run.state.isOver) this.runs.feed(run, { kind: 'goal_reached', eventId: ESTIMATED, at: paidAt }, paidAt);
    });
  }

  private note(
    run: VirtualPassage,
    lap: number,
    step: string,
    outcome: 'ghost' | 'skipped' | 'expired' | 'rejected',
    reason: string,
    now: Instant,
  ): void {
    run.tag.left.set(`${lap} ${step}`, reason);
    this.tally.add(this.keyOf(step, outcome, reason, now));
  }

  private keyOf(step: string, outcome: 'ghost' | 'skipped' | 'expired' | 'rejected' | 'held', reason: string, now: Instant) {
    const channel = this.steps.get(step)?.channel ?? '';
    return { day: dayOf(now), step, channel, outcome, reason, provider: null, category: null, country: null };
  }

  private compare({ state, tag: { triggerId, person, real, sent, left } }: VirtualPassage): void {
    const whyWouldNot = (step: string, lap: number) => left.get(`${lap} ${step}`) ?? state.memory.endReason ?? null;
    this.beside.compare({ triggerId, personId: person.known.id, real }, sent, whyWouldNot);
  }
}

const ESTIMATED = 'estimated';
