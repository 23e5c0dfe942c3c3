import { type Queryable, statement } from '@wapas/database';

export interface SendStop {
  readonly scope: string;
  readonly actor: string;
  readonly since: Date;
}

const SET = statement(
  'set_send_stop',
  `insert into send_stop (scope, actor, since) values ($1, $2, business_now()) on conflict do nothing returning scope`,
);
const LIFT = statement('lift_send_stop', `delete from send_stop where scope = $1 returning scope`);
const ALL = statement('send_stops', `select scope, actor, since from send_stop order by scope`);

/** Who stops what. The claim reads the table in its own statement, so a stop holds from its commit on, in every container. */
export const stopStore = {
  /** Says whether there was none before; one that stands stays whose it was. */
  set: async (db: Queryable, scope: string, actor: string): Promise<boolean> => (await db.query(SET, [scope, actor])).length > 0,
  /** Says whether there was one. */
  lift: async (db: Queryable, scope: string): Promise<boolean> => (await db.query(LIFT, [scope])).length > 0,
  all: (db: Queryable) => db.query<SendStop>(ALL),
};
