import { Inject, Injectable } from '@nestjs/common';
import { Database, isOutOfReach, isTooSlow } from '@wapas/database';
import { linkStore, type StoredLink } from './store/link.store';

const REMEMBERED = 20_000;
/** A link never changes; it may only be taken away, which every visit asks (`KeepVisits`). */
const READ_AGAIN_MS = 60_000;

/** Links by token. Those followed lately are remembered, so that they lead on when the database is away. */
@Injectable()
export class KnownLinks {
  /** In the order of their last use. */
  private readonly known = new Map<string, { link: StoredLink; readAt: number }>();

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Null when there is no such link. Rejects when the database is away and the link is not remembered. */
  async find(token: string): Promise<StoredLink | null> {
    if (!/^[A-Za-z0-9_-]{11}$/.test(token)) return null;
    const known = this.known.get(token);
    if (known && performance.now() - known.readAt < READ_AGAIN_MS) return this.remember(token, known);
    try {
      const link = await linkStore.find(this.database, token);
      if (!link) this.known.delete(token);
      return link && this.remember(token, { link, readAt: performance.now() });
    } catch (error) {
      if (known && (isOutOfReach(error) || isTooSlow(error))) return known.link;
      throw error;
    }
  }

  private remember(token: string, entry: { link: StoredLink; readAt: number }): StoredLink {
    this.known.delete(token);
    this.known.set(token, entry);
    if (this.known.size > REMEMBERED) this.forget(this.known.keys().next().value as string);
    return entry.link;
  }

  forget(token: string): void {
    this.known.delete(token);
  }
}
