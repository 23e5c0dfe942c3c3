import { type Instant } from '@wapas/kernel';
import { type Rates } from '@wapas/stated-rates';
import { type ForeseeMessages, type SendFacts } from '../../../channels/channels.api';
import { type KeyedEvent } from '../../../ingestion/ingestion.api';
import { contactAt } from '../../../profiles/profiles.api';
import { arrived, factsOf } from '../../facts-of-event';
import { forbiddenFor } from '../../forbidden-for';
import { correlationOf, guardOf } from '../../guard-of-trigger';
import { type JourneyVersion } from '../../rules/definition';
import { endingsAmong } from '../../rules/endings';
import { armOf } from '../../rules/enrol';
import { type VirtualEvent, VirtualRuns } from '../../rules/virtual-runs';
import { ForeseeDecisions, type Passage } from './foresee-decisions';
import { count, noCounts } from './foresight-counts';
import { LayBeside } from './lay-beside';
import { type PeopleOfPeriod, type PersonOfPeriod } from './people-of-period';
import { type PeriodPage, type RealRun } from './read-period';
import { Tally } from './tally';

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
    const { version, mostLive, mostLines, horizon } = options;
    this.beside = new LayBeside(this.counts, this.tally, horizon, mostLines);
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
    this.decisions.finish();
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
        return this.decisions.began(enrolment.run);
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
}

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
