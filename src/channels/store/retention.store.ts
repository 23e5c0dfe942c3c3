import { type RetentionRule, statement } from '@wapas/database';

/** What messages, their calls and their receipts let go of, found by their ids whatever the statistics say: joined, tables were read from end to end for every batch. */
export const channelsRetention: readonly RetentionRule[] = [
  {
    name: 'texts of messages',
    keeps: 'payload',
    sql: statement(
      'retire_message_texts',
      `update message set content = null, sealed = null, guard = (guard::jsonb - 'asks')::json
       where id = any (array(select id from message where created_at >= $1 and created_at < $2 and (sealed is not null or content::text <> 'null')
                      and state not in ('planned', 'calling', 'retryable') order by created_at limit $3)) returning created_at as at`,
    ),
  },
  {
    name: 'receipts that belong to nothing',
    keeps: 'payload',
    sql: statement(
      'retire_parked_receipts',
      `delete from receipt where id = any (array(select id from receipt where message_id is null and received_at >= $1 and received_at < $2 order by received_at limit $3)) returning received_at as at`,
    ),
  },
  {
    name: 'answers',
    keeps: 'log',
    sql: statement(
      'retire_answers',
      `delete from answer where id = any (array(select id from answer where received_at >= $1 and received_at < $2 order by received_at limit $3)) returning received_at as at`,
    ),
  },
  {
    name: 'messages',
    keeps: 'log',
    sql: statement(
      'retire_messages',
      `with old as materialized (select id from message where created_at >= $1 and created_at < $2 and state not in ('planned', 'calling', 'retryable') order by created_at limit $3),
            attempts as (delete from attempt where message_id = any (array(select id from old))),
            earlier as (delete from earlier_attempt where message_id = any (array(select id from old))),
            receipts as (delete from receipt where message_id = any (array(select id from old)))
       delete from message where id = any (array(select id from old)) returning created_at as at`,
    ),
  },
];
