import { type Queryable, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type EntityKey } from '@wapas/entity-keys';

export interface NewDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly kind: string;
  /** The body, as it is posted. */
  readonly body: string;
  /** By which an erasure finds it. */
  readonly subject: string | null;
  /** Its words go as soon as they have arrived. */
  readonly isPersonal: boolean;
  /** By an operator, who waits for it: its first try comes at once, whatever rest its endpoint has and whatever else waits. */
  readonly isAskedFor: boolean;
}

/** A delivery that was taken to be posted now. */
export interface TakenDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly kind: string;
  readonly tries: number;
  readonly ageMs: number;
  /** By the clock of the database, in milliseconds. */
  readonly triedAt: number;
  /** Null: it cannot be opened, since it is damaged or its key is gone. */
  readonly body: string | null;
}

export interface LoggedDelivery {
  readonly id: string;
  readonly kind: string;
  readonly state: 'waiting' | 'delivered' | 'parked';
  readonly createdAt: Date;
  readonly tries: number;
  readonly dueAt: Date | null;
  readonly lastTriedAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly lastMs: number | null;
  readonly isKept: boolean;
}

/** What came of a try. */
export interface SettledDelivery {
  readonly id: string;
  readonly tries: number;
  readonly state: 'waiting' | 'delivered' | 'parked';
  readonly delayMs: number | null;
  /** How much of that its endpoint asked for. */
  readonly askedMs: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly tookMs: number;
}

export const deliveryColumn: SealedColumn = {
  table: 'webhook_delivery',
  column: 'content',
  key: [{ name: 'id', type: 'uuid' }],
};
const CONTENT = fieldOf(deliveryColumn);

const ADD = statement(
  'add_webhook_deliveries',
  `insert into webhook_delivery (id, endpoint_id, kind, created_at, content, subject, is_personal, asked_for, state, due_at)
   select id, endpoint_id, kind, (select business_now()), content, subject, is_personal, asked_for, 'waiting', clock_timestamp()
   from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::uuid[], $6::boolean[], $7::boolean[])
     as u (id, endpoint_id, kind, content, subject, is_personal, asked_for)`,
);
/** No post is open for longer: ten seconds, and what it takes to write down what came of it. */
const OPEN_AT_MOST = `interval '15 seconds'`;
/**
 * Takes what is due for a minute, as many for each endpoint as it has room: one that hangs holds its own places only. An endpoint
 * that rests gets nothing. One that has been failing gets one, and rests for as long as that may be open: whoever else looks meanwhile, in
 * this container or another, finds it resting. What an operator asked for goes first, and through every rest. Stands on
 * webhook_delivery_due and webhook_delivery_asked_for.
 */
const TAKE = statement(
  'take_webhook_deliveries',
  `with asked as (
     select e.id, u.room, e.failures >= $3 as failing, coalesce(e.rests_until > clock_timestamp(), false) as resting
     from unnest($1::uuid[], $2::int[]) as u (id, room) join webhook_endpoint e on e.id = u.id where e.state = 'on'),
   mine as (
     select e.id from webhook_endpoint e where e.id in (select id from asked where failing and not resting)
       and (e.rests_until is null or e.rests_until <= clock_timestamp())
     order by e.id for no key update skip locked),
   ready as (select id, room from asked where not failing and not resting union all select id, 1 from mine),
   wanted as materialized (
     select d.id, asked.id as endpoint_id from asked cross join lateral (
       select id from webhook_delivery d where d.endpoint_id = asked.id and d.asked_for and d.due_at <= clock_timestamp()
       order by d.due_at limit asked.room for update skip locked) d),
   due as materialized (
     select d.id, ready.id as endpoint_id from ready cross join lateral (
       select id from webhook_delivery d where d.endpoint_id = ready.id and not d.asked_for and d.due_at <= clock_timestamp()
       order by d.due_at limit greatest(0, ready.room - (select count(*) from wanted where endpoint_id = ready.id)) for update skip locked) d),
   taken as (select * from wanted union all select * from due),
   trying as (
     update webhook_endpoint e set rests_until = clock_timestamp() + ${OPEN_AT_MOST}
     where e.id in (select id from mine) and e.id in (select endpoint_id from taken))
   update webhook_delivery d set due_at = clock_timestamp() + interval '1 minute', tries = d.tries + 1, last_tried_at = clock_timestamp(), last_ms = null,
          asked_for = false
   from taken where d.id = taken.id
   returning d.id, d.endpoint_id as "endpointId", d.kind, d.tries, (extract(epoch from d.last_tried_at) * 1000)::float as "triedAt", (extract(epoch from clock_timestamp() - d.told_at) * 1000)::float as "ageMs", d.content`,
);
/**
 * A failure that is heard after the lease has passed on says nothing about the try that is under way; a delivery always counts, also of what
 * was parked meanwhile.
 */
const SETTLE = statement(
  'settle_webhook_deliveries',
  `update webhook_delivery d set state = u.state, due_at = clock_timestamp() + make_interval(secs => u.delay / 1000), last_status = u.status, last_error = u.error,
          last_ms = u.took, content = case when u.state = 'delivered' and d.is_personal then null else d.content end,
          first_failed_at = coalesce(d.first_failed_at, case when u.state <> 'delivered' then clock_timestamp() end), not_before = clock_timestamp() + make_interval(secs => u.asked / 1000)
   from unnest($1::uuid[], $2::int[], $3::text[], $4::float8[], $5::float8[], $6::int[], $7::text[], $8::int[])
     as u (id, tries, state, delay, asked, status, error, took)
   where d.id = u.id and (u.state = 'delivered' or (d.state = 'waiting' and d.tries = u.tries))`,
);
/**
 * What failed for the first time in an outage that is over has paused for nothing of its own, and comes now. What failed before as well
 * keeps its pause, as does what the endpoint asked to have later. Stands on webhook_delivery_due.
 */
const RELEASE = statement(
  'release_webhook_deliveries',
  `update webhook_delivery d set due_at = greatest(clock_timestamp(), d.not_before) from unnest($1::uuid[], $2::float8[]) as u (endpoint_id, since)
   where d.endpoint_id = u.endpoint_id and d.due_at > clock_timestamp() and d.last_ms is not null and d.first_failed_at >= to_timestamp(u.since / 1000)`,
);
/** What failed at an address that is another one now has paused for nothing, and comes now. Stands on webhook_delivery_due. */
const RELEASE_ALL = statement(
  'release_webhook_deliveries_of_endpoint',
  `update webhook_delivery set due_at = clock_timestamp(), not_before = null
   where endpoint_id = $1 and due_at > clock_timestamp() and last_ms is not null`,
);
const PARK_ALL = statement(
  'park_webhook_deliveries',
  `update webhook_delivery set state = 'parked', due_at = null where endpoint_id = any($1::uuid[]) and state = 'waiting' and due_at is not null`,
);
/**
 * Begins anew: another three days. One that is being posted just now (nobody has said how long that took) is not posted a second time
 * beside it.
 */
const AGAIN = `state = 'waiting', due_at = greatest(clock_timestamp(), case when last_ms is null then last_tried_at + ${OPEN_AT_MOST} end), told_at = clock_timestamp(), tries = 0, first_failed_at = null, not_before = null`;
const RESEND = statement(
  'resend_webhook_delivery',
  `update webhook_delivery set ${AGAIN}, asked_for = true where id = $1 and endpoint_id = $2 and content is not null returning id`,
);
const RESEND_PARKED = statement(
  'resend_parked_webhook_deliveries',
  `update webhook_delivery set ${AGAIN}, asked_for = false
   where id in (select id from webhook_delivery where endpoint_id = $1 and state = 'parked' and content is not null limit $2) returning id`,
);
const LIST = statement(
  'list_webhook_deliveries',
  `select id, kind, state, created_at as "createdAt", tries, due_at as "dueAt", last_tried_at as "lastTriedAt", last_status as "lastStatus",
          last_error as "lastError", last_ms as "lastMs", content is not null as "isKept"
   from webhook_delivery
   where endpoint_id = $1 and ($2::text is null or state = $2) and ($3::text is null or kind = $3) and ($4::uuid is null or id < $4)
   order by id desc limit $5`,
);
const EXISTS = statement('webhook_delivery_exists', `select id from webhook_delivery where id = $1 and endpoint_id = $2`);
const PARKED = statement(
  'count_parked_webhook_deliveries',
  `select count(*)::int as count from webhook_delivery where state = 'parked'`,
);
/** Stands on webhook_delivery_of_subject. */
const FORGET = statement(
  'forget_webhook_deliveries',
  `update webhook_delivery set content = null, state = case when state = 'waiting' then 'parked' else state end, due_at = null where subject = any($1::uuid[])`,
);

/** The only place that knows `webhook_delivery`. */
export const deliveryStore = {
  add: (tx: Transaction, deliveries: readonly NewDelivery[]) =>
    tx.query(ADD, [
      deliveries.map(({ id }) => id),
      deliveries.map(({ endpointId }) => endpointId),
      deliveries.map(({ kind }) => kind),
      deliveries.map(({ body }) => tx.seals.seal(CONTENT, body)),
      deliveries.map(({ subject }) => subject),
      deliveries.map(({ isPersonal }) => isPersonal),
      deliveries.map(({ isAskedFor }) => isAskedFor),
    ]),

  /** `carefullyFrom`: an endpoint with so many failures in a row gets one at a time. What was erased meanwhile is not given. */
  async take(db: Queryable, rooms: ReadonlyMap<string, number>, carefullyFrom: number): Promise<TakenDelivery[]> {
    const rows = await db.query<Omit<TakenDelivery, 'body'> & { content: Buffer | null }>(TAKE, [
      [...rooms.keys()],
      [...rooms.values()],
      carefullyFrom,
    ]);
    return rows.flatMap(({ content, ...row }) => (content === null ? [] : [{ ...row, body: bodyIn(db, content) }]));
  },

  settle: (db: Queryable, settled: readonly SettledDelivery[]) =>
    db.query(SETTLE, [
      settled.map(({ id }) => id),
      settled.map(({ tries }) => tries),
      settled.map(({ state }) => state),
      settled.map(({ delayMs }) => delayMs),
      settled.map(({ askedMs }) => askedMs),
      settled.map(({ status }) => status),
      settled.map(({ error }) => error),
      settled.map(({ tookMs }) => tookMs),
    ]),

  release: (tx: Transaction, recovered: readonly { readonly id: string; readonly recoveredFrom: number }[]) =>
    tx.query(RELEASE, [recovered.map(({ id }) => id), recovered.map(({ recoveredFrom }) => recoveredFrom)]),
  releaseAll: (tx: Transaction, endpointId: string) => tx.query(RELEASE_ALL, [endpointId]),
  parkAll: (tx: Transaction, endpointIds: readonly string[]) => tx.query(PARK_ALL, [endpointIds]),
  /** False when what it carried is not kept any more. */
  resend: async (db: Queryable, endpointId: string, id: string): Promise<boolean> =>
    (await db.query(RESEND, [id, endpointId])).length > 0,
  resendParked: async (db: Queryable, endpointId: string, limit: number): Promise<string[]> =>
    (await db.query<{ id: string }>(RESEND_PARKED, [endpointId, limit])).map(({ id }) => id),
  list: (
    db: Queryable,
    endpointId: string,
    { state, kind, before }: { state: string | null; kind: string | null; before: string | null },
    limit: number,
  ) => db.query<LoggedDelivery>(LIST, [endpointId, state, kind, before, limit]),
  exists: async (db: Queryable, endpointId: string, id: string): Promise<boolean> =>
    (await db.query(EXISTS, [id, endpointId])).length > 0,
  parkedCount: async (db: Queryable): Promise<number> => (await db.query<{ count: number }>(PARKED))[0]?.count ?? 0,
  forget: (tx: Transaction, subjects: readonly EntityKey[]) => tx.query(FORGET, [subjects]),
};

function bodyIn(db: Queryable, content: Buffer): string | null {
  try {
    return db.seals.openText(CONTENT, content);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
