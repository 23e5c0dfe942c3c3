import { parentPort, workerData } from 'node:worker_threads';
import { Database, openPoolBeside } from '@wapas/database';
import { Keyring } from '@wapas/encryption';
import { EntityKeys } from '@wapas/entity-keys';
import { inSlices } from '@wapas/kernel';
import { PeopleOfThen } from '../../../profiles/people-of-then.api';
import { type PeriodEvent, type PeriodPage } from './period-page';
import { ReadPeriod } from './read-period';
import { type PackedPages, type ReadingThread } from './read-pages';

/** Two pages are read beside each other; what is read of one is asked for beside itself, too. */
const CONNECTIONS = 4;
/** Events; reading asks for many at a time, living for few. A text of twice as many is a large object to V8, and takes three times as long. */
const HANDED_OVER = 64;

/**
 * The thread that reads a what-if's period: whenever it is asked, one more page, null at the end. It ends with its first error, which
 * whoever started it hears.
 */
const { pool, secret, encryptionKeys, period } = workerData as ReadingThread;
const port = parentPort as NonNullable<typeof parentPort>;
const hasher = new EntityKeys(secret);
// Handed over, bytes are no Buffer any more.
const keyring = new Keyring(encryptionKeys.map(({ id, key }) => ({ id, key: Buffer.from(key) })));
const db = new Database(openPoolBeside(pool, CONNECTIONS, 'wapas what-if'), keyring);
const reader = new ReadPeriod(period, { db, hasher, peopleOfThen: new PeopleOfThen(hasher) });

let told: Promise<void> = Promise.resolve();
port.on('message', () => {
  const page = reader.next();
  told = Promise.all([page, told]).then(([read]) => {
    const packed: PackedPages | null = read && piecesOf(read).map((piece) => JSON.stringify(piece));
    port.postMessage(packed);
  });
});

function piecesOf({ events, people, came, readTo }: PeriodPage): PeriodPage[] {
  const pieces = inSlices(events, HANDED_OVER).map((some) => {
    const wanted = new Set(some.map(({ trigger }) => trigger?.personId));
    return {
      events: some,
      people: people.filter(({ known }) => wanted.has(known.id)),
      came: 0,
      readTo: (some.at(-1) as PeriodEvent).receivedAt,
    };
  });
  return [...pieces, { events: [], people: [], came, readTo }];
}
