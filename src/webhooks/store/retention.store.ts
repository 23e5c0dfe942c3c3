import { type RetentionRule, statement } from '@wapas/database';

/** What was told goes with what it was about, and so does what waits for an endpoint that is off: it may hold a person's own words. */
export const webhooksRetention: readonly RetentionRule[] = [
  {
    name: 'webhook deliveries',
    keeps: 'payload',
    sql: statement(
      'retire_webhook_deliveries',
      `delete from webhook_delivery where id = any (array(select id from webhook_delivery where created_at >= $1 and created_at < $2 order by created_at limit $3)) returning created_at as at`,
    ),
  },
];
