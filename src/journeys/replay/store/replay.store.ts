import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type JourneyDefinition } from '../../rules/journey-definition';

export const REPLAY_KINDS = ['audit', 'whatif'] as const;
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
  /** Added to those of the pieces before. */
  readonly tallies?: readonly ReplayTally[];
  /** This piece is the first again: what earlier starts found is dropped. */
  readonly beginsAnew?: boolean;
}

/** Messages of a what-if that are alike: how many, and what they cost. */
export interface ReplayTally {
  /** India's day, YYYY-MM-DD. */
  readonly day: string;
  readonly step: string;
  readonly channel: string;
  readonly outcome: string;
  /** Empty for those that went out. */
  readonly reason: string;
  /** Empty for what costs nothing or has no price. */
  readonly currency: string;
  readonly messages: number;
  /** Messages, or parts of SMS, that are billed. */
  readonly units: number;
  /** Of these, priced by assumption. */
  readonly assumed: number;
  /** Of these, without a rate. */
  readonly unpriced: number;
  /** Thousandths of the minor unit, before tax, and the tax. */
  readonly milli: number;
  readonly gstMilli: number;
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
  `insert into replay_line (replay_id, seq, line) select $1::uuid, $2::int + position, line from jsonb_array_elements($3::jsonb) with ordinality as l (line, position)`,
);
const DROP = statement(
  'drop_what_replay_found',
  `with ours as (update replay set lines = 0 where id = $1 and starts = $2 and state = 'running' returning id),
        dropped as (delete from replay_line l using ours where l.replay_id = ours.id)
   delete from replay_tally t using ours where t.replay_id = ours.id`,
);
const ADD_TALLIES = statement(
  'add_replay_tallies',
  `insert into replay_tally as t (replay_id, day, step, channel, outcome, reason, currency, messages, units, assumed, unpriced, milli, gst_milli)
   select $1, * from unnest($2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[], $10::int[], $11::int[], $12::bigint[], $13::bigint[])
   on conflict (replay_id, day, step, channel, outcome, reason, currency) do update
      set messages = t.messages + excluded.messages, units = t.units + excluded.units, assumed = t.assumed + excluded.assumed, unpriced = t.unpriced + excluded.unpriced,
          milli = t.milli + excluded.milli, gst_milli = t.gst_milli + excluded.gst_milli`,
);
const TALLY_COLUMNS = `to_char(day, 'YYYY-MM-DD') as day, step, channel, outcome, reason, currency, messages, units, assumed, unpriced, milli::float8 as milli, gst_milli::float8 as "gstMilli"`;
/** Stands on the key of replay_tally. */
const TALLIES = statement(
  'replay_tallies',
  `select ${TALLY_COLUMNS} from replay_tally where replay_id = $1 order by replay_tally.day, step, channel, outcome, reason, currency offset $2 limit $3`,
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
  async step(tx: Transaction, { id, starts }: Replay, piece: ReplayProgress): Promise<boolean> {
    const { done, total, place, result, lines, tallies = [], beginsAnew = false } = piece;
    if (beginsAnew) tx.write(DROP, [id, starts]);
    const values = [id, starts, done, total, JSON.stringify(place), JSON.stringify(result), lines.length];
    const [row] = await tx.query<{ lines: number }>(STEP, values);
    if (!row) return false;
    if (lines.length > 0) tx.write(ADD_LINES, [id, row.lines - lines.length, JSON.stringify(lines)]);
    if (tallies.length > 0) tx.write(ADD_TALLIES, [id, ...columnsOf(tallies)]);
    return true;
  },

  end: (db: Queryable, { id, starts }: Replay, state: 'done' | 'failed', problem: string | null) =>
    db.query(END, [id, starts, state, problem]),
  release: (db: Queryable, { id, starts }: Replay) => db.query(RELEASE, [id, starts]),
  /** Null when it is over already, or unknown. */
  cancel: async (db: Queryable, id: string) => toReplay((await db.query<Row>(CANCEL, [id]))[0]),
  lines: (db: Queryable, id: string, after: number, most: number) =>
    db.query<{ seq: number; line: Json }>(LINES, [id, after, most]),
  /** In order, from the one at `offset` on. */
  tallies: (db: Queryable, id: string, offset: number, most: number) => db.query<ReplayTally>(TALLIES, [id, offset, most]),
};

const columnsOf = (tallies: readonly ReplayTally[]): unknown[] => [
  tallies.map(({ day }) => day),
  tallies.map(({ step }) => step),
  tallies.map(({ channel }) => channel),
  tallies.map(({ outcome }) => outcome),
  tallies.map(({ reason }) => reason),
  tallies.map(({ currency }) => currency),
  tallies.map(({ messages }) => messages),
  tallies.map(({ units }) => units),
  tallies.map(({ assumed }) => assumed),
  tallies.map(({ unpriced }) => unpriced),
  tallies.map(({ milli }) => milli),
  tallies.map(({ gstMilli }) => gstMilli),
];

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
