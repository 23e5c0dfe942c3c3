import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Seals } from '@wapas/database';
import { CONFIG, type Config } from '../config/config';

/** Of the connections, at least one. */
const SHARE = 0.25;

/**
 * Reads for reports, lists and exports, on a share of the connections: one report asks six questions, and however many people look
 * at slow ones, ingest and claims find connections of their own. Who comes later waits here.
 */
@Injectable()
export class ReportReads implements Queryable {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(
    @Inject(CONFIG) config: Pick<Config, 'databaseConnections'>,
    @Inject(Database) private readonly database: Database,
  ) {
    this.free = Math.max(1, Math.floor(config.databaseConnections * SHARE));
  }

  get seals(): Seals {
    return this.database.seals;
  }

  readonly query: Queryable['query'] = async (sql, values) => {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await this.database.query(sql, values);
    } finally {
      // Whoever is next takes over the place.
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  };
}
