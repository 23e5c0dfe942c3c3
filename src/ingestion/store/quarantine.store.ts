import { type Database, statement } from '@wapas/database';
import { newId } from '@wapas/kernel';

const KEEP = statement(
  'quarantine_keep',
  `insert into quarantine (id, source, received_at, reason, raw_hash, headers, raw_body)
   values ($1, $2, business_now(), $3, $4, $5, $6)
   on conflict (source, raw_hash) do update set reason = quarantine.reason
   returning id`,
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
      entry.rawBody,
    ]);
    return (row as { id: string }).id;
  },
};
