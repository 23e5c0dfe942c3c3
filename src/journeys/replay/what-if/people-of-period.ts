import { hours, type Instant } from '@wapas/kernel';
import { type TakenMessage } from '../../../channels/channels.api';
import { type KnownPerson } from '../../../profiles/profiles.api';
import { type PastRun } from '../store/past-run.store';

/** Caps look back over a week; a message of a live run counts for its run as long as that lives. */
const LOOKED_BACK_MS = hours(24 * 7);

/** Somebody of the period: what is known of them, what others sent them, and what the what-if would have. */
export class PersonOfPeriod {
  /** Runs of theirs that are being lived. */
  live = 0;
  private readonly own: TakenMessage[] = [];

  constructor(
    readonly known: KnownPerson,
    /** Runs of this journey that had begun before the period. */
    readonly earlier: readonly PastRun[],
    /** Messages that count against their caps, whatever the what-if says. */
    private readonly others: readonly TakenMessage[],
  ) {}

  /** What counts against their caps at a moment. */
  takenBy(now: Instant): TakenMessage[] {
    const before = this.others.filter(({ calledAt }) => calledAt <= now && calledAt > now - LOOKED_BACK_MS);
    return before.length === 0 ? this.own : [...before, ...this.own];
  }

  take(message: TakenMessage): void {
    this.own.push(message);
  }

  /** Nothing of them matters any more: what counts against a cap is so long ago. */
  isDoneWith(now: Instant, countsForMs: number): boolean {
    const last = this.own.at(-1);
    return this.live === 0 && (last === undefined || last.calledAt + countsForMs < now);
  }

  /** What a matter had been through before the period, as seen at a moment. */
  pastOf(
    matter: string,
    now: Instant,
  ): { isLive: boolean; lastEndedAt: Instant | null; entries: number; personEnteredAt: Instant | null } {
    if (this.earlier.length === 0) return NO_PAST;
    const own = this.earlier.filter(({ correlation }) => correlation === matter);
    const ended = own.flatMap(({ endedAt }) => (endedAt !== null && endedAt <= now ? [endedAt] : []));
    return {
      isLive: ended.length < own.length,
      lastEndedAt: latest(ended),
      entries: own.length,
      personEnteredAt: latest(this.earlier.map(({ enteredAt }) => enteredAt)),
    };
  }
}

const NO_PAST = { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null };

const latest = (moments: readonly Instant[]): Instant | null => (moments.length === 0 ? null : (Math.max(...moments) as Instant));

/** Keeps who may still matter. */
export class PeopleOfPeriod {
  private readonly people = new Map<string, PersonOfPeriod>();

  /** `countsForMs`: how long a message of this journey counts against a cap. */
  constructor(private readonly countsForMs: number) {}

  get size(): number {
    return this.people.size;
  }

  find(id: string): PersonOfPeriod | undefined {
    return this.people.get(id);
  }

  /** Of two who were read for one, the first stays: it knows what has been sent since. */
  keep(person: PersonOfPeriod): PersonOfPeriod {
    const { id } = person.known;
    const before = this.people.get(id);
    if (before) return before;
    this.people.set(id, person);
    return person;
  }

  /** Lets go of those nothing of whom matters any more. */
  tidy(now: Instant): void {
    for (const [id, person] of this.people) if (person.isDoneWith(now, this.countsForMs)) this.people.delete(id);
  }
}
