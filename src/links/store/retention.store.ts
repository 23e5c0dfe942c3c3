import { type RetentionRule, statement } from '@wapas/database';

/** A link that has been dead for long answers like one that never was. */
export const linksRetention: readonly RetentionRule[] = [
  {
    name: 'links',
    keeps: 'payload',
    // One that still leads somewhere stays until it does not.
    leavesSome: true,
    sql: statement(
      'retire_links',
      `with old as materialized (select token from link where created_at >= $1 and created_at < $2 and expires_at < business_now() order by created_at limit $3),
            counts as (delete from link_count where token = any (array(select token from old)))
       delete from link where token = any (array(select token from old)) returning created_at as at`,
    ),
  },
];
