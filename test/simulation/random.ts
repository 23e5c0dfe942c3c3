/** Chance that can be repeated: the same seed gives the same draws for ever. */
export class Random {
  constructor(private state: number) {
    // Seeds that follow each other would begin alike.
    for (let warm = 0; warm < 4; warm += 1) this.next();
  }

  /** From 0 up to, but never, 1. (mulberry32) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<One>(list: readonly One[]): One {
    return list[Math.floor(this.next() * list.length)] as One;
  }

  /** One of the names, as likely as its weight. */
  weighed<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const names = Object.keys(weights) as Name[];
    let left = this.next() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    return names[names.length - 1] as Name;
  }

  /** A stream of its own, so that drawing more here does not move what is drawn there. */
  branch(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
