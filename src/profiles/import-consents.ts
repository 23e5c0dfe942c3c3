import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { inSlices, newId } from '@wapas/kernel';
import { Problem } from '@wapas/problems';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { operationAudit } from '../access/access.api';
import { CONFIG, type Config } from '../config/config';
import { isPlaceholder, normalisePhone } from '../ingestion/ingestion.api';
import { KnownChannels } from '../known-channels';
import { Log } from '../log';
import { MOST_LOCKED } from './lock-of-person';
import { RecordConsents, type StatedConsent } from './record-consents';
import { type CsvLine, readLines } from './consent-lines';
import { faultOfHeader, readConsentRow, type RowFault } from './rules/consent-row';
import {
  type ClaimedImport,
  type ConsentImport,
  consentImportStore,
  type ImportFault,
  type ImportPlace,
} from './store/consent-import.store';

const PART_BYTES = 256 * 1024;
const MOST_BYTES = 1024 * 1024 * 1024;
const BATCH = MOST_LOCKED;
const LOOK_EVERY_MS = 500;
const NOT_CSV: RowFault = {
  code: 'not_csv',
  detail:
    'From this line on it is no CSV: a quote that is not closed, or one inside a word that is not doubled. Nothing behind it was read.',
};
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** What the next batch of lines is, and the place behind it. */
interface Batch {
  readonly lines: readonly CsvLine[];
  readonly behind: ImportPlace;
}

/** Another container has taken the file over. */
class TakenOver extends Error {}

/**
 * Takes consent files in and works them off in the background: a file is stored as it arrives, then read in batches. Each is
 * committed with the byte at which the next one begins, on condition that nobody else has gone on from where it began: whoever takes
 * a file over reads on from there, and of two who hold it to be theirs one leaves it. The ledger decides by the customer's own
 * time, so a line never outweighs a newer withdrawal; a file that is sent twice changes nothing the second time.
 */
@Injectable()
export class ImportConsents {
  private readonly loop: DueLoop;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(RecordConsents) private readonly recordConsents: RecordConsents,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
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

  /** Stores the file; resolves with its id when all of it is committed. Throws a 413 Problem when it is too large. `actor`: the id of the API key. */
  async receive(body: AsyncIterable<Buffer>, actor: string): Promise<string> {
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
      await this.database.transaction(async (tx) => {
        await consentImportStore.received(tx, id, bytes);
        await operationAudit.add(tx, { act: 'consents_imported', subject: id, actor, reason: null });
      });
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
    try {
      await this.workOff(claimed);
    } catch (error) {
      if (!(error instanceof TakenOver)) throw error;
    }
    return { done: 1 };
  }

  private async workOff({ id, bytes, place: start, columns: known }: ClaimedImport): Promise<void> {
    const parts = new Parts((seq) => consentImportStore.part(this.database, id, seq));
    let place = start;
    let columns = known;
    while (!this.loop.isStopping) {
      if (place.bytesRead >= bytes) return this.finish(id, place, columns === null ? faultOfHeader([]) : null);
      const batch = await nextBatch(parts, place, bytes, columns === null ? 1 : BATCH);
      if (batch === null) return this.finish(id, place, NOT_CSV);
      const [first] = batch.lines;
      if (columns === null && first) {
        columns = first.cells.map((name) => name.trim().toLowerCase());
        const fault = faultOfHeader(columns);
        if (fault !== null) return this.finish(id, place, fault);
        await this.take(id, place, { ...batch, lines: [] }, columns);
      } else await this.take(id, place, batch, columns);
      place = batch.behind;
    }
    await consentImportStore.release(this.database, id, place);
  }

  /** Writes down what these lines say, and that they are read. Throws TakenOver, and nothing is written, when another container has read them. */
  private async take(id: string, from: ImportPlace, { lines, behind }: Batch, columns: readonly string[] | null): Promise<void> {
    const faults: ImportFault[] = [];
    const stated: StatedConsent[] = [];
    const context = { now: this.clock.now(), e164: (text: string) => this.e164(text), isPlaceholder, channels: this.channels };
    for (const { cells, isText, line } of lines) {
      const fields = Object.fromEntries((columns ?? []).map((name, index) => [name, cells[index]]));
      const read = isText ? readConsentRow(fields, context) : { ok: false as const, fault: { code: 'bad_text' } };
      if (read.ok) stated.push({ ...read.row, importId: id });
      else faults.push({ line, ...read.fault });
    }
    const people = await this.recordConsents.peopleOf(stated);
    // More than one transaction may take only where what a line takes back binds a crowd.
    const slices = inSlices(this.recordConsents.entriesOf(stated, people), MOST_LOCKED);
    const ahead = await this.recordConsents.appendApart(slices.slice(0, -1).flat());
    await this.database.transaction(async (tx) => {
      const recorded = ahead + (await this.recordConsents.append(tx, slices.at(-1) ?? []));
      const step = { place: behind, columns, rows: lines.length, recorded, faults };
      if (!(await consentImportStore.step(tx, id, from, step))) throw new TakenOver();
    });
  }

  /** `found`: what makes the file unusable from this place on; null when all of it is read. */
  private async finish(id: string, place: ImportPlace, found: RowFault | null): Promise<void> {
    const fault = found && { line: place.line, ...found };
    // The header is no row: what is wrong with it is counted with none.
    const rows = found === NOT_CSV ? 1 : 0;
    await this.database.transaction((tx) => consentImportStore.finish(tx, id, place, fault, rows));
  }

  private e164(text: string): string | undefined {
    const phone = normalisePhone(text, this.config);
    return phone.ok ? phone.e164 : undefined;
  }
}

/** Reads at most `most` lines from that place on; a record begins in one part and ends in the next at the latest. Null: what comes is no CSV. */
async function nextBatch(parts: Parts, place: ImportPlace, bytes: number, most: number): Promise<Batch | null> {
  const own = await parts.at(place.part);
  const isMarked = place.bytesRead === 0 && own.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const start = isMarked ? BYTE_ORDER_MARK.length : place.partByte;
  let window = own.subarray(start);
  for (let isWhole = false; ; isWhole = true) {
    const before = place.bytesRead + start - place.partByte;
    const isLast = before + window.length >= bytes;
    const { lines, end, nextLine } = readLines({ bytes: window, line: place.line, isLast }, most);
    if (end > 0) return { lines, behind: placeBehind(place, own, start + end, before + end, nextLine) };
    if (isLast || isWhole) return null;
    window = Buffer.concat([window, await parts.at(place.part + 1)]);
  }
}

function placeBehind({ part }: ImportPlace, own: Buffer, partByte: number, bytesRead: number, line: number): ImportPlace {
  const isBehind = partByte >= own.length;
  return { bytesRead, line, part: isBehind ? part + 1 : part, partByte: isBehind ? partByte - own.length : partByte };
}

/** The parts of one file, the two read last at hand. */
class Parts {
  private readonly atHand = new Map<number, Buffer>();

  constructor(private readonly read: (seq: number) => Promise<Buffer | null>) {}

  /** Throws TakenOver when it is gone: whoever ends an import drops its parts. */
  async at(seq: number): Promise<Buffer> {
    const kept = this.atHand.get(seq);
    if (kept) return kept;
    const part = await this.read(seq);
    if (part === null) throw new TakenOver();
    for (const older of this.atHand.keys()) if (older < seq - 1) this.atHand.delete(older);
    this.atHand.set(seq, part);
    return part;
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
