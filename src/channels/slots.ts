/** Places for calls that may be open at once. First come, first served. */
export class Slots {
  private waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Takes up to `wanted` places; waits until there is at least one. */
  async take(wanted: number): Promise<number> {
    while (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    const taken = Math.min(wanted, this.free);
    this.free -= taken;
    return taken;
  }

  giveBack(count: number): void {
    if (count <= 0) return;
    this.free += count;
    for (const resume of this.waiting.splice(0, count)) resume();
  }
}
