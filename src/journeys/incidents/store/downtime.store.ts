import { type Queryable, statement, type Transaction } from '@wapas/database';
import { newId, toDate } from '@wapas/kernel';
import { type Downtime } from '../rules/downtime';
import { type RailAt } from '../rules/rail';
import { INCIDENT_TABLES } from './incident.store';

/** How `incident.opened_by` says that a source announced it. */
export const BY_SOURCE = 'source:';
/** What failed while it was down still counts for a while: the count must not open again what its gateway calls over. */
const QUIET_AFTER_A_SOURCE = `interval '10 minutes'`;

/** The later word holds, whichever comes first; of two words of one second the end. */
const KEEP = statement(
  'keep_downtimes',
  `insert into downtime (source, id, dimensions, "values", gateways, severity, said_at, is_over, holds_from, holds_until)
   select u.source, u.id, array(select jsonb_array_elements_text(u.dimensions)), array(select jsonb_array_elements_text(u.vals)), array(select jsonb_array_elements_text(u.gateways)), u.severity, u.said_at, u.is_over, u.holds_from, u.holds_until
   from unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[], $5::jsonb[], $6::text[], $7::timestamptz[], $8::boolean[], $9::timestamptz[], $10::timestamptz[])
        as u (source, id, dimensions, vals, gateways, severity, said_at, is_over, holds_from, holds_until)
   on conflict (source, id) do update set dimensions = excluded.dimensions, "values" = excluded."values", gateways = excluded.gateways, severity = excluded.severity, said_at = excluded.said_at,
          is_over = excluded.is_over, holds_from = excluded.holds_from, holds_until = excluded.holds_until
   where (excluded.said_at, excluded.is_over) >= (downtime.said_at, downtime.is_over)`,
);
/** Rails that are down now as somebody announced, each at the gateway that it was said of. Stands on downtime_open. */
const ANNOUNCED = `select rail.dimension, rail.value, rail.gateway, min(d.source) as source, min(d.id) as id from downtime d
   cross join lateral unnest(d.dimensions, d."values", d.gateways) as rail (dimension, value, gateway)
   where not d.is_over and d.holds_from <= business_now() and d.holds_until > business_now() group by 1, 2, 3`;
const openText = (which: string, { table, oneOpen }: { readonly table: string; readonly oneOpen: string }) =>
  `insert into ${table} (id, dimension, value, gateway, opened_at, opened_by, reason)
   select pieces.id, a.dimension, a.value, a.gateway, business_now(), '${BY_SOURCE}' || a.source, 'announced: ' || a.id
   from (select *, row_number() over (order by dimension, value, gateway) as n from (${ANNOUNCED}) a where gateway is ${which}) a
   join unnest($1::uuid[]) with ordinality as pieces (id, n) on pieces.n = a.n
   where not exists (select from incident i where i.dimension = a.dimension and i.value = a.value
                       and (i.gateway is not distinct from a.gateway and i.closed_at is null
                            or (i.gateway is null or i.gateway = a.gateway) and i.quiet_until > business_now()))
   on conflict ${oneOpen} do nothing
   returning dimension, value, gateway, opened_by as by`;
const OPEN = statement('open_announced_incidents', openText('null', INCIDENT_TABLES.everywhere));
const OPEN_AT_GATEWAYS = statement('open_announced_incidents_at_gateways', openText('not null', INCIDENT_TABLES.atGateway));
/** Only what a source opened; what the count saw first is over when the count says so. */
const CLOSE = statement(
  'close_announced_incidents',
  `update incident i set closed_at = business_now(), closed_by = i.opened_by, quiet_until = business_now() + ${QUIET_AFTER_A_SOURCE}
   where i.closed_at is null and i.opened_by like '${BY_SOURCE}%'
     and not exists (select from (${ANNOUNCED}) a where a.dimension = i.dimension and a.value = i.value and a.gateway is not distinct from i.gateway)
   returning i.dimension, i.value, i.gateway, i.opened_by as by`,
);
const RAILS = statement('announced_rails', `select dimension, value, gateway from (${ANNOUNCED}) a`);
/** More rails at once than this are opened at the next look. */
const MOST_AT_ONCE = 200;

/** A rail whose incident has just been opened or closed, and by whom. */
interface Followed extends RailAt {
  readonly opened: boolean;
  readonly by: string;
}

/** The only place that knows `downtime`: what sources said of rails, by source and their id. */
export const downtimeStore = {
  async keep(tx: Transaction, said: readonly Downtime[]): Promise<void> {
    // One statement changes a row once: of several words about one downtime the last one in order.
    const ordered = [...said].sort((a, b) => a.saidAt - b.saidAt || Number(a.isOver) - Number(b.isOver));
    const rows = [...new Map(ordered.map((one) => [`${one.source} ${one.id}`, one])).values()].sort((a, b) =>
      `${a.source} ${a.id}` < `${b.source} ${b.id}` ? -1 : 1,
    );
    if (rows.length === 0) return;
    await tx.query(KEEP, [
      rows.map((one) => one.source),
      rows.map((one) => one.id),
      rows.map((one) => JSON.stringify(one.rails.map(({ dimension }) => dimension))),
      rows.map((one) => JSON.stringify(one.rails.map(({ value }) => value))),
      rows.map((one) => JSON.stringify(one.rails.map(({ gateway }) => gateway))),
      rows.map((one) => one.severity),
      rows.map((one) => toDate(one.saidAt)),
      rows.map((one) => one.isOver),
      rows.map((one) => toDate(one.holdsFrom)),
      rows.map((one) => toDate(one.holdsUntil)),
    ]);
  },

  /** Opens and closes incidents by what sources say now. May be asked at any time, by anybody. */
  async follow(tx: Transaction): Promise<Followed[]> {
    const ids = () => Array.from({ length: MOST_AT_ONCE }, () => newId());
    const opened = [
      ...(await tx.query<Omit<Followed, 'opened'>>(OPEN, [ids()])),
      ...(await tx.query<Omit<Followed, 'opened'>>(OPEN_AT_GATEWAYS, [ids()])),
    ];
    const closed = await tx.query<Omit<Followed, 'opened'>>(CLOSE);
    return [...opened.map((one) => ({ ...one, opened: true })), ...closed.map((one) => ({ ...one, opened: false }))];
  },

  /** What is announced to be down now. */
  announced: (db: Queryable): Promise<RailAt[]> => db.query<RailAt>(RAILS),
};
