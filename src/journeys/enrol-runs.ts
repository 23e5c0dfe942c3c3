import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { groupBy, type Instant, newId } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { beganAt, eventReader, type Mark, type MarksSince, type StoredEvent } from '../ingestion/ingestion.api';
import { askOf } from '../payments/payments.api';
import { type ContactFacts, people } from '../profiles/profiles.api';
import { ApplyInputs } from './apply-inputs';
import { type AttributedEvent } from './attributed-event';
import { Catalogue } from './catalogue';
import { type JourneyVersion } from './rules/definition';
import { confirmationAmong, endingNamesOf, endingsAmong, unsaidAmong } from './rules/endings';
import { armOf, enrol, type EnrolFacts, type Enrolment, isAbsorbing, type RefusalReason } from './rules/enrol';
import { arrived, factsAbout, factsOf, type StoredPerson } from './facts-of-event';
import { forbiddenFor } from './forbidden-for';
import { correlationOf, guardOf } from './guard-of-trigger';
import { failuresOf } from './incidents/count-failures';
import { incidentStore } from './incidents/store/incident.store';
import { type RunInput } from './rules/run';
import { startRun } from './rules/start-run';
import { earlierOf } from './rules/timing';
import { startOf } from './start-of-run';
import { entryStore, type PastOfMatter, type Refused } from './store/entry.store';
import { type NewRun, runStore } from './store/run.store';

export interface Trigger extends AttributedEvent {
  readonly version: JourneyVersion;
}

/** What a batch of triggers is judged by. */
interface Surroundings {
  readonly marks: ReadonlyMap<EntityKey, readonly Mark[]>;
  readonly matters: ReadonlyMap<number, PastOfMatter>;
  /** When a person last entered, by `journey person`; only of journeys that ask. */
  readonly entered: ReadonlyMap<string, Instant>;
  readonly about: ReadonlyMap<string, StoredPerson & { readonly unit: EntityKey }>;
  /** Events that end a journey only when they say so, the triggers themselves among them, by id. */
  readonly said: ReadonlyMap<string, StoredEvent>;
  /** What those who took back or were forbidden something agreed to, by person. */
  readonly restricted: ReadonlyMap<string, ContactFacts>;
}

/** Starts a run for each trigger that deserves one, and writes down why the others did not. The caller holds the key locks. */
@Injectable()
export class EnrolRuns {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(ApplyInputs) private readonly applyInputs: ApplyInputs,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async enrol(tx: Transaction, triggers: readonly Trigger[], now: Instant): Promise<void> {
    if (triggers.length === 0) return;
    const surroundings = await this.look(tx, triggers);
    const batch = new Batch(this.catalogue, surroundings, now);
    triggers.forEach((trigger, position) => batch.judge(trigger, position));
    runStore.insert(tx, batch.started, now);
    entryStore.refuse(tx, batch.refusals, now);
    incidentStore.add(tx, failuresOf(triggers, now));
    // A run in shadow is nobody's treatment: it is told of to nobody.
    const heard = batch.started.filter(({ state }) => !state.memory.shadow);
    this.bus.publish(
      tx,
      'run.started',
      heard.map((run) => {
        const entry = { at: now, reasonClass: run.state.facts.reason?.class ?? null };
        return startOf({ ...run, entry }, this.catalogue.versionOf(run.journeyKey, run.version));
      }),
    );
    await this.applyInputs.toRuns(tx, batch.inputs, now);
  }

  private async look(tx: Transaction, triggers: readonly Trigger[]): Promise<Surroundings> {
    const telling = triggers.flatMap(({ version }) => [...endingNamesOf(version), ...(version.hold?.confirmedBy ?? [])]);
    const marks = await eventReader.marks(tx, triggers.flatMap(marksThatTell), [...new Set(telling)]);
    const matters = await entryStore.ofMatters(
      tx,
      triggers.map((trigger) => ({ journeyKey: trigger.version.key, correlation: correlationOf(trigger) ?? NO_MATTER })),
    );
    const about = await people.about(tx, [...new Set(triggers.flatMap(({ personId }) => personId ?? []))]);
    const seldom = triggers.filter(({ version }) => version.reentryAfterForPerson > 0);
    const entered = await entryStore.entered(
      tx,
      seldom.flatMap(({ version, personId }) => (personId === null ? [] : [{ journeyKey: version.key, personId }])),
    );
    const byKey = groupBy(marks, (mark) => mark.key);
    const unsaid = [
      ...new Set(triggers.flatMap(({ version, event, keys }) => unsaidAmong(version, sinceOf(event), keys, marksIn(byKey)))),
    ];
    const told = new Map(triggers.map(({ event }) => [event.id, event]));
    const untold = unsaid.filter((id) => !told.has(id));
    const said = untold.length > 0 ? await eventReader.byIds(tx, untold) : [];
    const personIds = about.map(({ id }) => id);
    return {
      marks: byKey,
      matters,
      entered,
      about: new Map(about.map((person) => [person.id, person])),
      said: new Map([...told, ...said.map((event) => [event.id, event] as const)]),
      restricted: personIds.length > 0 ? await people.restricted(tx, personIds) : new Map(),
    };
  }
}

/** From when on endings speak against a run. */
const sinceOf = (event: StoredEvent): Instant => beganAt(event) ?? event.occurredAt;

/** Of keys that are used again only what follows the trigger counts. */
const marksThatTell = ({ keys, event }: Trigger): MarksSince[] =>
  keys.map(({ kind, key }) => ({ key, since: isAbsorbing(kind) ? null : earlierOf(sinceOf(event), event.occurredAt) }));

/** Matches no run: a trigger without a key to correlate has no matter. */
const NO_MATTER = '00000000-0000-0000-0000-000000000000' as EntityKey;

const marksIn =
  (marks: Surroundings['marks']) =>
  (key: string): readonly Mark[] =>
    marks.get(key as EntityKey) ?? [];

class Batch {
  readonly started: NewRun[] = [];
  readonly refusals: Refused[] = [];
  /** What live runs are told: a further attempt, or that what they wait for was certain before they began. */
  readonly inputs: { runId: string; input: RunInput }[] = [];
  private readonly startedHere = new Map<string, { readonly id: string; readonly personId: string }>();
  private readonly enteredHere = new Set<string>();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly around: Surroundings,
    private readonly now: Instant,
  ) {}

  /** Judges triggers in order: the second of one matter finds the run that the first has started. */
  judge(newest: Trigger, position: number): void {
    const unit = this.unitOf(newest);
    const release = unit === undefined ? undefined : this.catalogue.releaseFor(newest.version, unit);
    const trigger = release ? { ...newest, version: release.compiled } : newest;
    const { version, event, personId } = trigger;
    const matter = `${version.key} ${correlationOf(trigger) ?? ''}`;
    const past = this.around.matters.get(position);
    const live = this.startedHere.get(matter) ?? { id: past?.liveId ?? null, personId: past?.livePersonId ?? null };
    const isPaused = this.catalogue.standingOf(version.key) === 'paused';
    const closed = isPaused ? 'journey_paused' : unit !== undefined && !release ? 'outside_share' : null;
    const enrolment = this.enrolmentOf(trigger, position, live.id, closed);
    const confirmedBy = confirmationAmong(version, event.occurredAt, trigger.keys, marksIn(this.around.marks));
    const refuse = (reason: RefusalReason): unknown =>
      this.refusals.push({ eventId: event.id, journeyKey: version.key, version: version.version, personId, reason });
    if (enrolment.kind === 'refuse') refuse(enrolment.reason);
    else if (enrolment.kind === 'attach' && live.id) {
      const { id: runId } = live;
      const facts = this.factsOf(trigger);
      // Whoever paid for somebody else: nobody is greeted by another's name.
      const ofMatter = live.personId === personId ? facts : { ...facts, name: undefined };
      this.inputs.push({ runId, input: { kind: 'another_attempt', eventId: event.id, facts: ofMatter } });
      if (confirmedBy !== undefined) this.inputs.push({ runId, input: { kind: 'confirmed', eventId: confirmedBy } });
      // One order has one run, whoever tries to pay it: the other person's timeline says where their attempt went.
      if (live.personId !== personId) refuse('run_of_somebody_else');
    } else {
      const run = this.newRun(trigger, release?.mode === 'shadow');
      this.started.push(run);
      this.startedHere.set(matter, { id: run.state.id, personId: run.personId });
      this.enteredHere.add(`${version.key} ${personId}`);
      if (run.state.memory.heldUntil !== undefined && confirmedBy !== undefined)
        this.inputs.push({ runId: run.state.id, input: { kind: 'confirmed', eventId: confirmedBy } });
    }
  }

  private enrolmentOf(trigger: Trigger, position: number, liveId: string | null, closed: EnrolFacts['closed']): Enrolment {
    const { version, event, keys, personId } = trigger;
    const facts = this.factsOf(trigger);
    const endings = endingsAmong(version, facts, keys, marksIn(this.around.marks), (id) => {
      const said = this.around.said.get(id);
      return said && arrived(said);
    });
    const past = this.around.matters.get(position);
    const person = `${version.key} ${personId}`;
    return enrol(
      version,
      {
        occurredAt: event.occurredAt,
        beganAt: beganAt(event),
        kinds: new Set(keys.map(({ kind }) => kind)),
        run: facts,
        hasPerson: personId !== null,
        forbidden: this.forbidden(trigger),
        endings,
        live: liveId !== null,
        lastEndedAt: past?.lastEndedAt ?? null,
        entries: past?.entries ?? 0,
        personEnteredAt: this.enteredHere.has(person) ? this.now : (this.around.entered.get(person) ?? null),
        closed,
      },
      this.now,
    );
  }

  /** Why no step of the journey could ever be sent to this person, as things stand. */
  private forbidden({ version, personId }: Trigger): EnrolFacts['forbidden'] {
    const contact = personId === null ? undefined : this.around.restricted.get(personId);
    return contact ? forbiddenFor(version, contact, this.now) : undefined;
  }

  private unitOf({ personId }: Trigger): string | undefined {
    return personId === null ? undefined : this.around.about.get(personId)?.unit;
  }

  private factsOf({ event, personId }: Trigger) {
    const facts = factsOf(event);
    const person = personId === null ? undefined : this.around.about.get(personId);
    return person ? factsAbout(facts, person) : facts;
  }

  private newRun(trigger: Trigger, shadow: boolean): NewRun {
    const { version, event, personId } = trigger;
    const unit = this.unitOf(trigger);
    const correlation = correlationOf(trigger);
    if (personId === null || unit === undefined || correlation === undefined)
      throw new Error('A run needs a person and a matter.');
    const facts = this.factsOf(trigger);
    return {
      state: startRun(version, { id: newId(), unit: personId, arm: armOf(version, unit), facts, shadow }, this.now),
      journeyKey: version.key,
      version: version.version,
      personId,
      test: event.test,
      triggerId: event.id,
      correlation,
      guard: {
        ...guardOf({ version, keys: trigger.keys, since: sinceOf(event) }),
        asks: askOf(event, version.goal.events) ?? undefined,
      },
    };
  }
}
