import { type Queryable, statement } from '@wapas/database';
import { type Pause, type WantedPause } from '../rules/pauses';

export interface StandingPause extends Pause {
  readonly since: Date;
  /** Null: until somebody says otherwise. */
  readonly until: Date | null;
}

/** The reason of a pause that no call asked for. */
const TOLD_BY_VENDOR = 'account_news';
const BY_OPERATOR = 'operator';
const IS_OPERATORS = `p.reason = '${BY_OPERATOR}' and p.until > clock_timestamp()`;
const STRIKES_WITHIN = `interval '10 minutes'`;

/**
 * Counts a strike; the pause stands once there are enough of them within ten minutes. A standing one is not shortened, and an operator's stays
 * theirs, whatever is heard of the provider meanwhile.
 */
const STRIKE = statement(
  'strike_provider',
  `insert into provider_pause as p (provider, scope, subject, marketing_only, is_hold, reason, code, since, strikes, until)
   values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), 1, case when $9::int <= 1 then coalesce(clock_timestamp() + $8::interval, 'infinity') end)
   on conflict (provider, scope, subject, marketing_only, is_hold) do update
      set reason = case when ${IS_OPERATORS} then p.reason else excluded.reason end, code = case when ${IS_OPERATORS} then p.code else excluded.code end,
          strikes = case when p.since < clock_timestamp() - ${STRIKES_WITHIN} then 1 else p.strikes + 1 end,
          since = case when p.until > clock_timestamp() or p.since >= clock_timestamp() - ${STRIKES_WITHIN} then p.since else clock_timestamp() end,
          until = case when excluded.until is not null then greatest(excluded.until, p.until)
                       when p.since >= clock_timestamp() - ${STRIKES_WITHIN} and p.strikes + 1 >= $9::int then 'infinity'
                       else p.until end`,
);
/** What vendors told of their accounts stands among them. */
const STANDING = statement(
  'standing_pauses',
  `select provider, scope, subject, marketing_only as "marketingOnly", is_hold as "isHold", reason, code, since,
          nullif(until, 'infinity') as until
   from (select provider, scope, subject, marketing_only, is_hold, reason, code, since, until from provider_pause
         union all
         select provider, 'provider', '', marketing_only, false, '${TOLD_BY_VENDOR}', code, since, until from account_standing) p
   where until > clock_timestamp() order by provider, scope, subject`,
);
const LIFT = statement(
  'lift_pauses',
  `delete from provider_pause where provider = $1 and ($2::text is null or scope = $2) and ($3::text is null or subject = $3)
   returning provider, scope`,
);

/** What the vendor has given back by now; what an operator or a limit took away is theirs. */
const MEND = statement(
  'lift_mended_pauses',
  `delete from provider_pause where provider = $1 and scope = 'provider' and not is_hold and reason = 'bad_credentials' returning provider`,
);

/** Whatever is no news by now changes nothing; a restriction that is told once more is none, or it would undo what came between. */
const TELL_OF_ACCOUNT = statement(
  'tell_of_account',
  `insert into account_standing as a (provider, marketing_only, code, told_at, since, until)
   values ($1, $2, $3, $4, clock_timestamp(), coalesce($5::timestamptz, case when $6::boolean then 'infinity' else clock_timestamp() end))
   on conflict (provider, marketing_only) do update
      set code = excluded.code, told_at = excluded.told_at, until = excluded.until,
          since = case when a.until > clock_timestamp() then a.since else excluded.since end
      where a.told_at < excluded.told_at or (a.told_at = excluded.told_at and not $6)
   returning provider`,
);
const RESUME_ACCOUNT = statement(
  'resume_account',
  `update account_standing set until = clock_timestamp() where provider = $1 and until > clock_timestamp() returning provider`,
);

/** How an account stands with its vendor from now on, as the vendor told at `at`. */
export interface ToldStanding {
  readonly provider: string;
  readonly marketingOnly: boolean;
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly isRestricted: boolean;
  /** Of a restriction that ends by itself. */
  readonly until: number | null;
}

/** The only place that knows `provider_pause` and `account_standing`: what a vendor or an operator took out of use, in real time. */
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

  /** The provider works again. Gives how many were lifted. */
  mend: async (db: Queryable, provider: string): Promise<number> => (await db.query(MEND, [provider])).length,

  /** False: it was no news. */
  async told(db: Queryable, { provider, marketingOnly, code, at, isRestricted, until }: ToldStanding): Promise<boolean> {
    const ends = until === null ? null : new Date(until);
    return (await db.query(TELL_OF_ACCOUNT, [provider, marketingOnly, code, new Date(at), ends, isRestricted])).length > 0;
  },
  /** An operator knows better. Gives how many were lifted. */
  resumeAccount: async (db: Queryable, provider: string): Promise<number> => (await db.query(RESUME_ACCOUNT, [provider])).length,
};
