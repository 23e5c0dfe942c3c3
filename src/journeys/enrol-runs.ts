import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { after, groupBy, type Instant, newId } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { type Guard } from '../channels/channels.api';
import { eventReader, type Mark } from '../ingestion/ingestion.api';
import { askOf } from '../payments/payments.api';
import { people } from '../profiles/profiles.api';
import { ApplyInputs } from './apply-inputs';
import { type AttributedEvent } from './attributed-event';
import { type JourneyVersion } from './rules/definition';
import { armOf, enrol, type Enrolment, isAbsorbing } from './rules/enrol';
import { factsOf } from './facts-of-event';
import { type RunInput } from './rules/run';
import { startOf } from './start-of-run';
import { type NewRun, runStore } from './store/run.store';

export interface Trigger extends AttributedEvent {
  readonly version: JourneyVersion;
}

/** What a batch of triggers is judged by. */
interface Surroundings {
  readonly marks: ReadonlyMap<EntityKey, readonly Mark[]>;
  readonly matters: ReadonlyMap<number, { liveId: string | null; lastEndedAt: Instant | null }>;
  readonly about: ReadonlyMap<string, { unit: EntityKey; name: string | null }>;
}

/** Starts a run for each trigger that deserves one, and writes down why the others did not. The caller holds the key locks. */
@Injectable()
export class EnrolRuns {
  constructor(
    @Inject(ApplyInputs) private readonly applyInputs: ApplyInputs,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async enrol(tx: Transaction, triggers: readonly Trigger[], now: Instant): Promise<void> {
    if (triggers.length === 0) return;
    const surroundings = await this.look(tx, triggers);
    const batch = new Batch(surroundings, now);
    triggers.forEach((trigger, position) => batch.judge(trigger, position));
    runStore.insert(tx, batch.started);
    runStore.refuse(tx, batch.refusals, now);
    this.bus.publish(tx, 'run.started', batch.started.map(startOf));
    await this.applyInputs.toRuns(tx, batch.attempts, now);
  }

  private async look(tx: Transaction, triggers: readonly Trigger[]): Promise<Surroundings> {
    const keys = [...new Set(triggers.flatMap((trigger) => trigger.keys.map(({ key }) => key)))];
    const endings = [...new Set(triggers.flatMap(({ version }) => endingsOf(version)))];
    const marks = await eventReader.marks(tx, keys, endings);
    const matters = await runStore.ofMatters(
      tx,
      triggers.map((trigger) => ({ journeyKey: trigger.version.key, correlation: correlationOf(trigger) ?? NO_MATTER })),
    );
    const about = await people.about(tx, [...new Set(triggers.flatMap(({ personId }) => personId ?? []))]);
    return { marks: groupBy(marks, (mark) => mark.key), matters, about: new Map(about.map((person) => [person.id, person])) };
  }
}

/** Matches no run: a trigger without a key to correlate has no matter. */
const NO_MATTER = '00000000-0000-0000-0000-000000000000' as EntityKey;

class Batch {
  readonly started: NewRun[] = [];
  readonly refusals: { eventId: string; journeyKey: string; version: number; personId: string | null; reason: string }[] = [];
  readonly attempts: { runId: string; input: RunInput }[] = [];
  private readonly startedHere = new Map<string, string>();

  constructor(
    private readonly around: Surroundings,
    private readonly now: Instant,
  ) {}

  /** Judges triggers in order: the second of one matter finds the run that the first has started. */
  judge(trigger: Trigger, position: number): void {
    const { version, event, personId } = trigger;
    const matter = `${version.key} ${correlationOf(trigger) ?? ''}`;
    const liveId = this.startedHere.get(matter) ?? this.around.matters.get(position)?.liveId ?? null;
    const enrolment = this.enrolmentOf(trigger, position, liveId);
    if (enrolment.kind === 'refuse') {
      this.refusals.push({
        eventId: event.id,
        journeyKey: version.key,
        version: version.version,
        personId,
        reason: enrolment.reason,
      });
    } else if (enrolment.kind === 'attach' && liveId) {
      this.attempts.push({ runId: liveId, input: { kind: 'another_attempt', eventId: event.id, facts: this.factsOf(trigger) } });
    } else {
      const run = this.newRun(trigger);
      this.started.push(run);
      this.startedHere.set(matter, run.state.id);
    }
  }

  private enrolmentOf(trigger: Trigger, position: number, liveId: string | null): Enrolment {
    const { version, event, keys, personId } = trigger;
    const relevant = keys.filter(({ kind }) => version.goal.by.includes(kind));
    const endings = relevant.flatMap(({ kind, key }) =>
      (this.around.marks.get(key) ?? [])
        .filter((mark) => endingsOf(version).includes(mark.eventName))
        .map((mark) => ({ event: mark.eventName, occurredAt: mark.occurredAt, absorbing: isAbsorbing(kind) })),
    );
    return enrol(
      version,
      {
        occurredAt: event.occurredAt,
        kinds: new Set(keys.map(({ kind }) => kind)),
        run: this.factsOf(trigger),
        hasPerson: personId !== null,
        endings,
        live: liveId !== null,
        lastEndedAt: this.around.matters.get(position)?.lastEndedAt ?? null,
      },
      this.now,
    );
  }

  private factsOf({ event, personId }: Trigger) {
    return factsOf(event.content, personId === null ? null : (this.around.about.get(personId)?.name ?? null));
  }

  private newRun(trigger: Trigger): NewRun {
    const { version, event, personId } = trigger;
    const unit = personId === null ? undefined : this.around.about.get(personId)?.unit;
    const correlation = correlationOf(trigger);
    if (personId === null || unit === undefined || correlation === undefined)
      throw new Error('A run needs a person and a matter.');
    const first = version.steps[0];
    return {
      state: {
        id: newId(),
        arm: armOf(version, unit),
        lap: 1,
        // T is the moment the trigger was accepted: who failed an hour ago is not messaged three times at once.
        startedAt: this.now,
        expiresAt: after(this.now, version.window),
        nextStep: 0,
        dueAt: after(this.now, first ? first.after : version.window),
        signals: {},
        facts: this.factsOf(trigger),
        isOver: false,
      },
      journeyKey: version.key,
      version: version.version,
      personId,
      test: event.test,
      triggerId: event.id,
      correlation,
      guard: guardOf(trigger),
    };
  }
}

function correlationOf({ version, keys }: Trigger): EntityKey | undefined {
  for (const kind of version.correlateBy) {
    const found = keys.find((one) => one.kind === kind);
    if (found) return found.key;
  }
  return undefined;
}

const endingsOf = (version: JourneyVersion): string[] => [...version.goal.events, ...version.exits.map((exit) => exit.event)];

function guardOf({ version, keys, event }: Trigger): Guard {
  const stops: Record<string, string> = {};
  for (const name of version.silence) stops[name] = 'silenced';
  for (const { event: name, reason } of version.exits) stops[name] = reason;
  for (const name of version.goal.events) stops[name] = 'goal_reached';
  const relevant = keys.filter(({ kind }) => version.goal.by.includes(kind));
  const asks = askOf(event, version.goal.events) ?? undefined;
  return { keys: relevant.map(({ kind, key }) => ({ key, absorbing: isAbsorbing(kind) })), since: event.occurredAt, stops, asks };
}
