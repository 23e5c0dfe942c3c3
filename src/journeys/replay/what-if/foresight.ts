import { after, assertNever, durationOf, type Instant } from '@wapas/kernel';
import { type Rates } from '@wapas/stated-rates';
import { type ForeseeMessages, type Guard, type PastMessage, type SendFacts } from '../../../channels/channels.api';
import { type KeyedEvent } from '../../../ingestion/ingestion.api';
import { contactAt } from '../../../profiles/profiles.api';
import { arrived, factsOf } from '../../facts-of-event';
import { forbiddenFor } from '../../forbidden-for';
import { correlationOf, guardOf } from '../../guard-of-trigger';
import { wasNotReached } from '../../not-reached';
import { type JourneyVersion, type Signal, type Step } from '../../rules/definition';
import { endingsAmong } from '../../rules/endings';
import { armOf } from '../../rules/enrol';
import { type Decision, type RunState } from '../../rules/run';
import { type VirtualEvent, type VirtualRun, VirtualRuns } from '../../rules/virtual-runs';
import { type Sent } from '../rules/compare-sends';
import { statedAnswer } from '../rules/stated-answers';
import { foreseeClaim } from './foresee-claim';
import { count, noCounts } from './foresight-counts';
import { LayBeside } from './lay-beside';
import { type PeopleOfPeriod, type PersonOfPeriod } from './people-of-period';
import { type PeriodPage, type RealRun } from './read-period';
import { dayOf, Tally } from './tally';

export interface ForesightOptions {
  readonly version: JourneyVersion;
  readonly holdoutPercentOf: (version: number) => number | undefined;
  readonly to: Instant;
  readonly horizon: Instant;
  readonly rates: Rates;
  readonly people: PeopleOfPeriod;
  readonly messages: Pick<ForeseeMessages, 'message' | 'mayReach' | 'limits' | 'policy'>;
  readonly mostLive: number;
  /** So many differences are listed; what is beyond is counted. */
  readonly mostLines: number;
}

/** What a run of the virtual clock is about, and what became of it so far. */
interface Passage {
  readonly triggerId: string;
  readonly person: PersonOfPeriod;
  readonly real: RealRun | null;
  readonly guard: Guard;
  readonly marks: SendFacts['marks'][number][];
  readonly countryIsAllowed: boolean;
  readonly sent: Sent[];
  /** Why steps did not go out, by `lap step`. */
  readonly left: Map<string, string>;
}

type Run = VirtualRun<Passage>;

/**
 * Lives the stored events of a period once more with another version: who would have received what and when. Runs go through the
 * engine that test runs go through, messages through the guard and the caps of real claims, with what was known at that moment. What
 * was heard of a step that really went out is heard again; of others the stated rates tell.
 */
export class Foresight {
  readonly counts = noCounts();
  readonly tally = new Tally();
  private readonly beside: LayBeside;
  private readonly runs: VirtualRuns<Passage>;
  private readonly open = new Set<Run>();
  private readonly steps: ReadonlyMap<string, Step>;
  private readonly guardNames: ReadonlySet<string>;

  constructor(private readonly options: ForesightOptions) {
    const { version, mostLive, mostLines, horizon } = options;
    this.beside = new LayBeside(this.counts, this.tally, horizon, mostLines);
    this.steps = new Map(version.steps.map((step) => [step.key, step]));
    this.guardNames = new Set([...version.goal.events, ...version.exits.map(({ event }) => event), ...version.silence]);
    this.runs = new VirtualRuns({
      version,
      decided: (run, before, decisions, now) => this.hearDecisions(run, before, decisions, now),
      remembersEnded: false,
      mostLive,
    });
  }

  get liveCount(): number {
    return this.runs.liveCount;
  }

  get linesLeftOut(): number {
    return this.beside.leftOut;
  }

  /** Takes the differences that were found since the last time. */
  takeLines(): readonly object[] {
    return this.beside.takeLines();
  }

  /** An event comes in on the virtual clock: everything that is due until then happens first. */
  arrive(one: KeyedEvent, page: PeriodPage): void {
    const { event, keys } = one;
    const now = event.receivedAt;
    const { version, to } = this.options;
    this.counts.events += 1;
    this.runs.playUntil(now);
    const isTrigger = event.name === version.trigger.event;
    const concerned = this.runs.concerned({ keys, occurredAt: event.occurredAt });
    if (concerned.length > 0) {
      if (this.guardNames.has(event.name))
        for (const { run, key } of concerned)
          run.tag.marks.push({
            key: key as SendFacts['marks'][number]['key'],
            eventName: event.name,
            occurredAt: event.occurredAt,
          });
      const { id, name, occurredAt, facts } = arrived(event);
      this.runs.hear({ id, name, occurredAt, facts, keys }, now, concerned);
    }
    if (!isTrigger) return;
    if (now < to) this.judge(one, page, now);
    else this.attach(one, page, now);
  }

  /** The clock runs on to the end; what is still live then stays open. */
  finish(): void {
    this.runs.playUntil(this.options.horizon);
    for (const run of this.open) {
      count(this.counts.ended, 'still_open');
      this.compare(run);
    }
    this.open.clear();
  }

  private judge(one: KeyedEvent, page: PeriodPage, now: Instant): void {
    const { event, keys } = one;
    const { version, people } = this.options;
    this.counts.triggers += 1;
    const real = page.real.get(event.id) ?? null;
    if (real) this.beside.countReal(real);
    // Erased, or past its retention: nobody knows what it said.
    if (event.content.keys === undefined && event.content.person === undefined)
      return this.notLived('content_gone', event.id, real);
    const owner = page.owners.get(event.id);
    const read = owner === undefined ? undefined : page.people.get(owner);
    const person = read && people.keep(read);
    const facts = factsOf(event.content, person?.known.name ?? null);
    const matter = correlationOf({ version, event, keys });
    const marks = marksBefore(page, event);
    const enrolment = this.runs.enter(
      { id: event.id, name: event.name, occurredAt: event.occurredAt, facts, keys },
      {
        matter: matter ?? '',
        person: owner ?? '',
        unit: real?.unit ?? owner ?? '',
        arm: person ? this.armOf(person, real) : 'treated',
        shadow: false,
        hasPerson: person !== undefined,
        forbidden: person && this.forbidden(person, now),
        closed: null,
        endings: endingsAmong(version, facts, keys, marks, (id) => {
          const said = page.said.get(id);
          return said && arrived(said);
        }),
        past: person && matter !== undefined ? person.pastOf(matter, now) : NEW,
        // Nobody enters without a person.
        tag: () => this.passageOf(one, person as PersonOfPeriod, real, marks),
      },
      now,
    );
    switch (enrolment.kind) {
      case 'started':
        this.open.add(enrolment.run);
        enrolment.run.tag.person.live += 1;
        this.counts[enrolment.run.state.arm] += 1;
        return;
      case 'attached':
        this.counts.attempts += 1;
        return this.beside.nothing(event.id, real, enrolment.run ? 'attached' : 'run_of_before');
      case 'refused':
        count(this.counts.notEntered, enrolment.reason);
        return this.beside.nothing(event.id, real, enrolment.reason);
      case 'no_room':
        return this.notLived('too_many_live_runs', event.id, real);
    }
  }

  private notLived(reason: string, triggerId: string, real: RealRun | null): void {
    count(this.counts.notLived, reason);
    this.beside.nothing(triggerId, real, reason);
  }

  private passageOf({ event, keys }: KeyedEvent, person: PersonOfPeriod, real: RealRun | null, marks: MarksBefore): Passage {
    const phone = event.content.person?.phone;
    return {
      triggerId: event.id,
      person,
      real,
      guard: guardOf({ version: this.options.version, event, keys }),
      marks: keys.flatMap(({ key }) => marks(key).map(({ eventName, occurredAt }) => ({ key, eventName, occurredAt }))),
      countryIsAllowed: phone === undefined || this.options.messages.mayReach(phone),
      sent: [],
      left: new Map(),
    };
  }

  /** After the period nobody enters, but who is in may fail once more. */
  private attach(one: KeyedEvent, page: PeriodPage, now: Instant): void {
    const { event, keys } = one;
    const matter = correlationOf({ version: this.options.version, event, keys });
    if (matter === undefined || !this.runs.isLive(matter)) return;
    const facts = factsOf(event.content, null);
    const entered: VirtualEvent = { id: event.id, name: event.name, occurredAt: event.occurredAt, facts, keys };
    const marks = marksBefore(page, event);
    this.runs.enter(
      entered,
      {
        matter,
        person: '',
        unit: '',
        arm: 'treated',
        shadow: false,
        hasPerson: true,
        closed: null,
        endings: endingsAmong(this.options.version, facts, keys, marks, () => undefined),
        past: NEW,
        tag: () => {
          throw new Error('A run began after the period.');
        },
      },
      now,
    );
  }

  /** Who was drawn then stays so, as long as as many are drawn. */
  private armOf({ known }: PersonOfPeriod, real: RealRun | null) {
    const { version, holdoutPercentOf } = this.options;
    const isDrawnAlike = real !== null && holdoutPercentOf(real.version) === version.holdoutPercent;
    return isDrawnAlike ? real.arm : armOf(version, known.unit);
  }

  private forbidden({ known }: PersonOfPeriod, now: Instant) {
    if (!known.minor && known.suppressions.length === 0 && !known.consents.some(({ state }) => state === 'withdrawn'))
      return undefined;
    return forbiddenFor(this.options.version, contactAt(known, now), now);
  }

  private hearDecisions(run: Run, before: RunState, decisions: readonly Decision[], now: Instant): void {
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

  private end(run: Run, { reason, eventId }: Decision & { kind: 'end' }): void {
    count(this.counts.ended, reason);
    if (reason === 'goal_reached') this.counts.recovered[eventId === ESTIMATED ? 'estimated' : 'recorded'] += 1;
    run.tag.person.live -= 1;
    this.open.delete(run);
    this.compare(run);
  }

  /** A message would be sent: it goes through what a real claim goes through, with what was known then. */
  private claim(run: Run, before: RunState, decision: Decision & { kind: 'send' }, now: Instant): void {
    const step = this.steps.get(decision.step) as Step;
    const { person, real, guard, marks, countryIsAllowed } = run.tag;
    const { lap } = before;
    const asItWas = real?.messages.find((one) => one.step === step.key && one.lap === lap && one.channel === step.channel);
    const asked = { run: before, step, decision, person, guard, marks, countryIsAllowed, asItWas };
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
        const { provider, category, parts } = claim;
        this.tally.addBilled(
          { day: dayOf(now), step: step.key, channel: step.channel, outcome: 'sent', reason: '', provider, category },
          parts,
        );
        return this.hearAnswers(run, lap, step, asItWas, now);
      }
      default:
        assertNever(claim);
    }
  }

  private giveUp(
    run: Run,
    lap: number,
    step: Step,
    state: 'skipped' | 'expired' | 'rejected',
    reason: string,
    now: Instant,
  ): void {
    this.note(run, lap, step.key, state, reason, now);
    this.fallForward(run, lap, step, state, reason, now);
  }

  private fallForward(run: Run, lap: number, step: Step, state: string, reason: string | null, at: Instant): void {
    if (!wasNotReached(state, reason)) return;
    this.runs.at(at, () => {
      if (run.state.lap === lap) this.runs.feed(run, { kind: 'not_reached', step: step.key, reason: reason ?? 'failed' }, at);
    });
  }

  /** What was heard of the same step is heard as long after it as then; of a step that never went out the rates tell. */
  private hearAnswers(run: Run, lap: number, step: Step, asItWas: PastMessage | undefined, now: Instant): void {
    const hear = (signal: Signal, at: Instant): void =>
      this.runs.at(at, () => {
        if (run.state.lap === lap) this.runs.feed(run, { kind: 'signal', step: step.key, signal }, at);
      });
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
    run: Run,
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
    return { day: dayOf(now), step, channel, outcome, reason, provider: null, category: null };
  }

  private compare({ state, tag: { triggerId, person, real, sent, left } }: Run): void {
    const whyWouldNot = (step: string, lap: number) => left.get(`${lap} ${step}`) ?? state.memory.endReason ?? null;
    this.beside.compare({ triggerId, personId: person.known.id, real }, sent, whyWouldNot);
  }
}

const ESTIMATED = 'estimated';
const NEW = { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null };

const NONE: readonly never[] = [];

type MarksBefore = (key: string) => readonly { eventName: string; occurredAt: Instant; eventId: string }[];

/** Marks that had been left before an event came, by key. */
const marksBefore =
  (page: PeriodPage, event: KeyedEvent['event']): MarksBefore =>
  (key) =>
    page.marks
      .get(key)
      ?.filter(
        ({ receivedAt, eventId }) => receivedAt < event.receivedAt || (receivedAt === event.receivedAt && eventId < event.id),
      ) ?? NONE;
