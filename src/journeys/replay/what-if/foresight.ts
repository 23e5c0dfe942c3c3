import { after, durationOf, type Instant, toIso } from '@wapas/kernel';
import { type Rates } from '@wapas/stated-rates';
import { type ForeseeMessages, type Guard, judgeClaim, type PastMessage, type SendFacts } from '../../../channels/channels.api';
import { type KeyedEvent } from '../../../ingestion/ingestion.api';
import { contactAt, couldBeReached, mayContact } from '../../../profiles/profiles.api';
import { arrived, factsOf } from '../../facts-of-event';
import { forbiddenFor } from '../../forbidden-for';
import { correlationOf, guardOf } from '../../guard-of-trigger';
import { wasNotReached } from '../../not-reached';
import { type JourneyVersion, type Signal, type Step } from '../../rules/definition';
import { endingsAmong } from '../../rules/endings';
import { armOf } from '../../rules/enrol';
import { type Decision, type RunState } from '../../rules/run';
import { toNextStep } from '../../rules/timing';
import { type VirtualEvent, type VirtualRun, VirtualRuns } from '../../rules/virtual-runs';
import { compareSends, SAME_TIME_MS, type SendDifference, type Sent } from '../rules/compare-sends';
import { statedAnswer } from '../rules/stated-answers';
import { type PeopleOfPeriod, type PersonOfPeriod } from './people-of-period';
import { type PeriodPage, type RealRun } from './read-period';
import { dayOf, Tally } from './tally';

/** What a what-if counts beside its messages. Every figure only grows. */
export interface ForesightCounts {
  events: number;
  triggers: number;
  treated: number;
  holdout: number;
  /** Triggers that joined a run. */
  attempts: number;
  laps: number;
  readonly notEntered: Record<string, number>;
  readonly ended: Record<string, number>;
  readonly notLived: Record<string, number>;
  /** Runs whose goal is recorded, and those that the stated rates let pay. */
  recovered: { recorded: number; estimated: number };
  /** Of messages that would be sent: what was heard of the same step, or what the rates say. */
  answers: { recorded: number; stated: number };
  would: number;
  was: number;
  same: number;
  readonly different: Record<SendDifference['what'], number>;
}

export const noCounts = (): ForesightCounts => ({
  events: 0,
  triggers: 0,
  treated: 0,
  holdout: 0,
  attempts: 0,
  laps: 0,
  notEntered: {},
  ended: {},
  notLived: {},
  recovered: { recorded: 0, estimated: 0 },
  answers: { recorded: 0, stated: 0 },
  would: 0,
  was: 0,
  same: 0,
  different: { added: 0, dropped: 0, moved: 0, rechannelled: 0 },
});

export interface ForesightOptions {
  readonly version: JourneyVersion;
  readonly holdoutPercentOf: (version: number) => number | undefined;
  readonly to: Instant;
  readonly horizon: Instant;
  readonly rates: Rates;
  readonly people: PeopleOfPeriod;
  readonly messages: Pick<ForeseeMessages, 'message' | 'mayReach' | 'limits' | 'policy'>;
  readonly mostLive: number;
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

/** Their own doing when a message waits for nothing: a claim that comes to the same word is judged anew, not taken from the record. */
const SAID_BY_OTHERS: ReadonlySet<string> = new Set(['status_unknown', 'order_cancelled', 'order_expired', 'refunded']);
const NO_DELAY = durationOf(0);

/**
 * Lives the stored events of a period once more with another version: who would have received what and when. Runs go through the
 * engine that test runs go through, messages through the guard and the caps of real claims, with what was known at that moment. What
 * was heard of a step that really went out is heard again; of others the stated rates tell.
 */
export class Foresight {
  readonly counts = noCounts();
  readonly tally = new Tally();
  private lines: object[] = [];
  private readonly runs: VirtualRuns<Passage>;
  private readonly open = new Set<Run>();
  private readonly steps: ReadonlyMap<string, Step>;
  private readonly guardNames: ReadonlySet<string>;

  constructor(private readonly options: ForesightOptions) {
    const { version, mostLive } = options;
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

  /** Takes the differences that were found since the last time. */
  takeLines(): readonly object[] {
    const taken = this.lines;
    this.lines = [];
    return taken;
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
      this.runs.hear({ ...arrived(event), keys }, now);
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
    if (real) this.tallyReal(real);
    // Erased, or past its retention: nobody knows what it said.
    if (event.content.keys === undefined && event.content.person === undefined)
      return this.notLived('content_gone', event.id, real);
    const owner = page.owners.get(event.id);
    const read = owner === undefined ? undefined : page.people.get(owner);
    const person = read && people.keep(read);
    const facts = factsOf(event.content, person?.known.name ?? null);
    const matter = correlationOf({ version, event, keys });
    const marks = marksBefore(page, event);
    const passage: Passage | null = person
      ? {
          triggerId: event.id,
          person,
          real,
          guard: guardOf({ version, event, keys }),
          marks: keys.flatMap(({ key }) => marks(key).map(({ eventName, occurredAt }) => ({ key, eventName, occurredAt }))),
          countryIsAllowed:
            event.content.person?.phone === undefined || this.options.messages.mayReach(event.content.person.phone),
          sent: [],
          left: new Map(),
        }
      : null;
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
        tag: passage as Passage,
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
        return this.compareNothing(event.id, real, enrolment.run ? 'attached' : 'run_of_before');
      case 'refused':
        count(this.counts.notEntered, enrolment.reason);
        return this.compareNothing(event.id, real, enrolment.reason);
      case 'no_room':
        return this.notLived('too_many_live_runs', event.id, real);
    }
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
        tag: null as unknown as Passage,
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
        default:
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
    const { version, messages } = this.options;
    const step = this.steps.get(decision.step) as Step;
    const { person, real } = run.tag;
    const { lap } = before;
    const template = step.messages[decision.message]?.template ?? {};
    const foreseen = messages.message(
      {
        channel: step.channel,
        template,
        facts: before.facts,
        purpose: step.purpose,
        legalHours: step.legalHours,
        toNextStepMs: toNextStep(version, step),
      },
      person.known.language,
    );
    if (foreseen.state !== 'planned') return this.giveUp(run, lap, step, foreseen.state, foreseen.reason, now);
    const asItWas = real?.messages.find((one) => one.step === step.key && one.lap === lap && one.channel === step.channel);
    const said = saidByOthers(asItWas);
    if (said !== null) return this.giveUp(run, lap, step, said.state, said.reason, now);
    const caps = step.mandatory ? null : { marketing: step.purpose === 'marketing', perRun: version.maxMessages };
    const personId = person.known.id;
    const verdict = judgeClaim(
      this.factsAt(run, step, decision.notAfter, foreseen.addressKind, asItWas, now),
      { personId, runId: before.id, caps },
      person.takenBy(now),
      messages.limits,
      NO_SPEND,
    );
    if (!verdict.maySend) {
      if (verdict.state !== 'held') return this.giveUp(run, lap, step, verdict.state, verdict.reason, now);
      this.tally.add(this.keyOf(step.key, 'held', verdict.reason, now));
      const { until } = verdict;
      // What is down is an outer fact, and none of them is lived: nothing is held by it here.
      if (until === null) return;
      return this.runs.at(until, () => {
        if (!run.state.isOver && run.state.lap === lap) this.claim(run, before, decision, until);
      });
    }
    if (asItWas?.state === 'rejected' && asItWas.calledAt !== null) {
      this.note(run, lap, step.key, 'rejected', asItWas.reason ?? 'refused', now);
      return this.fallForward(run, lap, step, 'rejected', asItWas.reason, after(now, delayOfFailure(asItWas)));
    }
    person.take({ personId, runId: before.id, marketing: caps?.marketing ?? false, calledAt: now });
    run.tag.sent.push({ step: step.key, lap, channel: step.channel, at: now });
    this.counts.would += 1;
    const { provider, parts } = foreseen;
    const category = asItWas?.category ?? foreseen.category;
    const length = asItWas?.parts ?? parts;
    this.tally.add(
      { day: dayOf(now), step: step.key, channel: step.channel, outcome: 'sent', reason: '', provider, category },
      step.channel === 'sms' ? (length ?? 1) : 1,
      step.channel === 'sms' ? length === null : step.channel === 'whatsapp' && category === null,
    );
    this.hearAnswers(run, lap, step, asItWas, now);
  }

  private factsAt(
    { tag: { guard, marks, person, countryIsAllowed } }: Run,
    { channel, purpose, legalHours }: Step,
    notAfter: Instant,
    addressKind: string,
    asItWas: PastMessage | undefined,
    now: Instant,
  ): SendFacts {
    const hours = legalHours.length === 0 ? {} : { hours: legalHours };
    const base = {
      now,
      notAfter,
      guard: { ...guard, purpose, ...hours },
      marks,
      down: null,
      test: false,
      addressIsForTests: false,
    };
    const claim = asItWas?.claim ?? null;
    // The same step was really claimed at about that moment: what was known then is on record.
    if (claim && Math.abs(claim.at - now) <= SAME_TIME_MS)
      return {
        ...base,
        refusal: claim.refusal ?? null,
        paused: claim.paused ?? null,
        hasAddress: claim.noAddress !== true,
        countryIsAllowed: claim.otherCountry !== true,
      };
    const hasAddress = couldBeReached(person.known, addressKind, channel, now);
    const { policy } = this.options.messages;
    return {
      ...base,
      refusal: hasAddress ? mayContact(contactAt(person.known, now), { channel, purpose }, policy, now) : null,
      paused: null,
      hasAddress,
      countryIsAllowed,
    };
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

  private tallyReal(real: RealRun): void {
    for (const message of sentOf(real, this.options.horizon)) {
      this.counts.was += 1;
      const { step, channel, provider, category, parts, calledAt, dueAt } = message;
      this.tally.add(
        { day: dayOf(calledAt ?? dueAt), step, channel, outcome: 'really_sent', reason: '', provider, category },
        channel === 'sms' ? (parts ?? 1) : 1,
        channel === 'sms' ? parts === null : channel === 'whatsapp' && category === null,
      );
    }
  }

  private compare(run: Run): void {
    const { triggerId, person, real, sent, left } = run.tag;
    this.lay(
      triggerId,
      person.known.id,
      real,
      sent,
      (step, lap) => left.get(`${lap} ${step}`) ?? run.state.memory.endReason ?? null,
    );
  }

  private compareNothing(triggerId: string, real: RealRun | null, reason: string): void {
    if (real) this.lay(triggerId, real.personId, real, [], () => `not_entered:${reason}`);
  }

  private notLived(reason: string, triggerId: string, real: RealRun | null): void {
    count(this.counts.notLived, reason);
    this.compareNothing(triggerId, real, reason);
  }

  private lay(
    triggerId: string,
    personId: string,
    real: RealRun | null,
    would: readonly Sent[],
    whyWouldNot: (step: string, lap: number) => string | null,
  ): void {
    const was = real
      ? sentOf(real, this.options.horizon).map(({ step, lap, channel, calledAt, dueAt }) => ({
          step,
          lap,
          channel,
          at: calledAt ?? dueAt,
        }))
      : [];
    const { same, differences } = compareSends(would, was, whyWouldNot, (step, lap) => whyWasNot(real, step, lap));
    this.counts.same += same;
    for (const difference of differences) {
      this.counts.different[difference.what] += 1;
      this.lines.push(lineOf(triggerId, personId, real, difference));
    }
  }
}

/** Caps on a day's spend are set and lifted by hand: those of then are not known. */
const NO_SPEND = { price: null, purses: [] };
const ESTIMATED = 'estimated';
const NEW = { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null };

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Marks that had been left before an event came, by key. */
const marksBefore =
  (page: PeriodPage, event: KeyedEvent['event']) =>
  (key: string): readonly { eventName: string; occurredAt: Instant; eventId: string }[] =>
    (page.marks.get(key) ?? []).filter(
      ({ receivedAt, eventId }) => receivedAt < event.receivedAt || (receivedAt === event.receivedAt && eventId < event.id),
    );

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

/** What really went out until the what-if ends. */
const sentOf = ({ messages }: RealRun, horizon: Instant): readonly PastMessage[] =>
  messages.filter(({ state, calledAt }) => (state === 'sent' || state === 'unknown') && (calledAt ?? 0) <= horizon);

function whyWasNot(real: RealRun | null, step: string, lap: number): string | null {
  if (!real) return 'no_run';
  const message = real.messages.find((one) => one.step === step && one.lap === lap);
  if (message) return message.reason ?? message.state;
  return real.arm === 'holdout' ? 'holdout' : null;
}

function lineOf(triggerId: string, personId: string, real: RealRun | null, { what, would, was, reason }: SendDifference): object {
  const { step, lap } = would ?? was;
  return {
    what,
    triggerId,
    personId,
    runId: real?.id ?? null,
    step,
    lap,
    would: would && { channel: would.channel, at: toIso(would.at) },
    was: was && { channel: was.channel, at: toIso(was.at) },
    reason,
  };
}
