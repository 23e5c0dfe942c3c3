import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Instant, newId, toInstant } from '@wapas/kernel';
import { isDownFor } from '../../store/held-runs';
import { type Counted } from '../rules/judge-incident';
import { type Dimension, fullNameOf, type RailAt } from '../rules/rail';

export interface Incident extends RailAt {
  readonly id: string;
  readonly openedAt: Instant;
  /** The id of an API key, `watch`, or `source:` and who announced it. */
  readonly openedBy: string;
  readonly reason: string | null;
  /** In the five minutes in which it was seen; null when a person saw it. */
  readonly failures: number | null;
  readonly usual: number | null;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
}

export interface RailFailures extends RailAt, Counted {}

const ADD = statement(
  'add_failures',
  `insert into failure_tally (at, dimension, value, gateway, failures) select business_now(), * from unnest($1::text[], $2::text[], $3::text[], $4::int[])`,
);
/** One container at a time sums up and judges; the others look again later. */
const TAKE = statement('take_incident_watch', `select pg_try_advisory_xact_lock(hashtextextended('incident-watch', 0)) as taken`);
const SUM_UP = statement(
  'sum_up_failures',
  `with moved as (delete from failure_tally returning *),
        at_gateways as (
          insert into failure_minute_at_gateway (dimension, value, gateway, minute, failures)
          select dimension, value, gateway, date_trunc('minute', at), sum(failures)::int from moved where gateway is not null group by 1, 2, 3, 4
          on conflict (dimension, value, gateway, minute) do update set failures = failure_minute_at_gateway.failures + excluded.failures)
   insert into failure_minute (dimension, value, minute, failures)
   select dimension, value, date_trunc('minute', at), sum(failures)::int from moved group by 1, 2, 3
   on conflict (dimension, value, minute) do update set failures = failure_minute.failures + excluded.failures`,
);
/**
 * What was counted of rails `r`, of late and in the same hour of each of the last seven days: 0 where others failed and this one did
 * not, null where nothing was known yet. `since`: from when on anything can be known of it. Stands on the primary key of `table`.
 */
const counted = (table: string, isOf: string, since: string): string => {
  const failures = (when: string): string => `(select coalesce(sum(failures), 0)::int from ${table} f where ${isOf} and ${when})`;
  const day = `now - make_interval(days => day)`;
  return `${failures(`f.minute > now - interval '5 minutes'`)} as "lastFiveMinutes",
          ${failures(`f.minute > now - interval '10 minutes'`)} as "lastTenMinutes",
          array(select case when ${day} - interval '30 minutes' >= known.since
                            then ${failures(`f.minute > ${day} - interval '30 minutes' and f.minute <= ${day} + interval '30 minutes'`)} end
                from (select ${since} as since) known, generate_series(1, 7) as day order by day) as hours`;
};
const IS_OF = `f.dimension = r.dimension and f.value = r.value`;
/**
 * Every rail that failed in the last ten minutes or has an open incident, over all gateways and at each of them. A gateway that
 * came lately is not judged by days on which nobody knew it: it is known since it first failed, which is counted as being at itself.
 */
const FAILURES = statement(
  'failures_of_rails',
  `with moment as materialized (select business_now() as now),
        all_known as materialized (select min(minute) as since from failure_minute),
        rails as (select dimension, value from failure_minute, moment where minute > now - interval '11 minutes'
                  union select dimension, value from incident where closed_at is null),
        rails_at as (select dimension, value, gateway from failure_minute_at_gateway, moment where minute > now - interval '11 minutes' and dimension <> 'gateway'
                     union select dimension, value, gateway from incident where closed_at is null and gateway is not null)
   select r.dimension, r.value, null as gateway,
          ${counted(
            'failure_minute',
            IS_OF,
            `case when r.dimension = 'gateway' then (select min(minute) from failure_minute f where ${IS_OF}) else all_known.since end`,
          )}
   from rails r, moment, all_known
   union all
   select r.dimension, r.value, r.gateway,
          ${counted(
            'failure_minute_at_gateway',
            `${IS_OF} and f.gateway = r.gateway`,
            `(select min(minute) from failure_minute_at_gateway f where f.dimension = 'gateway' and f.value = r.gateway and f.gateway = r.gateway)`,
          )}
   from rails_at r, moment`,
);
/** Beside what is open, what was called over a short while ago: its failures still count. */
const SET_ASIDE = statement(
  'rails_set_aside',
  `select distinct dimension, value, gateway from incident where closed_at is null or quiet_until > business_now()`,
);
const COLUMNS = `id, dimension, value, gateway, opened_at as "openedAt", opened_by as "openedBy", reason, failures, usual, closed_at as "closedAt", closed_by as "closedBy"`;
const OPEN = statement('open_incidents', `select ${COLUMNS} from incident where closed_at is null order by opened_at`);
const LATEST = statement(
  'latest_incidents',
  `select ${COLUMNS} from incident order by closed_at is not null, opened_at desc limit $1`,
);
/**
 * Those at one gateway lie in a table of their own, which inherits from the other: reads, updates and deletes of `incident` mean both,
 * each has its own "one open at a time".
 */
export const INCIDENT_TABLES = {
  everywhere: { table: 'incident', oneOpen: '(dimension, value) where closed_at is null' },
  atGateway: { table: 'incident_at_gateway', oneOpen: '(dimension, value, gateway) where closed_at is null' },
} as const;
/** Nothing when it is open already, or when somebody released it, or the rail everywhere, a short while ago and a machine asks. */
const beginText = ({ table, oneOpen }: { readonly table: string; readonly oneOpen: string }) =>
  `insert into ${table} (id, dimension, value, gateway, opened_at, opened_by, reason, failures, usual)
   select $1::uuid, $2::text, $3::text, $4::text, business_now(), $5::text, $6::text, $7::int, $8::float8
   where $5 <> 'watch'
      or not exists (select from incident where dimension = $2 and value = $3 and (gateway is null or gateway = $4) and quiet_until > business_now())
   on conflict ${oneOpen} do nothing returning ${COLUMNS}`;
const BEGIN = statement('begin_incident', beginText(INCIDENT_TABLES.everywhere));
const BEGIN_AT_GATEWAY = statement('begin_incident_at_gateway', beginText(INCIDENT_TABLES.atGateway));
const CLOSE = statement(
  'close_incident',
  `update incident set closed_at = business_now(), closed_by = $2, quiet_until = business_now() + $3::interval
   where id = $1 and closed_at is null returning ${COLUMNS}`,
);
/** Counts at the most 10,000. Stands on run_parked. */
const HELD = statement(
  'runs_held_by_incidents',
  `select (select count(*) from (select from run r where r.memory ? 'parked' and r.ended_at is null and ${isDownFor('r', 'i')} limit 10000) held)::int as runs
   from unnest($1::text[], $2::text[], $3::text[]) with ordinality as i (dimension, value, gateway, n) order by n`,
);

/** The only place that knows `failure_tally`, `failure_minute`, `incident` and those of them at one gateway. */
export const incidentStore = {
  add(tx: Transaction, rails: readonly RailAt[]): void {
    const counts = new Map<string, RailAt & { failures: number }>();
    for (const rail of rails) {
      const name = fullNameOf(rail);
      counts.set(name, { ...rail, failures: (counts.get(name)?.failures ?? 0) + 1 });
    }
    const rows = [...counts.values()];
    if (rows.length > 0) tx.write(ADD, [...columnsOf(rows), rows.map((row) => row.failures)]);
  },

  take: async (tx: Transaction): Promise<boolean> => (await tx.query<{ taken: boolean }>(TAKE))[0]?.taken === true,
  sumUp: (tx: Transaction): void => tx.write(SUM_UP),

  failures: (db: Queryable): Promise<RailFailures[]> => db.query<RailFailures>(FAILURES),
  setAside: (db: Queryable): Promise<RailAt[]> => db.query<RailAt>(SET_ASIDE),

  open: async (db: Queryable): Promise<Incident[]> => (await db.query<IncidentRow>(OPEN)).map(toIncident),
  /** Open ones first, then the newest. */
  latest: async (db: Queryable, limit: number): Promise<Incident[]> =>
    (await db.query<IncidentRow>(LATEST, [limit])).map(toIncident),

  /** Null when there is one already, or when it was released a short while ago. */
  async begin(
    db: Queryable,
    { dimension, value, gateway }: RailAt,
    by: string,
    { reason = null, failures = null, usual = null }: { reason?: string | null; failures?: number | null; usual?: number | null },
  ): Promise<Incident | null> {
    const sql = gateway === null ? BEGIN : BEGIN_AT_GATEWAY;
    const [row] = await db.query<IncidentRow>(sql, [newId(), dimension, value, gateway, by, reason, failures, usual]);
    return row ? toIncident(row) : null;
  },

  /** `quietFor`: so long no machine opens another one for the rail. Null when it is not open. */
  async close(db: Queryable, id: string, by: string, quietFor: string): Promise<Incident | null> {
    const [row] = await db.query<IncidentRow>(CLOSE, [id, by, quietFor]);
    return row ? toIncident(row) : null;
  },

  /** How many runs wait for each of these rails, in their order. */
  async held(db: Queryable, rails: readonly RailAt[]): Promise<number[]> {
    if (rails.length === 0) return [];
    return (await db.query<{ runs: number }>(HELD, columnsOf(rails))).map(({ runs }) => runs);
  },
};

const columnsOf = (rails: readonly RailAt[]) => [
  rails.map((one) => one.dimension),
  rails.map((one) => one.value),
  rails.map((one) => one.gateway),
];

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
