import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { groupBy, toIso } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { eventReader, RecentEvents } from '../ingestion/ingestion.api';
import { type AttributedEvent } from './attributed-event';
import { Catalogue } from './catalogue';
import { arrived } from './facts-of-event';
import { type RecoveryReversed } from './journeys.events';
import { isAbsorbing } from './rules/enrol';
import { namesOfReversals, takenBackBy } from './rules/reversal';
import { startOf } from './start-of-run';
import { type RunChange, runStore } from './store/run.store';

/** Refunds and cancellations of what was recovered: the run stays ended, the reports take its recovery back. */
@Injectable()
export class ReverseRecoveries {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(RecentEvents) private readonly recentEvents: RecentEvents,
  ) {}

  async reverse(tx: Transaction, refunds: readonly AttributedEvent[]): Promise<void> {
    const keys = refunds.flatMap(settledFor);
    if (keys.length === 0) return;
    const recovered = groupBy(await runStore.recoveredByKeys(tx, keys), (one) => one.key);
    const reversals = refunds.flatMap(({ event, keys: own }) => {
      const runs = own.flatMap(({ key }) => recovered.get(key) ?? []);
      const each = [...new Map(runs.map((one) => [one.run.state.id, one])).values()];
      return each.flatMap(({ run, endedAt }): RecoveryReversed[] => {
        const version = this.catalogue.versionOf(run.journeyKey, run.version);
        const takenBack = takenBackBy(version, run.state.facts, arrived(event), endedAt);
        if (run.state.memory.shadow || takenBack === null) return [];
        const { amount = null, currency = null } = (takenBack === 'everything' ? null : event.content.amount) ?? {};
        return [{ ...startOf(run, version), eventId: event.id, amount, currency, reversedAt: toIso(event.occurredAt) }];
      });
    });
    runStore.noteReversals(tx, reversals);
    this.bus.publish(tx, 'recovery.reversed', reversals);
  }

  /**
   * A run about a cart or a phone learns with its goal which order it was: by that a refund finds it again. Gives the refunds that came
   * before the goal they take back, but those among `events`.
   */
  async learnOrders(
    tx: Transaction,
    changes: readonly RunChange[],
    events: readonly AttributedEvent[],
  ): Promise<AttributedEvent[]> {
    const byId = new Map(events.map((one) => [one.event.id, one]));
    const names = new Set<string>();
    const learnt = changes.flatMap(({ before, decisions }) => {
      const end = decisions.find((one) => one.kind === 'end' && one.reason === 'goal_reached');
      const goal = end?.kind === 'end' && end.eventId !== undefined ? byId.get(end.eventId) : undefined;
      const taking = namesOfReversals(this.catalogue.versionOf(before.journeyKey, before.version));
      if (!goal || taking.length === 0) return [];
      const settled = settledFor(goal);
      if (before.guard.keys.some(({ key }) => settled.includes(key))) return [];
      for (const name of taking) names.add(name);
      return settled.map((key) => ({ key, runId: before.state.id, absorbing: true }));
    });
    if (learnt.length === 0) return [];
    runStore.addKeys(tx, learnt);
    const asked = [...new Set(learnt.map(({ key }) => key))].map((key) => ({ key, since: null }));
    const marks = await eventReader.marks(tx, asked, [...names]);
    const untold = [...new Set(marks.map(({ eventId }) => eventId))].filter((id) => !byId.has(id));
    if (untold.length === 0) return [];
    return (await this.recentEvents.byIds(tx, untold)).map((one) => ({ ...one, personId: null }));
  }
}

/** Only an order and a payment name what the money was for; a cart or a phone is used again. */
const settledFor = ({ keys }: AttributedEvent): EntityKey[] => keys.filter(({ kind }) => isAbsorbing(kind)).map(({ key }) => key);
