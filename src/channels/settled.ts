import { type Bus } from '@wapas/events';
import { type Transaction } from '@wapas/database';
import { type Instant, toDate } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { type MessageSettled } from './channels.events';
import { type Changed } from './store/message.store';

const SETTLED: ReadonlySet<string> = new Set<MessageSettled['state']>(['sent', 'rejected', 'unknown', 'skipped', 'expired']);

/** Tells the others about messages whose state changed to one that is not on its way any more. */
export async function publishSettled(
  bus: Bus<BusEvents>,
  tx: Transaction,
  changed: readonly Changed[],
  now: Instant,
): Promise<void> {
  const settled = changed.filter(({ state }) => SETTLED.has(state));
  bus.publish(
    tx,
    'message.settled',
    settled.map(({ id, runId, lap, step, channel, provider, state, reason, calledAt, parts, country, sentAs }) => ({
      messageId: id,
      runId,
      lap,
      step,
      channel,
      provider,
      state: state as MessageSettled['state'],
      reason,
      at: (calledAt ?? toDate(now)).toISOString(),
      ...(parts === null ? {} : { parts }),
      ...(country === null ? {} : { country }),
      ...(sentAs === null ? {} : { sentAs }),
    })),
  );
}
