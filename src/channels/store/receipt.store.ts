import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import {
  type Again,
  type Billing,
  type ErrorClass,
  type FailureScope,
  type ReceiptKind,
  type Strikes,
} from '@wapas/provider-kit';
import { type Instant, newId, toDate } from '@wapas/kernel';
import { type MessageState } from '../rules/message-state';
import { type Attempts, type Heard } from '../rules/whose-receipt';
import { type Changed, CHANGED } from './message.store';

/** A receipt that has been matched, or not yet, to the message it is about. */
export interface MatchedReceipt extends Heard {
  readonly id: string;
  readonly at: number;
  readonly vendorUserId?: string;
  readonly class?: ErrorClass;
  readonly scope?: FailureScope;
  readonly code?: string;
  readonly only?: 'marketing';
  readonly holdsForMs?: number;
  readonly strikes?: Strikes;
  readonly again?: Again;
  readonly unlisted?: true;
  readonly billing?: Billing;
  /** Which of several attempts of a message it is about: the fence of the failed one before; 0: none. */
  readonly attempt?: number;
}

export interface HearingMessage extends Attempts {
  readonly id: string;
  readonly runId: string;
  readonly lap: number;
  readonly step: string;
  readonly channel: string;
  readonly state: MessageState;
  /** No provider has taken it since. */
  readonly isUntaken: boolean;
  /** Without failures that had a further attempt follow. */
  readonly heard: readonly ReceiptKind[];
}

const BY_VENDOR_ID = statement(
  'messages_by_vendor_id',
  `select vendor_id as "vendorId", message_id as "messageId", fence from attempt where provider = $1 and vendor_id = any($2::text[])`,
);
/** For vendors that echo nothing: a number settles a message only when one message can be meant. Stands on message_unknown. */
const ONLY_UNKNOWN = statement(
  'only_unknown_message',
  `select address_key as "addressKey", min(id::text) as "messageId", min(state) as state from message
   where provider = $1 and address_key = any($2::uuid[]) and state in ('unknown', 'calling') and called_at > business_now() - interval '3 days'
   group by address_key having count(*) = 1`,
);
const ADDRESS_KEYS = statement(
  'address_keys_of_messages',
  `select id, address_key as "addressKey" from message where id = any($1::uuid[]) and address_key is not null`,
);
const TEMPLATES = statement(
  'templates_of_messages',
  `select id, coalesce(template, content->>'template' || coalesce('/' || (content->>'language'), '')) as template from message where id = any($1::uuid[])`,
);
/** What the vendor said last of what it charges for, among receipts r of a message. */
export const LATEST_CATEGORY = `(array_agg(r.billing ->> 'category' order by r.received_at desc, r.billing ->> 'category' desc) filter (where r.billing ->> 'category' is not null))[1]`;
/** A failure that had a further attempt follow says nothing of the message any more. Of rows named r and m. */
export const STANDS = `(r.kind <> 'failed' or r.attempt = coalesce(m.reopened, 0))`;
const LOCK = statement('lock_messages_to_hear', `select id from message where id = any($1::uuid[]) order by id for update`);
/** A statement of its own, behind that of the locks: while it waits for a row a statement sees other tables as they were before. */
const HEARING = statement(
  'messages_to_hear',
  `select m.id, m.run_id as "runId", m.lap, m.step, m.channel, m.provider, m.state, m.address_key as "addressKey", m.reopened,
          coalesce(m.reopened = m.fence, false) or (m.reopened is not null and m.state not in ('calling', 'sent', 'unknown') and not m.maybe_sent
            and not exists (select from attempt a where a.message_id = m.id and a.fence = m.fence and a.outcome = 'accepted')) as "isUntaken",
          case when m.reopened is null then '{}' else array(select e.fence from earlier_attempt e where e.message_id = m.id order by e.fence) end as earlier,
          coalesce((select array_agg(r.kind) from receipt r where r.message_id = m.id and ${STANDS}), '{}') as heard
   from message m where m.id = any($1::uuid[])`,
);
const ADD = statement(
  'add_receipts',
  `insert into receipt (id, message_id, provider, kind, at, received_at, vendor_id, address_key, class, scope, code, billing, reach, attempt)
   select id, message_id, provider, kind, at, $13::timestamptz, vendor_id, address_key, class, scope, code, billing, reach, attempt
   from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::jsonb[], $14::int[])
        as u (id, message_id, provider, kind, at, vendor_id, address_key, class, scope, code, billing, reach, attempt)
   on conflict do nothing returning id`,
);
const SET_STATE = statement(
  'set_states_after_receipts',
  `update message m set state = u.state, reason = u.reason, offer_at = null, not_before = null, lease_until = null, settled_at = (select business_now())
   from unnest($1::uuid[], $2::text[], $3::text[]) as u (id, state, reason) where m.id = u.id
   returning ${CHANGED}`,
);
/**
 * Receipts that wait for our own commit, from a place in the line on. Older ones than a day stay listed. Locks nothing: most of
 * them are about messages that others send from the same account, and wait in vain. Stands on receipt_parked.
 */
const PARKED = statement(
  'parked_receipts',
  `select id, provider, received_at::text as "receivedAt" from receipt
   where message_id is null and received_at > business_now() - interval '1 day' and (received_at, id) > ($1::timestamptz, $2::uuid)
   order by received_at, id limit $3`,
);
/** Those of them whose message is there by now. Rows that another container is taking are passed over. Stands on attempt_by_vendor_id. */
const TAKE_PARKED = statement(
  'take_parked_receipts',
  `delete from receipt r using attempt a
   where r.id in (select p.id from receipt p where p.id = any($1::uuid[])
                    and exists (select from attempt b where b.provider = p.provider and b.vendor_id = p.vendor_id)
                  for update skip locked)
     and a.provider = r.provider and a.vendor_id = r.vendor_id
   returning r.id, a.message_id as "messageId", a.fence, r.provider, r.kind, extract(epoch from r.at)::float * 1000 as at, r.vendor_id as "vendorId", r.class, r.scope, r.code, r.billing, r.reach`,
);

/**
 * Reports that were told while a call was open that then came to nothing anybody knows of, or whose process died: the number says whose they
 * are, when one message can be meant. One whose message has become known by its id since is that one's: its answer may have been written down
 * a moment ago. Stands on the key of receipt, on message_unknown and on attempt_by_vendor_id.
 */
const TAKE_PARKED_BY_NUMBER = statement(
  'take_parked_receipts_by_number',
  `with meant as (
     select m.provider, m.address_key, min(m.id::text)::uuid as id, min(m.called_at) as called_at
     from (select distinct provider, address_key from receipt where id = any($1::uuid[]) and message_id is null and address_key is not null) p
     join message m on m.provider = p.provider and m.address_key = p.address_key and m.state in ('unknown', 'calling') and m.called_at > business_now() - interval '3 days'
     group by m.provider, m.address_key having count(*) = 1 and min(m.state) = 'unknown')
   delete from receipt r using meant m
   where r.id in (select p.id from receipt p where p.id = any($1::uuid[]) and p.message_id is null
                    and not exists (select from attempt a where a.provider = p.provider and a.vendor_id = p.vendor_id) for update skip locked)
     and r.provider = m.provider and r.address_key = m.address_key and r.received_at >= m.called_at
   returning r.id, m.id as "messageId", r.provider, r.kind, extract(epoch from r.at)::float * 1000 as at, r.vendor_id as "vendorId", r.class, r.scope, r.code, r.billing, r.reach`,
);

/** Stands on receipt_failed_of_address. */
const FAILURES_OF = statement(
  'failures_of_addresses',
  `select r.address_key as key, count(*)::int as count
   from unnest($1::uuid[], $2::text[], $3::float[]) as u (key, code, within_ms)
   join receipt r on r.address_key = u.key and r.code = u.code
   where r.kind = 'failed' and r.message_id is not null and r.received_at > (select business_now()) - u.within_ms * interval '1 millisecond'
   group by r.address_key`,
);

/** A place in the line of parked receipts. */
export interface ParkedPlace {
  readonly id: string;
  readonly receivedAt: string;
}

/** One that waits, as found in the line. */
export interface ParkedReceipt extends ParkedPlace {
  readonly provider: string;
}

export const FIRST_PARKED: ParkedPlace = { id: '00000000-0000-0000-0000-000000000000', receivedAt: '-infinity' };

/** The only place that knows `receipt`. */
export const receiptStore = {
  byVendorId: (tx: Transaction, provider: string, vendorIds: readonly string[]) =>
    tx.query<{ vendorId: string; messageId: string; fence: number }>(BY_VENDOR_ID, [provider, vendorIds]),
  onlyUnknown: (tx: Transaction, provider: string, addressKeys: readonly string[]) =>
    tx.query<{ addressKey: string; messageId: string; state: 'unknown' | 'calling' }>(ONLY_UNKNOWN, [provider, addressKeys]),
  /** Where messages went, as keyed hashes, by message. */
  async addressKeys(tx: Transaction, ids: readonly string[]): Promise<Map<string, EntityKey>> {
    if (ids.length === 0) return new Map();
    const rows = await tx.query<{ id: string; addressKey: EntityKey }>(ADDRESS_KEYS, [ids]);
    return new Map(rows.map((row) => [row.id, row.addressKey]));
  },
  /** Which registered templates messages used, as pauses name them; null for content without one. */
  async templates(tx: Transaction, ids: readonly string[]): Promise<Map<string, string | null>> {
    const rows = await tx.query<{ id: string; template: string | null }>(TEMPLATES, [ids]);
    return new Map(rows.map((row) => [row.id, row.template]));
  },
  async lock(tx: Transaction, ids: readonly string[]): Promise<HearingMessage[]> {
    const [, messages] = await Promise.all([tx.query(LOCK, [ids]), tx.query<HearingMessage>(HEARING, [ids])]);
    return messages;
  },

  /** `now`: when they are heard. Gives the ids that were new: the same thing said twice about a message is one receipt. */
  async add(tx: Transaction, receipts: readonly MatchedReceipt[], now: Instant): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(ADD, [
      receipts.map((one) => one.id),
      receipts.map((one) => one.messageId),
      receipts.map((one) => one.provider),
      receipts.map((one) => one.kind),
      receipts.map((one) => new Date(one.at)),
      receipts.map((one) => one.vendorId ?? null),
      receipts.map((one) => one.addressKey ?? null),
      receipts.map((one) => one.class ?? null),
      receipts.map((one) => one.scope ?? null),
      receipts.map((one) => one.code ?? null),
      receipts.map((one) => (one.billing ? JSON.stringify(one.billing) : null)),
      receipts.map(reachOf),
      toDate(now),
      receipts.map((one) => one.attempt ?? 0),
    ]);
    return new Set(rows.map((row) => row.id));
  },

  async setStates(
    tx: Transaction,
    states: readonly { id: string; state: MessageState; reason: string | null }[],
  ): Promise<Changed[]> {
    if (states.length === 0) return [];
    return tx.query<Changed>(SET_STATE, [
      states.map((one) => one.id),
      states.map((one) => one.state),
      states.map((one) => one.reason),
    ]);
  },

  /** The next ones in the line behind `last`. */
  parked: (database: Queryable, last: ParkedPlace, limit: number) =>
    database.query<ParkedReceipt>(PARKED, [last.receivedAt, last.id, limit]),
  /** Takes those out of the line whose message is known. */
  async takeParked(tx: Transaction, ids: readonly string[]): Promise<Omit<MatchedReceipt, 'addressKey'>[]> {
    return (await tx.query<ParkedRow>(TAKE_PARKED, [ids])).map(unparked);
  },
  /** Takes those out of the line whose number can mean one message alone. */
  async takeParkedByNumber(tx: Transaction, ids: readonly string[]): Promise<Omit<MatchedReceipt, 'addressKey'>[]> {
    const rows = await tx.query<ParkedRow>(TAKE_PARKED_BY_NUMBER, [ids]);
    return rows.map((row) => ({ ...unparked(row), isByNumber: true }));
  },

  /** How often failures of these codes came about these addresses within their times; addresses without any are left out. */
  async failuresOf(
    tx: Transaction,
    wanted: readonly { key: string; code: string; withinMs: number }[],
  ): Promise<Map<string, number>> {
    if (wanted.length === 0) return new Map();
    const rows = await tx.query<{ key: string; count: number }>(FAILURES_OF, [
      wanted.map(({ key }) => key),
      wanted.map(({ code }) => code),
      wanted.map(({ withinMs }) => withinMs),
    ]);
    return new Map(rows.map(({ key, count }) => [key, count]));
  },
};

export const newReceiptId = newId;

/** What a failure says beyond its message; nothing for the others. */
type Reach = Pick<MatchedReceipt, 'only' | 'holdsForMs' | 'strikes' | 'again' | 'unlisted'>;
function reachOf({ only, holdsForMs, strikes, again, unlisted }: MatchedReceipt): string | null {
  const reach: Reach = { only, holdsForMs, strikes, again, unlisted };
  return Object.values(reach).every((part) => part === undefined) ? null : JSON.stringify(reach);
}

type ParkedRow = Omit<MatchedReceipt, 'addressKey'> & { readonly reach: Reach | null };
const unparked = ({ reach, ...row }: ParkedRow): Omit<MatchedReceipt, 'addressKey'> => ({ ...withoutNulls(row), ...reach });

const withoutNulls = <Row extends object>(row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row;
