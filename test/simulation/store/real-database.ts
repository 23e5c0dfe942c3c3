import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, openPool, type Seals, statement } from '@wapas/database';
import { DataSource } from 'typeorm';
import { databaseOptions } from '../../../src/database-options';
import { Log } from '../../../src/log';
import { layDatabase, startPostgres } from '../../support/template';

/** A Postgres with the product's schema and nobody at work in it. */
export interface RealDatabase {
  readonly database: Database;
  /** Empties every table of the send path. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

const TABLES = [
  'event',
  'event_mark',
  'person_address',
  'person_identifier',
  'person',
  'address_block',
  'consent_entry',
  'bus_outbox',
  'run',
  'run_key',
  'decision',
  'refusal',
  'message',
  'attempt',
  'receipt',
  'earlier_attempt',
  'provider_pause',
  'provider_breaker',
  'send_stop',
  'spend_cap',
  'spend_day',
  'journey_standing',
  'source_pulse',
  'payment_word',
];

export async function startRealDatabase(seals: Seals): Promise<RealDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wapas-store-'));
  await layDatabase(dataDir);
  const server = await startPostgres(dataDir);
  const source = new DataSource(databaseOptions(server.url, 12, new Log('silent')));
  await source.initialize();
  const database = new Database(openPool(source), seals);
  return {
    database,
    clear: async () => void (await database.query(statement('clear_tables', `truncate ${TABLES.join(', ')} cascade`))),
    stop: async () => {
      await source.destroy();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
