import { type ServerResponse } from 'node:http';
import { type Ledger, type LedgerEntry, type Message, type Stamp } from './ledger';
import { type Vendor, type Verdict } from './vendor';
import { type Answer, type Call, sendAnswer } from './wire';

/** One send request between its caller and the vendor: the moves from which failure modes are made. */
export class Exchange {
  constructor(
    readonly vendor: Vendor,
    private readonly call: Call,
    private readonly response: ServerResponse,
    private readonly books: Books,
  ) {}

  /** The vendor does its work: the message is in the ledger when this resolves, and its receipts are planned. */
  async take(): Promise<Answer> {
    const { messages, refusal, answer } = this.vendor.judge(this.call);
    const drafts = messages.map((message) => ({
      ...message,
      accepted: refusal === undefined,
      ...(refusal !== undefined && { refusal }),
    }));
    const entries = await this.books.ledger.append(drafts, this.stamp());
    if (refusal === undefined) this.books.accepted(this.vendor, entries);
    return answer;
  }

  /** The message is not accepted, whatever the vendor would have said to it. */
  async turnAway(refusal: string, answer: Answer): Promise<void> {
    const drafts = this.readMessages().map((message) => ({ ...message, vendorId: '', accepted: false, refusal }));
    await this.books.ledger.append(drafts, this.stamp());
    this.answer(answer);
  }

  answer(answer: Answer): void {
    sendAnswer(this.response, answer);
  }

  /** The connection breaks. */
  cut(): void {
    this.response.destroy();
  }

  /** No answer until the caller gives up or the sandbox closes. */
  untilClosed(): Promise<void> {
    return this.orClosed(() => undefined);
  }

  pause(ms: number): Promise<void> {
    return this.orClosed((done) => {
      const timer = setTimeout(done, ms);
      return () => clearTimeout(timer);
    });
  }

  private orClosed(begin: (done: () => void) => (() => void) | undefined): Promise<void> {
    if (this.response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = begin(() => {
        this.response.off('close', closed);
        resolve();
      });
      const closed = (): void => {
        stop?.();
        resolve();
      };
      this.response.once('close', closed);
    });
  }

  private readMessages(): readonly Message[] {
    const verdict: Verdict = this.vendor.judge(this.call);
    return verdict.messages;
  }

  private stamp(): Stamp {
    return this.books.stamp(this.call.receivedAt);
  }
}

/** Where an exchange writes down what happened. */
export interface Books {
  readonly ledger: Ledger;
  stamp(realMs: number): Stamp;
  accepted(vendor: Vendor, entries: readonly LedgerEntry[]): void;
  /** Something of our own broke, such as the disk. */
  failed(error: unknown): void;
}
