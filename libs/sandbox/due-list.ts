const GRAIN_MS = 5;

/** Things to do later. Those of the same few milliseconds share one timer: thousands of receipts a second cost hundreds. */
export class DueList {
  private readonly byDue = new Map<number, (() => void)[]>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private isClosed = false;

  after(ms: number, act: () => void): void {
    if (this.isClosed) return;
    const due = Math.ceil((Date.now() + ms) / GRAIN_MS) * GRAIN_MS;
    const waiting = this.byDue.get(due);
    if (waiting) waiting.push(act);
    else this.start(due, act);
  }

  close(): void {
    this.isClosed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.byDue.clear();
  }

  private start(due: number, act: () => void): void {
    this.byDue.set(due, [act]);
    const timer = setTimeout(() => {
      const acts = this.byDue.get(due) ?? [];
      this.byDue.delete(due);
      this.timers.delete(timer);
      for (const each of acts) each();
    }, due - Date.now());
    this.timers.add(timer);
  }
}
