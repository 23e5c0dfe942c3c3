import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type JourneyDefinition } from '../../rules/journey-definition';

export const REPLAY_KINDS = ['audit'] as const;
export type ReplayKind = (typeof REPLAY_KINDS)[number];
export const REPLAY_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type ReplayState = (typeof REPLAY_STATES)[number];

export type Json = Readonly<Record<string, unknown>>;

export interface NewReplay {
  readonly id: string;
  readonly kind: ReplayKind;
  readonly journeyKey: string;
  /** Null: a definition that is not published. */
  readonly version: number | null;
  readonly definition: JourneyDefinition | null;
  readonly options: Json;
  readonly from: Instant;
  readonly to: Instant;
  readonly createdBy: string;
}

export interface Replay extends NewReplay {
  readonly state: ReplayState;
  /** Runs or events to go through; null until they are counted. */
  readonly total: number | null;
  readonly done: number;
  /** Where to go on; null at the beginning. */
  readonly place: Json | null;
  readonly result: Json | null;
  readonly problem: string | null;
  /** How often it was taken up. */
  readonly starts: number;
  /** How many lines it has listed. */
  readonly lines: number;
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
}

/** What a piece of work adds. */
export interface ReplayProgress {
  readonly done: number;
  readonly total: number;
  readonly place: Json;
  readonly result: Json;
  readonly lines: readonly object[];
}

const COLUMNS = `id, kind, journey_key as "journeyKey", version, definition, options, from_at as "from", to_at as "to", state, total::float8 as total, done::float8 as done,
  place, result, problem, starts, lines, created_by as "createdBy", created_at as "createdAt", ended_at as "endedAt"`;
/** Whoever does not renew it has died, or lost the database for long. */
const LEASE = `interval '60 seconds'`;

const ADD = statement(
  'add_replay',
  `insert into replay (id, kind, journey_key, version, definition, options, from_at, to_at, state, created_by, created_at)
   select $1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, business_now()
   where (select count(*) from replay where state in ('waiting', 'running')) < $10 returning id`,
);
const FIND = statement('replay', `select ${COLUMNS} from replay where id = $1`);
/** Stands on replay_latest. */
const LATEST = statement('latest_replays', `select ${COLUMNS} from replay order by created_at desc, id desc limit $1`);
/** Stands on replay_open. */
const CLAIM = statement(
  'claim_replay',
  `update replay set state = 'running', starts = starts + 1, lease_until = clock_timestamp() + ${LEASE}
   where id = (select id from replay where state = 'waiting' or (state = 'running' and coalesce(lease_until, '-infinity') < clock_timestamp())
               order by created_at limit 1 for update skip locked)
   returning ${COLUMNS}`,
);
/** Only while it runs and this start holds it: whoever was cancelled or overtaken changes nothing. */
const STEP = statement(
  'step_replay',
  `update replay set done = $3, total = $4, place = $5, result = $6, lines = lines + $7, lease_until = clock_timestamp() + ${LEASE}
   where id = $1 and starts = $2 and state = 'running' returning lines`,
);
const ADD_LINES = statement(
  'add_replay_lines',
  `insert into replay_line (replay_id, seq, line) select $1::uuid, $2::int + position, line from unnest($3::jsonb[]) with ordinality as l (line, position)`,
);
const END = statement(
  'end_replay',
  `update replay set state = $3, problem = $4, ended_at = business_now(), lease_until = null
   where id = $1 and starts = $2 and state = 'running' returning id`,
);
const RELEASE = statement(
  'release_replay',
  `update replay set lease_until = null where id = $1 and starts = $2 and state = 'running'`,
);
const CANCEL = statement(
  'cancel_replay',
  `update replay set state = 'cancelled', ended_at = business_now(), lease_until = null
   where id = $1 and state in ('waiting', 'running') returning ${COLUMNS}`,
);
const LINES = statement(
  'replay_lines',
  `select seq, line from replay_line where replay_id = $1 and seq > $2 order by seq limit $3`,
);

/** The only place that knows `replay` and `replay_line`. */
export const replayStore = {
  /** False when `most` are open already. */
  add: async (db: Queryable, one: NewReplay, most: number): Promise<boolean> =>
    (
      await db.query(ADD, [
        one.id,
        one.kind,
        one.journeyKey,
        one.version,
        one.definition && JSON.stringify(one.definition),
        JSON.stringify(one.options),
        toDate(one.from),
        toDate(one.to),
        one.createdBy,
        most,
      ])
    ).length > 0,
  find: async (db: Queryable, id: string) => toReplay((await db.query<Row>(FIND, [id]))[0]),
  latest: async (db: Queryable, most: number) => (await db.query<Row>(LATEST, [most])).flatMap((row) => toReplay(row) ?? []),
  claim: async (db: Queryable) => toReplay((await db.query<Row>(CLAIM))[0]),

  /** False when it is no longer ours: cancelled, or taken up by another. Then nothing is changed. */
  async step(tx: Transaction, { id, starts }: Replay, { done, total, place, result, lines }: ReplayProgress): Promise<boolean> {
    const values = [id, starts, done, total, JSON.stringify(place), JSON.stringify(result), lines.length];
    const [row] = await tx.query<{ lines: number }>(STEP, values);
    if (!row) return false;
    if (lines.length > 0) tx.write(ADD_LINES, [id, row.lines - lines.length, lines.map((line) => JSON.stringify(line))]);
    return true;
  },

  end: (db: Queryable, { id, starts }: Replay, state: 'done' | 'failed', problem: string | null) =>
    db.query(END, [id, starts, state, problem]),
  release: (db: Queryable, { id, starts }: Replay) => db.query(RELEASE, [id, starts]),
  /** Null when it is over already, or unknown. */
  cancel: async (db: Queryable, id: string) => toReplay((await db.query<Row>(CANCEL, [id]))[0]),
  lines: (db: Queryable, id: string, after: number, most: number) =>
    db.query<{ seq: number; line: Json }>(LINES, [id, after, most]),
};

interface Row extends Omit<Replay, 'from' | 'to' | 'createdAt' | 'endedAt'> {
  readonly from: Date;
  readonly to: Date;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const toReplay = (row: Row | undefined): Replay | null =>
  row === undefined
    ? null
    : {
        ...row,
        from: toInstant(row.from),
        to: toInstant(row.to),
        createdAt: toInstant(row.createdAt),
        endedAt: row.endedAt && toInstant(row.endedAt),
      };
