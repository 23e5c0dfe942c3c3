import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Instant, newId, toDate } from '@wapas/kernel';
import { type Purpose } from '../rules/consent';

export interface NewSuppression {
  /** A person's id, or the key of an address. */
  readonly subject: string;
  readonly subjectKind: 'person' | 'phone' | 'email' | 'whatsapp_id' | 'push_token';
  readonly channel: string | null;
  readonly purpose: Purpose | null;
  readonly reason: string;
  readonly source: string;
  /** Business time; null: for good. */
  readonly expiresAt: Instant | null;
}

export interface StoredSuppression extends Omit<NewSuppression, 'expiresAt'> {
  readonly id: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

const COLUMNS = `s.id, s.subject, s.subject_kind as "subjectKind", s.channel, s.purpose, s.reason, s.source, s.created_at as "createdAt",
  nullif(s.expires_at, 'infinity') as "expiresAt"`;

const ADD = statement(
  'add_suppressions',
  `insert into suppression (id, subject, subject_kind, channel, purpose, reason, source, created_at, expires_at)
   select id, subject, subject_kind, channel, purpose, reason, source, (select business_now()), coalesce(expires_at, 'infinity')
   from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
        as u (id, subject, subject_kind, channel, purpose, reason, source, expires_at)`,
);
const LIFT = statement(
  'lift_suppression',
  `update suppression set lifted_at = business_now() where id = $1 and lifted_at = 'infinity' returning id`,
);
const LIFT_OF_SUBJECTS = statement(
  'lift_suppressions_of_subjects',
  `update suppression set lifted_at = business_now()
   where subject = any($1::uuid[]) and lifted_at = 'infinity' and reason = $2 and channel is not distinct from $3 and purpose is not distinct from $4 and created_at <= $5`,
);
/** With the moment at which it was said. What forbids every channel holds for whoever has the old number, wherever they are written to. */
const CARRY_OVER = statement(
  'carry_over_suppressions',
  `insert into suppression (id, subject, subject_kind, channel, purpose, reason, source, created_at, expires_at)
   select gen_random_uuid(), $2, s.subject_kind, s.channel, s.purpose, s.reason, s.source, s.created_at, s.expires_at
   from suppression s
   where s.subject = $1 and s.channel = $3 and s.lifted_at = 'infinity' and s.expires_at > (select business_now())
     and not exists (select from suppression t where t.subject = $2 and t.channel = $3 and t.lifted_at = 'infinity' and t.reason = s.reason
                       and t.purpose is not distinct from s.purpose and t.expires_at >= s.expires_at)`,
);
const FIND = statement('find_suppression', `select ${COLUMNS} from suppression s where s.id = $1`);
/** In force at a moment, for a person and for every address of theirs. Stands on suppression_of_subject. */
const IN_FORCE = statement(
  'suppressions_in_force',
  `select ${COLUMNS} from suppression s
   where s.subject in (select $1::uuid union select key from person_address where person_id = $1)
     and s.created_at <= $2 and s.expires_at > $2 and s.lifted_at > $2 order by s.created_at`,
);

/** Whether it is in force or was: of a person, of their addresses and of whatever else they are known by. Stands on suppression_of_subject. */
const EVER = statement(
  'suppressions_ever',
  `select ${COLUMNS}, nullif(s.lifted_at, 'infinity') as "liftedAt" from suppression s
   where s.subject in (select $1::uuid union select key from person_address where person_id = $1
                       union select key from person_identifier where person_id = $1 and kind in ('phone', 'email', 'whatsapp_id'))
   order by s.created_at desc limit $2`,
);

/** The only place that changes `suppression`. */
export const suppressionStore = {
  /** Gives the ids, in order. */
  async add(tx: Transaction, suppressions: readonly NewSuppression[]): Promise<string[]> {
    const ids = suppressions.map(() => newId());
    if (ids.length > 0)
      await tx.query(ADD, [
        ids,
        suppressions.map((one) => one.subject),
        suppressions.map((one) => one.subjectKind),
        suppressions.map((one) => one.channel),
        suppressions.map((one) => one.purpose),
        suppressions.map((one) => one.reason),
        suppressions.map((one) => one.source),
        suppressions.map((one) => one.expiresAt && toDate(one.expiresAt)),
      ]);
    return ids;
  },

  /** False when there is none of this id, or it has been lifted. */
  lift: async (db: Queryable, id: string): Promise<boolean> => (await db.query(LIFT, [id])).length > 0,

  /** Takes back what the same reason put there before `at`, with the same scope. */
  liftOf: (
    tx: Transaction,
    subjects: readonly string[],
    scope: { reason: string; channel: string | null; purpose: Purpose | null },
    at: Instant,
  ) => tx.query(LIFT_OF_SUBJECTS, [subjects, scope.reason, scope.channel, scope.purpose, toDate(at)]),

  /** What forbids messages on this channel to one address forbids them to another as well. */
  carryOver: (tx: Transaction, { from, to, channel }: { from: string; to: string; channel: string }) =>
    tx.query(CARRY_OVER, [from, to, channel]),

  find: async (db: Queryable, id: string) => (await db.query<StoredSuppression>(FIND, [id]))[0] ?? null,
  /** The latest, newest first. */
  ever: (db: Queryable, personId: string, limit: number) =>
    db.query<StoredSuppression & { readonly liftedAt: Date | null }>(EVER, [personId, limit]),
  inForce: (db: Queryable, personId: string, at: Instant) => db.query<StoredSuppression>(IN_FORCE, [personId, toDate(at)]),
};
