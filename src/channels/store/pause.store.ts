import { type Queryable, statement } from '@wapas/database';
import { type Pause, type WantedPause } from '../rules/pauses';

export interface StandingPause extends Pause {
  readonly since: Date;
  /** Null: until somebody says otherwise. */
  readonly until: Date | null;
}

const STRIKES_WITHIN = `interval '10 minutes'`;

/** Counts a strike; the pause stands once there are enough of them within ten minutes. A standing one is not shortened. */
const STRIKE = statement(
  'strike_provider',
  `insert into provider_pause as p (provider, scope, subject, marketing_only, is_hold, reason, code, since, strikes, until)
   values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), 1, case when $9::int <= 1 then coalesce(clock_timestamp() + $8::interval, 'infinity') end)
   on conflict (provider, scope, subject, marketing_only, is_hold) do update
      set reason = excluded.reason, code = excluded.code,
          strikes = case when p.since < clock_timestamp() - ${STRIKES_WITHIN} then 1 else p.strikes + 1 end,
          since = case when p.until > clock_timestamp() or p.since >= clock_timestamp() - ${STRIKES_WITHIN} then p.since else clock_timestamp() end,
          until = case when excluded.until is not null then greatest(excluded.until, p.until)
                       when p.since >= clock_timestamp() - ${STRIKES_WITHIN} and p.strikes + 1 >= $9::int then 'infinity'
                       else p.until end`,
);
const STANDING = statement(
  'standing_pauses',
  `select provider, scope, subject, marketing_only as "marketingOnly", is_hold as "isHold", reason, code, since,
          nullif(until, 'infinity') as until
   from provider_pause where until > clock_timestamp() order by provider, scope, subject`,
);
const LIFT = statement(
  'lift_pauses',
  `delete from provider_pause where provider = $1 and ($2::text is null or scope = $2) and ($3::text is null or subject = $3)
   returning provider, scope`,
);

/** The only place that knows `provider_pause`: what a vendor or an operator took out of use, in real time. */
export const pauseStore = {
  async strike(db: Queryable, pauses: readonly WantedPause[]): Promise<void> {
    for (const one of pauses) {
      const lasts = one.lastsMs === undefined ? null : `${one.lastsMs} milliseconds`;
      const { provider, scope, subject, marketingOnly, isHold, reason, code, needed } = one;
      await db.query(STRIKE, [provider, scope, subject, marketingOnly, isHold, reason, code, lasts, needed]);
    }
  },
  standing: (db: Queryable) => db.query<StandingPause>(STANDING),
  /** Gives how many were lifted. */
  lift: async (db: Queryable, provider: string, scope: Pause['scope'] | null, subject: string | null): Promise<number> =>
    (await db.query(LIFT, [provider, scope, subject])).length,
};
