import { type Instant } from '@wapas/kernel';
import { type Rates } from '@wapas/stated-rates';
import { type ForeseeMessages, type SendFacts } from '../../../channels/channels.api';
import { contactAt } from '../../../profiles/profiles.api';
import { guardOf } from '../../guard-of-trigger';
import { forbiddenFor } from '../../forbidden-for';
import { type JourneyVersion } from '../../rules/definition';
import { armOf } from '../../rules/enrol';
import { VirtualRuns } from '../../rules/virtual-runs';
import { ForeseeDecisions, type Passage } from './foresee-decisions';
import { count, noCounts } from './foresight-counts';
import { LayBeside } from './lay-beside';
import { type PeopleOfPeriod, type PersonOfPeriod } from './people-of-period';
import { factsTakenIn, type PeriodEvent, type PeriodTrigger, type RealRun } from './period-page';
import { Tally } from './tally';

export interface ForesightOptions {
  readonly version: JourneyVersion;
  readonly holdoutPercentOf: (version: number) => number | undefined;
  readonly to: Instant;
  readonly horizon: Instant;
  readonly rates: Rates;
  readonly people: PeopleOfPeriod;
  readonly messages: Pick<ForeseeMessages, 'message' | 'placeOf' | 'limits' | 'policy'>;
  readonly mostLive: number;
  /** So many differences are listed; what is beyond is counted. */
  readonly mostLines: number;
  /** So much later or earlier is the same time, in business time. */
  readonly sameTimeMs: number;
}

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
  private readonly decisions: ForeseeDecisions;
  private readonly guardNames: ReadonlySet<string>;

  constructor(private readonly options: ForesightOptions) {
    const { version, mostLive, mostLines, horizon, sameTimeMs } = options;
    this.beside = new LayBeside(this.counts, this.tally, horizon, mostLines, sameTimeMs);
    this.guardNames = new Set([...version.goal.events, ...version.exits.map(({ event }) => event), ...version.silence]);
    this.runs = new VirtualRuns({
      version,
      decided: (run, before, decisions, now) => this.decisions.decided(run, before, decisions, now),
      remembersEnded: false,
      mostLive,
    });
    this.decisions = new ForeseeDecisions(options, this.runs, { counts: this.counts, tally: this.tally, beside: this.beside });
  }

  get liveCount(): number {
    return this.runs.liveCount;
  }

  /** Runs that were live at once. */
  get peakLive(): number {
    return this.runs.peakLive;
  }

  get linesLeftOut(): number {
    return this.beside.leftOut;
  }

  /** Takes the differences that were found since the last time. */
  takeLines(): readonly object[] {
    return this.beside.takeLines();
  }

  /** An event comes in on the virtual clock: everything that is due until then happens first. */
  arrive(event: PeriodEvent): void {
    const { trigger, receivedAt: now } = event;
    if (event.isUnreadable && now < this.options.to) this.counts.unreadable += 1;
    this.runs.playUntil(now);
    const concerned = this.runs.concerned(event);
    if (concerned.length > 0) {
      if (this.guardNames.has(event.name))
        for (const { run, key } of concerned)
          run.tag.marks.push({
            key: key as SendFacts['marks'][number]['key'],
            eventName: event.name,
            occurredAt: event.occurredAt,
          });
      this.runs.hear(event, now, concerned);
    }
    if (trigger === null) return;
    if (now < this.options.to) this.judge(event, trigger, now);
    else this.attach(event, trigger, now);
  }

  /** So many events of the period have come, these that were lived among them. */
  came(events: number): void {
    this.counts.events += events;
  }

  /** The clock runs on to the end; what is still live then stays open. */
  finish(): void {
    this.runs.playUntil(this.options.horizon);
    this.decisions.finish();
  }

  private judge(event: PeriodEvent, trigger: PeriodTrigger, now: Instant): void {
    const { people } = this.options;
    const { real, matter, endings, confirmedBy } = trigger;
    this.counts.triggers += 1;
    if (real) this.beside.countReal(real);
    if (event.isUnreadable) return this.notLived('not_openable', event.id, real);
    if (trigger.isContentGone) return this.notLived('content_gone', event.id, real);
    const person = trigger.personId === null ? null : people.named(trigger.personId);
    const enrolment = this.runs.enter(
      { ...event, facts: factsTakenIn(event.facts, person?.known) },
      {
        matter: matter ?? '',
        person: person?.known.id ?? '',
        unit: real?.unit ?? person?.known.id ?? '',
        arm: person ? this.armOf(person, real) : 'treated',
        shadow: false,
        hasPerson: person !== null,
        forbidden: person ? this.forbidden(person, now) : undefined,
        closed: null,
        endings,
        past: person && matter !== undefined ? person.pastOf(matter, now) : NEW,
        // Nobody enters without a person.
        tag: () => this.passageOf(event, trigger, person as PersonOfPeriod),
      },
      now,
    );
    switch (enrolment.kind) {
      case 'started':
        this.decisions.began(enrolment.run);
        if (confirmedBy !== undefined) this.runs.feed(enrolment.run, { kind: 'confirmed', eventId: confirmedBy }, now);
        return;
      case 'attached':
        this.counts.attempts += 1;
        if (enrolment.run && confirmedBy !== undefined)
          this.runs.feed(enrolment.run, { kind: 'confirmed', eventId: confirmedBy }, now);
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

  private passageOf(event: PeriodEvent, { marks, phone, real }: PeriodTrigger, person: PersonOfPeriod): Passage {
    const place = phone === undefined ? NOWHERE : this.options.messages.placeOf(phone);
    return {
      triggerId: event.id,
      person,
      real,
      guard: guardOf({ version: this.options.version, keys: event.keys, since: event.beganAt ?? event.occurredAt }),
      marks: [...marks],
      country: place.country,
      countryIsAllowed: place.isAllowed,
      sent: [],
      left: new Map(),
    };
  }

  /** After the period nobody enters, but who is in may fail once more. */
  private attach(event: PeriodEvent, { matter, endings }: PeriodTrigger, now: Instant): void {
    if (matter === undefined || !this.runs.isLive(matter)) return;
    this.runs.enter(
      event,
      {
        matter,
        person: '',
        unit: '',
        arm: 'treated',
        shadow: false,
        hasPerson: true,
        closed: null,
        endings,
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
}

/** Of somebody without a number nobody asks. */
const NOWHERE = { country: null, isAllowed: true };
const NEW = { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null };
