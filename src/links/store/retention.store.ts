import { type RetentionRule, statement } from '@wapas/database';

/** A link that has been dead for long answers like one that never was. */
export const linksRetention: readonly RetentionRule[] = [
  {
    name: 'links',
    keeps: 'payload',
    sql: statement(
      'retire_links',
      `delete from link where token in (select token from link where created_at >= $1 and created_at < $2 and expires_at < business_now() limit $3) returning token`,
    ),
  },
];
