import { type Queryable, statement, uuidArray } from '@wapas/database';
import { type Instant, instantFromEpoch, toDate } from '@wapas/kernel';
import { type ReceiptKind } from '@wapas/provider-kit';
import { type TakenMessage } from '../rules/caps';
import { type RecordedClaim } from '../rules/claim';
import { type MessageState } from '../rules/message-state';
import { SENT_AS } from './message.store';
import { LATEST_CATEGORY, STANDS } from './receipt.store';

/** A message as it really went, for whoever lays something else beside it. */
export interface PastMessage {
  readonly step: string;
  readonly lap: number;
  readonly channel: string;
  readonly provider: string | null;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly parts: number | null;
  /** The vendor's latest word on what it charges for; null: it has said nothing. */
  readonly category: string | null;
  /** The price category that was known of it before. */
  readonly sentAs: string | null;
  /** Of the number its last call went to, ISO 3166; null: to no number, or not known. */
  readonly country: string | null;
  /** When its last call started, business time; null: none ever did. */
  readonly calledAt: Instant | null;
  readonly dueAt: Instant;
  /** What its last claim was judged by beside marks and caps; null when it never came to one, or went out before that was kept. */
  readonly claim: Omit<RecordedClaim, 'marks' | 'had' | 'taken' | 'limits' | 'spend'> | null;
  /** What was heard of it, and when that was heard. */
  readonly receipts: readonly { readonly kind: ReceiptKind; readonly at: Instant }[];
}

/** Times in seconds: the receipts travel as JSON, as json since jsonb is built before it is written. Stands on message_once and receipt_once. */
const OF_RUNS = statement(
  'past_messages_of_runs',
  `select m.run_id as "runId", m.step, m.lap, m.channel, m.provider, m.state, m.reason, m.parts, m.country, ${SENT_AS} as "sentAs", (m.claims -> -1) - '{marks,had,taken,limits,spend}'::text[] as claim,
          date_part('epoch', m.called_at) as "calledAt", date_part('epoch', m.due_at) as "dueAt", heard.receipts, heard.category
   from unnest($1::uuid[]) as wanted (id)
   cross join lateral (select * from message m where m.run_id = wanted.id offset 0) m
   cross join lateral (select json_agg(json_build_array(r.kind, date_part('epoch', r.received_at)) order by r.received_at) as receipts, ${LATEST_CATEGORY} as category
                       from receipt r where r.message_id = m.id and ${STANDS}) heard`,
);
/**
 * What counts against the caps of people over a stretch of time; of one journey only what was called before a moment, or is of one of some
 * runs. Stands on message_taken.
 */
const TAKEN = statement(
  'messages_taken_then',
  `select m.person_id as "personId", m.run_id as "runId", coalesce((m.caps ->> 'marketing')::boolean, false) as marketing, date_part('epoch', m.called_at) as "calledAt"
   from unnest($1::uuid[]) as wanted (id)
   cross join lateral (select * from message m where m.person_id = wanted.id and m.state in ('calling', 'sent', 'unknown')
                          and m.called_at >= $2 and m.called_at < $3 offset 0) m
   where m.journey_key <> $4 or m.called_at < $5 or m.run_id in (select unnest($6::uuid[]))`,
);

interface Row extends Omit<PastMessage, 'calledAt' | 'dueAt' | 'receipts'> {
  readonly runId: string;
  readonly calledAt: number | null;
  readonly dueAt: number;
  readonly receipts: readonly [ReceiptKind, number][] | null;
}

/** Whose messages, and which of them. */
export interface TakenOf {
  readonly personIds: readonly string[];
  readonly from: Instant;
  readonly to: Instant;
  /** What a journey sent from a moment on is left out, but for what these runs of it sent. */
  readonly without: { readonly journeyKey: string; readonly since: Instant; readonly butOfRuns: readonly string[] };
}

/** Reads what was really sent; never writes. */
export const pastMessages = {
  /** By run; one without messages is absent. */
  async ofRuns(db: Queryable, runIds: readonly string[]): Promise<ReadonlyMap<string, readonly PastMessage[]>> {
    if (runIds.length === 0) return new Map();
    const found = new Map<string, PastMessage[]>();
    for (const row of await db.query<Row>(OF_RUNS, [uuidArray(runIds)])) {
      const ofRun = found.get(row.runId);
      if (ofRun) ofRun.push(toPastMessage(row));
      else found.set(row.runId, [toPastMessage(row)]);
    }
    return found;
  },

  async taken(db: Queryable, { personIds, from, to, without }: TakenOf): Promise<TakenMessage[]> {
    if (personIds.length === 0) return [];
    const { journeyKey, since, butOfRuns } = without;
    const values = [uuidArray(personIds), toDate(from), toDate(to), journeyKey, toDate(since), uuidArray(butOfRuns)];
    const rows = await db.query<Omit<TakenMessage, 'calledAt'> & { calledAt: number }>(TAKEN, values);
    return rows.map((row) => ({ ...row, calledAt: instantFromEpoch(row.calledAt) }));
  },
};

const toPastMessage = ({
  step,
  lap,
  channel,
  provider,
  state,
  reason,
  parts,
  category,
  sentAs,
  country,
  calledAt,
  dueAt,
  claim,
  receipts,
}: Row): PastMessage => ({
  step,
  lap,
  channel,
  provider,
  state,
  reason,
  parts,
  category,
  sentAs,
  country,
  calledAt: calledAt === null ? null : instantFromEpoch(calledAt),
  dueAt: instantFromEpoch(dueAt),
  claim,
  receipts: (receipts ?? []).map(([kind, at]) => ({ kind, at: instantFromEpoch(at) })),
});
