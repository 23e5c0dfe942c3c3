import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Instant, newId, toInstant } from '@wapas/kernel';
import { type Failures, usualOf } from '../rules/judge-incident';
import { type Dimension, type Rail } from '../rules/rail';

export interface Incident extends Rail {
  readonly id: string;
  readonly openedAt: Instant;
  /** The id of an API key, or `watch`. */
  readonly openedBy: string;
  readonly reason: string | null;
  /** In the five minutes in which it was seen; null when a person saw it. */
  readonly failures: number | null;
  readonly usual: number | null;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
}

export interface RailFailures extends Rail, Failures {}

const ADD = statement(
  'add_failures',
  `insert into failure_tally (at, dimension, value, failures) select business_now(), * from unnest($1::text[], $2::text[], $3::int[])`,
);
/** One container at a time sums up and judges; the others look again later. */
const TAKE = statement('take_incident_watch', `select pg_try_advisory_xact_lock(hashtextextended('incident-watch', 0)) as taken`);
const SUM_UP = statement(
  'sum_up_failures',
  `with moved as (delete from failure_tally returning *)
   insert into failure_minute (dimension, value, minute, failures)
   select dimension, value, date_trunc('minute', at), sum(failures)::int from moved group by 1, 2, 3
   on conflict (dimension, value, minute) do update set failures = failure_minute.failures + excluded.failures`,
);
/**
 * Of every rail that failed in the last ten minutes or has an open incident: how often of late, and in the same hour of each
 * of the last seven days of which anything is known at all. A day on which other rails failed and this one did not counts as 0.
 */
const FAILURES = statement(
  'failures_of_rails',
  `with moment as materialized (select business_now() as now),
        known as materialized (select min(minute) as since from failure_minute),
        rails as (select dimension, value from failure_minute, moment where minute > now - interval '11 minutes'
                  union select dimension, value from incident where closed_at is null)
   select r.dimension, r.value,
          (select coalesce(sum(failures), 0)::int from failure_minute f where f.dimension = r.dimension and f.value = r.value and f.minute > now - interval '5 minutes') as "lastFiveMinutes",
          (select coalesce(sum(failures), 0)::int from failure_minute f where f.dimension = r.dimension and f.value = r.value and f.minute > now - interval '10 minutes') as "lastTenMinutes",
          array(select (select coalesce(sum(failures), 0) from failure_minute f where f.dimension = r.dimension and f.value = r.value
                          and f.minute > now - make_interval(days => day) - interval '30 minutes' and f.minute <= now - make_interval(days => day) + interval '30 minutes')::int
                from generate_series(1, 7) as day where now - make_interval(days => day) - interval '30 minutes' >= known.since) as hours
   from rails r, moment, known`,
);
const COLUMNS = `id, dimension, value, opened_at as "openedAt", opened_by as "openedBy", reason, failures, usual, closed_at as "closedAt", closed_by as "closedBy"`;
const OPEN = statement('open_incidents', `select ${COLUMNS} from incident where closed_at is null order by opened_at`);
const LATEST = statement(
  'latest_incidents',
  `select ${COLUMNS} from incident order by closed_at is not null, opened_at desc limit $1`,
);
/** Nothing when it is open already, or when somebody released it a short while ago and a machine asks. */
const BEGIN = statement(
  'begin_incident',
  `insert into incident (id, dimension, value, opened_at, opened_by, reason, failures, usual)
   select $1::uuid, $2::text, $3::text, business_now(), $4::text, $5::text, $6::int, $7::float8
   where $4 <> 'watch' or not exists (select from incident where dimension = $2 and value = $3 and quiet_until > business_now())
   on conflict (dimension, value) where closed_at is null do nothing returning ${COLUMNS}`,
);
const CLOSE = statement(
  'close_incident',
  `update incident set closed_at = business_now(), closed_by = $2, quiet_until = business_now() + $3::interval
   where id = $1 and closed_at is null returning ${COLUMNS}`,
);
/** Counts at the most 10,000. Stands on run_parked. */
const HELD = statement(
  'runs_held_by_incidents',
  `select i.dimension, i.value, (select count(*) from (select from run r where r.memory ? 'parked' and r.ended_at is null
            and coalesce(r.rails ->> i.dimension, lower(r.facts #>> array['properties', i.dimension])) = i.value limit 10000) held)::int as runs
   from unnest($1::text[], $2::text[]) as i (dimension, value)`,
);

/** The only place that knows `failure_tally`, `failure_minute` and `incident`. */
export const incidentStore = {
  add(tx: Transaction, rails: readonly Rail[]): void {
    const counts = new Map<string, Rail & { failures: number }>();
    for (const rail of rails) {
      const name = `${rail.dimension}:${rail.value}`;
      counts.set(name, { ...rail, failures: (counts.get(name)?.failures ?? 0) + 1 });
    }
    const rows = [...counts.values()];
    if (rows.length > 0)
      tx.write(ADD, [rows.map((row) => row.dimension), rows.map((row) => row.value), rows.map((row) => row.failures)]);
  },

  take: async (tx: Transaction): Promise<boolean> => (await tx.query<{ taken: boolean }>(TAKE))[0]?.taken === true,
  sumUp: (tx: Transaction): void => tx.write(SUM_UP),

  async failures(db: Queryable): Promise<RailFailures[]> {
    const rows = await db.query<Rail & Pick<Failures, 'lastFiveMinutes' | 'lastTenMinutes'> & { hours: number[] }>(FAILURES);
    return rows.map(({ hours, ...rail }) => ({ ...rail, usual: usualOf(hours) }));
  },

  open: async (db: Queryable): Promise<Incident[]> => (await db.query<IncidentRow>(OPEN)).map(toIncident),
  /** Open ones first, then the newest. */
  latest: async (db: Queryable, limit: number): Promise<Incident[]> =>
    (await db.query<IncidentRow>(LATEST, [limit])).map(toIncident),

  /** Null when there is one already, or when it was released a short while ago. */
  async begin(
    db: Queryable,
    { dimension, value }: Rail,
    by: string,
    { reason = null, failures = null, usual = null }: { reason?: string | null; failures?: number | null; usual?: number | null },
  ): Promise<Incident | null> {
    const [row] = await db.query<IncidentRow>(BEGIN, [newId(), dimension, value, by, reason, failures, usual]);
    return row ? toIncident(row) : null;
  },

  /** `quietFor`: so long no machine opens another one for the rail. Null when it is not open. */
  async close(db: Queryable, id: string, by: string, quietFor: string): Promise<Incident | null> {
    const [row] = await db.query<IncidentRow>(CLOSE, [id, by, quietFor]);
    return row ? toIncident(row) : null;
  },

  /** How many runs wait for each rail, by `dimension:value`. */
  async held(db: Queryable, rails: readonly Rail[]): Promise<Map<string, number>> {
    if (rails.length === 0) return new Map();
    const rows = await db.query<Rail & { runs: number }>(HELD, [
      rails.map((one) => one.dimension),
      rails.map((one) => one.value),
    ]);
    return new Map(rows.map(({ dimension, value, runs }) => [`${dimension}:${value}`, runs]));
  },
};

interface IncidentRow extends Omit<Incident, 'openedAt' | 'closedAt'> {
  readonly dimension: Dimension;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

const toIncident = (row: IncidentRow): Incident => ({
  ...row,
  openedAt: toInstant(row.openedAt),
  closedAt: row.closedAt && toInstant(row.closedAt),
});
