/**
 * Natural group commit: entries that arrive while a flush is running go together into the next one. There is no timer
 * window; waiting 2-5 ms for company was slower up to 64 requests in flight (D3).
 *
 * `flush` answers with one result per entry, in order, after its transaction has committed. When it throws for a whole
 * group the group is split until the guilty entry fails alone.
 */
export class GroupCommit<Entry, Result> {
  private waiting: Waiting<Entry, Result>[] = [];
  private flushing = 0;
  private idle: (() => void)[] = [];

  constructor(
    private readonly flush: (entries: readonly Entry[]) => Promise<readonly Result[]>,
    private readonly options: {
      /** Entries in one flush at the most, weighed by `weigh` when given. */
      maxWeight: number;
      weigh?: (entry: Entry) => number;
      /** Flushes at the same time. */
      lanes?: number;
      /** An error that concerns everybody (the database is away): splitting would only repeat it for each entry. */
      concernsAll?: (error: unknown) => boolean;
      /** Takes the entries that made the group fail and settles them elsewhere, so that the others need not wait. May take none. */
      aside?: (entries: readonly Entry[], error: unknown) => Promise<ReadonlyMap<Entry, Promise<Result>>>;
    },
  ) {}

  /** Resolves when the entry is committed. Rejects with the flush's error when it is not. */
  add(entry: Entry): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entry, resolve, reject });
      this.start();
    });
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Resolves once nothing waits and nothing is being flushed. */
  async drained(): Promise<void> {
    if (this.flushing === 0 && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private start(): void {
    if (this.waiting.length === 0 || this.flushing >= (this.options.lanes ?? 1)) return;
    this.flushing += 1;
    // One turn of the event loop lets requests that were read together be flushed together.
    setImmediate(() => void this.flushNext());
  }

  private async flushNext(): Promise<void> {
    const group = this.takeGroup();
    if (group.length > 0) await this.settle(group);
    this.flushing -= 1;
    if (this.waiting.length > 0) this.start();
    else if (this.flushing === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  private takeGroup(): Waiting<Entry, Result>[] {
    const { maxWeight, weigh } = this.options;
    let weight = 0;
    let count = 0;
    while (count < this.waiting.length) {
      weight += weigh ? weigh((this.waiting[count] as Waiting<Entry, Result>).entry) : 1;
      if (count > 0 && weight > maxWeight) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async settle(group: Waiting<Entry, Result>[]): Promise<void> {
    try {
      const results = await this.flush(group.map((one) => one.entry));
      group.forEach((one, index) => one.resolve(results[index] as Result));
    } catch (error) {
      const rest = await this.putAside(group, error);
      if (rest.length < group.length) return rest.length > 0 ? this.settle(rest) : undefined;
      if (group.length === 1 || this.options.concernsAll?.(error)) {
        for (const one of group) one.reject(error);
        return;
      }
      const middle = group.length >> 1;
      await this.settle(group.slice(0, middle));
      await this.settle(group.slice(middle));
    }
  }

  /** Gives those that stay. */
  private async putAside(group: Waiting<Entry, Result>[], error: unknown): Promise<Waiting<Entry, Result>[]> {
    if (!this.options.aside) return group;
    const entries = group.map((one) => one.entry);
    const taken = await this.options.aside(entries, error).catch(() => undefined); // Then nobody is taken, and the next try says why.
    if (!taken || taken.size === 0) return group;
    return group.filter((one) => {
      const elsewhere = taken.get(one.entry);
      elsewhere?.then(one.resolve, one.reject);
      return !elsewhere;
    });
  }
}

interface Waiting<Entry, Result> {
  readonly entry: Entry;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}
