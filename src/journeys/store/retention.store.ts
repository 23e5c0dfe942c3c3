import { type RetentionRule, statement } from '@wapas/database';

/**
 * Rows of these runs, each run looked up by its index whatever the statistics say: joined, a table of them that seemed small, or of which
 * nobody knew how many a run has, was read from end to end for every thousand runs.
 */
const ofOldRuns = (table: string): string =>
  `delete from ${table} where ctid = any (array(
     select found.ctid from old cross join lateral (select ctid from ${table} where run_id = old.id offset 0) found))`;

/** What runs and what was decided about them let go of. A run that is still live is never touched: its window is shorter than any limit. */
export const journeysRetention: readonly RetentionRule[] = [
  {
    name: 'facts of runs',
    keeps: 'payload',
    sql: statement(
      'retire_run_facts',
      `update run set sealed = null, rails = null, facts = '{}', stops = stops - 'asks'
       where id = any (array(select id from run where started_at >= $1 and started_at < $2 and ended_at is not null
                      and (sealed is not null or facts <> '{}') order by started_at limit $3)) returning started_at as at`,
    ),
  },
  {
    name: 'runs',
    keeps: 'log',
    sql: statement(
      'retire_runs',
      `with old as materialized (select id from run where started_at >= $1 and started_at < $2 and ended_at is not null order by started_at limit $3),
            keys as (${ofOldRuns('run_key')}),
            reversals as (${ofOldRuns('run_reversal')}),
            inputs as (${ofOldRuns('run_input')}),
            decisions as (${ofOldRuns('decision')})
       delete from run where id = any (array(select id from old)) returning started_at as at`,
    ),
  },
  {
    name: 'failures by the minute',
    keeps: 'payload',
    sql: statement(
      'retire_failure_minutes',
      `delete from failure_minute where ctid = any (array(select ctid from failure_minute where minute >= $1 and minute < $2 order by minute limit $3)) returning minute as at`,
    ),
  },
  {
    name: 'failures at gateways by the minute',
    keeps: 'payload',
    sql: statement(
      'retire_failure_minutes_at_gateways',
      `delete from failure_minute_at_gateway where ctid = any (array(select ctid from failure_minute_at_gateway where minute >= $1 and minute < $2 order by minute limit $3)) returning minute as at`,
    ),
  },
  {
    name: 'replays',
    keeps: 'payload',
    leavesSome: true,
    sql: statement(
      'retire_replays',
      `with old as materialized (select id from replay where created_at >= $1 and created_at < $2 and state not in ('waiting', 'running') order by created_at limit $3),
            lines as (delete from replay_line where replay_id = any (array(select id from old))),
            tallies as (delete from replay_tally where replay_id = any (array(select id from old)))
       delete from replay where id = any (array(select id from old)) returning created_at as at`,
    ),
  },
  {
    name: 'incidents',
    keeps: 'log',
    leavesSome: true,
    sql: statement(
      'retire_incidents',
      `delete from incident where id = any (array(select id from incident where opened_at >= $1 and opened_at < $2 and closed_at is not null order by opened_at limit $3)) returning opened_at as at`,
    ),
  },
  {
    name: 'downtimes',
    keeps: 'payload',
    sql: statement(
      'retire_downtimes',
      `delete from downtime where ctid = any (array(select ctid from downtime where said_at >= $1 and said_at < $2 order by said_at limit $3)) returning said_at as at`,
    ),
  },
  {
    name: 'refusals',
    keeps: 'log',
    sql: statement(
      'retire_refusals',
      `delete from refusal where ctid = any (array(select ctid from refusal where at >= $1 and at < $2 order by at limit $3)) returning at`,
    ),
  },
];
