import { type Queryable, statement } from '@wapas/database';
import { toInstant } from '@wapas/kernel';
import { type CopyChange } from '../rules/copies';

const ALL = statement('copy_changes', `select template, changed_at as "changedAt" from copy_change order by changed_at, id`);

/** What a statement that changes registered templates adds: their names come from `changed (template)`. */
export const NOTE_COPY_CHANGES = `insert into copy_change (template, changed_at) select template, business_now() from changed`;

/** The only place that reads `copy_change`; whoever keeps registered templates writes it with them. */
export const copyChangeStore = {
  async all(db: Queryable): Promise<CopyChange[]> {
    return (await db.query<{ template: string; changedAt: Date }>(ALL)).map(({ template, changedAt }) => ({
      template,
      at: toInstant(changedAt),
    }));
  },
};
