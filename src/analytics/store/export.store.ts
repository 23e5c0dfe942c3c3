import { type Queryable, statement } from '@wapas/database';
import { ATTRIBUTION_HOURS } from '../rules/attribution';
import { SUPERSEDED } from '../rules/cost';
import { type CellValue } from '../rules/csv';
import { type ExportKind } from '../rules/export-kinds';
import { lastTouchOf, touchesOf } from './roll-up.store';

/** Where a page of runs begins: after the run that entered then. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

/**
 * Goes up the entries of a range, every journey, test runs left out. Stands on outcome_of_journey, once for each journey there is: without
 * one every page would read and sort all that is left.
 */
const PAGE = statement(
  'export_page',
  `with recursive journeys as (
     (select journey_key from outcome order by journey_key limit 1)
     union all
     select (select o.journey_key from outcome o where o.journey_key > j.journey_key order by o.journey_key limit 1) from journeys j where j.journey_key is not null)
   select o.run_id as id, o.entered_at as at
   from journeys j cross join lateral (
     select run_id, entered_at from outcome o
     where o.journey_key = j.journey_key and o.entered_at >= greatest($1::timestamptz, $3::timestamptz) and o.entered_at < $2::timestamptz and (o.entered_at, o.run_id) > ($3::timestamptz, $4::uuid) and not o.test
     order by o.entered_at, o.run_id limit $5) o
   order by o.entered_at, o.run_id limit $5`,
);
const RUNS = `with page as (select o.* from unnest($1::uuid[]) as wanted (id) cross join lateral (select * from outcome where run_id = wanted.id offset 0) o)`;
const RUN_ROWS = statement(
  'export_runs',
  `${RUNS} select run_id, journey_key as journey, version, variant, arm, coalesce(reason_class, '') as reason_class, person_id, dropped_at as dropped_off_at, entered_at, ended_at, end_reason
   from page order by entered_at, run_id`,
);
const OUTCOME_ROWS = statement(
  'export_outcomes',
  `${RUNS} select p.run_id, p.journey_key as journey, p.arm, p.goal_at, p.amount::float8 as amount, p.currency, extract(epoch from p.goal_at - p.entered_at)::float8 as seconds_to_goal,
          first.at as first_message_at, first.messages, last.channel as last_channel, case when p.goal_at is not null then coalesce(last.attributed, false) end as attributed
   from page p
   cross join lateral (select min(at) as at, count(*)::int as messages from touch t where t.run_id = p.run_id and t.state = 'sent') first
   left join lateral (${lastTouchOf('p', 'unnest($2::text[], $3::int[]) as h (channel, hours)')}) last on true
   order by p.entered_at, p.run_id`,
);
const MESSAGE_ROWS = statement(
  'export_messages',
  `${RUNS} select t.message_id, t.run_id, p.journey_key as journey, t.step, t.channel, t.provider, t.state, t.at, t.delivered_at, t.read_at, t.clicked_at, t.failed_at, t.category, t.billable, t.parts, t.country
   from page p join touch t on t.run_id = p.run_id order by p.entered_at, p.run_id, t.at, t.message_id`,
);
/** What providers bill, whether they could hand it over or not: the last attempts of messages, and those that another one followed. */
const ATTEMPT_ROWS = statement(
  'export_attempts',
  `${RUNS} select t.message_id, p.run_id, p.journey_key as journey, t.step, t.channel, t.provider, t.state, t.at, t.delivered_at, t.failed_at, t.told_category as category, t.told_billable as billable, t.parts, t.country,
          t.called_on::text as called_on, t.category as "pricedAs", t.billable as "pricedBillable", t.messages, t.delivered, t.failed
   from page p cross join lateral (${touchesOf('p.run_id')}) t
   where t.provider is not null and (t.state in ('sent', 'unknown', '${SUPERSEDED}') or t.failed_at is not null)
   order by p.entered_at, p.run_id, t.at, t.message_id, t.fence`,
);

const ROWS = { runs: RUN_ROWS, outcomes: OUTCOME_ROWS, messages: MESSAGE_ROWS, attempts: ATTEMPT_ROWS };

/** The head line of each export: what its statement reads, in order; of attempts with what they are charged as at the end. */
export const EXPORT_COLUMNS: Readonly<Record<ExportKind, readonly string[]>> = {
  runs: ['run_id', 'journey', 'version', 'variant', 'arm', 'reason_class', 'person_id', 'dropped_off_at', 'entered_at', 'ended_at', 'end_reason'],
  outcomes: ['run_id', 'journey', 'arm', 'goal_at', 'amount', 'currency', 'seconds_to_goal', 'first_message_at', 'messages', 'last_channel', 'attributed'],
  messages: ['message_id', 'run_id', 'journey', 'step', 'channel', 'provider', 'state', 'at', 'delivered_at', 'read_at', 'clicked_at', 'failed_at', 'category', 'billable', 'parts', 'country'],
  attempts: ['message_id', 'run_id', 'journey', 'step', 'channel', 'provider', 'state', 'at', 'delivered_at', 'failed_at', 'category', 'billable', 'parts', 'country', 'called_on', 'priced_as', 'priced_in', 'units', 'assumed', 'cost_currency', 'cost_milli'],
}; // prettier-ignore

export type ExportedRow = Readonly<Record<string, CellValue | Date>>;

export const exportStore = {
  /** The rows of one page of runs, and where the next page begins; null after the last one. */
  async page(
    db: Queryable,
    kind: ExportKind,
    range: { from: Date; to: Date },
    after: Place,
    limit: number,
  ): Promise<{ rows: ExportedRow[]; next: Place | null }> {
    const values = [range.from, range.to, after.at, after.id, limit];
    const runs = await db.query<{ id: string; at: Date }>(PAGE, values);
    const ids = runs.map(({ id }) => id);
    const more = kind === 'outcomes' ? [Object.keys(ATTRIBUTION_HOURS), Object.values(ATTRIBUTION_HOURS)] : [];
    const rows = ids.length > 0 ? await db.query<ExportedRow>(ROWS[kind], [ids, ...more]) : [];
    const last = runs.at(-1);
    return { rows, next: runs.length === limit && last ? { at: last.at, id: last.id } : null };
  },
};
