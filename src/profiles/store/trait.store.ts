import { type Queryable, statement, type Transaction } from '@wapas/database';
import { toDate } from '@wapas/kernel';
import { type SaidTraits } from '../rules/resolve-people';
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
  `insert into person_trait as t (person_id, language, language_at, time_zone, time_zone_at, minor, dnd, updated_at)
   values ($1, $2, case when $6 then business_now() end, $3, case when $7 then business_now() end, coalesce($4, false), coalesce($5, 'unknown'), business_now())
   on conflict (person_id) do update set language = case when $6 then excluded.language else t.language end,
          language_at = case when $6 then excluded.language_at else coalesce(t.language_at, t.updated_at) end,
          time_zone = case when $7 then excluded.time_zone else t.time_zone end,
          time_zone_at = case when $7 then excluded.time_zone_at else coalesce(t.time_zone_at, t.updated_at) end,
          minor = coalesce($4, t.minor), dnd = coalesce($5, t.dnd), updated_at = excluded.updated_at`,
);
/**
 * The latest word holds, whenever it is heard. The same word again is news after an hour: without this every event that carries one
 * would rewrite its person's row. People come in ascending order, so that two writers wait for each other instead of deadlocking.
 */
const LEARN = statement(
  'learn_traits',
  `insert into person_trait as t (person_id, language, language_at, time_zone, time_zone_at, updated_at)
   select person_id, language, language_at, time_zone, time_zone_at, (select business_now())
   from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::timestamptz[]) as s (person_id, language, language_at, time_zone, time_zone_at)
   on conflict (person_id) do update set
          language = case when ${isLater('language')} then excluded.language else t.language end,
          language_at = case when ${isLater('language')} then excluded.language_at else coalesce(t.language_at, t.updated_at) end,
          time_zone = case when ${isLater('time_zone')} then excluded.time_zone else t.time_zone end,
          time_zone_at = case when ${isLater('time_zone')} then excluded.time_zone_at else coalesce(t.time_zone_at, t.updated_at) end,
          updated_at = excluded.updated_at
    where ${isNews('language')} or ${isNews('time_zone')}`,
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

  learn(tx: Transaction, said: readonly SaidTraits[]): void {
    if (said.length === 0) return;
    const sorted = [...said].sort((a, b) => (a.personId < b.personId ? -1 : 1));
    const time = (one: SaidTraits['language']) => (one ? toDate(one.at) : null);
    tx.write(LEARN, [
      sorted.map(({ personId }) => personId),
      sorted.map(({ language }) => language?.value ?? null),
      sorted.map(({ language }) => time(language)),
      sorted.map(({ timeZone }) => timeZone?.value ?? null),
      sorted.map(({ timeZone }) => time(timeZone)),
    ]);
  },

  setName: (tx: Transaction, personId: string, name: string | null) => tx.query(SET_NAME, [personId, sealName(tx, name)]),
};

function isLater(column: 'language' | 'time_zone'): string {
  return `excluded.${column}_at > coalesce(t.${column}_at, t.updated_at)`;
}

function isNews(column: 'language' | 'time_zone'): string {
  return `(${isLater(column)} and (excluded.${column} is distinct from t.${column} or excluded.${column}_at > t.${column}_at + interval '1 hour'))`;
}
