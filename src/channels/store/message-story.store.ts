import { type Queryable, statement } from '@wapas/database';
import { wordsIn } from './sealed-attempt';

/** A message with its calls and what was heard of it, for timelines. Never its text or its address. */
export interface MessageStory {
  readonly id: string;
  readonly runId: string;
  readonly step: string;
  readonly channel: string;
  readonly provider: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly dueAt: Date;
  readonly notAfter: Date;
  readonly createdAt: Date;
  readonly calledAt: Date | null;
  /** When something else than the answer to a call settled it last. */
  readonly settledAt: Date | null;
  /** Name of its registered text, or the vendor's name of its template; null: its text stands in the journey. */
  readonly template: string | null;
  readonly locale: string | null;
  readonly attempts: readonly {
    fence: number;
    provider: string;
    startedAt: string;
    endedAt: string;
    outcome: string;
    code: string | null;
    /** The vendor's own words, opened; null when it said nothing, they are erased or cannot be opened. */
    detail: string | null;
  }[];
  /** `provider`: who said it; `app` and such for what our own side knows. */
  readonly receipts: readonly { kind: string; provider: string; at: string; receivedAt: string; code: string | null }[];
}

type StoredStory = Omit<MessageStory, 'attempts'> & {
  readonly attempts: readonly (MessageStory['attempts'][number] & { readonly sealed: string | null })[];
};

/** Stands on message_once, the attempts' key and receipt_once. */
const OF_RUNS = statement(
  'message_stories',
  `select m.id, m.run_id as "runId", m.step, m.channel, m.provider, m.state, m.reason, m.due_at as "dueAt", m.not_after as "notAfter",
          m.created_at as "createdAt", m.called_at as "calledAt", m.settled_at as "settledAt", m.template, m.locale,
          coalesce((select jsonb_agg(jsonb_build_object('fence', a.fence, 'provider', a.provider, 'startedAt', a.started_at, 'endedAt', a.ended_at,
                    'outcome', a.outcome, 'code', a.code, 'detail', a.detail, 'sealed', encode(a.sealed, 'base64')) order by a.fence, a.part) from attempt a where a.message_id = m.id), '[]') as attempts,
          coalesce((select jsonb_agg(jsonb_build_object('kind', r.kind, 'provider', r.provider, 'at', r.at, 'receivedAt', r.received_at, 'code', r.code) order by r.received_at)
                    from receipt r where r.message_id = m.id), '[]') as receipts
   from message m where m.run_id = any($1::uuid[]) order by m.due_at, m.id`,
);
const UNKNOWN = statement('count_unknown_messages', `select count(*)::int as count from message where state = 'unknown'`);
/** Stands on message_waiting. */
const WAITING = statement(
  'count_waiting_messages',
  `select provider, count(*)::int as count
   from (select provider from message where state in ('planned', 'retryable') and provider is not null limit 100000) m group by provider`,
);

export const messageReader = {
  waitingCounts: (db: Queryable) => db.query<{ provider: string; count: number }>(WAITING),
  async storiesOf(db: Queryable, runIds: readonly string[]): Promise<MessageStory[]> {
    const stories = await db.query<StoredStory>(OF_RUNS, [runIds]);
    return stories.map((story) => ({
      ...story,
      attempts: story.attempts.map(({ sealed, detail, ...attempt }) => ({
        ...attempt,
        detail: wordsIn(db.seals, { sealed, detail }),
      })),
    }));
  },
  unknownCount: async (db: Queryable) => (await db.query<{ count: number }>(UNKNOWN))[0]?.count ?? 0,
};
