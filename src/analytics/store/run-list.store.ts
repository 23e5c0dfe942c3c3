import { type Queryable, type Statement, statement } from '@wapas/database';
import { type VersionFacts } from '../../journeys/journeys.api';
import { ATTRIBUTION_HOURS } from '../rules/attribution';
import { type RunFilter, type RunOutcome } from '../rules/run-filter';
import { TIME_EDGES } from '../rules/time-bins';
import { entryColumns, type Quarter, quarterColumns, quartersOfEntry, readQuarters } from './quarter.store';
import { COUNTS_ONCE, lastTouchOf, versionColumns } from './roll-up.store';

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
  /** Minor units, less what was paid back. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly endReason: string | null;
  readonly lastChannel: string | null;
}

/** How many runs a cell of the roll-ups stands for, at least or at most: by entries, by goals, and by messages, of which a run may have several. */
const ENTRIES = `case $10::text when 'eligible' then eligible when 'messaged' then messaged else entered end`;
const QUARTERS_OF_ENTRIES = statement('run_list_quarters_of_entries', quartersOfEntry('entry', [ENTRIES, ENTRIES], 'true'));
/** $13: the last bin of time that is asked for, or null. A day has a text of bins and their counts. */
const QUARTERS_OF_GOALS = statement(
  'run_list_quarters_of_goals',
  quartersOfEntry(
    'recovery',
    [
      `case when $13::int is null or within_bin <= $13 then recovered else 0 end`,
      `case when $13::int is null then recovered else (select sum(split_part(bin, ':', 2)::int) from unnest(string_to_array(within_bins, ' ')) bin where split_part(bin, ':', 1)::int <= $13) end`,
    ],
    `case $10::text when 'attributed' then attributed when 'untouched' then channel is null else true end
     and ($11::text is null or coalesce(channel, '') = $11) and ($12::text is null or currency = $12)`,
  ),
);
const MESSAGES = `case $10::text when 'delivered' then delivered when 'read' then read when 'clicked' then clicked when 'messaged' then case when state = 'sent' then messages else 0 end else 0 end`;
const QUARTERS_OF_MESSAGES = statement(
  'run_list_quarters_of_messages',
  quartersOfEntry('message', [MESSAGES, MESSAGES], `($11::text is null or channel = $11)`),
);
/**
 * Goes down outcome_of_journey within each quarter until there are enough. The same rules as in the roll-ups, one run at a time. Whether a run
 * counts in the comparison is one look-up in outcome_of_person, as it is there. `coalesce(…, false)` hides a condition from the planner, who
 * would take it for one that hardly a run meets, and read and sort all of the quarter.
 */
const PAGE = statement(
  'run_list_page',
  `select listed.* from unnest($1::text[], $7::timestamptz[]) as q (journey_key, slot) cross join lateral (
     select o.run_id as id, o.journey_key as journey, o.version, o.variant, o.arm, o.reason_class as "reasonClass", o.person_id as "personId", o.moved_from as "movedFrom", o.entered_at as "enteredAt", o.goal_at as "goalAt",
            case when o.goal_at is not null then o.amount::float8 end as amount, case when o.goal_at is not null then o.currency end as currency, o.end_reason as "endReason", last.channel as "lastChannel"
     from outcome o
     left join lateral (${lastTouchOf('o', 'unnest($14::text[], $15::int[]) as h (channel, hours)')}) last on true
     left join unnest($16::text[], $17::int[], $18::interval[], $19::interval[], $20::int[], $21::int[]) as v (journey_key, version, first_after, lasts, experiment_first, experiment_last)
       on v.journey_key = o.journey_key and v.version = o.version
     where o.journey_key = q.journey_key and o.entered_at >= q.slot and o.entered_at < q.slot + interval '15 minutes' and o.entered_at <= $8 and (o.entered_at, o.run_id) < ($8::timestamptz, $22::uuid)
       and ($2::text is null or o.arm = $2) and ($3::int[] is null or o.version = any($3)) and ($4::text is null or o.variant = $4)
       and ($5::text is null or coalesce(coalesce(o.reason_class, '') = $5, false)) and ($11::text is null or $10 in ('messaged', 'delivered', 'read', 'clicked') or coalesce(coalesce(last.channel, '') = $11, false)) and not o.test
       and (not $6::boolean or coalesce(${COUNTS_ONCE}, false))
       and ($12::text is null or coalesce(o.goal_at is not null and o.currency = $12, false)) and ($13::int is null or coalesce(o.goal_at - o.entered_at < make_interval(secs => $13), false))
       and coalesce(case $10
             when 'recovered' then o.goal_at is not null
             when 'untouched' then o.goal_at is not null and last.channel is null
             when 'attributed' then last.attributed
             when 'eligible' then o.ended_at is null or not coalesce(o.ended_early, o.ended_at <= o.entered_at + coalesce(v.first_after, '0'))
             when 'messaged' then exists (select from touch t where t.run_id = o.run_id and ($11 is null or t.channel = $11) and t.state = 'sent')
             when 'delivered' then exists (select from touch t where t.run_id = o.run_id and ($11 is null or t.channel = $11) and coalesce(t.delivered_at, t.read_at, t.clicked_at) is not null)
             when 'read' then exists (select from touch t where t.run_id = o.run_id and ($11 is null or t.channel = $11) and coalesce(t.read_at, t.clicked_at) is not null)
             when 'clicked' then exists (select from touch t where t.run_id = o.run_id and ($11 is null or t.channel = $11) and t.clicked_at is not null)
             else true end, false)
     order by o.entered_at desc, o.run_id desc limit $9) listed
   order by "enteredAt" desc, id desc limit $9`,
);
const AFTER_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export const runListStore = {
  /** The next runs before a place, latest first; from the beginning when there is none. */
  page(
    db: Queryable,
    filter: RunFilter,
    before: { at: number; id: string } | null,
    limit: number,
    versions: readonly VersionFacts[],
  ): Promise<ListedRun[]> {
    const [quarters, own] = quartersAsked(filter);
    const [, ...entries] = entryColumns(filter);
    return readQuarters(
      // The quarter in which the list has come to is looked at once more.
      before ? new Date(before.at + 1) : filter.to,
      limit,
      (end, wanted) => db.query<Quarter>(quarters, [...quarterColumns(filter, end, wanted), ...own]),
      (found, wanted) =>
        db.query<ListedRun>(PAGE, [
          found.map(({ journey }) => journey),
          ...entries,
          found.map(({ slot }) => slot),
          before ? new Date(before.at) : filter.to,
          wanted,
          filter.outcome,
          filter.channel,
          filter.currency,
          filter.within,
          Object.keys(ATTRIBUTION_HOURS),
          Object.values(ATTRIBUTION_HOURS),
          ...versionColumns(versions),
          before?.id ?? AFTER_ALL,
        ]),
    );
  },
};

const OF_MESSAGES: ReadonlySet<RunOutcome> = new Set(['delivered', 'read', 'clicked']);
const OF_GOALS: ReadonlySet<RunOutcome> = new Set(['recovered', 'attributed', 'untouched']);

/** Which roll-up knows best where such runs are. It may count others with them, never fewer. */
function quartersAsked({ outcome, channel, currency, within }: RunFilter): [Statement, unknown[]] {
  if (OF_MESSAGES.has(outcome) || (outcome === 'messaged' && channel !== null)) return [QUARTERS_OF_MESSAGES, [outcome, channel]];
  if (OF_GOALS.has(outcome) || channel !== null || currency !== null || within !== null)
    return [QUARTERS_OF_GOALS, [outcome, channel, currency, within === null ? null : binOf(within)]];
  return [QUARTERS_OF_ENTRIES, [outcome]];
}

/** The last bin in which a shorter length of time may lie. */
const binOf = (seconds: number): number => TIME_EDGES.filter((edge) => edge < seconds).length;
