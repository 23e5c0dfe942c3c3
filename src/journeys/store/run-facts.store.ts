import { type Queryable, statement } from '@wapas/database';
import { type RecoveryReversed, type RunEnded, type RunsMoved, type RunStarted } from '../journeys.api';
import { compileVersion } from '../rules/compile-version';
import { type JourneyVersion } from '../rules/definition';
import { variantOfRun } from '../rules/variant-of-run';
import { journeyStore } from './journey.store';

interface Row {
  readonly runId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly arm: RunStarted['arm'];
  readonly test: boolean;
  readonly reasonClass: string | null;
  readonly personId: string;
  readonly movedFrom: string | null;
  readonly since: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
  readonly endEventId: string | null;
}

/** Stands on the key of run. */
const FACTS = statement(
  'run_facts_after',
  `select id as "runId", journey_key as "journeyKey", version, arm, test, coalesce(reason_class, facts #>> '{reason,class}') as "reasonClass", person_id as "personId", moved_from as "movedFrom",
          (stops ->> 'since')::float as since, started_at as "startedAt", ended_at as "endedAt", end_reason as "endReason", end_event_id as "endEventId"
   from run where id > $1 order by id limit $2`,
);
/** Stands on the key of run_reversal. */
const REVERSALS = statement(
  'reversals_of_runs',
  `select run_id as "runId", at, event_id as "eventId", amount::float8 as amount from run_reversal where run_id = any($1::uuid[])`,
);
const OLDEST = statement('oldest_run', `select min(started_at) as "startedAt" from run`);

/** What was said of runs on the bus, read again from what is stored. */
export const runFacts = {
  /** The next runs by id after `afterId`: how they started, and how they ended where they have. */
  async after(
    db: Queryable,
    afterId: string,
    limit: number,
  ): Promise<{ started: RunStarted[]; ended: RunEnded[]; reversed: RecoveryReversed[]; moved: RunsMoved[] }> {
    const rows = await db.query<Row>(FACTS, [afterId, limit]);
    const versions = new Map(
      (await journeyStore.all(db)).map(({ key, version, definition }) => [
        `${key}@${version}`,
        compileVersion(definition, version),
      ]),
    );
    const started = rows.map((row) => startOf(row, versions.get(`${row.journeyKey}@${row.version}`)));
    const ended = rows.flatMap((row, index) => (row.endedAt ? [endOf(row, row.endedAt, started[index] as RunStarted)] : []));
    const starts = new Map(started.map((one) => [one.runId, one]));
    const reversals = await db.query<{ runId: string; at: Date; eventId: string; amount: number | null }>(REVERSALS, [
      [...starts.keys()],
    ]);
    const reversed = reversals.map(({ runId, at, eventId, amount }) => ({
      ...(starts.get(runId) as RunStarted),
      eventId,
      amount,
      reversedAt: at.toISOString(),
    }));
    const moved = rows.flatMap(({ runId, personId, movedFrom }) =>
      movedFrom === null ? [] : [{ guestId: movedFrom, personId, runIds: [runId] }],
    );
    return { started, ended, reversed, moved };
  },

  /** Null when there is no run. */
  oldest: async (db: Queryable) => (await db.query<{ startedAt: Date | null }>(OLDEST))[0]?.startedAt ?? null,
};

function startOf(row: Row, definition: JourneyVersion | undefined): RunStarted {
  const { runId, journeyKey, version, arm, test, reasonClass, personId } = row;
  const at = row.startedAt.toISOString();
  const variant = definition && variantOfRun(definition, row.movedFrom ?? personId);
  const droppedOffAt = new Date(row.since).toISOString();
  return { runId, journeyKey, version, variant, arm, test, reasonClass, personId, droppedOffAt, at };
}

const endOf = (row: Row, endedAt: Date, start: RunStarted): RunEnded => ({
  ...start,
  reason: row.endReason ?? '',
  eventId: row.endEventId,
  endedAt: endedAt.toISOString(),
});
