import { statement, type Transaction } from '@wapas/database';

/** Stands on run_of_person. */
const MOVE_RUNS = statement(
  'move_runs_of_person',
  `with moved as (update run set person_id = $2::uuid, moved_from = coalesce(moved_from, $1::uuid) where person_id = $1::uuid returning id)
   insert into run_input (run_id, at, kind, detail)
   select id, business_now(), 'moved', jsonb_build_object('from', $1::uuid, 'into', $2::uuid) from moved returning run_id as id`,
);
/** Stands on refusal_of_person. */
const MOVE_REFUSALS = statement('move_refusals_of_person', `update refusal set person_id = $2::uuid where person_id = $1`);

/** What a merge of people does to `run` and `refusal`. A live run draws its variants for the person it belongs to, so it is told. */
export const moveRunsStore = {
  async move(tx: Transaction, from: string, into: string): Promise<string[]> {
    await tx.query(MOVE_REFUSALS, [from, into]);
    return (await tx.query<{ id: string }>(MOVE_RUNS, [from, into])).map(({ id }) => id);
  },
};
