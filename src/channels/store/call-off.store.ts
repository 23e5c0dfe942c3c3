import { statement, type Transaction } from '@wapas/database';
import { CHANGED, type Changed } from './message.store';

/** What a provider may have taken is not surely unsent: it stays unknown, and keeps its place under the caps. */
const SURELY_SKIPPED = `case when m.maybe_sent then 'unknown' else 'skipped' end`;
/**
 * What waits is given up; what is on the wire may land, but whatever comes of its call, no further one is made. Gives the latter as well,
 * still calling: who waited for a claim's commit to lock a row finds it so.
 */
const callOff = (reason: string): string =>
  `update message m set state = case open.state when 'calling' then m.state else ${SURELY_SKIPPED} end,
          reason = case open.state when 'calling' then m.reason else '${reason}' end,
          called_off = '${reason}', offer_at = null
   from open where m.id = open.id returning ${CHANGED}`;
const IS_UNDER_WAY = `(state in ('planned', 'retryable', 'calling')) is true`;
const CANCEL = statement(
  'cancel_messages',
  `with open as (select id, state from message where run_id = any($1::uuid[]) and ${IS_UNDER_WAY} order by id for update)
   ${callOff('run_ended')}`,
);
const CANCEL_EARLIER_LAPS = statement(
  'cancel_earlier_laps',
  `with open as (select m.id, m.state from message m join unnest($1::uuid[], $2::int[]) as u (run_id, lap) on m.run_id = u.run_id and m.lap < u.lap
                 where ${IS_UNDER_WAY} order by m.id for update of m)
   ${callOff('restarted')}`,
);

/** What becomes of a run's messages when it ends or begins anew. */
export const callOffStore = {
  /** Everything that is planned for these runs. */
  ended: (tx: Transaction, runIds: readonly string[]) => tx.query<Changed>(CANCEL, [runIds]),

  /** What was planned for these runs before the lap given. */
  restarted: (tx: Transaction, runs: readonly { runId: string; lap: number }[]) =>
    tx.query<Changed>(CANCEL_EARLIER_LAPS, [runs.map((one) => one.runId), runs.map((one) => one.lap)]),
};
