import { type RetentionRule, statement } from '@wapas/database';

/**
 * What stands behind the roll-ups, a run at a time; the roll-ups, which name nobody, are kept. How far it has come is written down in the same
 * transaction: a pass of the roll-up reads it with a lock of its own and counts nothing again that is not all there any more.
 */
export const analyticsRetention: readonly RetentionRule[] = [
  {
    name: 'outcomes',
    keeps: 'reports',
    // A rebuild makes those of runs again that are still stored, and who was somebody else may be heard of late.
    leavesSome: true,
    // Goes up outcome_of_journey, once for each journey there is: an index by time would cost every run an entry more. Whose earlier entries
    // go is written beside the later ones (`entered_before`) and goes with those: who came back is no new person. Of many the next twenty;
    // those behind find these, and are told when they go.
    sql: statement(
      'retire_outcomes',
      `with recursive journeys as (
         (select journey_key from outcome order by journey_key limit 1)
         union all
         select (select o.journey_key from outcome o where o.journey_key > j.journey_key order by o.journey_key limit 1) from journeys j where j.journey_key is not null),
       old as materialized (
         select o.* from journeys j cross join lateral (
           select run_id, entered_at, person_id, journey_key, version, test from outcome o where o.journey_key = j.journey_key and o.entered_at >= $1 and o.entered_at < $2 order by o.entered_at limit $3) o
         order by o.entered_at limit $3),
       horizon as (update outcome_horizon set through = greatest(through, (select max(entered_at) from old)) where exists (select from old)),
       gone as (
         select person_id, journey_key, version from old where not test
         union
         select old.person_id, old.journey_key, b.version from old join entered_before b using (run_id) where not old.test),
       remembered as (
         insert into entered_before (run_id, version)
         select distinct later.run_id, g.version from gone g cross join lateral (
           select run_id from outcome l
           where l.person_id = g.person_id and l.journey_key is not distinct from g.journey_key and not l.test and l.entered_at > (select max(entered_at) from old)
           order by l.entered_at, l.run_id limit 20) later
         on conflict do nothing),
       forgotten as (delete from entered_before where run_id = any (array(select run_id from old))),
       touches as (delete from touch where run_id = any (array(select run_id from old))),
       earlier as (delete from earlier_touch where run_id = any (array(select run_id from old)))
       delete from outcome where run_id = any (array(select run_id from old)) returning entered_at as at`,
    ),
  },
];
