import { byteaArray, type Queryable, type Seals, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn } from '@wapas/encryption';
import { type Duration, type Instant, toInstant } from '@wapas/kernel';
import { type Guard } from '../../channels/channels.api';

export interface StoredLink {
  readonly token: string;
  readonly messageId: string;
  readonly runId: string;
  /** Null: our own pay page. */
  readonly target: string | null;
  readonly guard: Guard;
  readonly expiresAt: Instant;
}

/** Where a link leads and the payment it is about: both as the event said, so both are sealed, in one value. */
interface Secret {
  readonly target: string | null;
  readonly asks?: Guard['asks'];
}

export const linkColumn: SealedColumn = {
  table: 'link',
  column: 'sealed',
  key: [{ name: 'token', type: 'text' }],
  plain: {
    // An erased one has an empty target and no payment.
    value: `case when target <> '' or (guard -> 'asks') is not null then json_build_object('target', target, 'asks', guard -> 'asks')::text end`,
    emptied: `target = null, guard = (guard::jsonb - 'asks')::json`,
  },
};
const SECRET = fieldOf(linkColumn);

const ADD = statement(
  'add_links',
  `insert into link (token, message_id, run_id, sealed, guard, created_at, expires_at)
   select token, message_id, run_id, sealed, guard, now, now + $6::interval
   from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bytea[], $5::json[]) as u (token, message_id, run_id, sealed, guard), (select business_now() as now) moment`,
);
const FIND = statement(
  'find_link',
  `select token, message_id as "messageId", run_id as "runId", target, sealed, guard, expires_at as "expiresAt" from link where token = $1`,
);
/** Erased since, or let go of. Stands on the key of link. */
const GONE = statement(
  'links_that_are_gone',
  `select given.token from unnest($1::text[]) as given (token) left join link l on l.token = given.token
   where l.token is null or (l.sealed is null and l.target = '')`,
);
/** Sorted by token: two containers that count the same links wait for each other instead of deadlocking. Gives those clicked for the first time. */
const COUNT = statement(
  'count_link_visits',
  `with counted as (
     insert into link_count as c (token, requests, clicks)
     select token, requests, clicks from unnest($1::text[], $2::bigint[], $3::bigint[]) as u (token, requests, clicks) order by token
     on conflict (token) do update set requests = c.requests + excluded.requests, clicks = c.clicks + excluded.clicks
     returning token, clicks)
   select counted.token from counted join unnest($1::text[], $3::bigint[]) as u (token, clicks) on u.token = counted.token
   where u.clicks > 0 and counted.clicks = u.clicks`,
);

export const linkStore = {
  async add(tx: Transaction, links: readonly Omit<StoredLink, 'expiresAt'>[], lifetime: Duration): Promise<void> {
    await tx.query(ADD, [
      links.map((one) => one.token),
      links.map((one) => one.messageId),
      links.map((one) => one.runId),
      byteaArray(
        links.map(({ target, guard: { asks } }) => tx.seals.seal(SECRET, JSON.stringify({ target, asks } satisfies Secret))),
      ),
      links.map(({ guard: { asks: _sealed, ...guard } }) => JSON.stringify(guard)),
      `${lifetime} milliseconds`,
    ]);
  },

  async find(db: Queryable, token: string): Promise<StoredLink | null> {
    const [row] = await db.query<LinkRow>(FIND, [token]);
    return row ? toLink(db.seals, row) : null;
  },

  /** Those of these tokens that lead nowhere any more, whoever remembers where they led. */
  gone: async (db: Queryable, tokens: readonly string[]): Promise<Set<string>> =>
    new Set((await db.query<{ token: string }>(GONE, [tokens])).map(({ token }) => token)),

  /** `requests` counts previews and scanners too, `clicks` only people. Gives the tokens of first clicks. */
  async count(tx: Transaction, visits: readonly { token: string; requests: number; clicks: number }[]): Promise<Set<string>> {
    const rows = await tx.query<{ token: string }>(COUNT, [
      visits.map((one) => one.token),
      visits.map((one) => one.requests),
      visits.map((one) => one.clicks),
    ]);
    return new Set(rows.map(({ token }) => token));
  },
};

interface LinkRow extends Omit<StoredLink, 'expiresAt'> {
  /** Null of a link from before targets were sealed, and of one that was erased: then `target` and `guard` say it all. */
  readonly sealed: Buffer | null;
  readonly expiresAt: Date;
}

function toLink(seals: Seals, { sealed, ...row }: LinkRow): StoredLink {
  const link = { ...row, expiresAt: toInstant(row.expiresAt) };
  if (!sealed) return link;
  const { target, asks } = JSON.parse(seals.openText(SECRET, sealed)) as Secret;
  return { ...link, target, guard: { ...row.guard, asks } };
}
