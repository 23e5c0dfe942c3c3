import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { Log } from '../../log';
import { type Quarantined, type QuarantineFilter, quarantineStore, type Settlement } from '../store/quarantine.store';
import { maskBody } from './rules/mask-body';

export type { Quarantined, QuarantineFilter } from '../store/quarantine.store';

/** Shows what is in quarantine. A body is shown masked, and never without a line in the log. */
@Injectable()
export class ListQuarantine {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Latest first. */
  async page(
    filter: QuarantineFilter,
    state: Settlement | 'waiting' | 'all',
    cursor: string | null,
    limit: number,
  ): Promise<{ bodies: readonly Quarantined[]; nextCursor: string | null }> {
    const found = await quarantineStore.page(this.database, filter, state, cursor, limit + 1);
    const bodies = found.slice(0, limit);
    return { bodies, nextCursor: found.length > limit ? (bodies.at(-1)?.id ?? null) : null };
  }

  counts() {
    return quarantineStore.counts(this.database);
  }

  find(id: string): Promise<Quarantined | null> {
    return quarantineStore.find(this.database, id);
  }

  /** Null when there is no such body; `gone` when its bytes are not kept any more. */
  async maskedBody(id: string, keyId: string): Promise<{ masked: string; isShortened: boolean; bytes: number } | null | 'gone'> {
    const kept = await quarantineStore.body(this.database, id);
    if (!kept) return null;
    const body = kept.open();
    if (body === null) return 'gone';
    this.log.info('quarantined body looked at', { quarantineId: id, keyId });
    const { text, isShortened } = maskBody(body);
    return { masked: text, isShortened, bytes: body.length };
  }
}
