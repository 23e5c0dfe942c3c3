import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database, GroupCommit, isOutOfReach, isTooSlow } from '@wapas/database';
import { Bus } from '@wapas/events';
import { groupBy } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { type AddressBlock, people } from '../profiles/profiles.api';
import { blocksAddress } from './rules/message-state';
import { isPaidFor } from './rules/spend';
import { publishSettled } from './settled';
import { furtherAttemptStore } from './store/further-attempt.store';
import { type Changed, type EndedCall, messageStore } from './store/message.store';
import { spendStore } from './store/spend.store';

interface Entry {
  readonly provider: string;
  readonly channel: string;
  readonly call: EndedCall;
}

const WAIT_FOR_DATABASE_MS = 500;
/** A process that dies leaves so many unknowns beside its open calls. */
const MOST_UNSTORED = 500;
const LOOK_AGAIN_MS = 10;

/** Writes down how calls ended, in groups. An outcome that cannot be written is tried until its lease is over and the message counts as unknown. */
@Injectable()
export class RecordCalls implements OnApplicationShutdown {
  private readonly group = new GroupCommit<Entry, void>((entries) => this.flush(entries), {
    maxWeight: 256,
    concernsAll: isOutOfReach,
  });

  /** Calls that ended since this process started, by provider and outcome; separated by a space. */
  readonly outcomes = new Map<string, number>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Resolves when the outcome is stored, or can no longer be. Never rejects. */
  async record(entry: Entry): Promise<void> {
    // A statement may take longer than the lease before it is given up: the outcome is tried once more all the same.
    for (let tries = 1, giveUpAt = performance.now() + 25_000; tries <= 2 || performance.now() < giveUpAt; tries += 1) {
      try {
        return await this.group.add(entry);
      } catch (error) {
        this.log.trouble('outcome of a call not stored yet', error, { messageId: entry.call.messageId });
        if (!isOutOfReach(error) && !isTooSlow(error)) return;
        await new Promise((resolve) => setTimeout(resolve, WAIT_FOR_DATABASE_MS));
      }
    }
  }

  /** Resolves when the outcomes that wait to be stored are few enough for more calls to be made. */
  async room(): Promise<void> {
    while (this.group.waitingCount > MOST_UNSTORED) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.group.drained();
  }

  private async flush(entries: readonly Entry[]): Promise<undefined[]> {
    await this.database.transaction(async (tx) => {
      const byProvider = [...groupBy(entries, (entry) => entry.provider)];
      const [now, ...changed] = await Promise.all([
        tx.businessNow(),
        ...byProvider.map(([provider, group]) => {
          const calls = group.map(({ call }) => call).sort((a, b) => (a.messageId < b.messageId ? -1 : 1));
          return messageStore.endCalls(tx, provider, calls);
        }),
      ]);
      await people.block(tx, entries.flatMap(blocksAfter));
      await publishSettled(this.bus, tx, changed.flat(), now);
      const overtaken = await furtherAttemptStore.overtaken(tx, refused(entries, changed.flat()));
      spendStore.settle(tx, this.config.businessZone, [
        ...unpaid(entries, changed.flat()),
        ...overtaken.map((id) => ({ id, isPaidFor: false })),
      ]);
      // Its message and what it cost are locked already: nothing is waited for behind the counts.
      await furtherAttemptStore.takeBack(tx, overtaken);
      this.bus.publish(
        tx,
        'message.attempts_changed',
        overtaken.map((messageId) => ({ messageId })),
      );
    });
    for (const { provider, call } of entries) this.count(provider, call);
    return entries.map(() => undefined);
  }

  private count(provider: string, { outcome }: EndedCall): void {
    const name = `${provider} ${outcome.outcome === 'accepted' ? 'accepted' : outcome.failure.class}`;
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
  }
}

/** What was provably not taken is not paid for; what a provider may have taken is. */
function unpaid(entries: readonly Entry[], changed: readonly Changed[]): { id: string; isPaidFor: boolean }[] {
  const maybeTaken = new Set(entries.filter(({ call }) => call.after.maybeSent).map(({ call }) => call.messageId));
  return changed
    .filter(({ id, state }) => !isPaidFor(state, false) && !maybeTaken.has(id))
    .map(({ id }) => ({ id, isPaidFor: false }));
}

/** Calls that were surely not taken, and that were no longer their messages' when they ended. */
function refused(entries: readonly Entry[], changed: readonly Changed[]): EndedCall[] {
  const current = new Set(changed.map(({ id }) => id));
  return entries.flatMap(({ call }) => {
    const { state, maybeSent } = call.after;
    return state === 'sent' || state === 'unknown' || maybeSent || current.has(call.messageId) ? [] : [call];
  });
}

/** Every address that turned out to be of no use, also when another one of the person took the message. */
function blocksAfter({ channel, call: { parts } }: Entry): AddressBlock[] {
  return parts.flatMap(({ addressKey, outcome }) => {
    if (outcome.outcome === 'accepted' || addressKey === null) return [];
    return blocksAddress(outcome)
      ? [{ key: addressKey, channel, reason: outcome.failure.class, lastsMs: outcome.failure.holdsForMs }]
      : [];
  });
}
