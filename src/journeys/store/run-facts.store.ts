import { type Queryable, statement } from '@wapas/database';
import { type RunEnded, type RunStarted } from '../journeys.api';

interface Row {
  readonly runId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly arm: RunStarted['arm'];
  readonly test: boolean;
  readonly reasonClass: string | null;
  readonly personId: string;
  readonly since: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
  readonly endEventId: string | null;
}

/** Stands on the key of run. */
const FACTS = statement(
  'run_facts_after',
  `select id as "runId", journey_key as "journeyKey", version, arm, test, facts #>> '{reason,class}' as "reasonClass", person_id as "personId",
          (stops ->> 'since')::float as since, started_at as "startedAt", ended_at as "endedAt", end_reason as "endReason", end_event_id as "endEventId"
   from run where id > $1 order by id limit $2`,
);
const OLDEST = statement('oldest_run', `select min(started_at) as "startedAt" from run`);

/** What was said of runs on the bus, read again from what is stored. */
export const runFacts = {
  /** The next runs by id after `afterId`: how they started, and how they ended where they have. */
  async after(db: Queryable, afterId: string, limit: number): Promise<{ started: RunStarted[]; ended: RunEnded[] }> {
    const rows = await db.query<Row>(FACTS, [afterId, limit]);
    return { started: rows.map(startOf), ended: rows.flatMap((row) => (row.endedAt ? [endOf(row, row.endedAt)] : [])) };
  },

  /** Null when there is no run. */
  oldest: async (db: Queryable) => (await db.query<{ startedAt: Date | null }>(OLDEST))[0]?.startedAt ?? null,
};

function startOf(row: Row): RunStarted {
  const { runId, journeyKey, version, arm, test, reasonClass, personId } = row;
  const at = row.startedAt.toISOString();
  return { runId, journeyKey, version, arm, test, reasonClass, personId, droppedOffAt: new Date(row.since).toISOString(), at };
}

const endOf = (row: Row, endedAt: Date): RunEnded => ({
  ...startOf(row),
  reason: row.endReason ?? '',
  eventId: row.endEventId,
  endedAt: endedAt.toISOString(),
});
