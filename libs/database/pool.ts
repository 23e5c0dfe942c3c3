import { type Pool } from 'pg';
import { type DataSource } from 'typeorm';

/** TypeORM's own pool: everything shares one set of connections. */
export function openPool(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}
