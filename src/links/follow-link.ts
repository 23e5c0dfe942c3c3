import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { Bus } from '@wapas/events';
import { toIso } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { CONFIG, type Config } from '../config/config';
import { eventReader } from '../ingestion/ingestion.api';
import { allowedTarget, isClick } from './rules/target';
import { linkStore, type StoredLink } from './store/link.store';

/** Where a short link leads now. */
export type Followed =
  | { readonly outcome: 'redirect'; readonly target: string } // 302
  | { readonly outcome: 'settled' } // 200: paid or otherwise over; a friendly page
  | { readonly outcome: 'expired' } // 410
  | { readonly outcome: 'unknown' }; // 404

/** A customer follows a link. The click is committed before the redirect; a look by a preview counts nothing and changes nothing. */
@Injectable()
export class FollowLink {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async follow(token: string, request: { method: string; userAgent: string | undefined }): Promise<Followed> {
    const link = /^[A-Za-z0-9_-]{11}$/.test(token) ? await linkStore.find(this.database, token) : null;
    if (!link) return { outcome: 'unknown' };
    if (isClick(request.method, request.userAgent)) await this.keepClick(link);
    if (await this.isSettled(link)) return { outcome: 'settled' };
    if (link.expired) return { outcome: 'expired' };
    // The list of hosts may have become shorter since the link was made.
    const target = allowedTarget(link.target, this.config.links.hosts, this.config.mode === 'sandbox');
    return target === null ? { outcome: 'expired' } : { outcome: 'redirect', target };
  }

  private async keepClick({ messageId }: StoredLink): Promise<void> {
    await this.database.transaction(async (tx) =>
      this.bus.publish(tx, 'link.clicked', [{ messageId, at: toIso(await tx.businessNow()) }]),
    );
  }

  private async isSettled({ guard }: StoredLink): Promise<boolean> {
    const marks = await eventReader.marks(
      this.database,
      guard.keys.map(({ key }) => key),
      Object.keys(guard.stops),
    );
    return marks.some(({ key, eventName, occurredAt }) => {
      const guarded = guard.keys.find((one) => one.key === key);
      return (
        guard.stops[eventName] === 'goal_reached' && guarded !== undefined && (guarded.absorbing || occurredAt >= guard.since)
      );
    });
  }
}
