import { createReadStream } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export type VendorName = 'fcm' | 'whatsapp' | 'msg91';
export type ChannelName = 'push' | 'whatsapp' | 'sms';

export interface PushShown {
  readonly title: string;
  readonly body: string;
  readonly data: Readonly<Record<string, string>>;
  readonly ttl?: string;
  readonly collapseKey?: string;
  readonly tag?: string;
}

export interface WhatsAppShown {
  readonly template: string;
  readonly language: string;
  readonly body: readonly string[];
  readonly buttonSuffix?: string;
}

export interface SmsShown {
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A message as a vendor understood it. */
export type Message = {
  /** A device token, or digits of a number. */
  readonly address: string;
  /** The sender's attempt id, as it travelled in the vendor's own field. */
  readonly reference?: string;
  readonly messageId?: string;
  /** The vendor's id; '' when the vendor gave none. */
  readonly vendorId: string;
} & (
  | { readonly vendor: 'fcm'; readonly channel: 'push'; readonly content: PushShown }
  | { readonly vendor: 'whatsapp'; readonly channel: 'whatsapp'; readonly content: WhatsAppShown }
  | { readonly vendor: 'msg91'; readonly channel: 'sms'; readonly content: SmsShown }
);

/** What becomes of it, before the ledger has numbered it. */
export type LedgerDraft = Message & {
  readonly accepted: boolean;
  /** Why it was not accepted: the vendor's code, or the failure mode (`mode:429`). */
  readonly refusal?: string;
};

export type LedgerEntry = LedgerDraft & {
  /** From 1, without gaps, in the order of the file. */
  readonly seq: number;
  /** Real time, in milliseconds, at which the request had arrived. */
  readonly at: number;
  readonly businessAt?: string;
};

export type Stamp = { readonly at: number; readonly businessAt?: string };

export interface LedgerSettings {
  readonly file?: string;
  readonly fsync: boolean;
  readonly keep: number;
}

interface Waiting {
  readonly drafts: readonly LedgerDraft[];
  readonly stamp: Stamp;
  readonly resolve: (entries: LedgerEntry[]) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * What the sandbox received. An entry exists once it is on disk: `append` resolves after the fsync, and until then nobody
 * can read it. Appends that arrive while a flush is running share the next one, so that thousands a second need only
 * hundreds of fsyncs.
 */
export class Ledger {
  private kept: LedgerEntry[] = [];
  private seq = 0;
  private waiting: Waiting[] = [];
  private isFlushing = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly sink: Sink,
    private readonly keep: number,
    private readonly watch: LedgerWatch,
  ) {}

  /** Continues an existing file: a restarted sandbox knows what it had accepted. */
  static async open(settings: LedgerSettings, watch: LedgerWatch): Promise<Ledger> {
    if (settings.file === undefined) return new Ledger(memory, settings.keep, watch);
    await mkdir(dirname(settings.file), { recursive: true });
    const earlier = await readEntries(settings.file, settings.keep);
    const ledger = new Ledger(await FileSink.open(settings.file, earlier.bytes, settings.fsync), settings.keep, watch);
    ledger.remember(earlier.entries);
    return ledger;
  }

  append(drafts: readonly LedgerDraft[], stamp: Stamp): Promise<LedgerEntry[]> {
    if (drafts.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.waiting.push({ drafts, stamp, resolve, reject });
      if (!this.isFlushing) void this.flush();
    });
  }

  entries(): readonly LedgerEntry[] {
    return this.kept;
  }

  get lastSeq(): number {
    return this.seq;
  }

  /** The oldest entry still in memory is the one after this. */
  get forgottenSeq(): number {
    return this.seq - this.kept.length;
  }

  after(seq: number, limit: number): readonly LedgerEntry[] {
    const start = Math.max(0, seq - this.forgottenSeq);
    return this.kept.slice(start, start + limit);
  }

  /** Resolves when there is an entry after `seq`, after `ms`, or when `signal` is aborted: whatever comes first. */
  waitAfter(seq: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.seq > seq || signal.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.listeners.delete(look);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const look = (): void => {
        if (this.seq > seq) done();
      };
      const timer = setTimeout(done, ms);
      this.listeners.add(look);
      signal.addEventListener('abort', done);
    });
  }

  async close(): Promise<void> {
    while (this.isFlushing) await new Promise((resolve) => setImmediate(resolve));
    await this.sink.close();
  }

  private async flush(): Promise<void> {
    this.isFlushing = true;
    while (this.waiting.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      await this.flushGroup(group);
    }
    this.isFlushing = false;
  }

  private async flushGroup(group: readonly Waiting[]): Promise<void> {
    let seq = this.seq;
    const numbered = group.map(({ drafts, stamp }) => drafts.map((draft): LedgerEntry => ({ seq: ++seq, ...stamp, ...draft })));
    try {
      await this.sink.write(numbered.flat());
    } catch (error) {
      // Not on disk, so not accepted: every sender in the group is told, and the numbers are used again.
      for (const each of group) each.reject(error);
      return;
    }
    this.remember(numbered.flat());
    group.forEach((each, index) => each.resolve(numbered[index] as LedgerEntry[]));
  }

  private remember(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) this.kept.push(entry);
    this.seq = this.kept.at(-1)?.seq ?? this.seq;
    this.watch.kept(entries);
    if (this.kept.length > this.keep * 1.1) this.forget();
    for (const listener of [...this.listeners]) listener();
  }

  private forget(): void {
    const old = this.kept.splice(0, this.kept.length - this.keep);
    this.watch.forgotten(old);
  }
}

/** Who keeps an index beside the ledger. */
export interface LedgerWatch {
  kept(entries: readonly LedgerEntry[]): void;
  forgotten(entries: readonly LedgerEntry[]): void;
}

/** Where entries become durable: `write` resolves when they are. */
export interface Sink {
  write(entries: readonly LedgerEntry[]): Promise<void>;
  close(): Promise<void>;
}

const memory: Sink = { write: () => Promise.resolve(), close: () => Promise.resolve() };

class FileSink implements Sink {
  private constructor(
    private readonly handle: FileHandle,
    private size: number,
    private readonly fsync: boolean,
  ) {}

  /** `size` is the length of the whole lines: a half-written last line, left by a crash, is cut off. */
  static async open(file: string, size: number, fsync: boolean): Promise<FileSink> {
    const handle = await open(file, 'a');
    await handle.truncate(size);
    await handle.sync();
    return new FileSink(handle, size, fsync);
  }

  async write(entries: readonly LedgerEntry[]): Promise<void> {
    const lines = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    try {
      await this.handle.appendFile(lines);
      if (this.fsync) await this.handle.datasync();
      this.size += lines.length;
    } catch (error) {
      await this.cutBack();
      throw new Error('The ledger file cannot be written', { cause: error });
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** A line that nobody was told about must not be found later. */
  private async cutBack(): Promise<void> {
    try {
      await this.handle.truncate(this.size);
    } catch {
      // The disk refuses this as well: the senders have their error already, and the next start cuts the torn line.
    }
  }
}

async function readEntries(file: string, keep: number): Promise<{ entries: LedgerEntry[]; bytes: number }> {
  let entries: LedgerEntry[] = [];
  let bytes = 0;
  if (!(await isThere(file))) return { entries, bytes };
  for await (const line of wholeLines(file)) {
    bytes += line.length + 1;
    entries.push(JSON.parse(line.toString()) as LedgerEntry);
    if (entries.length > keep * 2) entries = entries.slice(-keep);
  }
  return { entries: entries.slice(-keep), bytes };
}

async function isThere(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (found && !found.isFile()) throw new Error(`The ledger must be a file: ${file}`);
  return found !== null;
}

/** Split at the newline byte only: Node's readline also splits at U+2028, which may stand in a customer's name. */
async function* wholeLines(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
}
