import { type DataSource, IsNull } from 'typeorm';
import { type Scope } from '../rules/api-key';
import { ApiKeyEntity } from './api-key.entity';

export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly test: boolean;
  readonly hash: Buffer;
}

/** The only place that knows `api_key`. Not hot: callers are cached, so TypeORM serves it. */
export class ApiKeyStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(key: StoredKey): Promise<void> {
    await this.dataSource.getRepository(ApiKeyEntity).insert({ ...key, scopes: [...key.scopes], revokedAt: null });
  }

  async findLive(id: string): Promise<StoredKey | null> {
    return this.dataSource.getRepository(ApiKeyEntity).findOneBy({ id, revokedAt: IsNull() });
  }

  async revoke(id: string): Promise<boolean> {
    const result = await this.dataSource
      .getRepository(ApiKeyEntity)
      .update({ id, revokedAt: IsNull() }, { revokedAt: new Date() });
    return (result.affected ?? 0) > 0;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.dataSource.getRepository(ApiKeyEntity).count()) === 0;
  }
}
