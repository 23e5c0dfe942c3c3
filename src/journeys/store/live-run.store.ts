import { type Queryable, statement } from '@wapas/database';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type Guard } from '../../channels/channels.api';
import { secretIn, type StoredSecret } from './sealed-run';

/** Where a walk over the live runs has come to. */
export interface Place {
  readonly dueAt: Instant;
  readonly id: string;
}

export interface LiveRun extends Place {
  readonly guard: Guard;
}

/** Without locks: whoever ends a run reads it again under them. Stands on run_due, in its order. */
const WALK = statement(
  'walk_live_runs',
  `select id, due_at as "dueAt", facts, stops, sealed from run
   where due_at is not null and due_at >= $1 and (due_at, id) > ($1, $2::uuid) and not test order by due_at, id limit $3`,
);

type LiveRow = Pick<StoredSecret, keyof StoredSecret> & { readonly id: string; readonly dueAt: Date };

export const BEGINNING: Place = { dueAt: 0 as Instant, id: '00000000-0000-0000-0000-000000000000' };

export const liveRunStore = {
  async after(db: Queryable, { dueAt, id }: Place, limit: number): Promise<LiveRun[]> {
    const rows = await db.query<LiveRow>(WALK, [toDate(dueAt), id, limit]);
    return rows.map((row) => ({ id: row.id, dueAt: toInstant(row.dueAt), guard: secretIn(db.seals, row).guard }));
  },
};
