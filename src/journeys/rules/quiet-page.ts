/** What was learnt of a run's payment; a reason when nothing was. */
interface Learnt {
  readonly kind: 'trusted' | 'said' | 'unknown';
  readonly reason?: string;
}

/** What a gateway says of one order and may go on saying: waiting for it would keep everybody behind it waiting. */
const OF_THIS_ORDER: readonly string[] = ['unreadable', 'refused'];

/**
 * After a page of the walk was asked about: how many of it are worth asking about again in a while, or null to go on to the next
 * page. A gateway that is out of order is waited for as long as each try answers for more of the page: then nobody is passed
 * over. Without any progress the walk goes on; the next one comes by again.
 */
export function worthAskingAgain(standings: readonly Learnt[], unansweredBefore: number | null): number | null {
  const unanswered = standings.filter(({ kind, reason = '' }) => kind === 'unknown' && !OF_THIS_ORDER.includes(reason)).length;
  return unanswered > 0 && (unansweredBefore === null || unanswered < unansweredBefore) ? unanswered : null;
}
