import { statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';

const DROP_ADDRESSES = statement(
  'drop_addresses_of_kind',
  `delete from person_address where person_id = $1 and kind = $2 and key <> $3`,
);
const DROP_IDENTIFIERS = statement(
  'drop_identifiers_of_kind',
  `delete from person_identifier where person_id = $1 and kind = $2 and key <> $3`,
);
const ADD_IDENTIFIER = statement(
  'add_corrected_identifier',
  `insert into person_identifier (key, kind, person_id) values ($2, $3, $1) on conflict do nothing`,
);

/** Matches no key. */
const NONE = '00000000-0000-0000-0000-000000000000';

/** Replaces addresses that were wrong. */
export const correctionStore = {
  /** Drops every phone or e-mail of a person but the one given. */
  async keepOnly(tx: Transaction, personId: string, kind: 'phone' | 'email', key: EntityKey | null): Promise<void> {
    for (const sql of [DROP_ADDRESSES, DROP_IDENTIFIERS]) await tx.query(sql, [personId, kind, key ?? NONE]);
    if (key !== null) await tx.query(ADD_IDENTIFIER, [personId, key, kind]);
  },
};
