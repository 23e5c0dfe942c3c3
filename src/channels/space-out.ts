import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { TOKEN_BUCKET, type TokenBucket } from '@wapas/work-queue';
import { type RegisteredProvider } from './provider-registry';
import { messageStore } from './store/message.store';
import { statusCheckStore } from './store/status-check.store';

/**
 * Keeps the time that a vendor wants between two messages to one person (WhatsApp: 131056), shared by all containers. Asked before the
 * claim, so that nothing waits with its goal already checked; what comes too soon stays planned and is offered when it may go. Costs
 * one look at the messages, and nothing where the vendor wants no such time.
 */
@Injectable()
export class SpaceOut {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TOKEN_BUCKET) private readonly bucket: TokenBucket,
  ) {}

  /** Gives the ids that may be claimed now, in their order. */
  async before({ name, provider }: RegisteredProvider, ids: readonly string[]): Promise<readonly string[]> {
    const { perPersonEveryMs } = provider;
    if (perPersonEveryMs === undefined || ids.length === 0) return ids;
    const waiting = await messageStore.candidates(this.database, ids);
    const waits = await this.bucket.takeEach(
      name,
      waiting.map(({ personId }) => personId),
      perPersonEveryMs,
    );
    const held = waiting.flatMap(({ id }, place) => {
      const waitMs = waits[place] ?? 0;
      return waitMs > 0 ? [{ id, waitMs }] : [];
    });
    await statusCheckStore.holdBack(this.database, held);
    const stays = new Set(held.map(({ id }) => id));
    return ids.filter((id) => !stays.has(id));
  }
}
