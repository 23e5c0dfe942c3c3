import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { groupBy } from '@wapas/kernel';
import { RecentEvents } from '../ingestion/ingestion.api';
import { type EventAttributed, lockOfPerson, people } from '../profiles/profiles.api';
import { ApplyInputs } from './apply-inputs';
import { Catalogue } from './catalogue';
import { EnrolRuns, type Trigger } from './enrol-runs';
import { type AttributedEvent } from './attributed-event';
import { arrived } from './facts-of-event';
import { HearDowntimes } from './incidents/hear-downtimes';
import { type JourneyVersion } from './rules/definition';
import { meaningOf, namesOf } from './rules/endings';
import { namesOfReversals } from './rules/reversal';
import { type RunInput } from './rules/run';
import { ReverseRecoveries } from './reverse-recoveries';
import { entryStore, type Refused } from './store/entry.store';
import { type RunChange, runStore } from './store/run.store';

/**
 * What an event means to journeys: it ends runs whose goal or exit it is, enrols where it is a trigger, and may say that a rail is
 * down. A trigger takes
 * the locks of its keys first: a goal that is being stored right now is then either seen here, by its mark, or comes here
 * after the run and ends it (D7). An ending needs no lock: it had the same ones when it was stored. With the person's lock a guest who
 * is being made one with a customer is either found to be the customer here, or their run is there to be moved; who is being erased is
 * either nobody here, or their run is there to be ended.
 */
@Injectable()
export class ReactToEvents implements BusHandler<EventAttributed> {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(ApplyInputs) private readonly applyInputs: ApplyInputs,
    @Inject(EnrolRuns) private readonly enrolRuns: EnrolRuns,
    @Inject(RecentEvents) private readonly recentEvents: RecentEvents,
    @Inject(ReverseRecoveries) private readonly reverseRecoveries: ReverseRecoveries,
    @Inject(HearDowntimes) private readonly hearDowntimes: HearDowntimes,
  ) {}

  async handle(tx: Transaction, items: readonly EventAttributed[]): Promise<void> {
    tx.onCommit(() => this.recentEvents.letGo(items.map(({ id }) => id)));
    await this.hearDowntimes.hear(tx, items);
    const interest = new Interest(this.catalogue.current(), this.catalogue.all());
    await this.refuseForMissing(tx, items);
    const relevant = items.filter(({ name }) => interest.concerns(name));
    if (relevant.length === 0) return;
    const events = await this.load(tx, relevant);
    const triggers = events.flatMap((one): Trigger[] =>
      interest.startedBy(one.event.name).map((version) => ({ ...one, version })),
    );
    tx.lockKeys(
      triggers.flatMap(({ keys, personId }) => [
        ...keys.map(({ key }) => key),
        ...(personId === null ? [] : [lockOfPerson(personId)]),
      ]),
    );
    const changes = await this.endRuns(
      tx,
      events.filter(({ event }) => interest.ends(event.name)),
    );
    const early = await this.reverseRecoveries.learnOrders(tx, changes, events);
    await this.reverseRecoveries.reverse(tx, [...early, ...events.filter(({ event }) => interest.reverses(event.name))]);
    if (triggers.length > 0) await this.enrolRuns.enrol(tx, await asTheyAreNow(tx, triggers), await tx.businessNow());
  }

  /** Whoever asks why nothing was started is told that the journey is not there, and not only whoever looks at the health body. */
  private async refuseForMissing(tx: Transaction, items: readonly EventAttributed[]): Promise<void> {
    const refused = items.flatMap(({ id: eventId, name, personId }) =>
      this.catalogue
        .missingBy(name)
        .map((journeyKey): Refused => ({ eventId, journeyKey, version: 0, personId, reason: 'journey_file_refused' })),
    );
    if (refused.length > 0) entryStore.refuse(tx, refused, await tx.businessNow());
  }

  private async load(tx: Transaction, items: readonly EventAttributed[]): Promise<AttributedEvent[]> {
    const people = new Map(items.map(({ id, personId }) => [id, personId]));
    const events = await this.recentEvents.byIds(tx, [...people.keys()]);
    return events
      .sort((a, b) => a.event.occurredAt - b.event.occurredAt || (a.event.id < b.event.id ? -1 : 1))
      .map((one) => ({ ...one, personId: people.get(one.event.id) ?? null }));
  }

  private async endRuns(tx: Transaction, events: readonly AttributedEvent[]): Promise<RunChange[]> {
    const keys = events.flatMap((one) => one.keys.map(({ key }) => key));
    if (keys.length === 0) return [];
    const live = groupBy(await runStore.liveByKeys(tx, keys), (one) => one.key);
    if (live.size === 0) return [];
    const runs = new Map(
      (await runStore.lock(tx, [...new Set([...live.values()].flat().map((one) => one.runId))])).map((run) => [
        run.state.id,
        run,
      ]),
    );
    const inputs = events.flatMap(({ event, keys: eventKeys }) =>
      eventKeys.flatMap(({ kind, key }) =>
        (live.get(key) ?? []).flatMap(({ runId, absorbing }): { runId: string; input: RunInput }[] => {
          const run = runs.get(runId);
          if (!run || (!absorbing && event.occurredAt < run.guard.since)) return [];
          const version = this.catalogue.versionOf(run.journeyKey, run.version);
          const input = meaningOf(version, run.state.facts, arrived(event), kind, run.guard.since);
          return input ? [{ runId, input }] : [];
        }),
      ),
    );
    return this.applyInputs.toRuns(tx, inputs, await tx.businessNow());
  }
}

/**
 * It was found out whom these concern before their locks were held: a guest may be a customer by now, and whoever was erased is nobody.
 * An erasure takes the locks of guests as well: one that comes after this finds the run.
 */
async function asTheyAreNow(tx: Transaction, triggers: readonly Trigger[]): Promise<readonly Trigger[]> {
  const personIds = [...new Set(triggers.flatMap(({ personId }) => personId ?? []))];
  const [heirs, erased] = await Promise.all([people.heirs(tx, personIds), people.erased(tx, personIds)]);
  if (heirs.size + erased.size === 0) return triggers;
  return triggers.map((trigger) => {
    const personId = trigger.personId ?? '';
    return { ...trigger, personId: erased.has(personId) ? null : (heirs.get(personId) ?? trigger.personId) };
  });
}

/** Which event names matter: triggers of the journeys in force, endings of every version a run may still be on. */
class Interest {
  private readonly triggers: ReadonlyMap<string, readonly JourneyVersion[]>;
  private readonly endings: ReadonlySet<string>;
  private readonly reversals: ReadonlySet<string>;

  constructor(current: readonly JourneyVersion[], all: readonly JourneyVersion[]) {
    this.triggers = groupBy(current, (version) => version.trigger.event);
    this.endings = new Set(all.flatMap(namesOf));
    this.reversals = new Set(all.flatMap(namesOfReversals));
  }

  concerns = (name: string): boolean => this.triggers.has(name) || this.endings.has(name);
  ends = (name: string): boolean => this.endings.has(name);
  reverses = (name: string): boolean => this.reversals.has(name);
  startedBy = (name: string): readonly JourneyVersion[] => this.triggers.get(name) ?? [];
}
