import { type Queryable, statement, uuidArray } from '@wapas/database';
import { type Instant, instantFromMillis, toDate } from '@wapas/kernel';
import { type ReceiptKind } from '@wapas/provider-kit';
import { type TakenMessage } from '../rules/caps';
import { type RecordedClaim } from '../rules/claim';
import { type MessageState } from '../rules/message-state';

/** A message as it really went, for whoever lays something else beside it. */
export interface PastMessage {
  readonly runId: string;
  readonly step: string;
  readonly lap: number;
  readonly channel: string;
  readonly provider: string | null;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly parts: number | null;
  readonly category: string | null;
  /** When its last call started, business time; null: none ever did. */
  readonly calledAt: Instant | null;
  readonly dueAt: Instant;
  /** What its last claim was judged by; null when it never came to one, or went out before that was kept. */
  readonly claim: RecordedClaim | null;
  /** What was heard of it, and when that was heard. */
  readonly receipts: readonly { readonly kind: ReceiptKind; readonly at: Instant }[];
}

/** Times in milliseconds: the receipts travel as JSON. Stands on message_once and receipt_once. */
const OF_RUNS = statement(
  'past_messages_of_runs',
  `select m.run_id as "runId", m.step, m.lap, m.channel, m.provider, m.state, m.reason, m.parts, m.claims -> -1 as claim,
          (extract(epoch from m.called_at) * 1000)::float8 as "calledAt", (extract(epoch from m.due_at) * 1000)::float8 as "dueAt",
          (select jsonb_agg(jsonb_build_array(r.kind, (extract(epoch from r.received_at) * 1000)::float8) order by r.received_at) from receipt r where r.message_id = m.id) as receipts,
          (select min(r.billing ->> 'category') from receipt r where r.message_id = m.id) as category
   from unnest($1::uuid[]) as wanted (id)
   cross join lateral (select * from message m where m.run_id = wanted.id offset 0) m`,
);
/** What counts against the caps of people over a stretch of time. Stands on message_taken. */
const TAKEN = statement(
  'messages_taken_then',
  `select m.person_id as "personId", m.run_id as "runId", m.journey_key as "journeyKey", coalesce((m.caps ->> 'marketing')::boolean, false) as marketing,
          (extract(epoch from m.called_at) * 1000)::float8 as "calledAt"
   from unnest($1::uuid[]) as wanted (id)
   cross join lateral (select * from message m where m.person_id = wanted.id and m.state in ('calling', 'sent', 'unknown')
                          and m.called_at >= $2 and m.called_at < $3 offset 0) m`,
);

interface Row extends Omit<PastMessage, 'calledAt' | 'dueAt' | 'receipts'> {
  readonly calledAt: number | null;
  readonly dueAt: number;
  readonly receipts: readonly [ReceiptKind, number][] | null;
}

const instantOf = (millis: number): Instant => instantFromMillis(Math.floor(millis));

/** Reads what was really sent; never writes. */
export const pastMessages = {
  async ofRuns(db: Queryable, runIds: readonly string[]): Promise<PastMessage[]> {
    if (runIds.length === 0) return [];
    return (await db.query<Row>(OF_RUNS, [uuidArray(runIds)])).map((row) => ({
      ...row,
      calledAt: row.calledAt === null ? null : instantOf(row.calledAt),
      dueAt: instantOf(row.dueAt),
      receipts: (row.receipts ?? []).map(([kind, at]) => ({ kind, at: instantOf(at) })),
    }));
  },

  /** Of every journey, those of one run included. */
  async taken(
    db: Queryable,
    personIds: readonly string[],
    from: Instant,
    to: Instant,
  ): Promise<(TakenMessage & { readonly journeyKey: string })[]> {
    if (personIds.length === 0) return [];
    const rows = await db.query<Omit<TakenMessage, 'calledAt'> & { journeyKey: string; calledAt: number }>(TAKEN, [
      uuidArray(personIds),
      toDate(from),
      toDate(to),
    ]);
    return rows.map((row) => ({ ...row, calledAt: instantOf(row.calledAt) }));
  },
};
