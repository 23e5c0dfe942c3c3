import { type Queryable, statement } from '@wapas/database';
import { type MessageSettled, type ReceiptRecorded } from '../channels.events';
import { SENT_AS } from './message.store';
import { LATEST_CATEGORY, STANDS } from './receipt.store';

/** A call that a provider took although it had refused it, or that it then reported as failed, and that another one followed. */
export interface EarlierAttempt {
  readonly messageId: string;
  readonly runId: string;
  readonly step: string;
  readonly channel: string;
  readonly fence: number;
  readonly provider: string;
  /** Business time of the call. */
  readonly at: Date;
  /** Business time at which we heard that it had arrived; null: it has not. */
  readonly deliveredAt: Date | null;
  /** Business time at which we heard that it had failed; null: that is not stored any more. */
  readonly failedAt: Date | null;
  /** The vendor's latest word. */
  readonly category: string | null;
  readonly billable: boolean | null;
  readonly parts: number | null;
  /** As in `MessageSettled`. */
  readonly country: string | null;
  /** As in `MessageSettled`. */
  readonly sentAs: string | null;
}

/** The earlier attempt of a message m that arrived first, although it had been reported as failed; no row as a rule. */
const ARRIVED = `
  left join lateral (
    select e.fence, e.attempt, e.provider, e.called_at from earlier_attempt e
    where m.reopened is not null and e.message_id = m.id and (e.attempt, e.provider) =
          (select r.attempt, r.provider from receipt r where r.message_id = m.id and r.kind in ('delivered', 'read') order by r.received_at, r.kind, r.id limit 1)
    order by e.fence limit 1) arrived on true`;
/** A message stands for the attempt that arrived, or else for its last one. A message that was never called is counted by when it was planned. */
const SETTLED = `
  select m.id as "messageId", m.run_id as "runId", m.lap, m.step, m.channel, coalesce(arrived.provider, m.provider) as provider, m.state, m.reason,
         coalesce(arrived.called_at, m.called_at, m.created_at) as at, m.parts, m.country, ${SENT_AS} as "sentAs"
  from message m ${ARRIVED} where m.state in ('sent', 'rejected', 'unknown', 'skipped', 'expired')`;
/** Stands on message_once. */
const SETTLED_OF_RUNS = statement('message_facts_of_runs', `${SETTLED} and m.run_id = any($1::uuid[])`);
/** Stands on the key of message. */
const SETTLED_BY_IDS = statement('message_facts_by_ids', `${SETTLED} and m.id = any($1::uuid[])`);
/** What was said of billing counts for the call it was said of. */
const RECEIPTS = `
  select m.id as "messageId", m.run_id as "runId", m.lap, m.step, m.channel, r.kind, r.received_at as at, case when r.attempt = coalesce(arrived.attempt, m.reopened, 0) then r.billing end as billing
  from message m ${ARRIVED} join receipt r on r.message_id = m.id and ${STANDS}`;
/** Stands on message_once and receipt_once. */
const RECEIPTS_OF_RUNS = statement('receipt_facts_of_runs', `${RECEIPTS} where m.run_id = any($1::uuid[])`);
/** Stands on the key of message and receipt_once. */
const RECEIPTS_BY_IDS = statement('receipt_facts_by_ids', `${RECEIPTS} where m.id = any($1::uuid[])`);
/** The others: what each of them bills is its own. */
const EARLIER = `
  select m.id as "messageId", m.run_id as "runId", m.step, e.channel, e.fence, e.provider, e.called_at as at, r.delivered_at as "deliveredAt", r.failed_at as "failedAt", r.category, r.billable, coalesce(r.parts, m.parts) as parts, m.country, ${SENT_AS} as "sentAs"
  from message m ${ARRIVED}
  cross join lateral (
    select fence, attempt, provider, channel, called_at from earlier_attempt where message_id = m.id and fence is distinct from arrived.fence
    union all select m.fence, m.reopened, m.provider, m.channel, m.called_at where arrived.fence is not null) e
  cross join lateral (
    select min(received_at) filter (where kind in ('delivered', 'read')) as delivered_at, min(received_at) filter (where kind = 'failed') as failed_at, ${LATEST_CATEGORY} as category, bool_and((billing ->> 'billable')::boolean) as billable, max((billing ->> 'parts')::int) as parts
    from receipt r where message_id = m.id and attempt = e.attempt and r.provider = e.provider) r`;
/** Stands on message_once, the key of earlier_attempt and receipt_once. */
const EARLIER_OF_RUNS = statement(
  'earlier_attempts_of_runs',
  `${EARLIER} where m.reopened is not null and m.run_id = any($1::uuid[])`,
);
/** Stands on the keys of message and earlier_attempt and on receipt_once. */
const EARLIER_BY_IDS = statement('earlier_attempts_by_ids', `${EARLIER} where m.reopened is not null and m.id = any($1::uuid[])`);
/** Stands on the key of earlier_attempt. */
const SEVERAL = statement(
  'messages_of_several_attempts',
  `select distinct message_id as id from earlier_attempt where message_id = any($1::uuid[])`,
);

const OWNERS = statement(
  'owners_of_messages',
  `select id, journey_key as "journeyKey", person_id as "personId", test from message where id = any($1::uuid[])`,
);
const TESTS = statement('messages_of_tests', `select id from message where id = any($1::uuid[]) and test`);
const RUNS = statement('runs_of_messages', `select id, run_id as "runId" from message where id = any($1::uuid[])`);

export interface MessageOwner {
  readonly journeyKey: string;
  readonly personId: string;
  readonly test: boolean;
}

type SettledRow = Omit<MessageSettled, 'at'> & { readonly at: Date };
const settledIn = (row: SettledRow): MessageSettled => ({ ...row, at: row.at.toISOString() });

type ReceiptRow = Omit<ReceiptRecorded, 'at' | 'billing'> & {
  readonly at: Date;
  readonly billing: ReceiptRecorded['billing'] | null;
};
const receiptIn = ({ billing, ...row }: ReceiptRow): ReceiptRecorded => ({
  ...row,
  at: row.at.toISOString(),
  ...(billing ? { billing } : {}),
});

/** What was said of messages on the bus, read again from what is stored. */
export const messageFacts = {
  /** Those of these messages that belong to test runs. */
  testsAmong: async (db: Queryable, messageIds: readonly string[]): Promise<Set<string>> =>
    new Set((await db.query<{ id: string }>(TESTS, [messageIds])).map(({ id }) => id)),

  /** Of which journey these messages are, to whom, and whether in test mode, by message. */
  async ownersOf(db: Queryable, messageIds: readonly string[]): Promise<Map<string, MessageOwner>> {
    const rows = await db.query<MessageOwner & { id: string }>(OWNERS, [messageIds]);
    return new Map(rows.map(({ id, ...owner }) => [id, owner]));
  },

  /** Whose runs these messages are of, by message. */
  async runsOf(db: Queryable, messageIds: readonly string[]): Promise<Map<string, string>> {
    if (messageIds.length === 0) return new Map();
    return new Map((await db.query<{ id: string; runId: string }>(RUNS, [messageIds])).map(({ id, runId }) => [id, runId]));
  },

  /** How the messages of these runs stand that have settled. `at`: of the call; of one that was never called, when it was planned. */
  settledOf: async (db: Queryable, runIds: readonly string[]) =>
    (await db.query<SettledRow>(SETTLED_OF_RUNS, [runIds])).map(settledIn),

  /** As `settledOf`, of these messages. */
  settledByIds: async (db: Queryable, messageIds: readonly string[]) =>
    (await db.query<SettledRow>(SETTLED_BY_IDS, [messageIds])).map(settledIn),

  receiptsOf: async (db: Queryable, runIds: readonly string[]) =>
    (await db.query<ReceiptRow>(RECEIPTS_OF_RUNS, [runIds])).map(receiptIn),

  /** As `receiptsOf`, of these messages. */
  receiptsByIds: async (db: Queryable, messageIds: readonly string[]) =>
    (await db.query<ReceiptRow>(RECEIPTS_BY_IDS, [messageIds])).map(receiptIn),

  /** The attempts of these runs' messages beside the one that each message stands for: a provider took them as well. */
  earlierOf: (db: Queryable, runIds: readonly string[]) => db.query<EarlierAttempt>(EARLIER_OF_RUNS, [runIds]),

  /** As `earlierOf`, of these messages. */
  earlierByIds: (db: Queryable, messageIds: readonly string[]) => db.query<EarlierAttempt>(EARLIER_BY_IDS, [messageIds]),

  /** Those of these messages that have such attempts. */
  severalAmong: async (db: Queryable, messageIds: readonly string[]): Promise<Set<string>> =>
    new Set((await db.query<{ id: string }>(SEVERAL, [messageIds])).map(({ id }) => id)),
};
