import { type Queryable, statement, type Transaction } from '@wapas/database';
import { sealName } from './person.store';

/** What a person prefers and what the law wants to be known of them. Absent: leave as it is; null: unknown again. */
export interface Traits {
  readonly language?: string | null;
  readonly timeZone?: string | null;
  readonly minor?: boolean;
  readonly dnd?: 'on' | 'off' | 'unknown';
}

const OF_PERSON = statement(
  'traits_of_person',
  `select t.language, t.time_zone as "timeZone", coalesce(t.minor, false) as minor, coalesce(t.dnd, 'unknown') as dnd,
          (select max(last_seen_at) from person_address a where a.person_id = p.id) as "lastSeenAt"
   from person p left join person_trait t on t.person_id = p.id where p.id = $1`,
);
const SET = statement(
  'set_traits',
  `insert into person_trait as t (person_id, language, time_zone, minor, dnd, updated_at)
   values ($1, $2, $3, coalesce($4, false), coalesce($5, 'unknown'), business_now())
   on conflict (person_id) do update set language = case when $6 then excluded.language else t.language end,
          time_zone = case when $7 then excluded.time_zone else t.time_zone end, minor = coalesce($4, t.minor), dnd = coalesce($5, t.dnd),
          updated_at = excluded.updated_at`,
);
const LANGUAGES = statement(
  'languages_of_people',
  `select person_id as "personId", language from person_trait where person_id = any($1::uuid[]) and language is not null`,
);
const SET_NAME = statement('set_name', `update person set name = null, sealed_name = $2 where id = $1`);

/** The only place that changes `person_trait`. */
export const traitStore = {
  ofPerson: async (db: Queryable, personId: string) =>
    (
      await db.query<{
        language: string | null;
        timeZone: string | null;
        minor: boolean;
        dnd: string;
        lastSeenAt: Date | null;
      }>(OF_PERSON, [personId])
    )[0] ?? null,

  languages: (db: Queryable, personIds: readonly string[]) =>
    db.query<{ personId: string; language: string }>(LANGUAGES, [personIds]),

  set: (tx: Transaction, personId: string, { language, timeZone, minor, dnd }: Traits) =>
    tx.query(SET, [
      personId,
      language ?? null,
      timeZone ?? null,
      minor ?? null,
      dnd ?? null,
      language !== undefined,
      timeZone !== undefined,
    ]),

  setName: (tx: Transaction, personId: string, name: string | null) => tx.query(SET_NAME, [personId, sealName(tx, name)]),
};
