import { type Queryable, type Seals, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, newId, toDate, toInstant } from '@wapas/kernel';

export const quarantineColumn: SealedColumn = {
  table: 'quarantine',
  column: 'sealed',
  key: [{ name: 'id', type: 'uuid' }],
  plain: { value: 'raw_body', emptied: 'raw_body = null' },
};
const BODY = fieldOf(quarantineColumn);

/** A column of its own: it stays when the body has become an event and goes. */
export const quarantineHeadersColumn: SealedColumn = {
  table: 'quarantine',
  column: 'sealed_headers',
  key: [{ name: 'id', type: 'uuid' }],
  plain: { value: `case when headers <> '{}' then headers::text end`, emptied: `headers = '{}'` },
};
const HEADERS = fieldOf(quarantineHeadersColumn);
type Headers = Readonly<Record<string, string>>;

/** What a body became when it was read again. One that is still unusable has none of these. */
export type Settlement = 'recorded' | 'duplicate' | 'ignored';

/** A quarantined body, without the body. */
export interface Quarantined {
  readonly id: string;
  readonly source: string;
  readonly receivedAt: Instant;
  readonly reason: string;
  /** Empty when their key is gone. */
  readonly headers: Headers;
  /** Null while it waits. */
  readonly outcome: Settlement | null;
  readonly replayedAt: Instant | null;
  readonly eventIds: readonly string[];
}

/** Which bodies. Times are bounds on the arrival: from, and before. */
export interface QuarantineFilter {
  readonly source: string | null;
  readonly reason: string | null;
  readonly from: Instant | null;
  readonly to: Instant | null;
}

/** A body to be read again. */
export interface KeptBody {
  readonly id: string;
  readonly source: string;
  readonly receivedAt: Instant;
  /** Empty when their key is gone. */
  readonly headers: Headers;
  /** Opens it. Null when it is not kept any more. Throws a SealError when its key is gone. */
  readonly open: () => Buffer | null;
}

/** What reading a body again came to. */
export interface Reread {
  readonly id: string;
  readonly outcome: Settlement | null;
  /** Why it is still unusable; null when it is not. */
  readonly reason: string | null;
  readonly eventIds: readonly string[];
}

/** The same bytes again keep their first id; when they had been settled, they wait once more. */
const KEEP = statement(
  'quarantine_keep',
  `insert into quarantine (id, source, received_at, reason, raw_hash, headers, sealed_headers, sealed, keys)
   values ($1, $2, business_now(), $3, $4, '{}', $5, $6, $7::uuid[])
   on conflict (source, raw_hash) do update
     set reason = excluded.reason, sealed = coalesce(quarantine.sealed, excluded.sealed), keys = excluded.keys, outcome = null
   returning id`,
);
const RECENT = statement(
  'quarantine_recent',
  `select count(*)::int as count from quarantine where received_at > business_now() - interval '1 day' and outcome is null`,
);
const COLUMNS = `id, source, received_at as "receivedAt", reason, headers, sealed_headers as "sealedHeaders", outcome, replayed_at as "replayedAt", event_ids as "eventIds"`;
/** Ids are in the order of arrival: the walk stands on the primary key. */
const PAGE = statement(
  'quarantine_page',
  `select ${COLUMNS} from quarantine
   where ($1::text is null or source = $1) and ($2::text is null or reason = $2)
     and ($3::timestamptz is null or received_at >= $3) and ($4::timestamptz is null or received_at < $4)
     and case $5 when 'waiting' then outcome is null when 'all' then true else outcome = $5 end
     and ($6::uuid is null or id < $6) order by id desc limit $7`,
);
const FIND = statement('quarantine_find', `select ${COLUMNS} from quarantine where id = $1`);
const COUNTS = statement(
  'quarantine_counts',
  `select source, reason, count(*)::int as count, min(received_at) as "firstAt", max(received_at) as "lastAt"
   from quarantine where outcome is null group by source, reason order by count(*) desc, source, reason limit 200`,
);
const BODY_COLUMNS = `id, source, received_at as "receivedAt", headers, sealed_headers as "sealedHeaders", sealed, raw_body as "rawBody"`;
const BODY_OF = statement('quarantine_body', `select ${BODY_COLUMNS} from quarantine where id = $1`);
/** Stands on quarantine_waiting. */
const NEXT = statement(
  'quarantine_next',
  `select ${BODY_COLUMNS} from quarantine
   where outcome is null and id > $1 and id <= $2 and ($3::text is null or source = $3) and ($4::text is null or reason = $4)
     and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
   order by id limit $7`,
);
/** What has become an event is held there; its raw bytes go. */
const SETTLE = statement(
  'quarantine_settle',
  `update quarantine q set outcome = s.outcome, reason = coalesce(s.reason, q.reason), replayed_at = business_now(),
          event_ids = array(select e.event_id from unnest($4::uuid[], $5::uuid[]) as e (id, event_id) where e.id = q.id),
          sealed = case when s.outcome in ('recorded', 'duplicate') then null else q.sealed end,
          raw_body = case when s.outcome in ('recorded', 'duplicate') then null else q.raw_body end
   from unnest($1::uuid[], $2::text[], $3::text[]) as s (id, outcome, reason) where q.id = s.id`,
);
/** Stands on quarantine_by_keys. */
const ERASE = statement('quarantine_erase', `delete from quarantine where keys && $1::uuid[]`);

/** The only place that knows `quarantine`. */
export const quarantineStore = {
  /** Keeps a signed body that could not be used; gives its id. */
  async keep(
    db: Queryable,
    entry: {
      readonly source: string;
      readonly reason: string;
      readonly rawHash: Buffer;
      readonly headers: Headers;
      readonly rawBody: Buffer;
      readonly keys: readonly EntityKey[];
    },
  ): Promise<string> {
    const [row] = await db.query<{ id: string }>(KEEP, [
      newId(),
      entry.source,
      entry.reason,
      entry.rawHash,
      db.seals.seal(HEADERS, JSON.stringify(entry.headers)),
      db.seals.seal(BODY, entry.rawBody),
      entry.keys,
    ]);
    return (row as { id: string }).id;
  },

  /** How many bodies of the last day wait for a person. */
  async recentCount(db: Queryable): Promise<number> {
    const [row] = await db.query<{ count: number }>(RECENT);
    return row?.count ?? 0;
  },

  /** Latest first, from below `before`. */
  async page(
    db: Queryable,
    filter: QuarantineFilter,
    state: Settlement | 'waiting' | 'all',
    before: string | null,
    limit: number,
  ): Promise<Quarantined[]> {
    const rows = await db.query<QuarantineRow>(PAGE, [...valuesOf(filter), state, before, limit]);
    return rows.map((row) => toQuarantined(db.seals, row));
  },

  async find(db: Queryable, id: string): Promise<Quarantined | null> {
    const [row] = await db.query<QuarantineRow>(FIND, [id]);
    return row ? toQuarantined(db.seals, row) : null;
  },

  /** How many wait, by source and reason. */
  async counts(db: Queryable): Promise<{ source: string; reason: string; count: number; firstAt: Instant; lastAt: Instant }[]> {
    const rows = await db.query<{ source: string; reason: string; count: number; firstAt: Date; lastAt: Date }>(COUNTS);
    return rows.map((row) => ({ ...row, firstAt: toInstant(row.firstAt), lastAt: toInstant(row.lastAt) }));
  },

  async body(db: Queryable, id: string): Promise<KeptBody | null> {
    const [row] = await db.query<BodyRow>(BODY_OF, [id]);
    return row ? toKept(db.seals, row) : null;
  },

  /** The next bodies that wait, in the order of their arrival: after one id, through another. */
  async next(db: Queryable, filter: QuarantineFilter, after: string, through: string, limit: number): Promise<KeptBody[]> {
    const rows = await db.query<BodyRow>(NEXT, [after, through, ...valuesOf(filter), limit]);
    return rows.map((row) => toKept(db.seals, row));
  },

  settle(db: Queryable, reread: readonly Reread[]): Promise<unknown> {
    const events = reread.flatMap(({ id, eventIds }) => eventIds.map((eventId) => ({ id, eventId })));
    return db.query(SETTLE, [
      reread.map(({ id }) => id),
      reread.map(({ outcome }) => outcome),
      reread.map(({ reason }) => reason),
      events.map(({ id }) => id),
      events.map(({ eventId }) => eventId),
    ]);
  },

  erase: (tx: Transaction, keys: readonly EntityKey[]) => tx.query(ERASE, [keys]),
};

/** As parameters, in this order. */
export const valuesOf = ({ source, reason, from, to }: QuarantineFilter): unknown[] => [
  source,
  reason,
  from === null ? null : toDate(from),
  to === null ? null : toDate(to),
];

/** `headers` holds those of a body from before they were sealed. */
interface SealedHeaders {
  readonly headers: Headers;
  readonly sealedHeaders: Buffer | null;
}

interface QuarantineRow extends Omit<Quarantined, 'receivedAt' | 'replayedAt'>, SealedHeaders {
  readonly receivedAt: Date;
  readonly replayedAt: Date | null;
}

interface BodyRow extends Omit<KeptBody, 'receivedAt' | 'open'>, SealedHeaders {
  readonly receivedAt: Date;
  readonly sealed: Buffer | null;
  readonly rawBody: Buffer | null;
}

const toQuarantined = (seals: Seals, { headers, sealedHeaders, receivedAt, replayedAt, ...row }: QuarantineRow): Quarantined => ({
  ...row,
  headers: headersIn(seals, { headers, sealedHeaders }),
  receivedAt: toInstant(receivedAt),
  replayedAt: replayedAt && toInstant(replayedAt),
});

const toKept = (seals: Seals, { headers, sealedHeaders, sealed, rawBody, receivedAt, ...row }: BodyRow): KeptBody => ({
  ...row,
  headers: headersIn(seals, { headers, sealedHeaders }),
  receivedAt: toInstant(receivedAt),
  open: () => (sealed ? seals.open(BODY, sealed) : rawBody),
});

function headersIn(seals: Seals, { headers, sealedHeaders }: SealedHeaders): Headers {
  try {
    return sealedHeaders ? (JSON.parse(seals.openText(HEADERS, sealedHeaders)) as Headers) : headers;
  } catch (error) {
    if (error instanceof SealError) return {}; // The list must still be seen; whoever reads the body learns that its key is gone.
    throw error;
  }
}
