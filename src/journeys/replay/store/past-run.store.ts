import { type Queryable, statement, uuidArray } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, instantFromEpoch, toDate } from '@wapas/kernel';
import { type Arm } from '../../rules/run';

/** A run as it really was. */
export interface PastRun {
  readonly id: string;
  readonly triggerId: string;
  readonly personId: string;
  /** Whom its variants were drawn for. */
  readonly unit: string;
  readonly arm: Arm;
  readonly version: number;
  readonly correlation: EntityKey;
  readonly enteredAt: Instant;
  /** Null: it is live. */
  readonly endedAt: Instant | null;
}

/**
 * Runs of people that entered before a moment, and those that these events started. Times in seconds. Stands on run_of_person; the
 * events are looked up in a hash: as a join they were gone through for every run.
 */
const OF_PEOPLE = statement(
  'past_runs_of_people',
  `select r.id, r.trigger_id as "triggerId", r.person_id as "personId", coalesce(r.moved_from, r.person_id) as unit, r.arm, r.version, r.correlation,
          date_part('epoch', coalesce(r.entered_at, r.started_at)) as "enteredAt", date_part('epoch', r.ended_at) as "endedAt"
   from unnest($1::uuid[]) as wanted (id)
   cross join lateral (select * from run r where r.person_id = wanted.id and r.journey_key = $2 and not r.test offset 0) r
   where r.trigger_id in (select unnest($4::uuid[])) or coalesce(r.entered_at, r.started_at) < $3`,
);

/** Reads runs of the past; never writes. */
export const pastRuns = {
  async ofPeople(
    db: Queryable,
    { journeyKey, personIds, before, triggerIds }: { journeyKey: string; personIds: readonly string[]; before: Instant; triggerIds: readonly string[] }, // prettier-ignore
  ): Promise<PastRun[]> {
    if (personIds.length === 0) return [];
    const values = [uuidArray(personIds), journeyKey, toDate(before), uuidArray(triggerIds)];
    const rows = await db.query<Omit<PastRun, 'enteredAt' | 'endedAt'> & { enteredAt: number; endedAt: number | null }>(OF_PEOPLE, values); // prettier-ignore
    return rows.map((row) => ({
      ...row,
      enteredAt: instantFromEpoch(row.enteredAt),
      endedAt: row.endedAt === null ? null : instantFromEpoch(row.endedAt),
    }));
  },
};
