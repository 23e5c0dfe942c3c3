import { type Queryable, type RetentionRule, statement } from '@wapas/database';
import { type OperationEntry } from '../rules/operation';

const ADD = statement(
  'add_operation_audit',
  `insert into operation_audit (act, subject, actor, reason, at) values ($1, $2, $3, $4, business_now())`,
);
/** Stands on the key of operation_audit; `id` alone would be the text that is given. */
const PAGE = statement(
  'operation_audit',
  `select id::text as id, act, subject, actor, reason, at from operation_audit where $1::bigint is null or id < $1 order by operation_audit.id desc limit $2`,
);

export interface StoredOperation extends OperationEntry {
  readonly id: string;
  /** Business time. */
  readonly at: Date;
}

/** Append-only: who did what, when and why. Add the entry in the transaction of the act. */
export const operationAudit = {
  add: (db: Queryable, { act, subject, actor, reason }: OperationEntry) => db.query(ADD, [act, subject, actor, reason]),
  /** Newest first, those before the entry `before`; null: from the newest on. */
  page: (db: Queryable, before: string | null, limit: number) => db.query<StoredOperation>(PAGE, [before, limit]),
};

export const accessRetention: readonly RetentionRule[] = [
  {
    name: 'operation audit',
    keeps: 'log',
    sql: statement(
      'retire_operation_audit',
      `delete from operation_audit where id = any (array(select id from operation_audit where at >= $1 and at < $2 order by at limit $3)) returning at`,
    ),
  },
];
