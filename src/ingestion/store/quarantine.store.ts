import { type Database, type Queryable, statement } from '@wapas/database';
import { fieldOf, type SealedColumn } from '@wapas/encryption';
import { newId } from '@wapas/kernel';

export const quarantineColumn: SealedColumn = {
  table: 'quarantine',
  column: 'sealed',
  key: [{ name: 'id', type: 'uuid' }],
  plain: 'raw_body',
};

const KEEP = statement(
  'quarantine_keep',
  `insert into quarantine (id, source, received_at, reason, raw_hash, headers, sealed)
   values ($1, $2, business_now(), $3, $4, $5, $6)
   on conflict (source, raw_hash) do update set reason = quarantine.reason
   returning id`,
);

const RECENT = statement(
  'quarantine_recent',
  `select count(*)::int as count from quarantine where received_at > business_now() - interval '1 day'`,
);

export const quarantineStore = {
  /** Keeps a signed body that could not be used. The same bytes again keep their first id. */
  async keep(
    database: Database,
    entry: { source: string; reason: string; rawHash: Buffer; headers: Record<string, string>; rawBody: Buffer },
  ): Promise<string> {
    const [row] = await database.query<{ id: string }>(KEEP, [
      newId(),
      entry.source,
      entry.reason,
      entry.rawHash,
      entry.headers,
      database.seals.seal(fieldOf(quarantineColumn), entry.rawBody),
    ]);
    return (row as { id: string }).id;
  },

  /** How many bodies of the last day wait for a person. */
  async recentCount(db: Queryable): Promise<number> {
    const [row] = await db.query<{ count: number }>(RECENT);
    return row?.count ?? 0;
  },
};
