import { type Instant } from '@wapas/kernel';

/** What is to come on a virtual clock, earliest first; of one moment, in the order in which it was put there. */
export class Timeline<Entry> {
  private readonly heap: { at: Instant; turn: number; entry: Entry }[] = [];
  private turns = 0;

  /** The moment of what comes next; null when nothing does. */
  get nextAt(): Instant | null {
    return this.heap[0]?.at ?? null;
  }

  add(at: Instant, entry: Entry): void {
    const { heap } = this;
    const added = { at, turn: (this.turns += 1), entry };
    let place = heap.length;
    heap.push(added);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as (typeof heap)[number];
      if (isBefore(above, added)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = added;
  }

  /** Takes what comes next; undefined when nothing does. */
  take(): { readonly at: Instant; readonly entry: Entry } | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as typeof first, heap[child] as typeof first)) child += 1;
      const below = heap[child] as typeof first;
      if (isBefore(last, below)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

const isBefore = (one: { at: Instant; turn: number }, other: { at: Instant; turn: number }): boolean =>
  one.at < other.at || (one.at === other.at && one.turn < other.turn);
