import 'reflect-metadata';
import { Database, openPool } from '@wapas/database';
import { Keyring, rotateKeys, type RotationProgress, type SealedColumn } from '@wapas/encryption';
import { databaseOptionsOfCommands } from './database-options';
import { readOptions, runCommand, withStored } from './command';
import { readRotationConfig } from './config/config';
import { attemptColumn } from './channels/store/sealed-attempt';
import { messageColumn } from './channels/store/sealed-message';
import { eventColumn } from './ingestion/store/event.store';
import { sourceSecretsColumn } from './ingestion/mapped/store/mapped-source.store';
import { quarantineColumn, quarantineHeadersColumn } from './ingestion/store/quarantine.store';
import { runColumn } from './journeys/store/sealed-run';
import { linkColumn } from './links/store/link.store';
import { importColumn } from './profiles/store/consent-import.store';
import { proofColumn } from './profiles/store/consent.store';
import { addressColumn } from './profiles/store/address.store';
import { nameColumn } from './profiles/store/person.store';
import { deliveryColumn } from './webhooks/store/delivery.store';
import { endpointColumn } from './webhooks/store/endpoint.store';

/** Every column that is sealed. One that is missing here would be lost with its key. */
export const sealedColumns: readonly SealedColumn[] = [
  addressColumn,
  nameColumn,
  proofColumn,
  importColumn,
  quarantineColumn,
  quarantineHeadersColumn,
  eventColumn,
  runColumn,
  messageColumn,
  attemptColumn,
  linkColumn,
  endpointColumn,
  deliveryColumn,
  sourceSecretsColumn,
];

const USAGE = `Seals anew, with the first key of WAPAS_ENCRYPTION_KEYS, whatever is sealed with another one or not at all.

  npm run rotate-keys

Reads DATABASE_URL or WAPAS_DATA_DIR, and WAPAS_ENCRYPTION_KEYS, as the application does. May be broken off and started again, and works
beside a running application. When it has ended with nothing failed, the older keys can go.
`;

async function main(): Promise<void> {
  readOptions(USAGE, {});
  const config = readRotationConfig(process.env);
  await withStored(config, databaseOptionsOfCommands, async (dataSource) => {
    const keyring = new Keyring(config.encryptionKeys);
    const done = await rotateKeys(new Database(openPool(dataSource), keyring), keyring, sealedColumns, print);
    process.stdout.write(endOf(done));
    process.exitCode = done.every(({ failed, left }) => failed + left === 0) ? 0 : 1;
  });
}

function endOf(done: readonly RotationProgress[]): string {
  const failed = done.reduce((sum, one) => sum + one.failed, 0);
  const left = done.reduce((sum, one) => sum + one.left, 0);
  if (failed > 0) return `${failed} values could not be opened and stay as they are: keep every key.\n`;
  return left === 0
    ? 'Everything is sealed with the first key.\n'
    : `${left} values were sealed with another key meanwhile: a container does not seal with the first one yet. Start it anew, then run this again; keep every key.\n`;
}

function print({ table, column, done, failed, total }: RotationProgress): void {
  const percent = total === 0 ? 100 : Math.floor(((done + failed) / total) * 100);
  process.stdout.write(
    `${table}.${column}: ${done + failed} of ${total} (${percent} %)${failed > 0 ? `, ${failed} failed` : ''}\n`,
  );
}

if (require.main === module) runCommand(main);
