import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { CONFIG, type Config } from '../config/config';
import { readCursor, writeCursor } from '../http/cursor';
import { operationAudit, type StoredOperation } from './store/operation-audit.store';

/** Entries of a page at the most. */
export const MOST_OPERATIONS = 200;
const LIST = 'operations';

/** Who stopped, held, set or made what, when and why. */
@Injectable()
export class ListOperations {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'secret'>,
  ) {}

  /** Newest first. Null for a cursor that was not given for this list. */
  async page(
    cursor: string | undefined,
    limit: number,
  ): Promise<{ entries: readonly StoredOperation[]; nextCursor: string | null } | null> {
    const { secret } = this.config;
    const before = cursor === undefined ? null : readCursor(cursor, LIST, secret);
    if (cursor !== undefined && before === null) return null;
    const found = await operationAudit.page(this.database, before?.id ?? null, limit + 1);
    const entries = found.slice(0, limit);
    const last = found.length > limit ? entries.at(-1) : undefined;
    return { entries, nextCursor: last ? writeCursor({ at: last.at.getTime(), id: last.id }, LIST, secret) : null };
  }
}
