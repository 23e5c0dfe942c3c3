import { type Queryable, statement } from '@wapas/database';

/** A limit as its vendor told it last. */
export interface PeopleLimit {
  readonly provider: string;
  /** Different people in a moving 24 hours; null: any number. */
  readonly mostPeople: number | null;
  /** Real time. */
  readonly since: Date;
}

/** What is older than what is known changes nothing. */
const TELL = statement(
  'tell_people_limit',
  `insert into people_limit as l (provider, most_people, told_at, since) values ($1, $2, $3, clock_timestamp())
   on conflict (provider) do update set most_people = excluded.most_people, told_at = excluded.told_at,
      since = case when l.most_people is not distinct from excluded.most_people then l.since else excluded.since end
      where l.told_at <= excluded.told_at
   returning provider`,
);
const KNOWN = statement('people_limits', `select provider, most_people as "mostPeople", since from people_limit`);
const REACHED_SINCE = `state in ('calling', 'sent', 'unknown') and called_at > (select business_now()) - interval '24 hours'`;
/** The channel is a word of the statement: the index is a partial one. Stands on message_people. */
const REACHED = statement(
  'count_people_reached',
  `select count(distinct person_id)::int as count from message where provider = $1 and channel = 'whatsapp' and ${REACHED_SINCE}`,
);
/** Of another channel, which has no such index: no vendor that is known has a limit there. */
const REACHED_ELSEWHERE = statement(
  'count_people_reached_elsewhere',
  `select count(distinct person_id)::int as count from message where provider = $1 and ${REACHED_SINCE}`,
);
/** Whoever was reached already counts no second time. Stands on message_taken. */
const REACHED_AMONG = statement(
  'people_reached_among',
  `select distinct m.person_id as id from message m
   where m.person_id = any($2::uuid[]) and m.provider = $1 and m.state in ('calling', 'sent', 'unknown') and m.called_at > (select business_now()) - interval '24 hours'`,
);

/** The only place that knows `people_limit`. */
export const peopleLimitStore = {
  /** `at`: the vendor's own time, milliseconds since 1970. False: it was no news. */
  told: async (db: Queryable, provider: string, mostPeople: number | null, at: number): Promise<boolean> =>
    (await db.query(TELL, [provider, mostPeople, new Date(at)])).length > 0,
  known: (db: Queryable) => db.query<PeopleLimit>(KNOWN),
  reached: async (db: Queryable, { name, channel }: { readonly name: string; readonly channel: string }): Promise<number> =>
    (await db.query<{ count: number }>(channel === 'whatsapp' ? REACHED : REACHED_ELSEWHERE, [name]))[0]?.count ?? 0,
  reachedAmong: async (db: Queryable, provider: string, personIds: readonly string[]): Promise<Set<string>> =>
    new Set((await db.query<{ id: string }>(REACHED_AMONG, [provider, personIds])).map(({ id }) => id)),
};
