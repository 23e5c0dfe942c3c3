import { type Queryable, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type Health, type HealthAfter } from '../rules/retry';
import { type WebhookSecret } from '../rules/secrets';

/** Where a team is told things. */
export interface Endpoint {
  readonly id: string;
  /** Empty when it cannot be opened. */
  readonly url: string;
  /** None when they cannot be opened. */
  readonly secrets: readonly WebhookSecret[];
  /** False: address and secrets are damaged, or their key is gone. What waits for it goes on once they can be opened. */
  readonly isReadable: boolean;
  /** Empty: all, answers excepted. */
  readonly kinds: readonly string[];
  readonly description: string;
  readonly state: 'on' | 'off';
  /** Why it is off: failing for days, gone (410), or switched off by an operator. */
  readonly offBecause: 'failing' | 'gone' | 'operator' | null;
  readonly createdAt: Date;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly restsUntil: Date | null;
}

export const endpointColumn: SealedColumn = {
  table: 'webhook_endpoint',
  column: 'sealed',
  key: [{ name: 'id', type: 'uuid' }],
};
const SEALED = fieldOf(endpointColumn);

const COLUMNS = `id, sealed, kinds, description, state, off_because as "offBecause", created_at as "createdAt", failures,
  failing_since as "failingSince", rests_until as "restsUntil"`;

const ALL = statement('webhook_endpoints', `select ${COLUMNS} from webhook_endpoint order by id`);
const LOCK = statement('lock_webhook_endpoint', `select ${COLUMNS} from webhook_endpoint where id = $1 for update`);
/** Serialises those who make endpoints, so that their number holds. */
const HOLD = statement('hold_webhook_endpoints', `lock table webhook_endpoint in share row exclusive mode`);
const ADD = statement(
  'add_webhook_endpoint',
  `insert into webhook_endpoint (id, sealed, kinds, description, state, created_at) values ($1, $2, $3, $4, 'on', business_now())`,
);
/**
 * `$7`: it begins anew, as one that is switched on again or is somewhere else from now on does. What is still under way to where it was says
 * nothing then.
 */
const SAVE = statement(
  'save_webhook_endpoint',
  `update webhook_endpoint set sealed = coalesce($2, sealed), kinds = $3, description = $4, state = $5, off_because = $6,
     failures = case when $7 then 0 else failures end,
     failing_since = case when $7 then null else failing_since end,
     rests_until = case when $7 then null else rests_until end,
     rests = case when $7 then 0 else rests end,
     rest_ends_at = case when $7 then clock_timestamp() else rest_ends_at end
   where id = $1`,
);
const REMOVE = statement('remove_webhook_endpoint', `delete from webhook_endpoint where id = $1 returning id`);
const LOCK_HEALTH = statement(
  'lock_webhook_health',
  `select id, sealed, failures, (extract(epoch from failing_since) * 1000)::float as "failingSince", (extract(epoch from rests_until) * 1000)::float as "restsUntil",
          rests, (extract(epoch from rest_ends_at) * 1000)::float as "restEndsAt", (extract(epoch from clock_timestamp()) * 1000)::float as now
   from webhook_endpoint where id = any($1::uuid[]) order by id for update`,
);
const SAVE_HEALTH = statement(
  'save_webhook_health',
  `update webhook_endpoint e set failures = u.failures, failing_since = to_timestamp(u.failing_since / 1000), rests_until = to_timestamp(u.rests_until / 1000),
          rests = u.rests, rest_ends_at = to_timestamp(u.rest_ends_at / 1000),
          state = case when u.off_because is null then e.state else 'off' end, off_because = coalesce(u.off_because, e.off_because)
   from unnest($1::uuid[], $2::int[], $3::float8[], $4::float8[], $5::int[], $6::float8[], $7::text[])
     as u (id, failures, failing_since, rests_until, rests, rest_ends_at, off_because)
   where e.id = u.id`,
);

interface EndpointRow extends Omit<Endpoint, 'url' | 'secrets' | 'isReadable'> {
  readonly sealed: Buffer;
}

/** The only place that knows `webhook_endpoint`. */
export const endpointStore = {
  async all(db: Queryable): Promise<Endpoint[]> {
    return (await db.query<EndpointRow>(ALL)).map((row) => opened(db, row));
  },
  hold: (tx: Transaction) => tx.query(HOLD),
  async lock(tx: Transaction, id: string): Promise<Endpoint | null> {
    const [row] = await tx.query<EndpointRow>(LOCK, [id]);
    return row ? opened(tx, row) : null;
  },
  add: (tx: Transaction, one: Pick<Endpoint, 'id' | 'url' | 'secrets' | 'kinds' | 'description'>) =>
    tx.query(ADD, [one.id, sealed(tx, one), one.kinds, one.description]),
  /** Address and secrets that cannot be opened stay as they are: what is there must not be written over. */
  save: (tx: Transaction, one: Endpoint, { beginsAnew }: { beginsAnew: boolean }) =>
    tx.query(SAVE, [
      one.id,
      one.isReadable ? sealed(tx, one) : null,
      one.kinds,
      one.description,
      one.state,
      one.offBecause,
      beginsAnew,
    ]),
  remove: async (db: Queryable, id: string): Promise<boolean> => (await db.query(REMOVE, [id])).length > 0,

  /** With the moment of the database, since containers may disagree, and with where each endpoint is now. */
  async lockHealth(tx: Transaction, ids: readonly string[]): Promise<(Health & { id: string; url: string; now: number })[]> {
    const rows = await tx.query<Health & { id: string; sealed: Buffer; now: number }>(LOCK_HEALTH, [ids]);
    return rows.map(({ sealed: bytes, ...row }) => ({ ...row, url: secretsIn(tx, bytes)?.url ?? '' }));
  },
  saveHealth: (tx: Transaction, healths: readonly (HealthAfter & { readonly id: string })[]) =>
    tx.query(SAVE_HEALTH, [
      healths.map(({ id }) => id),
      healths.map(({ failures }) => failures),
      healths.map(({ failingSince }) => failingSince),
      healths.map(({ restsUntil }) => restsUntil),
      healths.map(({ rests }) => rests),
      healths.map(({ restEndsAt }) => restEndsAt),
      healths.map(({ switchedOff }) => switchedOff),
    ]),
};

const sealed = (db: Queryable, { url, secrets }: Pick<Endpoint, 'url' | 'secrets'>): Buffer =>
  db.seals.seal(SEALED, JSON.stringify({ url, secrets }));

/** One that cannot be opened must not keep the others, nor a start, waiting. */
function opened(db: Queryable, { sealed: bytes, ...row }: EndpointRow): Endpoint {
  const inside = secretsIn(db, bytes);
  return inside ? { ...row, ...inside, isReadable: true } : { ...row, url: '', secrets: [], isReadable: false };
}

function secretsIn(db: Queryable, bytes: Buffer): Pick<Endpoint, 'url' | 'secrets'> | null {
  try {
    const { url, secrets } = JSON.parse(db.seals.openText(SEALED, bytes)) as Pick<Endpoint, 'url' | 'secrets'>;
    return { url, secrets };
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
