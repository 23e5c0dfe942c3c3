import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { CsvError, parse, type Parser } from 'csv-parse';
import { BusinessClock, Database } from '@wapas/database';
import { newId } from '@wapas/kernel';
import { Problem } from '@wapas/problems';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { CONFIG, type Config } from '../config/config';
import { normalisePhone } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { entriesOf, RecordConsents, type StatedConsent } from './record-consents';
import { faultOfHeader, readConsentRow } from './rules/consent-row';
import { type ConsentImport, consentImportStore, type ImportFault } from './store/consent-import.store';

const PART_BYTES = 256 * 1024;
const MOST_BYTES = 1024 * 1024 * 1024;
const BATCH = 500;
const LOOK_EVERY_MS = 500;
const LONGEST_LINE = 16 * 1024;

interface Line {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number; readonly bytes: number };
}

/**
 * Takes consent files in and works them off in the background: a file is stored as it arrives, then read in batches, each
 * committed with the line it reached. The ledger decides by the customer's own time, so a line never outweighs a newer
 * withdrawal; a file that is sent twice changes nothing the second time.
 */
@Injectable()
export class ImportConsents {
  private readonly loop: DueLoop;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(RecordConsents) private readonly recordConsents: RecordConsents,
    @Inject(Log) log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'import consents',
      fullPass: 1,
      idleMs: LOOK_EVERY_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** Stores the file; resolves with its id when all of it is committed. Throws a 413 Problem when it is too large. */
  async receive(body: AsyncIterable<Buffer>): Promise<string> {
    const id = newId();
    await consentImportStore.open(this.database, id);
    try {
      let bytes = 0;
      let seq = 0;
      for await (const part of inParts(body)) {
        bytes += part.length;
        if (bytes > MOST_BYTES)
          throw new Problem(413, 'body_too_large', 'A consent file takes at most 1 GiB. Send it in several.');
        await consentImportStore.addPart(this.database, id, seq, part);
        seq += 1;
      }
      if (bytes === 0) throw new Problem(400, 'empty_body', 'The body is empty.');
      await consentImportStore.received(this.database, id, bytes);
    } catch (error) {
      await consentImportStore.discard(this.database, id).catch(() => undefined); // What cannot be discarded now is left to the retention job.
      throw error;
    }
    this.loop.wake();
    return id;
  }

  find(id: string): Promise<ConsentImport | null> {
    return consentImportStore.find(this.database, id);
  }

  private async pass(): Promise<Pass> {
    const claimed = await consentImportStore.claim(this.database);
    if (!claimed) return { done: 0 };
    const fault = await this.workOff(claimed);
    if (fault === 'interrupted') await consentImportStore.release(this.database, claimed.id);
    else
      await this.database.transaction(async (tx) => {
        if (fault) await consentImportStore.step(tx, claimed.id, { bytesRead: 0, rowsRead: 0, recorded: 0, faults: [fault] });
        await consentImportStore.finish(tx, claimed.id, fault ? 'failed' : 'done');
      });
    return { done: 1 };
  }

  /** Gives what makes the whole file unusable, if anything. */
  private async workOff({ id, rowsRead }: ConsentImport): Promise<ImportFault | 'interrupted' | null> {
    let header: string | null = null;
    const parser = parse({
      bom: true,
      info: true,
      columns: (names: string[]) => {
        const columns = names.map((name) => name.trim().toLowerCase());
        header = faultOfHeader(columns);
        return columns;
      },
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_LINE,
    });
    const source = Readable.from(this.partsOf(id));
    // An error of the source would otherwise be nobody's: piping passes on data only.
    source.on('error', (error) => parser.destroy(error));
    source.pipe(parser);
    let seen = 0;
    let batch: Line[] = [];
    try {
      for await (const line of parser as Parser & AsyncIterable<Line>) {
        if (header !== null) return { line: 1, code: header };
        seen += 1;
        if (seen <= rowsRead) continue;
        batch.push(line);
        if (batch.length < BATCH) continue;
        await this.take(id, batch, seen);
        batch = [];
        if (this.loop.isStopping) return 'interrupted';
      }
      if (header !== null) return { line: 1, code: header };
      if (batch.length > 0) await this.take(id, batch, seen);
      return null;
    } catch (error) {
      if (error instanceof CsvError) return { line: Number(error['lines'] ?? 0), code: 'not_csv' };
      throw error;
    } finally {
      source.destroy();
      parser.destroy();
    }
  }

  private async *partsOf(id: string): AsyncGenerator<Buffer> {
    for (let seq = 0; ; seq += 1) {
      const part = await consentImportStore.part(this.database, id, seq);
      if (part === null) return;
      yield part;
    }
  }

  private async take(id: string, lines: readonly Line[], rowsRead: number): Promise<void> {
    const faults: ImportFault[] = [];
    const stated: StatedConsent[] = [];
    const context = { now: this.clock.now(), e164: (text: string) => this.e164(text) };
    for (const { record, info } of lines) {
      const read = readConsentRow(record, context);
      if (read.ok) stated.push({ ...read.row, importId: id });
      else faults.push({ line: info.lines, code: read.code });
    }
    const people = await this.recordConsents.peopleOf(stated);
    await this.database.transaction(async (tx) => {
      const recorded = await this.recordConsents.append(tx, entriesOf(stated, people));
      await consentImportStore.step(tx, id, { bytesRead: lines.at(-1)?.info.bytes ?? 0, rowsRead, recorded, faults });
    });
  }

  private e164(text: string): string | undefined {
    const phone = normalisePhone(text, this.config);
    return phone.ok ? phone.e164 : undefined;
  }
}

async function* inParts(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < PART_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
