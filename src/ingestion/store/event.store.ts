import {
  boolArray,
  byteaArray,
  type Queryable,
  type Seals,
  statement,
  textArray,
  timestamptzArray,
  type Transaction,
  uuidArray,
} from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type EntityKey, type KeyKind } from '@wapas/entity-keys';
import { type Instant, instantFromEpoch, toDate, toInstant } from '@wapas/kernel';
import { type MarksSince } from '../rules/marks-since';
import { type EventContent } from '../rules/new-event';

export const eventColumn: SealedColumn = {
  table: 'event',
  column: 'sealed',
  key: [{ name: 'id', type: 'uuid' }],
  plain: { value: 'content::text', emptied: 'content = null' },
};
const CONTENT = fieldOf(eventColumn);

/** An event on its way into the table. */
export interface EventRow {
  readonly id: string;
  readonly source: string;
  readonly sourceEventId?: string;
  readonly contentHash: Buffer;
  readonly rawHash?: Buffer;
  readonly name: string;
  readonly occurredAt?: Instant;
  /** Absent: now. */
  readonly receivedAt?: Instant;
  readonly test: boolean;
  readonly content: EventContent;
  /** The content as JSON text. */
  readonly contentText: string;
  readonly keys: readonly { readonly kind: KeyKind; readonly key: EntityKey }[];
}

/** An event as it was stored. */
export interface StoredEvent {
  readonly id: string;
  readonly source: string;
  readonly name: string;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly test: boolean;
  readonly content: EventContent;
}

/** As it was stored; its content is null when it cannot be opened, since it is damaged or its key is gone. */
export type ReadEvent = Omit<StoredEvent, 'content'> & { readonly content: EventContent | null };

/** That an event of this name about this key has been committed. */
export interface Mark {
  readonly key: EntityKey;
  readonly eventName: string;
  readonly occurredAt: Instant;
  readonly eventId: string;
}

/**
 * One statement for a whole flush: events, and marks for those that were new. Rows come sorted by source id, so that two
 * writers of the same ids wait for each other instead of deadlocking (D3). The caller holds the key locks. Nothing has
 * happened later than now: a source whose clock runs ahead is taken at our time (least() passes over an absent one). It answers
 * with the ids that were not new: there are hardly any, and a row for every event had to be sent and read.
 */
const insertText = (
  received: string,
  given: { columns: string; arrays: string },
): string => `with moment as materialized (select business_now() as now),
   fresh as (
     insert into event (id, source, source_event_id, content_hash, raw_hash, name, occurred_at, received_at, test, sealed)
     select id, source, source_event_id, content_hash, raw_hash, name, least(occurred_at, ${received}), ${received}, test, sealed
     from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::timestamptz[], $8::boolean[], $9::bytea[]${given.arrays})
          as e (id, source, source_event_id, content_hash, raw_hash, name, occurred_at, test, sealed${given.columns}), moment
     on conflict do nothing
     returning id, name, occurred_at),
   marked as (
     insert into event_mark (key, event_name, occurred_at, event_id)
     select m.key, fresh.name, fresh.occurred_at, fresh.id from unnest($10::uuid[], $11::uuid[]) as m (key, event_id) join fresh on fresh.id = m.event_id)
   select now, array(select id::text from unnest($1::uuid[]) as given (id) where id not in (select id from fresh)) as stale from moment`;
const INSERT = statement('insert_events', insertText('now', { columns: '', arrays: '' }));
/** The same for events that came earlier and were kept in quarantine until now. */
const INSERT_KEPT = statement(
  'insert_kept_events',
  insertText('coalesce(received_at, now)', { columns: ', received_at', arrays: ', $12::timestamptz[]' }),
);

/** Why an event was not new: the earlier one with its id, or with the same bytes. Stands on the two unique indexes. */
const FIND_EARLIER = statement(
  'find_earlier_events',
  `select n.position::int as position, e.id, e.content_hash as "contentHash", e.source_event_id is not distinct from n.source_event_id as "sameId"
   from unnest($1::text[], $2::text[], $3::bytea[]) with ordinality as n (source, source_event_id, raw_hash, position)
   join lateral (
     select * from event where source = n.source and source_event_id = n.source_event_id
     union all
     select * from event where source = n.source and raw_hash = n.raw_hash
     limit 1) e on true`,
);

const BY_IDS = statement(
  'events_by_ids',
  `select id, source, name, occurred_at as "occurredAt", received_at as "receivedAt", test, content, sealed from event where id = any($1::uuid[])`,
);

/**
 * Stands on event_mark_by_key, one look-up a key whatever the statistics say (`offset 0`): this is asked under the key locks, and the phone of
 * who has been a customer for years has marks of years.
 */
const MARKS = statement(
  'marks_of_keys',
  `select m.key, m.event_name as "eventName", m.occurred_at as "occurredAt", m.event_id as "eventId"
   from unnest($1::uuid[], $3::timestamptz[]) as wanted (key, since)
   cross join lateral (select * from event_mark m where m.key = wanted.key and m.event_name = any($2::text[])
                                                        and m.occurred_at >= coalesce(wanted.since, '-infinity') offset 0) m`,
);

/**
 * Events about any of these keys and none of the others, latest first. Who shares a phone shares the marks under it; an event that names
 * another customer as well is that one's. Stands on event_mark_by_key.
 */
const BY_KEYS = statement(
  'events_by_keys',
  `select e.id, e.source, e.name, e.occurred_at as "occurredAt", e.received_at as "receivedAt", e.test, e.content, e.sealed
   from event e where e.id in (select event_id from event_mark where key = any($1::uuid[])
                                 and event_id not in (select event_id from event_mark where key = any($3::uuid[]))
                               group by event_id order by max(occurred_at) desc limit $2)
   order by e.occurred_at desc, e.id desc`,
);

/** As `BY_KEYS`, the ids of all of them. */
const IDS_BY_KEYS = statement(
  'event_ids_by_keys',
  `select event_id as id from event_mark where key = any($1::uuid[]) and event_id not in (select event_id from event_mark where key = any($2::uuid[]))
   group by event_id order by max(occurred_at) desc, event_id desc`,
);

/** Block ranges that were written since the last vacuum are read by everybody who asks for a stretch of time, until they are summarised. */
const SUMMARISE = statement('summarise_events_by_time', `select brin_summarize_new_values('event_by_time')`);
/** Reads the stretch of time once: behind one place, up to and with another. Stands on event_by_time. */
const COUNT_BETWEEN = statement(
  'count_events_between',
  `select count(*)::float8 as events from event
   where received_at >= $1 and received_at < $3::timestamptz + interval '1 millisecond' and name = any($5::text[]) and not test
     and (date_trunc('milliseconds', received_at), id) > ($1, $2::uuid) and (date_trunc('milliseconds', received_at), id) <= ($3, $4::uuid)`,
);
/** Times in seconds; contents in base64, since the driver reads hexadecimal digits slowly: they took as long as all the rest. */
const AS_TEXT_COLUMNS = `id, source, name, date_part('epoch', occurred_at) as "occurredAt", date_part('epoch', received_at) as "receivedAt", test, content, encode(sealed, 'base64') as sealed`;
/** In the order in which they came, to the millisecond and then by id. Stands on event_by_time, so the stretch should be short. */
const BETWEEN = statement(
  'events_between',
  `select ${AS_TEXT_COLUMNS} from event
   where received_at >= $1 and received_at < $2 and name = any($3::text[]) and not test and (date_trunc('milliseconds', received_at), id) > ($1, $4::uuid)
   order by date_trunc('milliseconds', received_at), id limit $5`,
);
/** In any order. One look-up an event whatever the statistics say. */
const PAST_BY_IDS = statement(
  'past_events_by_ids',
  `select e.* from unnest($1::uuid[]) as wanted (id) cross join lateral (select ${AS_TEXT_COLUMNS} from event where event.id = wanted.id offset 0) e`,
);
/**
 * Marks with the moment at which they were left, of each key those of a stretch of time of its own, but that of one event: whoever asks what
 * surrounds a trigger knows of the trigger itself. Times in seconds. Nothing happens after it came, so the index leaves out most of what
 * came later. Stands on event_mark_by_key and the key of event, one look-up a mark: joined, the planner read all events there are.
 */
const MARKS_AS_THEY_CAME = statement(
  'marks_as_they_came',
  `select m.key, m.event_name as "eventName", date_part('epoch', m.occurred_at) as "occurredAt", m.event_id as "eventId", date_part('epoch', came.at) as "receivedAt"
   from unnest($1::uuid[], $3::timestamptz[], $4::timestamptz[], $5::uuid[]) as wanted (key, since, before, but)
   cross join lateral (select * from event_mark m where m.key = wanted.key and m.event_name = any($2::text[]) and m.occurred_at >= wanted.since
                                                        and m.occurred_at < wanted.before and m.event_id <> wanted.but offset 0) m
   cross join lateral (select received_at as at from event e where e.id = m.event_id offset 0) came
   where came.at < wanted.before`,
);

/** The only place that knows `event` and `event_mark`. */
export const eventStore = {
  /** Gives the ids of the events that were not new, and the business time at which the others were received. */
  async insert(tx: Transaction, rows: readonly EventRow[]): Promise<{ stale: ReadonlySet<string>; receivedAt: Instant }> {
    const marks = rows.flatMap((row) => row.keys.map(({ key }) => ({ key, id: row.id })));
    const wereKept = rows.some(({ receivedAt }) => receivedAt !== undefined);
    const [answer] = await tx.query<{ now: Date; stale: string[] }>(wereKept ? INSERT_KEPT : INSERT, [
      uuidArray(rows.map((row) => row.id)),
      textArray(rows.map((row) => row.source)),
      textArray(rows.map((row) => row.sourceEventId)),
      byteaArray(rows.map((row) => row.contentHash)),
      byteaArray(rows.map((row) => row.rawHash)),
      textArray(rows.map((row) => row.name)),
      timestamptzArray(rows.map((row) => row.occurredAt)),
      boolArray(rows.map((row) => row.test)),
      byteaArray(rows.map((row) => tx.seals.seal(CONTENT, row.contentText))),
      uuidArray(marks.map((mark) => mark.key)),
      uuidArray(marks.map((mark) => mark.id)),
      ...(wereKept ? [timestamptzArray(rows.map((row) => row.receivedAt))] : []),
    ]);
    if (!answer) throw new Error('The clock has no row.');
    return { stale: new Set(answer.stale), receivedAt: toInstant(answer.now) };
  },

  /** For each row that was not new, the event that was there before, by position. */
  async findEarlier(
    tx: Transaction,
    rows: readonly EventRow[],
  ): Promise<Map<number, { id: string; contentHash: Buffer; sameId: boolean }>> {
    const found = await tx.query<{ position: number; id: string; contentHash: Buffer; sameId: boolean }>(FIND_EARLIER, [
      rows.map((row) => row.source),
      rows.map((row) => row.sourceEventId ?? null),
      rows.map((row) => row.rawHash ?? null),
    ]);
    return new Map(found.map((row) => [row.position - 1, row]));
  },

  async byIds(db: Queryable, ids: readonly string[]): Promise<StoredEvent[]> {
    return (await db.query<StoredRow>(BY_IDS, [ids])).map((row) => toStoredEvent(db.seals, row, AS_DRIVER));
  },

  /** As `byIds`. `unreadable`: the ids of those that cannot be opened. */
  async openedByIds(db: Queryable, ids: readonly string[]): Promise<{ events: StoredEvent[]; unreadable: Set<string> }> {
    const events = await this.readByIds(db, ids);
    return {
      events: events.filter((event): event is StoredEvent => event.content !== null),
      unreadable: new Set(events.filter(({ content }) => content === null).map(({ id }) => id)),
    };
  },

  async readByIds(db: Queryable, ids: readonly string[]): Promise<ReadEvent[]> {
    return (await db.query<StoredRow>(BY_IDS, [ids])).map((row) => toReadEvent(db.seals, row, AS_DRIVER));
  },

  /** Latest first. `others`: keys of customers who share one of `keys`; what is marked with them is left out. */
  async readByKeys(
    db: Queryable,
    {
      keys,
      others,
      limit,
    }: { readonly keys: readonly EntityKey[]; readonly others: readonly EntityKey[]; readonly limit: number },
  ): Promise<ReadEvent[]> {
    return (await db.query<StoredRow>(BY_KEYS, [keys, limit, others])).map((row) => toReadEvent(db.seals, row, AS_DRIVER));
  },

  /** As `readByKeys`, the ids alone, of all there are. */
  async idsByKeys(
    db: Queryable,
    { keys, others }: { readonly keys: readonly EntityKey[]; readonly others: readonly EntityKey[] },
  ): Promise<string[]> {
    return (await db.query<{ id: string }>(IDS_BY_KEYS, [keys, others])).map(({ id }) => id);
  },

  /** Of a key that is asked for more than once those since the earliest time. */
  async marks(db: Queryable, asked: readonly MarksSince[], eventNames: readonly string[]): Promise<Mark[]> {
    if (asked.length === 0 || eventNames.length === 0) return [];
    const sinceOf = new Map<EntityKey, Instant | null>();
    for (const { key, since } of asked) {
      const other = sinceOf.get(key);
      if (other === undefined || (other !== null && (since === null || since < other))) sinceOf.set(key, since);
    }
    const rows = await db.query<Omit<Mark, 'occurredAt'> & { occurredAt: Date }>(MARKS, [
      uuidArray([...sinceOf.keys()]),
      eventNames,
      timestamptzArray([...sinceOf.values()]),
    ]);
    return rows.map((row) => ({ ...row, occurredAt: toInstant(row.occurredAt) }));
  },
};

/** Events of live sources over a stretch of time, for whoever lives it once more. */
export const pastEvents = {
  /** Before a long walk: what came lately is then found as fast as the rest. */
  prepare: (db: Queryable) => db.query(SUMMARISE),

  /** Behind one place, up to and with another. */
  count: async (db: Queryable, from: Place, to: Place, names: readonly string[]): Promise<number> =>
    (await db.query<{ events: number }>(COUNT_BETWEEN, [toDate(from.at), from.id, toDate(to.at), to.id, names]))[0]?.events ?? 0,

  /** Those that came behind a place and before a moment, in the order in which they came. */
  async between(db: Queryable, from: Place, to: Instant, names: readonly string[], limit: number): Promise<ReadEvent[]> {
    const rows = await db.query<StoredRow<number, string>>(BETWEEN, [toDate(from.at), toDate(to), names, from.id, limit]);
    return rows.map((row) => toReadEvent(db.seals, row, AS_TEXT));
  },

  /** In any order; those that are gone are absent. */
  async byIds(db: Queryable, ids: readonly string[]): Promise<ReadEvent[]> {
    if (ids.length === 0) return [];
    return (await db.query<StoredRow<number, string>>(PAST_BY_IDS, [uuidArray(ids)])).map((row) =>
      toReadEvent(db.seals, row, AS_TEXT),
    );
  },

  /** What events of these names had left, or would leave, under each of these keys, with when it was. */
  async marks(db: Queryable, keys: ReadonlyMap<EntityKey, AskedMarks>, names: readonly string[]): Promise<PastMark[]> {
    if (keys.size === 0 || names.length === 0) return [];
    const asked = [...keys.values()];
    const rows = await db.query<Omit<PastMark, 'occurredAt' | 'receivedAt'> & { occurredAt: number; receivedAt: number }>(
      MARKS_AS_THEY_CAME,
      [
        uuidArray([...keys.keys()]),
        names,
        timestamptzArray(asked.map(({ since }) => since)),
        timestamptzArray(asked.map(({ before }) => before)),
        uuidArray(asked.map(({ but }) => but)),
      ],
    );
    return rows.map(({ key, eventName, occurredAt, eventId, receivedAt }) => ({
      key,
      eventName,
      occurredAt: instantFromEpoch(occurredAt),
      eventId,
      receivedAt: instantFromEpoch(receivedAt),
    }));
  },
};

/** A place in the order in which events came: to the millisecond, and then by id. */
export interface Place {
  readonly at: Instant;
  readonly id: string;
}

/** Before and behind everything that came in a millisecond. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Which marks of a key are asked for. */
export interface AskedMarks {
  /** By when it happened, inclusive. */
  readonly since: Instant;
  /** By when it came, exclusive. */
  readonly before: Instant;
  /** Left out: an event that is known. */
  readonly but: string;
}

/** A mark, and when its event came. */
export interface PastMark extends Mark {
  readonly receivedAt: Instant;
}

interface StoredRow<Time = Date, Bytes = Buffer> extends Omit<StoredEvent, 'occurredAt' | 'receivedAt' | 'content'> {
  readonly occurredAt: Time;
  readonly receivedAt: Time;
  /** Of an event from before contents were sealed, or one that was erased. */
  readonly content: EventContent | null;
  readonly sealed: Bytes | null;
}

/** How a statement gives times and bytes. */
interface Reading<Time, Bytes> {
  readonly instantOf: (time: Time) => Instant;
  readonly bytesOf: (bytes: Bytes) => Buffer;
}
const AS_DRIVER: Reading<Date, Buffer> = { instantOf: toInstant, bytesOf: (bytes) => bytes };
const AS_TEXT: Reading<number, string> = { instantOf: instantFromEpoch, bytesOf: (text) => Buffer.from(text, 'base64') };

function toStoredEvent<Time, Bytes>(
  seals: Seals,
  { id, source, name, occurredAt, receivedAt, test, content, sealed }: StoredRow<Time, Bytes>,
  { instantOf, bytesOf }: Reading<Time, Bytes>,
): StoredEvent {
  return {
    id,
    source,
    name,
    occurredAt: instantOf(occurredAt),
    receivedAt: instantOf(receivedAt),
    test,
    content: sealed !== null ? (JSON.parse(seals.openText(CONTENT, bytesOf(sealed))) as EventContent) : (content ?? {}),
  };
}

function toReadEvent<Time, Bytes>(seals: Seals, row: StoredRow<Time, Bytes>, reading: Reading<Time, Bytes>): ReadEvent {
  try {
    return toStoredEvent(seals, row, reading);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return { ...toStoredEvent(seals, { ...row, sealed: null }, reading), content: null };
  }
}
