import { type Queryable, statement } from '@wapas/database';
import { type VersionFacts } from '../../journeys/journeys.api';
import { ATTRIBUTION_HOURS } from '../rules/attribution';
import { type RunFilter } from '../rules/run-filter';
import { CAME_BEFORE, versionColumns } from './roll-up.store';

export interface ListedRun {
  readonly id: string;
  readonly journey: string;
  readonly version: number;
  readonly variant: string;
  readonly arm: string;
  readonly reasonClass: string | null;
  readonly personId: string | null;
  readonly movedFrom: string | null;
  readonly enteredAt: Date;
  readonly goalAt: Date | null;
  readonly endReason: string | null;
  readonly lastChannel: string | null;
}

/**
 * Goes down outcome_of_journey from the place of the cursor, once for each journey there is when none is named: without one every page
 * would read and sort all of the range. The same rules as in the roll-ups, one run at a time. Whether a run counts in the comparison is one
 * look-up in outcome_of_person, as it is there. `coalesce(…, false)` hides a condition from the planner, who would take it for one that
 * hardly a run meets, and read and sort all of the range.
 */
const PAGE = statement(
  'run_list_page',
  `with recursive journeys as (
     (select journey_key from outcome where $1::text is null order by journey_key limit 1)
     union all
     select (select o.journey_key from outcome o where o.journey_key > j.journey_key order by o.journey_key limit 1) from journeys j where j.journey_key is not null),
   asked as (select $1::text as journey_key where $1::text is not null union all select journey_key from journeys where journey_key is not null)
   select listed.* from asked cross join lateral (
     select o.run_id as id, o.journey_key as journey, o.version, o.variant, o.arm, o.reason_class as "reasonClass", o.person_id as "personId", o.moved_from as "movedFrom",
            o.entered_at as "enteredAt", o.goal_at as "goalAt", o.end_reason as "endReason", last.channel as "lastChannel"
     from outcome o
     left join lateral (
       select t.channel, o.goal_at - t.at <= make_interval(hours => coalesce(h.hours, 24)) as attributed
       from touch t left join unnest($13::text[], $14::int[]) as h (channel, hours) on h.channel = t.channel
       where t.run_id = o.run_id and t.state = 'sent' and t.at <= o.goal_at order by attributed desc, t.at desc, t.message_id desc limit 1) last on true
     left join unnest($16::text[], $17::int[], $18::interval[], $19::interval[], $20::int[], $21::int[]) as v (journey_key, version, first_after, lasts, experiment_first, experiment_last)
       on v.journey_key = o.journey_key and v.version = o.version
     where o.journey_key = asked.journey_key and o.entered_at >= $8 and o.entered_at < $9 and (o.entered_at, o.run_id) < ($10::timestamptz, $11::uuid)
       and ($2::text is null or o.arm = $2) and ($3::int[] is null or o.version = any($3)) and ($4::text is null or o.variant = $4)
       and ($5::text is null or coalesce(coalesce(o.reason_class, '') = $5, false)) and ($6::text is null or $7 in ('messaged', 'delivered', 'read', 'clicked') or coalesce(coalesce(last.channel, '') = $6, false)) and not o.test
       and (not $15 or coalesce((select true from outcome p where ${CAME_BEFORE} limit 1) is null, false))
       and coalesce(case $7
             when 'recovered' then o.goal_at is not null
             when 'untouched' then o.goal_at is not null and last.channel is null
             when 'attributed' then last.attributed
             when 'eligible' then o.ended_at is null or not coalesce(o.ended_early, o.ended_at <= o.entered_at + coalesce(v.first_after, '0'))
             when 'messaged' then exists (select from touch t where t.run_id = o.run_id and ($6 is null or t.channel = $6) and t.state = 'sent')
             when 'delivered' then exists (select from touch t where t.run_id = o.run_id and ($6 is null or t.channel = $6) and coalesce(t.delivered_at, t.read_at, t.clicked_at) is not null)
             when 'read' then exists (select from touch t where t.run_id = o.run_id and ($6 is null or t.channel = $6) and coalesce(t.read_at, t.clicked_at) is not null)
             when 'clicked' then exists (select from touch t where t.run_id = o.run_id and ($6 is null or t.channel = $6) and t.clicked_at is not null)
             else true end, false)
     order by o.entered_at desc, o.run_id desc limit $12) listed
   order by "enteredAt" desc, id desc limit $12`,
);
const AFTER_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export const runListStore = {
  /** The next runs before a place, latest first; from the beginning when there is none. */
  page: (
    db: Queryable,
    filter: RunFilter,
    before: { at: number; id: string } | null,
    limit: number,
    versions: readonly VersionFacts[],
  ) =>
    db.query<ListedRun>(PAGE, [
      filter.journey,
      filter.arm,
      filter.versions,
      filter.variant,
      filter.reason,
      filter.channel,
      filter.outcome,
      filter.from,
      filter.to,
      before ? new Date(before.at) : filter.to,
      before?.id ?? AFTER_ALL,
      limit,
      Object.keys(ATTRIBUTION_HOURS),
      Object.values(ATTRIBUTION_HOURS),
      filter.comparedOnly,
      ...versionColumns(versions),
    ]),
};
