import { isOutOfReach, isTooSlow } from '@wapas/database';
import { Problem } from './problem';

/** What a caller is told of work that threw. A 500 is what nobody foresaw: whoever answers it logs it too. */
export function problemOfFailure(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isOutOfReach(error))
    return new Problem(503, 'database_unavailable', 'The database is out of reach. Nothing was stored; send again.', {
      retryAfterSeconds: 2,
    });
  // Later than for one that is away: whoever waited in vain should not wait again in the same queue.
  if (isTooSlow(error))
    return new Problem(503, 'database_slow', 'The database took too long. Nothing was stored; send again.', {
      retryAfterSeconds: 10,
    });
  return new Problem(500, 'internal', 'Something unforeseen happened on our side. It has been logged.');
}
