import { type Instant } from '@wapas/kernel';
import { type Place } from '../../../ingestion/past-events.api';
import { Timeline } from '../../rules/timeline';

/** Events that share a key with a trigger that has been read, and came behind it: each is read when its turn comes, once. */
export class EventsAhead {
  private readonly ahead = new Timeline<string>();
  private readonly known = new Set<string>();

  add({ at, id }: Place): void {
    if (this.known.has(id)) return;
    this.known.add(id);
    this.ahead.add(at, id);
  }

  /** Takes those up to and with a place, in any order. */
  take(end: Place): string[] {
    const taken: string[] = [];
    const later: Place[] = [];
    for (;;) {
      const at: Instant | null = this.ahead.nextAt;
      if (at === null || at > end.at) break;
      const { entry: id } = this.ahead.take() as { entry: string };
      if (at === end.at && id > end.id) later.push({ at, id });
      else taken.push(id);
    }
    for (const id of taken) this.known.delete(id);
    for (const { at, id } of later) this.ahead.add(at, id);
    return taken;
  }
}

export const isBehind = (one: Place, other: Place): boolean => one.at > other.at || (one.at === other.at && one.id > other.id);
