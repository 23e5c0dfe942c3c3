import { statement, type Transaction } from '@wapas/database';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type DataSource, IsNull, MoreThan } from 'typeorm';
import { type Scope } from '../rules/api-key';
import { ApiKeyEntity } from './api-key.entity';

export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly test: boolean;
  readonly hash: Buffer;
  readonly createdAt: Instant;
  /** Null: never. */
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
}

export type NewKey = Pick<StoredKey, 'id' | 'name' | 'scopes' | 'test' | 'hash' | 'expiresAt'>;

const ADD = statement(
  'add_api_key',
  `insert into api_key (id, name, scopes, test, hash, expires_at) values ($1, $2, $3::text[], $4, $5, $6)`,
);
const REVOKE = statement(
  'revoke_api_key',
  `update api_key set revoked_at = clock_timestamp() where id = $1 and revoked_at is null returning scopes`,
);

/** The only place that knows `api_key`. Not hot: callers are cached, so TypeORM serves it. */
export class ApiKeyStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A key that nobody has revoked; it may have expired. */
  async findUnrevoked(id: string): Promise<StoredKey | null> {
    const found = await this.keys.findOneBy({ id, revokedAt: IsNull() });
    return found && toStored(found);
  }

  /** Keys that work at `now` and will not for ever, the next to expire first. */
  async expiringAfter(now: Instant): Promise<StoredKey[]> {
    const found = await this.keys.find({
      where: { revokedAt: IsNull(), expiresAt: MoreThan(toDate(now)) },
      order: { expiresAt: 'asc', id: 'asc' },
    });
    return found.map(toStored);
  }

  /** All keys there ever were, newest first, those behind the key `before`. */
  async page(before: string | null, limit: number): Promise<StoredKey[]> {
    const query = this.keys.createQueryBuilder('key').orderBy('key.createdAt', 'DESC').addOrderBy('key.id', 'DESC').limit(limit);
    if (before !== null)
      query.where('(key.created_at, key.id) < (select b.created_at, b.id from api_key b where b.id = :before)', { before });
    return (await query.getMany()).map(toStored);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.keys.count()) === 0;
  }

  /** Real time by the clock of the database: a key expires in every container at the same moment. */
  async now(): Promise<Instant> {
    const [row] = await this.dataSource.query<[{ now: Date }]>('select clock_timestamp() as now');
    return toInstant(row.now);
  }

  private get keys() {
    return this.dataSource.getRepository(ApiKeyEntity);
  }
}

/** Changes of keys, each in the transaction of its entry in the audit. */
export const keyChanges = {
  add: (tx: Transaction, { id, name, scopes, test, hash, expiresAt }: NewKey) =>
    tx.query(ADD, [id, name, scopes, test, hash, expiresAt === null ? null : toDate(expiresAt)]),

  /** What the key could do; null when there is no live key of this id. */
  async revoke(tx: Transaction, id: string): Promise<readonly Scope[] | null> {
    return (await tx.query<{ scopes: Scope[] }>(REVOKE, [id]))[0]?.scopes ?? null;
  },
};

function toStored({ id, name, scopes, test, hash, createdAt, expiresAt, revokedAt }: ApiKeyEntity): StoredKey {
  return {
    id,
    name,
    scopes,
    test,
    hash,
    createdAt: toInstant(createdAt),
    expiresAt: expiresAt && toInstant(expiresAt),
    revokedAt: revokedAt && toInstant(revokedAt),
  };
}
