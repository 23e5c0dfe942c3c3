import { type Queryable, type Seals, statement } from '@wapas/database';
import { groupBy, type Instant, toDate, toInstant } from '@wapas/kernel';
import { type KeptDecision } from '../../rules/recorded';
import { type RunFacts, type RunMemory, type RunState } from '../../rules/run';
import { secretIn, type StoredSecret } from '../../store/sealed-run';

/** A run with everything that was written down about it, as it is stored. */
export interface StoredRecord {
  readonly id: string;
  readonly personId: string;
  readonly triggerId: string;
  readonly arm: RunState['arm'];
  /** Null: it entered before inputs were recorded. */
  readonly enteredAt: Instant | null;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
  readonly dueAt: Instant | null;
  readonly lap: number;
  readonly nextStep: number;
  readonly signals: RunState['signals'];
  readonly memory: RunMemory;
  readonly facts: RunFacts;
  /** False: what it knew is damaged, or its key is gone, and `facts` says nothing. */
  readonly isReadable: boolean;
  readonly isOver: boolean;
  readonly endReason: string | null;
  readonly lines: readonly StoredLine[];
}

export interface StoredLine {
  readonly at: Instant;
  /** Of an input, its kind and what it said; of a decision, the decision. */
  readonly input: { readonly kind: string; readonly detail: Readonly<Record<string, unknown>> } | null;
  readonly decision: KeptDecision | null;
}

/** Which runs a replay is about. */
export interface RunPeriod {
  readonly journeyKey: string;
  readonly version: number;
  readonly from: Instant;
  readonly to: Instant;
}

const OF_PERIOD = `journey_key = $1 and version = $2 and coalesce(entered_at, started_at) >= $3 and coalesce(entered_at, started_at) < $4`;
/** Reads the table once; nobody waits for it. */
const COUNT = statement('count_runs_of_period', `select count(*)::float8 as runs from run where ${OF_PERIOD}`);
/** Walks over the key in pieces of a bounded size: a journey that is rare among others does not make one look long. */
const PAGE = statement(
  'recorded_runs',
  `with walked as materialized (select * from run where id > $5::uuid order by id limit $6)
   select (select id from walked order by id desc limit 1) as "walkedTo",
          coalesce((select json_agg(w order by w.id) from (
            select id, person_id as "personId", trigger_id as "triggerId", arm, entered_at as "enteredAt", started_at as "startedAt", expires_at as "expiresAt",
                   due_at as "dueAt", lap, next_step as "nextStep", signals, memory, facts, stops, sealed, ended_at is not null as "isOver", end_reason as "endReason"
            from walked where ${OF_PERIOD}) w), '[]') as runs`,
);
/** Stands on run_input_of_run and decision_of_run. */
const LINES = statement(
  'recorded_lines',
  `select run_id as "runId", seq, at, true as "isInput", kind, null as step, null as reason, detail from run_input where run_id = any($1::uuid[])
   union all
   select run_id, seq, at, false, kind, step, reason, detail from decision where run_id = any($1::uuid[])
   order by 1, 2 nulls first`,
);

/** What audits read: never written here. */
export const recordedRunStore = {
  count: async (db: Queryable, period: RunPeriod): Promise<number> =>
    (await db.query<{ runs: number }>(COUNT, valuesOf(period)))[0]?.runs ?? 0,

  /** The runs of the period among the next `limit` runs after `afterId`, and where the walk has come to; null at its end. */
  async after(
    db: Queryable,
    period: RunPeriod,
    afterId: string,
    limit: number,
  ): Promise<{ runs: StoredRecord[]; walkedTo: string | null }> {
    const [page] = await db.query<{ walkedTo: string | null; runs: RunRow[] }>(PAGE, [...valuesOf(period), afterId, limit]);
    const runs = page?.runs ?? [];
    const lines = groupBy(
      runs.length === 0 ? [] : await db.query<LineRow>(LINES, [runs.map(({ id }) => id)]),
      ({ runId }) => runId,
    );
    return { runs: runs.map((row) => toRecord(db.seals, row, lines.get(row.id) ?? [])), walkedTo: page?.walkedTo ?? null };
  },
};

const valuesOf = ({ journeyKey, version, from, to }: RunPeriod): unknown[] => [journeyKey, version, toDate(from), toDate(to)];

type Times = 'enteredAt' | 'startedAt' | 'expiresAt' | 'dueAt';

interface RunRow extends Omit<StoredRecord, Times | 'lines' | 'facts' | 'isReadable'>, Omit<StoredSecret, 'sealed'> {
  /** Bytes as JSON has them: \x and hex digits. */
  readonly sealed: string | null;
  readonly enteredAt: string | null;
  readonly startedAt: string;
  readonly expiresAt: string;
  readonly dueAt: string | null;
}

interface LineRow extends KeptDecision {
  readonly runId: string;
  readonly at: Date;
  readonly isInput: boolean;
}

const bytesOf = (hex: string | null): Buffer | null => (hex === null ? null : Buffer.from(hex.slice(2), 'hex'));
const instantOf = (text: string): Instant => toInstant(new Date(text));

function toRecord(seals: Seals, { stops, sealed, ...row }: RunRow, lines: readonly LineRow[]): StoredRecord {
  const { facts, isReadable } = secretIn(seals, { facts: row.facts, stops, sealed: bytesOf(sealed) });
  return {
    ...row,
    facts,
    isReadable,
    enteredAt: row.enteredAt === null ? null : instantOf(row.enteredAt),
    startedAt: instantOf(row.startedAt),
    expiresAt: instantOf(row.expiresAt),
    dueAt: row.dueAt === null ? null : instantOf(row.dueAt),
    lines: lines.map(({ at, isInput, kind, step, reason, detail }) => ({
      at: toInstant(at),
      input: isInput ? { kind, detail: detail ?? {} } : null,
      decision: isInput ? null : { kind, step, reason, detail },
    })),
  };
}
