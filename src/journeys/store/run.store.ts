import {
  boolArray,
  byteaArray,
  int2Array,
  int4Array,
  jsonbArray,
  type Queryable,
  type Seals,
  statement,
  textArray,
  timestamptzArray,
  type Transaction,
  uuidArray,
} from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type Guard } from '../../channels/channels.api';
import { type RailAt } from '../incidents/rules/rail';
import { type RecoveryReversed } from '../journeys.events';
import { isKept, keptOf, recordOf } from '../rules/recorded';
import { type Decision, type RunFacts, type RunInput, type RunState } from '../rules/run';
import { isDownFor } from './held-runs';
import { railsIn, sealRun, secretIn, type StoredSecret } from './sealed-run';

/** A run as stored: what decide() sees, and whose it is. */
export interface StoredRun {
  readonly state: RunState;
  readonly journeyKey: string;
  readonly version: number;
  readonly personId: string;
  readonly test: boolean;
  /** How it began, whatever was heard later: reports count it by that. */
  readonly entry: { readonly at: Instant; readonly reasonClass: string | null };
  /** The events that stop its messages, and the keys they arrive by. */
  readonly guard: Guard;
  /** Its facts cannot be opened: their key is gone. It stands as if it knew nothing. */
  readonly isUnreadable?: true;
}

export interface NewRun extends Omit<StoredRun, 'entry'> {
  readonly triggerId: string;
  readonly correlation: EntityKey;
}

export interface RunChange {
  readonly before: StoredRun;
  readonly after: RunState;
  /** What led to the decisions, in its order. */
  readonly inputs: readonly RunInput[];
  readonly decisions: readonly Decision[];
}

const COLUMNS = `id, journey_key as "journeyKey", version, person_id as "personId", moved_from as "movedFrom", arm, test, lap, started_at as "startedAt", expires_at as "expiresAt",
  coalesce(entered_at, started_at) as "enteredAt", coalesce(reason_class, facts #>> '{reason,class}') as "reasonClass", next_step as "nextStep", due_at as "dueAt", signals, facts, sealed, stops, memory, ended_at as "endedAt"`;

/** Locks the rows it gives; rows another container is at work on are passed over. Stands on run_due. */
const CLAIM_DUE = statement(
  'claim_due_runs',
  `select ${COLUMNS} from run where due_at <= (select business_now())
   order by due_at limit $1 for update skip locked`,
);
/**
 * Looking costs one statement; a claim of nothing costs three. Stands on run_due, from its lower end: asked whether a due one exists,
 * the planner expects a third of all runs to be due and reads the whole table in vain.
 */
const IS_ANY_DUE = statement(
  'is_any_run_due',
  `select coalesce((select due_at from run where due_at is not null order by due_at limit 1) <= (select business_now()), false) as "isDue"`,
);
/** Waits for the rows, in one order for everybody. */
const LOCK = statement('lock_runs', `select ${COLUMNS} from run where id = any($1::uuid[]) order by id for update`);
const SAVE = statement(
  'save_runs',
  `update run r set next_step = u.next_step, due_at = u.due_at, signals = u.signals,
          sealed = coalesce(u.sealed, r.sealed), facts = case when u.sealed is null then r.facts end,
          stops = case when u.sealed is null then r.stops else r.stops - 'asks' end,
          rails = case when u.sealed is null then r.rails else u.rails end,
          lap = u.lap, started_at = u.started_at, expires_at = u.expires_at, memory = u.memory,
          ended_at = coalesce(r.ended_at, u.ended_at), end_reason = coalesce(r.end_reason, u.end_reason),
          end_event_id = case when r.ended_at is null then u.end_event_id else r.end_event_id end
   from unnest($1::uuid[], $2::smallint[], $3::timestamptz[], $4::jsonb[], $5::bytea[], $6::timestamptz[], $7::text[], $8::uuid[],
               $9::int[], $10::timestamptz[], $11::timestamptz[], $12::jsonb[], $13::jsonb[])
        as u (id, next_step, due_at, signals, sealed, ended_at, end_reason, end_event_id, lap, started_at, expires_at, memory, rails)
   where r.id = u.id`,
);
/** Whose key is gone is looked at again in a minute: at the head of the queue it would hold up the others. */
const POSTPONE = statement(
  'postpone_runs',
  `update run set due_at = (select business_now()) + interval '1 minute' where id = any($1::uuid[])`,
);
/** Most runs only move on: their facts and signals stay as they are and need not travel. */
const MOVE = statement(
  'move_runs',
  `update run r set next_step = u.next_step, due_at = u.due_at from unnest($1::uuid[], $2::smallint[], $3::timestamptz[]) as u (id, next_step, due_at) where r.id = u.id`,
);
const INSERT = statement(
  'insert_runs',
  `insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, signals, sealed, stops, memory, entered_at, reason_class, rails)
   select id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, '{}', sealed, stops, memory, $17::timestamptz, reason_class, rails
   from unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::boolean[], $9::int[], $10::timestamptz[], $11::timestamptz[], $12::smallint[], $13::timestamptz[], $14::bytea[], $15::jsonb[], $16::jsonb[], $18::text[], $19::jsonb[])
        as u (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, sealed, stops, memory, reason_class, rails)`,
);
const INSERT_KEYS = statement(
  'insert_run_keys',
  `insert into run_key (key, run_id, absorbing) select * from unnest($1::uuid[], $2::uuid[], $3::boolean[])`,
);
/** Before the decisions that they led to: both draw from one sequence (see the migration). */
const INPUTS = statement(
  'insert_run_inputs',
  `insert into run_input (run_id, at, kind, detail) select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::jsonb[])`,
);
const DECISIONS = statement(
  'insert_decisions',
  `insert into decision (run_id, at, kind, step, reason, detail) select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::jsonb[])`,
);
/** Also runs whose window closed lately: their goal may still come, as a late success. Stands on run_key_by_key, one look-up a key whatever the statistics say (`offset 0`). */
const LIVE_BY_KEYS = statement(
  'live_runs_by_keys',
  `select k.key, k.absorbing, r.id as "runId"
   from (select distinct unnest($1::uuid[]) as key) wanted
   cross join lateral (select * from run_key k where k.key = wanted.key offset 0) k
   cross join lateral (select id, ended_at, end_reason, started_at, memory from run r where r.id = k.run_id offset 0) r
   where r.ended_at is null
      or (r.end_reason = 'window_over' and r.started_at > (select business_now()) - interval '30 days' and not r.memory ? 'hasLateGoal')`,
);
/** Runs that reached their goal, by the order or payment that they were about or that reached it. Stands on run_key_by_key. */
const RECOVERED_BY_KEYS = statement(
  'recovered_runs_by_keys',
  `select k.key, ${COLUMNS} from (select distinct unnest($1::uuid[]) as key) wanted
   cross join lateral (select key, run_id from run_key k where k.key = wanted.key and k.absorbing offset 0) k
   cross join lateral (select * from run r where r.id = k.run_id and r.end_reason = 'goal_reached' offset 0) r`,
);
const REVERSED = statement(
  'add_run_reversals',
  `insert into run_reversal (run_id, event_id, amount, at, currency) select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[]) on conflict do nothing`,
);
/**
 * Runs that were parked and may go on: a steady few at a time, so that a resumed journey is no burst. A run that is held by an
 * incident waits for every rail of its own. Stands on run_parked: those of a paused journey, however many, are not read.
 */
const UNPARK = statement(
  'unpark_runs',
  `with ready as (select id, (memory #>> '{parked,dueAt}')::bigint as due from run
                  where memory ? 'parked' and ended_at is null and journey_key = any($1::text[])
                    and (memory #>> '{parked,reason}' = 'journey_paused'
                         or not exists (select from unnest($3::text[], $4::text[], $5::text[]) as i (dimension, value, gateway) where ${isDownFor('run', 'i')}))
                  limit $2 for update skip locked),
   going as (
     update run r set due_at = greatest(to_timestamp(ready.due / 1000.0), date_trunc('milliseconds', business_now())), memory = r.memory - 'parked'
     from ready where r.id = ready.id returning r.id, r.due_at)
   insert into run_input (run_id, at, kind, detail)
   select id, business_now(), 'unparked', jsonb_build_object('dueAt', round(extract(epoch from due_at) * 1000)::bigint) from going returning run_id`,
);

/** The only place that writes `run`, `run_key`, `run_input` and `decision` as a matter of course. */
export const runStore = {
  async isAnyDue(db: Queryable): Promise<boolean> {
    return (await db.query<{ isDue: boolean }>(IS_ANY_DUE))[0]?.isDue === true;
  },

  async claimDue(tx: Transaction, limit: number): Promise<StoredRun[]> {
    return (await tx.query<RunRow>(CLAIM_DUE, [limit])).map((row) => toRun(tx.seals, row));
  },

  async lock(tx: Transaction, ids: readonly string[]): Promise<StoredRun[]> {
    return (await tx.query<RunRow>(LOCK, [ids])).map((row) => toRun(tx.seals, row));
  },

  postpone: (tx: Transaction, ids: readonly string[]): void => tx.write(POSTPONE, [ids]),

  save(tx: Transaction, changes: readonly RunChange[], now: Instant): void {
    const moved = changes.filter(onlyMoves);
    const changed = changes.filter((change) => !onlyMoves(change));
    if (moved.length > 0) {
      tx.write(MOVE, [
        uuidArray(moved.map(({ after }) => after.id)),
        int2Array(moved.map(({ after }) => after.nextStep)),
        timestamptzArray(moved.map(({ after }) => after.dueAt)),
      ]);
    }
    if (changed.length > 0) tx.write(SAVE, saveValues(tx.seals, changed));
    this.addInputs(tx, changes, now);
    this.addDecisions(tx, changes, now);
  },

  addInputs(tx: Transaction, changes: readonly RunChange[], now: Instant): void {
    const told = changes.flatMap(({ before, inputs }) =>
      inputs.flatMap((input) => {
        const detail = recordOf(input);
        return detail === null ? [] : [{ runId: before.state.id, kind: input.kind, detail }];
      }),
    );
    if (told.length === 0) return;
    tx.write(INPUTS, [
      uuidArray(told.map((one) => one.runId)),
      timestamptzArray(told.map(() => now)),
      textArray(told.map((one) => one.kind)),
      jsonbArray(told.map((one) => JSON.stringify(one.detail))),
    ]);
  },

  addDecisions(tx: Transaction, changes: readonly RunChange[], now: Instant): void {
    const kept = changes.flatMap(({ before, decisions }) =>
      decisions.filter(isKept).map((decision) => ({ runId: before.state.id, ...keptOf(decision) })),
    );
    if (kept.length === 0) return;
    tx.write(DECISIONS, [
      uuidArray(kept.map((one) => one.runId)),
      timestamptzArray(kept.map(() => now)),
      textArray(kept.map((one) => one.kind)),
      textArray(kept.map((one) => one.step)),
      textArray(kept.map((one) => one.reason)),
      jsonbArray(kept.map(({ detail }) => detail && JSON.stringify(detail))),
    ]);
  },

  insert(tx: Transaction, runs: readonly NewRun[], now: Instant): void {
    if (runs.length === 0) return;
    const states = runs.map((run) => run.state);
    tx.write(INSERT, [
      uuidArray(states.map((state) => state.id)),
      textArray(runs.map((run) => run.journeyKey)),
      int4Array(runs.map((run) => run.version)),
      uuidArray(runs.map((run) => run.personId)),
      uuidArray(runs.map((run) => run.triggerId)),
      uuidArray(runs.map((run) => run.correlation)),
      textArray(states.map((state) => state.arm)),
      boolArray(runs.map((run) => run.test)),
      int4Array(states.map((state) => state.lap)),
      timestamptzArray(states.map((state) => state.startedAt)),
      timestamptzArray(states.map((state) => state.expiresAt)),
      int2Array(states.map((state) => state.nextStep)),
      timestamptzArray(states.map((state) => state.dueAt)),
      byteaArray(runs.map(({ state, guard }) => sealRun(tx.seals, state.facts, guard))),
      jsonbArray(runs.map(({ guard: { asks: _sealed, ...guard } }) => JSON.stringify(guard))),
      jsonbArray(states.map((state) => JSON.stringify(state.memory))),
      toDate(now),
      textArray(states.map(({ facts }) => facts.reason?.class ?? null)),
      jsonbArray(states.map(({ facts }) => railsIn(facts))),
    ]);
    this.addKeys(
      tx,
      runs.flatMap((run) => run.guard.keys.map((one) => ({ ...one, runId: run.state.id }))),
    );
  },

  /** What runs are found by from now on. */
  addKeys(tx: Transaction, keys: readonly { key: EntityKey; runId: string; absorbing: boolean }[]): void {
    tx.write(INSERT_KEYS, [
      uuidArray(keys.map((one) => one.key)),
      uuidArray(keys.map((one) => one.runId)),
      boolArray(keys.map((one) => one.absorbing)),
    ]);
  },

  /** Sets parked runs of these journeys, of all but these rails, going again. Gives how many. */
  unpark: async (db: Queryable, goingKeys: readonly string[], down: readonly RailAt[], limit: number): Promise<number> =>
    (
      await db.query(UNPARK, [
        goingKeys,
        limit,
        down.map(({ dimension }) => dimension),
        down.map(({ value }) => value),
        down.map(({ gateway }) => gateway),
      ])
    ).length,

  liveByKeys: (tx: Transaction, keys: readonly EntityKey[]) =>
    tx.query<{ key: EntityKey; absorbing: boolean; runId: string }>(LIVE_BY_KEYS, [keys]),

  async recoveredByKeys(
    tx: Transaction,
    keys: readonly EntityKey[],
  ): Promise<{ key: EntityKey; run: StoredRun; endedAt: Instant }[]> {
    const rows = await tx.query<RunRow & { key: EntityKey; endedAt: Date }>(RECOVERED_BY_KEYS, [keys]);
    return rows.map((row) => ({ key: row.key, run: toRun(tx.seals, row), endedAt: toInstant(row.endedAt) }));
  },

  /** Reports are made again from them. */
  noteReversals(tx: Transaction, reversals: readonly RecoveryReversed[]): void {
    if (reversals.length === 0) return;
    tx.write(REVERSED, [
      reversals.map(({ runId }) => runId),
      reversals.map(({ eventId }) => eventId),
      reversals.map(({ amount }) => amount),
      reversals.map(({ reversedAt }) => reversedAt),
      reversals.map(({ currency }) => currency ?? null),
    ]);
  },
};

interface RunRow extends Omit<RunState, 'startedAt' | 'expiresAt' | 'dueAt' | 'isOver' | 'unit' | 'facts'>, StoredSecret {
  readonly journeyKey: string;
  readonly version: number;
  readonly personId: string;
  readonly movedFrom: string | null;
  readonly test: boolean;
  readonly enteredAt: Date;
  readonly reasonClass: string | null;
  readonly startedAt: Date;
  readonly expiresAt: Date;
  readonly dueAt: Date | null;
  readonly endedAt: Date | null;
}

function toRun(seals: Seals, row: RunRow): StoredRun {
  const { id, arm, lap, nextStep, signals, memory, journeyKey, version, personId, test } = row;
  const { facts, guard, isReadable } = secretIn(seals, row);
  const state: RunState = {
    id,
    arm,
    lap,
    nextStep,
    signals,
    facts,
    startedAt: toInstant(row.startedAt),
    expiresAt: toInstant(row.expiresAt),
    dueAt: row.dueAt && toInstant(row.dueAt),
    isOver: row.endedAt !== null,
    // Who turned out to be a customer keeps what they drew as a guest.
    unit: row.movedFrom ?? row.personId,
    memory,
  };
  const entry = { at: toInstant(row.enteredAt), reasonClass: row.reasonClass };
  return { state, journeyKey, version, personId, test, entry, guard, ...(isReadable ? {} : { isUnreadable: true }) };
}

const onlyMoves = ({ before, after }: RunChange): boolean =>
  !after.isOver &&
  after.facts === before.state.facts &&
  after.signals === before.state.signals &&
  after.memory === before.state.memory &&
  after.lap === before.state.lap;

/** Facts travel only when they changed: sealing them anew costs as much as all the rest. */
function saveValues(seals: Seals, changes: readonly RunChange[]): unknown[] {
  const learnt = changes.map(({ before, after }) => (after.facts === before.state.facts ? null : after.facts));
  const ends = changes.map(({ decisions }) => decisions.find((decision) => decision.kind === 'end'));
  return [
    uuidArray(changes.map(({ after }) => after.id)),
    int2Array(changes.map(({ after }) => after.nextStep)),
    timestamptzArray(changes.map(({ after }) => after.dueAt)),
    jsonbArray(changes.map(({ after }) => JSON.stringify(after.signals))),
    byteaArray(changes.map(({ before }, index) => learnt[index] && sealRun(seals, learnt[index], before.guard))),
    timestamptzArray(ends.map((end) => end?.at)),
    textArray(ends.map((end) => end?.reason)),
    uuidArray(ends.map((end) => end?.eventId ?? null)),
    int4Array(changes.map(({ after }) => after.lap)),
    timestamptzArray(changes.map(({ after }) => after.startedAt)),
    timestamptzArray(changes.map(({ after }) => after.expiresAt)),
    jsonbArray(changes.map(({ after }) => JSON.stringify(after.memory))),
    jsonbArray(learnt.map((facts) => facts && railsIn(facts))),
  ];
}

export type { RunFacts };
