import { type RetentionRule, statement } from '@wapas/database';

/** What the tables of people let go of by themselves. The ledger of consents is kept: it proves what a send was allowed by. */
export const profilesRetention: readonly RetentionRule[] = [
  // In whatever state: a file that is not worked off by then cannot be, and it is full of people.
  {
    name: 'consent files',
    keeps: 'payload',
    sql: statement(
      'retire_consent_imports',
      `delete from consent_import where id = any (array(select id from consent_import where received_at >= $1 and received_at < $2 order by received_at limit $3)) returning received_at as at`,
    ),
  },
  {
    name: 'commands of customers',
    keeps: 'payload',
    sql: statement(
      'retire_inbound_messages',
      `delete from inbound_message where ctid = any (array(select ctid from inbound_message where received_at >= $1 and received_at < $2 order by received_at limit $3)) returning received_at as at`,
    ),
  },
  {
    name: 'changes of numbers',
    keeps: 'log',
    sql: statement(
      'retire_number_changes',
      `delete from number_change where ctid = any (array(select ctid from number_change where heard_at >= $1 and heard_at < $2 order by heard_at limit $3)) returning heard_at as at`,
    ),
  },
  {
    name: 'identifiers of erased people',
    keeps: 'log',
    sql: statement(
      'retire_erased_identifiers',
      `delete from person_identifier where ctid = any (array(select ctid from person_identifier where kind = 'erased' and erased_at >= $1 and erased_at < $2 order by erased_at limit $3)) returning erased_at as at`,
    ),
  },
];
