import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Duration, durationOf, type Instant, toDate, toInstant } from '@wapas/kernel';
import { type DerivedDefinition } from '../rules/definition';

/** A published version of a definition. */
export interface DerivedVersion {
  readonly id: number;
  readonly key: string;
  readonly version: number;
  readonly definition: DerivedDefinition;
  readonly contentHash: string;
  readonly idle: Duration;
  readonly publishedAt: Instant;
  readonly retiredAt: Instant | null;
}

/** A wait that is due, with what the marks say about its key. */
export interface DueWait {
  readonly key: EntityKey;
  readonly definitionId: number;
  readonly lastAt: Instant | null;
  readonly lastEventId: string | null;
  readonly endedAt: Instant | null;
}

type WaitId = Pick<DueWait, 'key' | 'definitionId'>;

const STAMP = statement('derived_stamp', `select coalesce(max(changed), 0)::text as stamp from derived_definition`);
const ALL = statement(
  'derived_definitions',
  `select id, key, version, definition, content_hash as "contentHash", extract(epoch from idle)::float * 1000 as idle,
          published_at as "publishedAt", retired_at as "retiredAt" from derived_definition order by key, version`,
);
/** One publisher at a time: numbers then come into sight in their order. 110 is this lock's own number. */
const LOCK_PUBLISHING = statement('derived_lock_publishing', `select pg_advisory_xact_lock(7470110)`);
const PUBLISH = statement(
  'derived_publish',
  `insert into derived_definition (key, version, event, activity_names, ending_names, idle, definition, content_hash, published_at, changed)
   select $1, coalesce(max(version) filter (where key = $1), 0) + 1, $2, $3, $4, $5::interval, $6, $7, business_now(), coalesce(max(changed), 0) + 1
   from derived_definition returning version`,
);
const RETIRE = statement(
  'derived_retire',
  `update derived_definition set retired_at = business_now(), changed = (select max(changed) + 1 from derived_definition)
   where id = (select id from derived_definition where key = $1 order by version desc limit 1) and retired_at is null returning key`,
);

/**
 * Arms a wait for every key that has none: a probe of the primary key where one is there already. What would have been due
 * more than a day ago starts nothing: an import of old events is not a crowd of people who leave at this moment.
 */
const ARM = statement(
  'derived_arm',
  `insert into derived_wait (key, definition_id, due_at)
   select key, definition_id, due_at from unnest($1::uuid[], $2::int[], $3::timestamptz[]) as w (key, definition_id, due_at)
   where due_at > (select business_now()) - interval '1 day'
   on conflict do nothing`,
);
/** Stands on derived_wait_due, from its lower end; asked whether a due one exists, the planner reads the whole table. */
const IS_ANY_DUE = statement(
  'derived_is_any_due',
  `select (select due_at from derived_wait order by due_at limit 1) <= (select business_now()) as due`,
);
/**
 * Takes waits that are due and locks their rows; another container passes them over. Stands on derived_wait_due, and for every
 * name of the definition on one backward probe of event_mark_by_key.
 */
const CLAIM = statement(
  'derived_claim',
  `with due as materialized (
     select key, definition_id from derived_wait where due_at <= (select business_now()) order by due_at limit $1 for update skip locked)
   select due.key, due.definition_id as "definitionId", x.occurred_at as "lastAt", x.event_id as "lastEventId", y.occurred_at as "endedAt"
   from due join derived_definition d on d.id = due.definition_id
   left join lateral (
     select m.occurred_at, m.event_id from unnest(d.activity_names) as n (name)
     cross join lateral (select occurred_at, event_id from event_mark where key = due.key and event_name = n.name order by occurred_at desc limit 1) m
     order by m.occurred_at desc, m.event_id desc limit 1) x on true
   left join lateral (
     select max(m.occurred_at) as occurred_at from unnest(d.ending_names) as n (name)
     cross join lateral (select occurred_at from event_mark where key = due.key and event_name = n.name order by occurred_at desc limit 1) m) y on true`,
);
const MOVE = statement(
  'derived_move',
  `update derived_wait w set due_at = m.due_at from unnest($1::uuid[], $2::int[], $3::timestamptz[]) as m (key, definition_id, due_at)
   where w.key = m.key and w.definition_id = m.definition_id`,
);
const REMOVE = statement(
  'derived_remove',
  `delete from derived_wait w using unnest($1::uuid[], $2::int[]) as r (key, definition_id)
   where w.key = r.key and w.definition_id = r.definition_id`,
);
/**
 * The second look at what was removed, a statement of its own so that it sees what was committed until now. Activity that came
 * between claim and removal found the wait still there and armed nothing; activity after the removal waits for our commit and
 * arms a new one. `hand over` and retirement are for whoever arms.
 */
const REARM = statement(
  'derived_rearm',
  `insert into derived_wait (key, definition_id, due_at)
   select r.key, r.definition_id, x.occurred_at + d.idle
   from unnest($1::uuid[], $2::int[], $3::uuid[]) as r (key, definition_id, event_id)
   join derived_definition d on d.id = r.definition_id and d.retired_at is null
   cross join lateral (
     select m.occurred_at, m.event_id from unnest(d.activity_names) as n (name)
     cross join lateral (select occurred_at, event_id from event_mark where key = r.key and event_name = n.name order by occurred_at desc limit 1) m
     order by m.occurred_at desc, m.event_id desc limit 1) x
   where x.event_id is distinct from r.event_id
   on conflict do nothing`,
);
const WAITING = statement(
  'derived_waiting',
  `select definition_id as "definitionId", count(*)::int as count from derived_wait group by definition_id`,
);

interface VersionRow extends Omit<DerivedVersion, 'publishedAt' | 'retiredAt' | 'idle'> {
  readonly idle: number;
  readonly publishedAt: Date;
  readonly retiredAt: Date | null;
}

/** The only place that knows `derived_definition` and `derived_wait`. Reads the marks, which the event store writes. */
export const derivedStore = {
  stamp: async (db: Queryable): Promise<string> => (await db.query<{ stamp: string }>(STAMP))[0]?.stamp ?? '0',

  async all(db: Queryable): Promise<DerivedVersion[]> {
    const rows = await db.query<VersionRow & Record<string, unknown>>(ALL);
    return rows.map((row) => ({
      ...row,
      idle: durationOf(row.idle),
      publishedAt: toInstant(row.publishedAt),
      retiredAt: row.retiredAt && toInstant(row.retiredAt),
    }));
  },

  lockPublishing: (tx: Transaction) => tx.query(LOCK_PUBLISHING),

  /** The caller holds the publishing lock. Gives the version. */
  async publish(tx: Transaction, definition: DerivedDefinition, idle: Duration, contentHash: string): Promise<number> {
    const [row] = await tx.query<{ version: number }>(PUBLISH, [
      definition.key,
      definition.event,
      definition.after,
      definition.unless ?? [],
      `${idle} milliseconds`,
      definition,
      contentHash,
    ]);
    return (row as { version: number }).version;
  },

  /** False when there is none in force. The caller holds the publishing lock. */
  retire: async (tx: Transaction, key: string): Promise<boolean> => (await tx.query(RETIRE, [key])).length > 0,

  /** Rows sorted by key: two writers of the same keys then wait for each other instead of deadlocking. */
  async arm(tx: Transaction, waits: readonly (WaitId & { dueAt: Instant })[]): Promise<void> {
    if (waits.length === 0) return;
    const sorted = [...waits].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.definitionId - b.definitionId));
    await tx.query(ARM, [...idsOf(sorted), sorted.map((wait) => toDate(wait.dueAt))]);
  },

  isAnyDue: async (db: Queryable): Promise<boolean> => (await db.query<{ due: boolean }>(IS_ANY_DUE))[0]?.due ?? false,

  async claimDue(tx: Transaction, limit: number): Promise<DueWait[]> {
    const rows = await tx.query<WaitId & { lastAt: Date | null; lastEventId: string | null; endedAt: Date | null }>(CLAIM, [
      limit,
    ]);
    return rows.map((row) => ({
      ...row,
      lastAt: row.lastAt && toInstant(row.lastAt),
      endedAt: row.endedAt && toInstant(row.endedAt),
    }));
  },

  async move(tx: Transaction, waits: readonly (WaitId & { dueAt: Instant })[]): Promise<void> {
    if (waits.length > 0) await tx.query(MOVE, [...idsOf(waits), waits.map((wait) => toDate(wait.dueAt))]);
  },

  /** Removes settled waits, and arms those again whose key has seen activity after the event named here. */
  async remove(tx: Transaction, waits: readonly (WaitId & { lastEventId: string | null })[]): Promise<void> {
    if (waits.length === 0) return;
    await tx.query(REMOVE, idsOf(waits));
    await tx.query(REARM, [...idsOf(waits), waits.map((wait) => wait.lastEventId)]);
  },

  waiting: (db: Queryable) => db.query<{ definitionId: number; count: number }>(WAITING),
};

const idsOf = (waits: readonly WaitId[]): [EntityKey[], number[]] => [
  waits.map((wait) => wait.key),
  waits.map((wait) => wait.definitionId),
];
