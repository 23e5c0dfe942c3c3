import { type Queryable, type RetentionRule, statement } from '@wapas/database';
import { type OperationEntry } from '../rules/operation';

const ADD = statement(
  'add_operation_audit',
  `insert into operation_audit (act, subject, actor, reason, at) values ($1, $2, $3, $4, business_now())`,
);
const LATEST = statement(
  'operation_audit',
  `select act, subject, actor, reason, at from operation_audit order by id desc limit $1`,
);

/** Append-only: who did what, when and why. Add the entry in the transaction of the act. */
export const operationAudit = {
  add: (db: Queryable, { act, subject, actor, reason }: OperationEntry) => db.query(ADD, [act, subject, actor, reason]),
  /** Newest first. */
  latest: (db: Queryable, limit: number) => db.query<OperationEntry & { readonly at: Date }>(LATEST, [limit]),
};

export const accessRetention: readonly RetentionRule[] = [
  {
    name: 'operation audit',
    keeps: 'log',
    sql: statement(
      'retire_operation_audit',
      `delete from operation_audit where id in (select id from operation_audit where at >= $1 and at < $2 order by at limit $3) returning at`,
    ),
  },
];
