import { type Queryable, statement } from '@wapas/database';
import { NOTE_COPY_CHANGES } from './copy-change.store';

/** A text of a channel in one language. */
export interface KeptText {
  readonly channel: string;
  readonly name: string;
  readonly locale: string;
  readonly category: 'service' | 'marketing';
  /** As a journey file would have it. */
  readonly fields: Readonly<Record<string, string>>;
}

/** In one more language, or in other words: people read something else from now on. */
const KEEP = statement(
  'keep_message_text',
  `with changed as (
     select $1 || '/' || $2 as template from message_text where channel = $1 and name = $2
     having count(*) > 0 and not coalesce(bool_or(locale = $3 and definition = $4::jsonb), false)),
   noted as (${NOTE_COPY_CHANGES})
   insert into message_text (channel, name, locale, definition, kept_at) values ($1, $2, $3, $4::jsonb, business_now())
   on conflict (channel, name, locale) do update set definition = excluded.definition, kept_at = excluded.kept_at`,
);
const ALL = statement(
  'message_texts',
  `select channel, name, locale, definition from message_text order by channel, name, locale`,
);
const REMOVE = statement(
  'remove_message_text',
  `with gone as (delete from message_text where channel = $1 and name = $2 and locale = $3 returning name),
   changed as (select $1 || '/' || name as template from gone),
   noted as (${NOTE_COPY_CHANGES})
   select name from gone`,
);

/** The only place that knows `message_text`. */
export const textStore = {
  keep: (db: Queryable, { channel, name, locale, category, fields }: KeptText) =>
    db.query(KEEP, [channel, name, locale, JSON.stringify({ category, fields })]),
  async all(db: Queryable): Promise<KeptText[]> {
    const rows = await db.query<{
      channel: string;
      name: string;
      locale: string;
      definition: Pick<KeptText, 'category' | 'fields'>;
    }>(ALL);
    return rows.map(({ definition, ...row }) => ({ ...row, ...definition }));
  },
  remove: async (db: Queryable, { channel, name, locale }: Pick<KeptText, 'channel' | 'name' | 'locale'>): Promise<boolean> =>
    (await db.query(REMOVE, [channel, name, locale])).length > 0,
};
