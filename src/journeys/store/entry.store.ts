import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type RefusalReason } from '../rules/enrol';

/** What a matter has been through: its live run and whose it is, when its last one ended, and how many there were. */
export interface PastOfMatter {
  readonly liveId: string | null;
  readonly livePersonId: string | null;
  readonly lastEndedAt: Instant | null;
  readonly entries: number;
}

/** A trigger that started nothing, and why. `version` 0: none is in force. */
export interface Refused {
  readonly eventId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly personId: string | null;
  readonly reason: RefusalReason;
}

const REFUSALS = statement(
  'insert_refusals',
  `insert into refusal (event_id, journey_key, version, person_id, reason, at)
   select * from unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::text[], $6::timestamptz[]) on conflict do nothing`,
);
/** Stands on run_of_matter, one look-up a matter. */
const MATTERS = statement(
  'runs_of_matters',
  `select m.position::int as position, (array_agg(r.id) filter (where r.ended_at is null))[1] as "liveId", (array_agg(r.person_id) filter (where r.ended_at is null))[1] as "livePersonId", max(r.ended_at) as "lastEndedAt", count(*)::int as entries
   from unnest($1::text[], $2::uuid[]) with ordinality as m (journey_key, correlation, position)
   cross join lateral (select id, person_id, ended_at from run r where r.correlation = m.correlation and r.journey_key = m.journey_key offset 0) r
   group by m.position`,
);

/** When people last entered journeys that ask for it. Stands on run_of_person. */
const ENTERED = statement(
  'people_entered',
  `select p.journey_key as "journeyKey", p.person_id as "personId", max(r.started_at) as "enteredAt"
   from unnest($1::text[], $2::uuid[]) as p (journey_key, person_id)
   join run r on r.person_id = p.person_id and r.journey_key = p.journey_key group by 1, 2`,
);

/** What a trigger asks before a run may start, and what is kept when none does. The only place that writes `refusal`. */
export const entryStore = {
  refuse(tx: Transaction, refusals: readonly Refused[], now: Instant): void {
    if (refusals.length === 0) return;
    tx.write(REFUSALS, [
      refusals.map((one) => one.eventId),
      refusals.map((one) => one.journeyKey),
      refusals.map((one) => one.version),
      refusals.map((one) => one.personId),
      refusals.map((one) => one.reason),
      refusals.map(() => toDate(now)),
    ]);
  },

  /** By `journey person`; absent: never. */
  async entered(db: Queryable, people: readonly { journeyKey: string; personId: string }[]): Promise<Map<string, Instant>> {
    if (people.length === 0) return new Map();
    const rows = await db.query<{ journeyKey: string; personId: string; enteredAt: Date }>(ENTERED, [
      people.map((one) => one.journeyKey),
      people.map((one) => one.personId),
    ]);
    return new Map(rows.map((row) => [`${row.journeyKey} ${row.personId}`, toInstant(row.enteredAt)]));
  },

  /** For each matter, by position: its live run, and when its last one ended. Absent: it never had a run. */
  async ofMatters(
    db: Queryable,
    matters: readonly { journeyKey: string; correlation: EntityKey }[],
  ): Promise<Map<number, PastOfMatter>> {
    if (matters.length === 0) return new Map();
    const rows = await db.query<Omit<PastOfMatter, 'lastEndedAt'> & { position: number; lastEndedAt: Date | null }>(MATTERS, [
      matters.map((one) => one.journeyKey),
      matters.map((one) => one.correlation),
    ]);
    return new Map(
      rows.map(({ position, lastEndedAt, ...row }) => [
        position - 1,
        { ...row, lastEndedAt: lastEndedAt && toInstant(lastEndedAt) },
      ]),
    );
  },
};
