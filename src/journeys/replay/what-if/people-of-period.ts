import { hours, type Instant } from '@wapas/kernel';
import { type TakenMessage } from '../../../channels/channels.api';
import { type KnownPerson } from '../../../profiles/people-of-then.api';
import { type ReadPerson } from './period-page';

/** Caps look back over a week; a message of a live run counts for its run as long as that lives. */
const LOOKED_BACK_MS = hours(24 * 7);
const TIDY_EVERY_MS = hours(1);

/** Somebody of the period: what is known of them, what others sent them, and what the what-if would have. */
export class PersonOfPeriod {
  /** Runs of theirs that are being lived. */
  live = 0;
  private readonly own: TakenMessage[] = [];

  constructor(private readonly read: ReadPerson) {}

  get known(): KnownPerson {
    return this.read.known;
  }

  /** What counts against their caps at a moment. */
  takenBy(now: Instant): TakenMessage[] {
    const before = this.read.others.filter(({ calledAt }) => calledAt <= now && calledAt > now - LOOKED_BACK_MS);
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
    const { earlier } = this.read;
    if (earlier.length === 0) return NO_PAST;
    const own = earlier.filter(({ correlation }) => correlation === matter);
    const ended = own.flatMap(({ endedAt }) => (endedAt !== null && endedAt <= now ? [endedAt] : []));
    return {
      isLive: ended.length < own.length,
      lastEndedAt: latest(ended),
      entries: own.length,
      personEnteredAt: latest(earlier.map(({ enteredAt }) => enteredAt)),
    };
  }
}

const NO_PAST = { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null };

const latest = (moments: readonly Instant[]): Instant | null => (moments.length === 0 ? null : (Math.max(...moments) as Instant));

/** Keeps who may still matter. */
export class PeopleOfPeriod {
  private readonly people = new Map<string, PersonOfPeriod>();
  private tidiedAt = Number.NEGATIVE_INFINITY;

  /** `countsForMs`: how long a message of this journey counts against a cap. */
  constructor(private readonly countsForMs: number) {}

  /** Of somebody who was read several times the first stays: it knows what has been sent since. */
  keep(read: ReadPerson): void {
    const { id } = read.known;
    if (!this.people.has(id)) this.people.set(id, new PersonOfPeriod(read));
  }

  /** Who has been kept. */
  named(id: string): PersonOfPeriod {
    const person = this.people.get(id);
    if (!person) throw new Error('A page has a trigger about somebody who is not among its people.');
    return person;
  }

  /** Lets go of those nothing of whom matters any more; looks through them once an hour. */
  tidy(now: Instant): void {
    if (now < this.tidiedAt + TIDY_EVERY_MS) return;
    this.tidiedAt = now;
    for (const [id, person] of this.people) if (person.isDoneWith(now, this.countsForMs)) this.people.delete(id);
  }
}
