import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus, type BusHandler } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { erasureDone, type PersonErased } from '../profiles/profiles.api';
import { ApplyInputs } from './apply-inputs';
import { eraseRunsStore } from './store/erase-runs.store';

/** Ends an erased person's live runs and blanks what all of theirs knew. */
@Injectable()
export class EraseRuns implements BusHandler<PersonErased> {
  constructor(
    @Inject(ApplyInputs) private readonly applyInputs: ApplyInputs,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async handle(tx: Transaction, items: readonly PersonErased[]): Promise<void> {
    const now = await tx.businessNow();
    for (const { erasureId, personId } of items) {
      const runs = await eraseRunsStore.ofPerson(tx, personId);
      const live = runs.filter(({ isLive }) => isLive);
      await this.applyInputs.toRuns(
        tx,
        live.map(({ id }) => ({ runId: id, input: { kind: 'exit_reached', eventId: erasureId, at: now, reason: 'erased' } })),
        now,
      );
      const runIds = runs.map(({ id }) => id);
      await eraseRunsStore.blank(tx, runIds);
      this.bus.publish(tx, 'runs.erased', [{ erasureId, runIds }]);
    }
    await erasureDone(
      tx,
      items.map(({ erasureId }) => erasureId),
      'journeys',
    );
  }
}
