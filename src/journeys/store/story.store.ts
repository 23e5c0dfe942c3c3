import { type Queryable, statement } from '@wapas/database';
import { type Instant, toDate } from '@wapas/kernel';

/** A run with everything that was decided about it. */
export interface RunStory {
  readonly id: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly personId: string;
  readonly triggerId: string;
  readonly arm: string;
  readonly test: boolean;
  readonly lap: number;
  readonly shadow: boolean;
  readonly enteredAt: Date;
  /** T: later than the entry after a hold, and when it began anew. */
  readonly startedAt: Date;
  readonly expiresAt: Date;
  readonly dueAt: Date | null;
  readonly nextStep: number;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
  readonly endEventId: string | null;
  readonly decisions: readonly {
    at: string;
    kind: string;
    step: string | null;
    reason: string | null;
    detail: Readonly<Record<string, unknown>> | null;
  }[];
}

export interface Refusal {
  readonly eventId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly reason: string;
  readonly at: Date;
}

/** A trigger that started nothing; `personId` is null where it was about nobody who is known. */
export interface RefusedTrigger extends Omit<Refusal, 'journeyKey'> {
  readonly personId: string | null;
}

const COLUMNS = `r.id, r.journey_key as "journeyKey", r.version, r.person_id as "personId", r.trigger_id as "triggerId", r.arm, r.test, r.lap,
  coalesce((r.memory ->> 'shadow')::boolean, false) as shadow, coalesce(r.entered_at, r.started_at) as "enteredAt", r.started_at as "startedAt", r.expires_at as "expiresAt", r.due_at as "dueAt", r.next_step as "nextStep", r.ended_at as "endedAt",
  r.end_reason as "endReason", r.end_event_id as "endEventId",
  coalesce((select jsonb_agg(jsonb_build_object('at', d.at, 'kind', d.kind, 'step', d.step, 'reason', d.reason, 'detail', d.detail) order by d.at)
            from decision d where d.run_id = r.id), '[]') as decisions`;

const BY_ID = statement('run_story', `select ${COLUMNS} from run r where r.id = $1`);
const OF_PERSON = statement(
  'run_stories_of_person',
  `select ${COLUMNS} from run r where r.person_id = $1 order by r.started_at desc limit $2`,
);
const IDS_OF_PERSON = statement('run_ids_of_person', `select id from run where person_id = $1 order by started_at desc, id desc`);
const BY_IDS = statement(
  'run_stories',
  `select ${COLUMNS} from run r where r.id = any($1::uuid[]) order by r.started_at desc, r.id desc`,
);
const REFUSALS = statement(
  'refusals_of_person',
  `select event_id as "eventId", journey_key as "journeyKey", version, reason, at from refusal where person_id = $1 order by at desc limit $2`,
);
/** Both stand on refusal_of_journey. */
const REFUSAL_COUNTS = statement(
  'refusals_of_journey_by_reason',
  `select reason, count(*)::int as count, max(at) as "lastAt" from refusal where journey_key = $1 and at >= $2 group by reason order by 2 desc, 1`,
);
const LATEST_REFUSALS = statement(
  'latest_refusals_of_journey',
  `select event_id as "eventId", version, person_id as "personId", reason, at from refusal where journey_key = $1 and at >= $2 order by at desc limit $3`,
);

export const storyStore = {
  run: async (db: Queryable, id: string): Promise<RunStory | null> => (await db.query<RunStory>(BY_ID, [id]))[0] ?? null,
  runsOfPerson: (db: Queryable, personId: string, limit: number) => db.query<RunStory>(OF_PERSON, [personId, limit]),
  /** Of all runs of a person, latest first. */
  idsOfPerson: async (db: Queryable, personId: string): Promise<string[]> =>
    (await db.query<{ id: string }>(IDS_OF_PERSON, [personId])).map(({ id }) => id),
  /** Latest first. */
  runs: (db: Queryable, ids: readonly string[]) => db.query<RunStory>(BY_IDS, [ids]),
  refusalCounts: (db: Queryable, journeyKey: string, since: Instant) =>
    db.query<{ reason: string; count: number; lastAt: Date }>(REFUSAL_COUNTS, [journeyKey, toDate(since)]),
  latestRefusals: (db: Queryable, journeyKey: string, since: Instant, limit: number) =>
    db.query<RefusedTrigger>(LATEST_REFUSALS, [journeyKey, toDate(since), limit]),
  refusalsOfPerson: (db: Queryable, personId: string, limit: number) => db.query<Refusal>(REFUSALS, [personId, limit]),
};
