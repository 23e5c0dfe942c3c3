import { Agent, request } from 'node:http';
import { DueList } from './due-list';
import { type LedgerEntry } from './ledger';
import { type ModeBook } from './mode-book';
import { troubled } from './receipt-modes';
import { type Mail, type PlannedReceipt, type Receipt, type ReceiptLine, type Vendor } from './vendor';

const MOST_TRIES = 5;
const TIMEOUT_MS = 10_000;

export interface ReceiptSettings {
  readonly isQuiet: boolean;
  readonly retryMs: number;
  /** What the vendor's clock shows at a real moment. */
  vendorTime(realMs: number): number;
}

/** Figures for `/sandbox/health`. */
export interface ReceiptFigures {
  waiting: number;
  delivered: number;
  retried: number;
  givenUp: number;
}

/** Tells the sender what became of its messages. Nothing that goes wrong here reaches the send path. */
export class ReceiptDesk {
  private readonly due = new DueList();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });
  private readonly outboxes = new Map<ReceiptLine, Outbox>();
  private planned = 0;

  constructor(
    private readonly settings: ReceiptSettings,
    private readonly modes: ModeBook,
  ) {}

  /** What the vendor reports by itself. */
  messagesAccepted(vendor: Vendor, entries: readonly LedgerEntry[]): void {
    if (!vendor.receipts) return;
    for (const entry of entries) this.plan(vendor, entry, vendor.receipts.plan(entry));
  }

  /** Gives false when this vendor reports nothing, so nobody waits for it. */
  plan(vendor: Vendor, entry: LedgerEntry, planned: readonly PlannedReceipt[]): boolean {
    const line = vendor.receipts;
    if (this.settings.isQuiet || line?.url === undefined || planned.length === 0) return false;
    for (const each of troubled(planned, this.modes.pick(vendor.name))) {
      this.planned += 1;
      this.due.after(each.afterMs, () => this.outbox(line, line.url as string).put(this.receipt(entry, each)));
    }
    return true;
  }

  /** Receipts that will still be posted, or tried again. */
  pending(): number {
    const { delivered, givenUp } = this.figures();
    return this.planned - delivered - givenUp;
  }

  figures(): ReceiptFigures {
    const sum: ReceiptFigures = { waiting: 0, delivered: 0, retried: 0, givenUp: 0 };
    for (const { figures, waiting } of this.outboxes.values()) {
      sum.waiting += waiting.length;
      sum.delivered += figures.delivered;
      sum.retried += figures.retried;
      sum.givenUp += figures.givenUp;
    }
    return sum;
  }

  close(): void {
    this.due.close();
    for (const outbox of this.outboxes.values()) outbox.close();
    this.agent.destroy();
  }

  private receipt(entry: LedgerEntry, planned: PlannedReceipt): Receipt {
    return { ...planned, entry, at: this.settings.vendorTime(Date.now()) };
  }

  private outbox(line: ReceiptLine, url: string): Outbox {
    let outbox = this.outboxes.get(line);
    if (!outbox) {
      outbox = new Outbox(line, (mail) => post(this.agent, url, mail).catch(() => false), this.due, this.settings.retryMs);
      this.outboxes.set(line, outbox);
    }
    return outbox;
  }
}

/** The receipts of one vendor. While a POST is open the next ones gather, and go together. */
class Outbox {
  readonly waiting: Receipt[] = [];
  readonly figures = { delivered: 0, retried: 0, givenUp: 0 };
  private isPosting = false;
  private isClosed = false;

  constructor(
    private readonly line: ReceiptLine,
    private readonly post: (mail: Mail) => Promise<boolean>,
    private readonly due: DueList,
    private readonly retryMs: number,
  ) {}

  put(receipt: Receipt): void {
    this.waiting.push(receipt);
    // After this turn: receipts that fell due together belong in one POST.
    if (!this.isPosting) setImmediate(() => void this.pump());
  }

  close(): void {
    this.isClosed = true;
    this.waiting.length = 0;
  }

  private async pump(): Promise<void> {
    if (this.isPosting) return;
    this.isPosting = true;
    while (this.waiting.length > 0 && !this.isClosed) {
      const batch = this.waiting.splice(0, this.line.batch);
      await this.deliver(this.line.encode(batch), batch.length, 1);
    }
    this.isPosting = false;
  }

  /** A failed POST steps aside and comes again later, unchanged; the ones behind it do not wait for it. */
  private async deliver(mail: Mail, count: number, tries: number): Promise<void> {
    if (await this.post(mail)) {
      this.figures.delivered += count;
      return;
    }
    if (tries >= MOST_TRIES) {
      this.figures.givenUp += count;
      return;
    }
    this.figures.retried += 1;
    this.due.after(this.retryMs * 4 ** (tries - 1), () => void this.deliver(mail, count, tries + 1));
  }
}

const isOk = (status: number): boolean => status === 200;

/** True for a 200: vendors look no further. Rejects only when the address is none. */
export function post(agent: Agent, url: string, mail: Mail, isTaken = isOk): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { ...mail.headers, 'content-length': Buffer.byteLength(mail.body) };
    const outgoing = request(url, { method: 'POST', agent, headers, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      response.on('end', () => resolve(isTaken(response.statusCode ?? 0)));
      response.on('error', () => resolve(false));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(false));
    outgoing.on('close', () => resolve(false));
    outgoing.end(mail.body);
  });
}
