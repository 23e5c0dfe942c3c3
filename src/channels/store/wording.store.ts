import { statement, type Transaction } from '@wapas/database';
import { templateOf } from '../rules/pauses';
import { type Wording } from '../rules/wordings';

/** Another wording is a message's turn, with the template and the language that it names. */
const TURN = statement(
  'turn_messages',
  `update message m set variant = u.variant, template = u.template, locale = coalesce(u.locale, m.locale)
   from unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[]) as u (id, variant, template, locale) where m.id = u.id`,
);
const HAD_ONCE_MORE = statement('messages_had_once_more', `update message set had_once_more = true where id = any($1::uuid[])`);

/** In what words a message that goes on does so, and that it has had its one further attempt. Of messages that are locked. */
export const wordingStore = {
  async turnTo(tx: Transaction, turned: readonly (Wording & { readonly id: string })[]): Promise<void> {
    if (turned.length === 0) return;
    await tx.query(TURN, [
      turned.map(({ id }) => id),
      turned.map(({ variant }) => variant),
      turned.map(({ content }) => templateOf(content)),
      turned.map(({ content }) => ('language' in content ? content.language : null)),
    ]);
  },

  async noteOnceMore(tx: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await tx.query(HAD_ONCE_MORE, [ids]);
  },
};
