import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { Bus } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { SourcePulse } from '../ingestion/ingestion.api';
import { AskGateways, type Standing } from '../payments/payments.api';
import { beforeClaim, type PaymentStanding } from './rules/before-claim';
import { publishSettled } from './settled';
import { messageStore } from './store/message.store';
import { statusCheckStore, type WaitingMessage } from './store/status-check.store';

/** Channels on which a message to somebody who has paid costs money and trust (rule 25). */
const PAID_CHANNELS: ReadonlySet<string> = new Set(['whatsapp', 'sms']);
const SHORTEST_HOLD_MS = 250;

/**
 * Asks gateways before messages are claimed, never inside the claim (D7): on paid channels when the last word is old, on
 * every channel when the run's source has gone quiet. Costs nothing when no gateway is set up.
 */
@Injectable()
export class CheckStatus {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(AskGateways) private readonly askGateways: AskGateways,
    @Inject(SourcePulse) private readonly pulse: SourcePulse,
  ) {}

  /** Gives the ids that may be claimed now, in their order. The others are held back or given up. */
  async before(channel: string, ids: readonly string[]): Promise<readonly string[]> {
    if (!this.askGateways.isUsed || ids.length === 0) return ids;
    const quiet = await this.pulse.quiet();
    const isPaid = PAID_CHANNELS.has(channel);
    if (!isPaid && quiet.size === 0) return ids;
    const waiting = await statusCheckStore.waiting(this.database, ids);
    const asked = waiting.filter(
      ({ guard: { asks } }) => this.askGateways.canAsk(asks) && (isPaid || quiet.has(asks?.source ?? '')),
    );
    if (asked.length === 0) return ids;
    const standings = await this.askGateways.freshen(asked.map(({ guard }) => guard));
    const stays = await this.settle(asked, standings);
    return ids.filter((id) => !stays.has(id));
  }

  /** Gives the ids that are not to be claimed. */
  private async settle(messages: readonly WaitingMessage[], standings: readonly Standing[]): Promise<Set<string>> {
    const now = this.clock.now();
    const verdicts = messages.map(({ id, dueAt, guard }, position) => ({
      id,
      verdict: beforeClaim(standingIn(standings[position]), { dueAt, stops: guard.stops }, now),
    }));
    const held = verdicts.flatMap(({ id, verdict }) =>
      verdict.then === 'hold'
        ? [{ id, waitMs: Math.max(SHORTEST_HOLD_MS, verdict.atLeastMs, verdict.forMs / (this.clock.rate || Infinity)) }]
        : [],
    );
    const skipped = verdicts.flatMap(({ id, verdict }) => (verdict.then === 'skip' ? [{ id, reason: verdict.reason }] : []));
    await statusCheckStore.holdBack(this.database, held);
    if (skipped.length > 0) await this.skip(skipped);
    return new Set([...held, ...skipped].map(({ id }) => id));
  }

  private async skip(skipped: readonly { id: string; reason: string }[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      const locked = await messageStore.lockForClaim(
        tx,
        skipped.map(({ id }) => id),
        null,
      );
      const still = new Set(locked.map(({ id }) => id));
      const given = skipped.filter(({ id }) => still.has(id)).map((one) => ({ ...one, state: 'skipped' as const }));
      await publishSettled(this.bus, tx, await messageStore.giveUp(tx, given), await tx.businessNow());
    });
  }
}

function standingIn(standing: Standing | undefined): PaymentStanding {
  if (standing?.kind === 'said') return { kind: 'said', state: standing.word.state, stop: standing.stop };
  if (standing?.kind === 'unknown')
    return { kind: 'unknown', ...(standing.retryAfterMs !== undefined && { retryAfterMs: standing.retryAfterMs }) };
  return { kind: 'trusted' };
}
