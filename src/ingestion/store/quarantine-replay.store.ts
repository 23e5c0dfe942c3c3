import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Instant, newId, toInstant } from '@wapas/kernel';
import { type QuarantineFilter, valuesOf } from './quarantine.store';

/** A body that a replay could still not use. */
export interface StillUnusable {
  readonly id: string;
  readonly reason: string;
}

/** Reading many bodies again, and how far that is. */
export interface Replay {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'cancelled';
  readonly filter: QuarantineFilter;
  /** The last body that was read. */
  readonly after: string;
  /** The last body that belongs to it; null when there was none. */
  readonly through: string | null;
  readonly total: number;
  readonly done: number;
  readonly recorded: number;
  readonly duplicate: number;
  readonly ignored: number;
  readonly unusable: number;
  /** The first hundred or so. */
  readonly examples: readonly StillUnusable[];
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
}

export interface ReplayStep {
  /** Where the step began: it counts only when nobody else has gone on from there. */
  readonly from: string;
  readonly after: string;
  readonly recorded: number;
  readonly duplicate: number;
  readonly ignored: number;
  readonly unusable: readonly StillUnusable[];
}

const COLUMNS = `id, state, source, reason, from_at as "fromAt", to_at as "toAt", after_id as "after", through_id as "through", total, done,
  recorded, duplicate, ignored, unusable, examples, requested_at as "createdAt", finished_at as "endedAt"`;
const LEASE = `interval '60 seconds'`;

/** The set is fixed by the last id at this moment: what arrives later is read by the mended mapping anyway. */
const OPEN = statement(
  'open_quarantine_replay',
  `insert into quarantine_replay (id, state, source, reason, from_at, to_at, through_id, total, requested_at)
   select $1, 'waiting', $2, $3, $4, $5, (select id from quarantine order by id desc limit 1),
          (select count(*)::int from quarantine
           where outcome is null and ($2::text is null or source = $2) and ($3::text is null or reason = $3)
             and ($4::timestamptz is null or received_at >= $4) and ($5::timestamptz is null or received_at < $5)),
          business_now()
   returning ${COLUMNS}`,
);
const FIND = statement('find_quarantine_replay', `select ${COLUMNS} from quarantine_replay where id = $1`);
const LATEST = statement('latest_quarantine_replays', `select ${COLUMNS} from quarantine_replay order by id desc limit 50`);
/** One that nobody works at, the oldest first: a lease that ran out belongs to a process that died. Stands on quarantine_replay_open. */
const CLAIM = statement(
  'claim_quarantine_replay',
  `update quarantine_replay set state = 'running', lease_until = clock_timestamp() + ${LEASE}
   where id = (select id from quarantine_replay where state in ('waiting', 'running') and (lease_until is null or lease_until < clock_timestamp())
               order by requested_at limit 1 for update skip locked)
   returning ${COLUMNS}`,
);
const STEP = statement(
  'quarantine_replay_step',
  `update quarantine_replay set after_id = $3, done = done + $4 + $5 + $6 + $7, recorded = recorded + $4, duplicate = duplicate + $5,
          ignored = ignored + $6, unusable = unusable + $7, lease_until = clock_timestamp() + ${LEASE},
          examples = case when jsonb_array_length(examples) < 100 then examples || $8::jsonb else examples end
   where id = $1 and after_id = $2 and state = 'running' returning id`,
);
const RELEASE = statement('release_quarantine_replay', `update quarantine_replay set lease_until = null where id = $1`);
const FINISH = statement(
  'finish_quarantine_replay',
  `update quarantine_replay set state = 'done', finished_at = business_now(), lease_until = null where id = $1 and state = 'running'`,
);
const CANCEL = statement(
  'cancel_quarantine_replay',
  `update quarantine_replay set state = 'cancelled', finished_at = business_now(), lease_until = null
   where id = $1 and state in ('waiting', 'running') returning id`,
);

/** The only place that knows `quarantine_replay`. */
export const quarantineReplayStore = {
  async open(db: Queryable, filter: QuarantineFilter): Promise<Replay> {
    const [row] = await db.query<ReplayRow>(OPEN, [newId(), ...valuesOf(filter)]);
    return toReplay(row as ReplayRow);
  },
  async find(db: Queryable, id: string): Promise<Replay | null> {
    const [row] = await db.query<ReplayRow>(FIND, [id]);
    return row ? toReplay(row) : null;
  },
  latest: async (db: Queryable): Promise<Replay[]> => (await db.query<ReplayRow>(LATEST)).map(toReplay),
  async claim(db: Queryable): Promise<Replay | null> {
    const [row] = await db.query<ReplayRow>(CLAIM);
    return row ? toReplay(row) : null;
  },

  /** False when it was cancelled, or when somebody else has done this step. */
  async step(tx: Transaction, id: string, step: ReplayStep): Promise<boolean> {
    const { from, after, recorded, duplicate, ignored, unusable } = step;
    const counts = [recorded, duplicate, ignored, unusable.length];
    return (await tx.query(STEP, [id, from, after, ...counts, JSON.stringify(unusable.slice(0, 100))])).length > 0;
  },

  release: (db: Queryable, id: string) => db.query(RELEASE, [id]),
  finish: (db: Queryable, id: string) => db.query(FINISH, [id]),
  /** False when it was over already. */
  cancel: async (db: Queryable, id: string): Promise<boolean> => (await db.query(CANCEL, [id])).length > 0,
};

interface ReplayRow extends Omit<Replay, 'filter' | 'createdAt' | 'endedAt'> {
  readonly source: string | null;
  readonly reason: string | null;
  readonly fromAt: Date | null;
  readonly toAt: Date | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

function toReplay({ source, reason, fromAt, toAt, createdAt, endedAt, ...row }: ReplayRow): Replay {
  return {
    ...row,
    filter: { source, reason, from: fromAt && toInstant(fromAt), to: toAt && toInstant(toAt) },
    createdAt: toInstant(createdAt),
    endedAt: endedAt && toInstant(endedAt),
  };
}
