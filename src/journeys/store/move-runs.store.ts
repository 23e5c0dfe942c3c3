import { statement, type Transaction } from '@wapas/database';

/** Stands on run_of_person. */
const MOVE_RUNS = statement(
  'move_runs_of_person',
  `update run set person_id = $2, moved_from = coalesce(moved_from, $1) where person_id = $1 returning id`,
);
/** Stands on refusal_of_person. */
const MOVE_REFUSALS = statement('move_refusals_of_person', `update refusal set person_id = $2 where person_id = $1`);

/** What a merge of people does to `run` and `refusal`. */
export const moveRunsStore = {
  async move(tx: Transaction, from: string, into: string): Promise<string[]> {
    await tx.query(MOVE_REFUSALS, [from, into]);
    return (await tx.query<{ id: string }>(MOVE_RUNS, [from, into])).map(({ id }) => id);
  },
};
