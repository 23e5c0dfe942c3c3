import { type Queryable, statement } from '@wapas/database';
import { type VersionFacts } from '../../journeys/journeys.api';
import { type BilledGroup, SUPERSEDED } from '../rules/cost';
import { type MessageFilter } from '../rules/message-filter';
import { entryColumns, type Quarter, quarterColumns, quartersOfCall, quartersOfEntry, readQuarters } from './quarter.store';
import { COUNTS_ONCE, touchesOf, versionColumns } from './roll-up.store';

/** Where a list of messages has come to: after this one. */
export interface PlaceOfMessage {
  readonly enteredAt: number;
  readonly runId: string;
  readonly at: number;
  readonly messageId: string;
  /** Of the attempt. */
  readonly fence: number;
}

export interface ListedMessage extends BilledGroup {
  readonly id: string;
  readonly fence: number;
  readonly runId: string;
  readonly journey: string;
  readonly version: number;
  readonly arm: string;
  readonly step: string | null;
  readonly enteredAt: Date;
  readonly at: Date;
  readonly deliveredAt: Date | null;
  readonly readAt: Date | null;
  readonly clickedAt: Date | null;
  readonly failedAt: Date | null;
}

/** What invoices and prices take for granted where a message does not say. */
export interface Assumptions {
  readonly country: string;
  readonly assumedCategory: Readonly<Record<string, string>>;
}

/** So many units of a cell are billed, or of one attempt: the rule is `costOf`'s. */
const BILLED = `case channel when 'whatsapp' then case when billable is false then 0 else delivered end
  when 'sms' then case when state in ('sent', '${SUPERSEDED}') then messages else failed end else case when state = 'sent' then messages else 0 end end`;
/** An attempt that its message does not stand for, unless it is such that are asked for. */
const IS_NO_MESSAGE = `state = '${SUPERSEDED}' and $12::text is distinct from state`;
/** How many rows of the list a cell stands for, or an attempt: `filterColumns` as $10 to $21. */
const COUNTED = `case $18::text when 'delivered' then case when ${IS_NO_MESSAGE} then 0 else delivered end
  when 'read' then read when 'clicked' then clicked when 'failed' then failed
  when 'taken' then case when state in ('sent', 'unknown', '${SUPERSEDED}') then messages else failed end
  when 'billed' then ${BILLED}
  when 'assumed' then case when (channel = 'whatsapp' and (category is null or billable is null)) or (channel = 'sms' and parts is null) then ${BILLED} else 0 end
  else case when ${IS_NO_MESSAGE} then 0 else messages end end`;
/** What decides the price of a message, as one text. */
const PRICED_AS = `concat_ws(',', channel, coalesce(provider, ''), coalesce(category, ''), coalesce(country, ''), called_on::text)`;
const IS_ASKED = `($10::text is null or channel = $10) and ($11::text is null or coalesce(provider, '') = $11) and ($12::text is null or state = $12)
  and ($13::text is null or coalesce(category, ($17::text[])[array_position($16::text[], channel)], '') = $13) and ($14::text is null or coalesce(country, $15::text) = $14)
  and ($19::text[] is null or ${PRICED_AS} in (select unnest($19::text[]))) and ($20::date is null or called_on >= $20) and ($21::date is null or called_on < $21)`;

const QUARTERS = statement('message_list_quarters', quartersOfEntry('message', [COUNTED, COUNTED], IS_ASKED));
const QUARTERS_OF_CALL = statement(
  'message_list_quarters_of_call',
  quartersOfCall(COUNTED, `called_on >= $20::date and called_on < $21::date`, IS_ASKED),
);
/** Under which prices messages fall: in these journeys and days of entry, or of call. */
const PRICE_GROUPS = statement(
  'message_list_price_groups',
  `select distinct channel, provider, category, country, called_on::text as "calledOn", ${PRICED_AS} as key
   from message_daily where ($1::text is null or journey_key = $1) and slot > $2::timestamptz - interval '24 hours' and slot < $3::timestamptz`,
);
const PRICE_GROUPS_OF_CALL = statement(
  'message_list_price_groups_of_call',
  `select distinct channel, provider, category, country, called_on::text as "calledOn", ${PRICED_AS} as key
   from message_rollup where called_on >= $1::date and called_on < $2::date`,
);
/**
 * Goes down outcome_of_journey within each quarter until there are enough. The same rules as in the roll-ups, one attempt at a time: whether a
 * run counts in the comparison is one look-up in outcome_of_person, as it is there. `coalesce(…, false)` hides a condition from the planner,
 * who would take it for one that hardly a run meets, and read and sort all of the quarter.
 */
const PAGE = statement(
  'message_list_page',
  `select listed.* from unnest($1::text[], $7::timestamptz[]) as q (journey_key, slot) cross join lateral (
     select t.message_id as id, t.fence, o.run_id as "runId", o.journey_key as journey, o.version, o.arm, t.step, o.entered_at as "enteredAt", t.channel, t.provider, t.state, t.category, t.billable, t.parts,
            t.country, t.called_on::text as "calledOn", t.messages, t.delivered, t.failed, date_trunc('milliseconds', t.at) as at, t.delivered_at as "deliveredAt", t.read_at as "readAt", t.clicked_at as "clickedAt", t.failed_at as "failedAt"
     from outcome o
     left join unnest($22::text[], $23::int[], $24::interval[], $25::interval[], $26::int[], $27::int[]) as v (journey_key, version, first_after, lasts, experiment_first, experiment_last)
       on v.journey_key = o.journey_key and v.version = o.version
     cross join lateral (select * from (${touchesOf('o.run_id')}) t where ${IS_ASKED} and ${COUNTED} > 0 offset 0) t
     where o.journey_key = q.journey_key and o.entered_at >= q.slot and o.entered_at < q.slot + interval '15 minutes' and o.entered_at <= $8::timestamptz and not o.test
       and ($2::text is null or o.arm = $2) and ($3::int[] is null or o.version = any($3)) and ($4::text is null or o.variant = $4)
       and ($5::text is null or coalesce(coalesce(o.reason_class, '') = $5, false))
       and (not $6::boolean or coalesce(${COUNTS_ONCE}, false))
       and (o.entered_at, o.run_id, date_trunc('milliseconds', t.at), t.message_id, t.fence) < ($8, $28::uuid, $29::timestamptz, $30::uuid, $31::int)
     order by o.entered_at desc, o.run_id desc, date_trunc('milliseconds', t.at) desc, t.message_id desc, t.fence desc limit $9::int) listed
   order by "enteredAt" desc, "runId" desc, at desc, id desc, fence desc limit $9`,
);
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface PriceGroup extends Pick<BilledGroup, 'channel' | 'provider' | 'category' | 'country' | 'calledOn'> {
  readonly key: string;
}

export const messageListStore = {
  /** The next messages after a place, by entry of their runs, latest first; from the beginning when there is none. `prices`: those that they may fall under. */
  page(
    db: Queryable,
    filter: MessageFilter,
    { country, assumedCategory }: Assumptions,
    prices: readonly string[] | null,
    after: PlaceOfMessage | null,
    limit: number,
    versions: readonly VersionFacts[],
  ): Promise<ListedMessage[]> {
    const own = [
      filter.channel,
      filter.provider,
      filter.state,
      filter.category,
      filter.country,
      country,
      Object.keys(assumedCategory),
      Object.values(assumedCategory),
      filter.outcome,
      prices,
      filter.calledOn?.from ?? null,
      filter.calledOn?.to ?? null,
    ];
    const quarters = filter.calledOn === null ? QUARTERS : QUARTERS_OF_CALL;
    // The quarter in which the list has come to is looked at once more.
    const until = after ? new Date(after.enteredAt + 1) : filter.to;
    const place = after
      ? [after.runId, new Date(after.at), after.messageId, after.fence]
      : [BEFORE_ALL, filter.to, BEFORE_ALL, 0];
    const [, ...entries] = entryColumns(filter);
    return readQuarters(
      until,
      limit,
      (end, wanted) => db.query<Quarter>(quarters, [...quarterColumns(filter, end, wanted), ...own]),
      (found, wanted) =>
        db.query<ListedMessage>(PAGE, [
          found.map(({ journey }) => journey),
          ...entries,
          found.map(({ slot }) => slot),
          after ? new Date(after.enteredAt) : filter.to,
          wanted,
          ...own,
          ...versionColumns(versions),
          ...place,
        ]),
    );
  },

  /** What decides the prices of messages: more than the filter lets through, never less. */
  priceGroups: (db: Queryable, { journey, from, to, calledOn }: MessageFilter): Promise<PriceGroup[]> =>
    calledOn === null
      ? db.query<PriceGroup>(PRICE_GROUPS, [journey, from, to])
      : db.query<PriceGroup>(PRICE_GROUPS_OF_CALL, [calledOn.from, calledOn.to]),
};
