import { type Queryable, statement } from '@wapas/database';

/** What a healthy deployment has none of. */
export interface RunFaults {
  /** Live runs that nothing would ever look at again. */
  readonly withoutTimer: number;
  /** Runs that have been due for too long and that nobody has taken up. */
  readonly overdue: number;
  /** Of the 500 runs that are due next: those whose steps so far do not have exactly one outcome each. */
  readonly withoutOutcome: number;
  /** Messages that wait to be claimed, are due for too long, and are still worth it. */
  readonly unclaimed: number;
}

/** Counts at the most 1,000 of each. Stands on run_without_timer, run_due, decision_of_run and message_to_offer. */
const FAULTS = statement(
  'run_faults',
  `with late as materialized (select business_now() - $1::interval as since)
   select
     (select count(*) from (select from run where ended_at is null and due_at is null and not memory ? 'parked' limit 1000) r)::int as "withoutTimer",
     (select count(*) from (select from run, late where due_at < late.since limit 1000) r)::int as overdue,
     (select count(*) from (select id, next_step, started_at from run where due_at is not null order by due_at limit 500) r
       where r.next_step <> (select count(*) from decision d where d.run_id = r.id and d.at > r.started_at
                               and d.kind in ('send', 'ghost', 'skip', 'expire')))::int as "withoutOutcome",
     (select count(*) from (select from message m, late where m.state in ('planned', 'retryable') and m.due_at < late.since
                               and m.not_after > business_now() and m.not_before is null and m.held_by is null
                               and not exists (select from send_stop s where s.scope in ('all', 'journey:' || m.journey_key)) limit 1000) m)::int as unclaimed`,
);

/** Business time between now and the moment the oldest of them was due, in seconds. Counts at the most 100,000. Stands on run_due. */
const DUE = statement(
  'runs_due_now',
  `select (select count(*) from (select from run where due_at <= business_now() limit 100000) r)::int as count,
          coalesce(extract(epoch from business_now() - (select min(due_at) from run where due_at <= business_now())), 0)::float8 as "oldestSeconds"`,
);

export const auditOfRuns = {
  due: async (db: Queryable) =>
    (await db.query<{ count: number; oldestSeconds: number }>(DUE))[0] ?? { count: 0, oldestSeconds: 0 },

  /** `seconds` of business time make a thing late. */
  faults: async (db: Queryable, seconds: number): Promise<RunFaults> =>
    (await db.query<RunFaults>(FAULTS, [`${seconds} seconds`]))[0] as RunFaults,
};
