import { statement, type Transaction } from '@wapas/database';

/** Stands on run_of_person. */
const OF_PERSON = statement('runs_to_erase', `select id, ended_at is null as "isLive" from run where person_id = $1`);
const BLANK = statement(
  'blank_runs',
  `update run set sealed = null, rails = null, facts = '{}', stops = stops - 'asks' where id = any($1::uuid[])`,
);

/** What an erasure does to `run`: ids, keyed hashes and times stay, what the trigger said goes. */
export const eraseRunsStore = {
  ofPerson: (tx: Transaction, personId: string) => tx.query<{ id: string; isLive: boolean }>(OF_PERSON, [personId]),
  blank: (tx: Transaction, ids: readonly string[]) => tx.query(BLANK, [ids]),
};
