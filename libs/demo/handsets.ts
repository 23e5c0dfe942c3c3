import { type LedgerEntry } from '@wapas/sandbox';

/** The customers' handsets: what the sandbox received, and what a thumb can do with it. */
export class Handsets {
  constructor(private readonly sandboxUrl: string) {}

  /** Gives every entry of the ledger once, as it arrives, until the signal. */
  async *received(signal: AbortSignal): AsyncGenerator<LedgerEntry> {
    for (let after = 0; !signal.aborted;) {
      const entries = await this.next(after, signal);
      for (const entry of entries) {
        after = entry.seq;
        yield entry;
      }
    }
  }

  async read(entry: LedgerEntry): Promise<void> {
    await this.act(entry, 'read');
  }

  /** The link behind the button or in the text; null when there is none. */
  async tap(entry: LedgerEntry): Promise<string | null> {
    return ((await this.act(entry, 'tap')) as { url: string | null }).url;
  }

  private async next(after: number, signal: AbortSignal): Promise<readonly LedgerEntry[]> {
    // Its own for each: a request listens to the signal that it was given until it is collected, long after it was answered.
    const request = new AbortController();
    const leave = (): void => request.abort();
    signal.addEventListener('abort', leave);
    try {
      const response = await fetch(`${this.sandboxUrl}/sandbox/ledger?after=${after}&wait=10000`, { signal: request.signal });
      return ((await response.json()) as { entries: LedgerEntry[] }).entries;
    } catch (error) {
      if (signal.aborted) return []; // The story is over: nobody looks at the handsets any more.
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  private async act({ vendorId, address }: LedgerEntry, action: 'read' | 'tap'): Promise<unknown> {
    const path = `/sandbox/handset/${encodeURIComponent(vendorId)}/${action}?address=${encodeURIComponent(address)}`;
    const response = await fetch(this.sandboxUrl + path, { method: 'POST' });
    if (!response.ok) throw new Error(`The sandbox answered ${response.status} when a customer wanted to ${action} a message.`);
    return response.json();
  }
}
