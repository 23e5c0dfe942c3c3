import { type Queryable, statement } from '@wapas/database';

/** One step in getting to know a person. */
export interface IdentityEntry {
  /** met: a person was made; recognised: one who was known showed another identifier; token_taken, token_lost: a device changed hands; number_changed: their vendor said that they are at this number now; vendor_named: their vendor calls whoever is at their number so; merged: a guest turned out to be them. */
  readonly what:
    'met' | 'recognised' | 'token_taken' | 'token_lost' | 'number_changed' | 'vendor_named' | 'merged' | 'merged_into';
  readonly kind: string;
  readonly key: string;
  readonly eventId: string | null;
  readonly at: Date;
}

const OF_PERSON = statement(
  'identity_of_person',
  `select what, kind, key, event_id as "eventId", at from identity_entry where person_id = $1 order by seq limit 1000`,
);

export const identityStore = {
  ofPerson: (db: Queryable, personId: string) => db.query<IdentityEntry>(OF_PERSON, [personId]),
};
