import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, isOutOfReach, isTooSlow } from '@wapas/database';
import { CONFIG, type Config } from '../config/config';
import { KeepVisits } from './keep-visits';
import { KnownLinks } from './known-links';
import { allowedTarget, isClick } from './rules/target';
import { type StoredLink } from './store/link.store';

/** Where a short link leads now. */
export type Followed =
  | { readonly outcome: 'redirect'; readonly target: string } // 302
  | { readonly outcome: 'pay'; readonly link: StoredLink } // 200: the pay page
  | { readonly outcome: 'settled' } // 200: paid or otherwise over; a friendly page
  | { readonly outcome: 'expired' } // 410: too old, or nothing is left to pay
  | { readonly outcome: 'unknown' } // 404
  | { readonly outcome: 'away' }; // 503: the database is away and the link is not remembered

/** A customer follows a link. The click is committed before the redirect; a look by a preview counts nothing but itself. */
@Injectable()
export class FollowLink {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(KnownLinks) private readonly links: KnownLinks,
    @Inject(KeepVisits) private readonly visits: KeepVisits,
  ) {}

  async follow(token: string, request: { method: string; userAgent: string | undefined }): Promise<Followed> {
    const found = await this.find(token);
    if (found.outcome !== 'found') return found;
    const { link } = found;
    const end = await this.visits.keep(link, isClick(request.method, request.userAgent));
    if (end === 'gone') return this.ended(token);
    if (end === 'settled') return { outcome: 'settled' };
    if (link.expiresAt <= this.clock.now()) return { outcome: 'expired' };
    // The shop tells best what has become of an order; our own page would ask for money that nobody is owed.
    if (link.target === null) return end === 'closed' ? { outcome: 'expired' } : { outcome: 'pay', link };
    // The list of hosts may have become shorter since the link was made.
    const target = allowedTarget(link.target, this.config.links.hosts, this.config.mode === 'sandbox');
    return target === null ? { outcome: 'expired' } : { outcome: 'redirect', target };
  }

  /** The link of a pay page that is open already: nothing is counted. What has ended since is over there too. */
  async payable(token: string): Promise<Exclude<Followed, { outcome: 'redirect' }>> {
    const found = await this.find(token);
    if (found.outcome !== 'found') return found;
    const { link } = found;
    if (link.target !== null) return { outcome: 'unknown' };
    const end = await this.visits.look(link);
    if (end === 'gone') return this.ended(token);
    if (end === 'settled') return { outcome: 'settled' };
    return end === 'closed' || link.expiresAt <= this.clock.now() ? { outcome: 'expired' } : { outcome: 'pay', link };
  }

  /** It was erased, here or in another container, while it was remembered. */
  private ended(token: string): Extract<Followed, { outcome: 'expired' }> {
    this.links.forget(token);
    return { outcome: 'expired' };
  }

  private async find(
    token: string,
  ): Promise<{ readonly outcome: 'found'; readonly link: StoredLink } | Extract<Followed, { outcome: 'unknown' | 'away' }>> {
    try {
      const link = await this.links.find(token);
      return link ? { outcome: 'found', link } : { outcome: 'unknown' };
    } catch (error) {
      if (!isOutOfReach(error) && !isTooSlow(error)) throw error;
      return { outcome: 'away' };
    }
  }
}
