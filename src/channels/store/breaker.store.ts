import { type Queryable, statement } from '@wapas/database';
import { type OpenBreaker } from '../rules/breaker';

const STANDING = statement(
  'open_breakers',
  `select provider, opened_at as "openedAt", probe_at as "probeAt", failed_probes as "failedProbes", code from provider_breaker`,
);
/** One that is open already stays as it is: another container saw the same. */
const OPEN = statement(
  'open_breaker',
  `insert into provider_breaker (provider, opened_at, probe_at, failed_probes, code)
   values ($1, clock_timestamp(), clock_timestamp() + $2::interval, 0, $3) on conflict do nothing returning provider`,
);
/** One container gets the right to probe, and for so long only. */
const TAKE_PROBE = statement(
  'take_probe',
  `update provider_breaker set probe_at = clock_timestamp() + $2::interval where provider = $1 and probe_at <= clock_timestamp() returning provider`,
);
const PROBE_FAILED = statement(
  'probe_failed',
  `update provider_breaker set failed_probes = failed_probes + 1, probe_at = clock_timestamp() + $2::interval, code = $3 where provider = $1`,
);
const CLOSE = statement('close_breaker', `delete from provider_breaker where provider = $1 returning provider`);

const interval = (ms: number): string => `${ms} milliseconds`;

/** The only place that knows `provider_breaker`: a row is a breaker that is not closed. Real time. */
export const breakerStore = {
  standing: (db: Queryable) => db.query<OpenBreaker>(STANDING),
  /** False when it was open already. */
  open: async (db: Queryable, provider: string, pauseMs: number, code: string): Promise<boolean> =>
    (await db.query(OPEN, [provider, interval(pauseMs), code])).length > 0,
  takeProbe: async (db: Queryable, provider: string, lastsMs: number): Promise<boolean> =>
    (await db.query(TAKE_PROBE, [provider, interval(lastsMs)])).length > 0,
  probeFailed: (db: Queryable, provider: string, pauseMs: number, code: string) =>
    db.query(PROBE_FAILED, [provider, interval(pauseMs), code]),
  /** False when it was closed already. */
  close: async (db: Queryable, provider: string): Promise<boolean> => (await db.query(CLOSE, [provider])).length > 0,
};
