import { type RetentionRule, statement } from '@wapas/database';

/** What `event`, `event_mark`, `quarantine` and its replays let go of. Each stands on the table's index by time, `…_oldest`; replays are few. */
export const ingestionRetention: readonly RetentionRule[] = [
  {
    name: 'contents of events',
    keeps: 'payload',
    sql: statement(
      'retire_event_contents',
      `update event set content = null, sealed = null, content_hash = '', raw_hash = null
       where id = any (array(select id from event where received_at >= $1 and received_at < $2 and (sealed is not null or content is not null) order by received_at limit $3)) returning received_at as at`,
    ),
  },
  {
    name: 'quarantine',
    keeps: 'payload',
    sql: statement(
      'retire_quarantine',
      `delete from quarantine where id = any (array(select id from quarantine where received_at >= $1 and received_at < $2 order by received_at limit $3)) returning received_at as at`,
    ),
  },
  {
    name: 'replays of quarantine',
    keeps: 'log',
    sql: statement(
      'retire_quarantine_replays',
      `delete from quarantine_replay where id = any (array(select id from quarantine_replay where requested_at >= $1 and requested_at < $2 order by requested_at limit $3)) returning requested_at as at`,
    ),
  },
  {
    name: 'events',
    keeps: 'log',
    sql: statement(
      'retire_events',
      `delete from event where id = any (array(select id from event where received_at >= $1 and received_at < $2 order by received_at limit $3)) returning received_at as at`,
    ),
  },
  // An import tells of what happened long before the marks that were looked at last. An erasure finds the content of an event by its
  // marks: as long as there is one they stay. In the order in which they lie: one by time would cost every mark an index entry more.
  {
    name: 'marks of events',
    keeps: 'log',
    leavesSome: true,
    sql: statement(
      'retire_event_marks',
      `delete from event_mark where ctid = any (array(
         select m.ctid from event_mark m where m.occurred_at >= $1 and m.occurred_at < $2
            and not exists (select from event e where e.id = m.event_id and (e.sealed is not null or e.content is not null)) limit $3))
       returning null::timestamptz as at`,
    ),
  },
];
