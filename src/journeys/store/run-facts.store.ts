import { type Queryable, statement } from '@wapas/database';
import { toInstant } from '@wapas/kernel';
import { type RecoveryReversed, type RunEnded, type RunStarted } from '../journeys.events';
import { compileVersion } from '../rules/compile-version';
import { type JourneyVersion } from '../rules/definition';
import { isBeforeFirstStep } from '../rules/start-run';
import { variantOfRun } from '../rules/variant-of-run';
import { journeyStore } from './journey.store';

/** Whose a run has become, and whose it was when it began. */
export interface RunMoved {
  readonly runId: string;
  readonly personId: string;
  readonly movedFrom: string;
}

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
  readonly enteredAt: Date;
  readonly lap: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
  readonly endEventId: string | null;
}

/** Runs in shadow are nobody's treatment: nobody was told of them. */
const COLUMNS = `id as "runId", journey_key as "journeyKey", version, arm, test, coalesce(reason_class, facts #>> '{reason,class}') as "reasonClass", person_id as "personId",
          moved_from as "movedFrom", (stops ->> 'since')::float as since, coalesce(entered_at, started_at) as "enteredAt", lap, started_at as "startedAt",
          ended_at as "endedAt", end_reason as "endReason", end_event_id as "endEventId"`;
const IS_HEARD = `not coalesce((memory ->> 'shadow')::boolean, false)`;
/** Stands on the key of run. */
const PAGE = statement('run_ids_after', `select id, ${IS_HEARD} as "isHeard" from run where id > $1 order by id limit $2`);
/** Stands on the key of run. */
const FACTS = statement('run_facts_of', `select ${COLUMNS} from run where id = any($1::uuid[]) and ${IS_HEARD} order by id`);
/** Stands on the key of run. */
const MOVED = statement(
  'runs_that_moved',
  `select id as "runId", person_id as "personId", moved_from as "movedFrom" from run where id = any($1::uuid[]) and moved_from is not null and ${IS_HEARD}`,
);
/** What ended them, as they were told. Stands on run_input_of_run. */
const GOALS = statement(
  'goals_told_of',
  `select run_id as "runId", detail ->> 'eventId' as "eventId", detail -> 'amount' as worth from run_input where run_id = any($1::uuid[]) and kind = 'goal_reached'`,
);
/** Stands on the key of run_reversal. */
const REVERSALS = statement(
  'reversals_of_runs',
  `select run_id as "runId", at, event_id as "eventId", amount::float8 as amount, currency from run_reversal where run_id = any($1::uuid[])`,
);

/** What was said of runs on the bus, read again from what is stored. */
export const runFacts = {
  /** The next runs by id after `afterId`, in shadow or not. */
  after: (db: Queryable, afterId: string, limit: number) => db.query<{ id: string; isHeard: boolean }>(PAGE, [afterId, limit]),

  /** How these runs started, and how they ended where they have; nothing of those that nobody was told of. */
  async of(
    db: Queryable,
    runIds: readonly string[],
  ): Promise<{ started: RunStarted[]; ended: RunEnded[]; reversed: RecoveryReversed[] }> {
    const rows = await db.query<Row>(FACTS, [runIds]);
    const versions = new Map(
      (await journeyStore.all(db)).map(({ key, version, definition }) => [
        `${key}@${version}`,
        compileVersion(definition, version),
      ]),
    );
    const versionOf = ({ journeyKey, version }: Row): JourneyVersion | undefined => versions.get(`${journeyKey}@${version}`);
    const starts = new Map(rows.map((row) => [row.runId, startOf(row, versionOf(row))]));
    const goals = await db.query<{ runId: string; eventId: string; worth: RunEnded['worth'] }>(GOALS, [[...starts.keys()]]);
    const worths = new Map(goals.map(({ runId, eventId, worth }) => [`${runId} ${eventId}`, worth]));
    const reversals = await db.query<{
      runId: string;
      at: Date;
      eventId: string;
      amount: number | null;
      currency: string | null;
    }>(REVERSALS, [[...starts.keys()]]);
    return {
      started: [...starts.values()],
      ended: rows.flatMap((row) =>
        row.endedAt === null
          ? []
          : [
              {
                ...endOf(row, row.endedAt, starts.get(row.runId) as RunStarted, versionOf(row)),
                worth: row.endReason === 'goal_reached' ? worths.get(`${row.runId} ${row.endEventId}`) : null,
              },
            ],
      ),
      reversed: reversals.map(({ runId, at, eventId, amount, currency }) => ({
        ...(starts.get(runId) as RunStarted),
        eventId,
        amount,
        currency,
        reversedAt: at.toISOString(),
      })),
    };
  },

  /** Whose these runs have become by now, of those that were somebody else's. */
  moved: (db: Queryable, runIds: readonly string[]) => db.query<RunMoved>(MOVED, [runIds]),
};

function startOf(row: Row, definition: JourneyVersion | undefined): RunStarted {
  const { runId, journeyKey, version, arm, test, reasonClass, personId } = row;
  const at = row.enteredAt.toISOString();
  const variant = definition && variantOfRun(definition, row.movedFrom ?? personId);
  const droppedOffAt = new Date(row.since).toISOString();
  return { runId, journeyKey, version, variant, arm, test, reasonClass, personId, droppedOffAt, at };
}

function endOf(row: Row, endedAt: Date, start: RunStarted, definition: JourneyVersion | undefined): RunEnded {
  const run = { lap: row.lap, startedAt: toInstant(row.startedAt) };
  return {
    ...start,
    reason: row.endReason ?? '',
    eventId: row.endEventId,
    endedAt: endedAt.toISOString(),
    isEarly: definition && isBeforeFirstStep(definition, run, toInstant(endedAt)),
  };
}
