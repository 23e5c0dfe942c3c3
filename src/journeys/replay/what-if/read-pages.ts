import { on } from 'node:events';
import { extname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { type PoolSettings } from '@wapas/database';
import { type EncryptionKey } from '@wapas/encryption';
import { type PeriodPage } from './period-page';
import { type PeriodToRead } from './read-period';

/** What the thread that reads is given. The secrets stay in this process: they are no argument and no variable of its environment. */
export interface ReadingThread {
  readonly pool: PoolSettings;
  /** What keys are hashed with. */
  readonly secret: string;
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly period: PeriodToRead;
}

/**
 * What is handed over: pages as JSON, of which only the one that is lived is made into objects. Objects that wait cost more: each
 * collection copies them. A structured clone of the same values takes half as long again to write and to read.
 */
export type PackedPages = readonly string[];

/** One alone does not come as fast as it is lived. */
const PAGES_AHEAD = 2;
/**
 * Nothing lives long in that thread: it needs less room for young objects than `npm start` gives, and than V8 would give to every further
 * thread too, whatever limits it is started with. With 4 it collects too often (5 % of the processor time of all), with 32 it is 40 MB
 * larger. A heap that is there already keeps what it has.
 */
const YOUNG_OBJECTS_MB = 16;
/** It is what this file is: compiled, or a source where sources run. */
const THREAD = join(__dirname, `read-pages.main${extname(__filename)}`);

/**
 * Gives the pages of a period in their order, while a thread of its own reads the next ones: reading, unsealing and hashing take a third
 * of what a what-if costs. Whoever stops asking ends the thread, and with it its connections.
 */
export async function* readPages(given: ReadingThread): AsyncGenerator<PeriodPage> {
  setFlagsFromString(`--max-semi-space-size=${YOUNG_OBJECTS_MB}`);
  const thread = new Worker(THREAD, { workerData: given, name: 'what-if reads' });
  // It is heard of below; what befalls a thread that nobody asks any more is nobody's concern.
  thread.on('error', () => undefined);
  try {
    for (let asked = 0; asked < PAGES_AHEAD; asked += 1) thread.postMessage('next');
    // Fails when the thread does, with its error.
    for await (const [packed] of on(thread, 'message', { close: ['exit'] }) as AsyncIterable<[PackedPages | null]>) {
      if (packed === null) return;
      thread.postMessage('next');
      for (const page of packed) yield JSON.parse(page) as PeriodPage;
    }
    throw new Error('The thread that reads ended before its period did.');
  } finally {
    await thread.terminate();
  }
}
