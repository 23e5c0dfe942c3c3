import { SilentLogger } from '@wapas/database';
import { type DataSourceOptions } from 'typeorm';
import { ApiKeyEntity } from './access/store/api-key.entity';
import { type Log } from './log';
import { migrations } from './migrations';

/** How TypeORM, and through its pool everything else, reaches the database. */
export function databaseOptions(url: string, connections: number, log: Log): Extract<DataSourceOptions, { type: 'postgres' }> {
  return {
    type: 'postgres',
    url,
    entities: [ApiKeyEntity],
    migrations,
    migrationsTableName: 'schema_migration',
    synchronize: false,
    logger: new SilentLogger(),
    // A look-up by an undefined id gives the first row otherwise.
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    poolSize: connections,
    poolErrorHandler: (error: unknown) => log.trouble('database connection lost', error),
    applicationName: 'wapas',
    extra: {
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 10_000,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      // Statements of one transaction are sent behind each other without waiting for each answer.
      pipeline: true,
    },
  };
}

/**
 * For a command that walks through whole tables beside the application: over millions of rows a look for those that are left takes
 * minutes, and broken off by the limit that statements of the application have it would never come to its end.
 */
export function databaseOptionsOfCommands(url: string, log: Log): ReturnType<typeof databaseOptions> {
  const options = databaseOptions(url, 2, log);
  return { ...options, extra: { ...(options.extra as object), statement_timeout: 0 } };
}
