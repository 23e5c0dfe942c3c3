import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus } from '@wapas/events';
import { groupBy, toIso } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { type AttributedEvent } from './attributed-event';
import { Catalogue } from './catalogue';
import { type RecoveryReversed } from './journeys.events';
import { isReversal } from './rules/reversal';
import { isAbsorbing } from './rules/enrol';
import { startOf } from './start-of-run';
import { runStore } from './store/run.store';

/** Refunds of what was recovered: the run stays ended, the reports take its recovery back. */
@Injectable()
export class ReverseRecoveries {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async reverse(tx: Transaction, refunds: readonly AttributedEvent[]): Promise<void> {
    // Only an order and a payment name what the money was for; a cart or a phone is used again.
    const keys = refunds.flatMap((one) => one.keys.filter(({ kind }) => isAbsorbing(kind)).map(({ key }) => key));
    if (keys.length === 0) return;
    const recovered = groupBy(await runStore.recoveredByKeys(tx, keys), (one) => one.key);
    const reversals = refunds.flatMap(({ event, keys: own }) => {
      const runs = own.flatMap(({ key }) => recovered.get(key) ?? []);
      const each = [...new Map(runs.map((one) => [one.run.state.id, one])).values()];
      return each.flatMap(({ run, endedAt }): RecoveryReversed[] => {
        const version = this.catalogue.versionOf(run.journeyKey, run.version);
        if (run.state.memory.shadow || !isReversal(version, event.name, event.occurredAt, endedAt)) return [];
        const { amount = null, currency = null } = event.content.amount ?? {};
        return [{ ...startOf(run, version), eventId: event.id, amount, currency, reversedAt: toIso(event.occurredAt) }];
      });
    });
    runStore.noteReversals(tx, reversals);
    this.bus.publish(tx, 'recovery.reversed', reversals);
  }
}
