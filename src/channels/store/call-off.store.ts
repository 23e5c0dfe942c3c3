import { statement, type Transaction } from '@wapas/database';
import { CHANGED, type Changed } from './message.store';

/** What a provider may have taken is not surely unsent: it stays unknown, and keeps its place under the caps. */
const SURELY_SKIPPED = `case when m.maybe_sent then 'unknown' else 'skipped' end`;
const WAITING = `'{planned,retryable}'::text[]`;
/**
 * What waits is given up; what is on the wire may land, but whatever comes of its call, no further one is made, nor of what was taken
 * while a report of its failure could still make it worth one. Gives what was under way, calls that are still open as well: who waited
 * for a claim's commit to lock a row finds it so.
 */
const callOff = `, called_off as (
     update message m set state = case when open.state = any(${WAITING}) then ${SURELY_SKIPPED} else m.state end,
            reason = case when open.state = any(${WAITING}) then open.why else m.reason end,
            called_off = open.why, offer_at = null,
            settled_at = case when open.state = any(${WAITING}) then (select business_now()) else m.settled_at end
     from open where m.id = open.id returning ${CHANGED}, open.state as was)
   select c.id, c."runId", c.lap, c.step, c.channel, c.provider, c.state, c.reason, c."calledAt", c.parts, c.country, c."sentAs" from called_off c where c.was <> all('{sent,unknown}')`;
const MAY_GO_ON = `(state in ('planned', 'retryable', 'calling') or state in ('sent', 'unknown') and not_after > (select business_now())) is true`;
const CANCEL = statement(
  'cancel_messages',
  `with open as (select m.id, m.state, u.why from message m join unnest($1::uuid[], $2::text[]) as u (run_id, why) on m.run_id = u.run_id
                 where ${MAY_GO_ON} order by m.id for update of m)
   ${callOff}`,
);
const CANCEL_EARLIER_LAPS = statement(
  'cancel_earlier_laps',
  `with open as (select m.id, m.state, 'restarted' as why from message m join unnest($1::uuid[], $2::int[]) as u (run_id, lap) on m.run_id = u.run_id and m.lap < u.lap
                 where ${MAY_GO_ON} order by m.id for update of m)
   ${callOff}`,
);

/** What becomes of a run's messages when it ends or begins anew. */
export const callOffStore = {
  /** Everything that is planned for these runs, for the reason for which each has ended. */
  ended: (tx: Transaction, runs: readonly { runId: string; reason: string }[]) =>
    tx.query<Changed>(CANCEL, [runs.map((one) => one.runId), runs.map((one) => one.reason)]),

  /** What was planned for these runs before the lap given. */
  restarted: (tx: Transaction, runs: readonly { runId: string; lap: number }[]) =>
    tx.query<Changed>(CANCEL_EARLIER_LAPS, [runs.map((one) => one.runId), runs.map((one) => one.lap)]),
};
