import { type Queryable, statement } from '@wapas/database';

export interface DatabaseHome {
  readonly identity: string;
  /** When a container looked last; business time. */
  readonly seenAt: Date;
  readonly wasLongAgo: boolean;
}

/**
 * The cluster, its timeline and the database in it. One of the three is another one after every way back to a backup: a dump makes a
 * database, a cluster that is restored to a moment begins a timeline.
 */
const IDENTITY = statement(
  'database_identity',
  `select system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/' || oid as identity
   from pg_control_system(), pg_database where datname = current_database()`,
);
/** Locks the row: of containers that start together one compares, and the others find what it wrote. */
const HOME = statement(
  'database_home',
  `select identity, seen_at as "seenAt", seen_at < business_now() - $1::interval as "wasLongAgo" from database_home for update`,
);
const KEEP = statement(
  'keep_database_home',
  `insert into database_home (identity, seen_at) values ($1, business_now())
   on conflict (one) do update set identity = excluded.identity, seen_at = excluded.seen_at`,
);

export const databaseHomeStore = {
  /** Which database is connected to. Throws where it does not tell. */
  identity: async (db: Queryable): Promise<string> => (await db.query<{ identity: string }>(IDENTITY))[0]?.identity as string,
  /** What was written down of it, with a lock; undefined: nothing yet. `longAgo` as an interval of Postgres. */
  locked: async (db: Queryable, longAgo: string): Promise<DatabaseHome | undefined> =>
    (await db.query<DatabaseHome>(HOME, [longAgo]))[0],
  keep: (db: Queryable, identity: string) => db.query(KEEP, [identity]),
};
