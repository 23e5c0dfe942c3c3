import { type Random } from './random';

/** Something that can die or stand still on its own: a container, the database server, a vendor, a source. */
export class Process {
  alive = true;
  /** Stopped like a process by SIGSTOP, or a machine that swaps, until then. */
  frozenUntil = 0;
  /** How far its clock is from the true time, in milliseconds. */
  clockIsOff = 0;

  constructor(readonly name: string) {}
}

interface Happening {
  at: number;
  readonly tie: number;
  readonly process: Process;
  readonly work: () => void;
  readonly label: string;
  cancelled: boolean;
}

interface Timer extends Happening {
  readonly armedAt: number;
  /** It does no more than look whether rows ask for something. */
  readonly isPoll: boolean;
}

/** What of the rows matters for time. */
export interface RowTimes {
  /** The next moment after this one at which some row asks to be looked at. */
  nextMomentAfter(now: number): number;
  /** Some row asks for it now. */
  isAnyWaiting(now: number): boolean;
}

/** A timer looks at rows; nothing that matters waits for one longer than this when no row asks sooner. */
const LONGEST_LEAP_MS = 600_000;
/** While things happen this close to each other, nobody looks at rows in between. */
const GAP_MS = 5;
/** A look that was on its way while something changed has not seen it. */
const LOOK_TAKES_MS = 20;

/**
 * One thread of virtual time for all processes: whatever any of them waits for is a happening here, and chance decides
 * between those of one moment. Time leaps over stretches in which nothing can happen: timers only ever promise "not
 * before", and the product's truth lies in rows with their times, so a poll that fires late finds the same work.
 */
export class Timeline {
  private readonly happenings = new Heap<Happening>();
  private readonly timers = new Heap<Timer>();
  private polls: Timer[] = [];
  private isPolling = false;
  private mustLook = false;
  private checkedAt = 0;
  private readonly machinery: Machinery;
  private changedAt = 0;
  private fingerprint = 0;
  current: Process;
  fired = 0;
  rows: RowTimes = { nextMomentAfter: () => Number.POSITIVE_INFINITY, isAnyWaiting: () => false };

  constructor(
    public now: number,
    private readonly random: Random,
  ) {
    this.current = new Process('nobody');
    this.machinery = new Machinery(this);
  }

  /** What happened, and in which order, as one number: the same seed must give the same one. */
  get hash(): number {
    return this.fingerprint >>> 0;
  }

  at(at: number, process: Process, label: string, work: () => void): Happening {
    const happening = { at: Math.max(at, this.now), tie: this.random.next(), process, work, label, cancelled: false };
    this.happenings.push(happening);
    return happening;
  }

  in(ms: number, process: Process, label: string, work: () => void): Happening {
    return this.at(this.now + ms, process, label, work);
  }

  arm(ms: number, work: () => void, isPoll = this.isPolling): Timer {
    const timer: Timer = {
      at: this.now + Math.max(0, ms),
      tie: this.random.next(),
      process: this.current,
      work,
      label: isPoll ? 'poll' : 'timer',
      cancelled: false,
      armedAt: this.now,
      isPoll,
    };
    if (isPoll) this.polls.push(timer);
    else this.timers.push(timer);
    return timer;
  }

  /** Timers that `rest` arms only decide when to look at rows again. */
  asPoll<T>(rest: () => T): T {
    this.isPolling = true;
    try {
      return rest();
    } finally {
      this.isPolling = false;
    }
  }

  /** Something is other than it was: whoever polls has to look again before time may leap. */
  noteChange(): void {
    this.changedAt = this.now;
  }

  note(text: string): void {
    for (let index = 0; index < text.length; index += 1)
      this.fingerprint = (Math.imul(this.fingerprint, 31) + text.charCodeAt(index)) | 0;
  }

  /** Lets everything happen up to that moment. The global timers and clocks are ours meanwhile. */
  async runUntil(end: number, mayStop: () => boolean = () => false): Promise<void> {
    this.machinery.install();
    try {
      while (!mayStop()) {
        const next = this.next(end);
        if (!next) break;
        await this.fire(next);
      }
      this.now = Math.max(this.now, end);
    } finally {
      this.machinery.remove();
    }
  }

  private next(end: number): Happening | undefined {
    for (;;) {
      const soon = this.soonest();
      if (soon !== undefined && soon.at <= Math.min(this.now + GAP_MS, end)) return this.take(soon);
      if (this.rows.nextMomentAfter(this.checkedAt) <= this.now) this.noteChange();
      this.checkedAt = this.now;
      const poll = this.nextPoll();
      const rowMoment = this.rows.nextMomentAfter(this.now) + 1;
      const longest = this.now + LONGEST_LEAP_MS;
      const target = Math.min(
        soon?.at ?? longest,
        poll === undefined ? longest : Math.max(poll.at, this.now),
        rowMoment,
        longest,
      );
      if (target > end) return undefined;
      if (poll !== undefined && target === Math.max(poll.at, this.now)) return this.takePoll(poll);
      if (soon !== undefined && target === soon.at) return this.take(soon);
      this.now = target;
      this.mustLook = target === longest;
      this.noteChange();
    }
  }

  /** What is to happen next, looks at rows apart. */
  private soonest(): Happening | undefined {
    this.timers.dropCancelled();
    this.happenings.dropCancelled();
    const [happening, timer] = [this.happenings.first(), this.timers.first()];
    if (happening === undefined || timer === undefined) return happening ?? timer;
    return isBefore(timer, happening) ? timer : happening;
  }

  private take(soonest: Happening): Happening {
    if (this.timers.first() === soonest) this.timers.pop();
    else this.happenings.pop();
    return soonest;
  }

  /** The next look at rows that can find something: some row asks for one, and something has changed since this one was planned. */
  private nextPoll(): Happening | undefined {
    if (!this.mustLook && !this.rows.isAnyWaiting(this.now)) return undefined;
    let next: Timer | undefined;
    for (const poll of this.polls) {
      const isStale = poll.armedAt < this.changedAt + LOOK_TAKES_MS;
      if (isStale && !poll.cancelled && poll.process.alive && (next === undefined || isBefore(poll, next))) next = poll;
    }
    if (next === undefined) this.mustLook = false;
    return next;
  }

  private takePoll(poll: Happening): Happening {
    this.polls = this.polls.filter((one) => one !== poll && !one.cancelled && one.process.alive);
    return poll;
  }

  private async fire(next: Happening): Promise<void> {
    const { process } = next;
    if (next.cancelled || !process.alive) return;
    if (process.frozenUntil > Math.max(this.now, next.at)) {
      next.at = process.frozenUntil;
      if (!('armedAt' in next)) this.happenings.push(next);
      else if ((next as Timer).isPoll) this.polls.push(next as Timer);
      else this.timers.push(next as Timer);
      return;
    }
    this.now = Math.max(this.now, next.at);
    this.fired += 1;
    this.note(`${next.label}${process.name}${Math.round((this.now % 1e6) * 1_000)}`);
    this.current = process;
    next.work();
    // Microtasks, all of them: a tick runs only when none is left.
    await new Promise<void>((resolve) => process_nextTick(resolve));
  }
}

// eslint-disable-next-line @typescript-eslint/unbound-method -- kept as it is before anybody can replace it
const process_nextTick = process.nextTick;

/** The clocks and timers of JavaScript, told by the timeline. */
class Machinery {
  private kept: (() => void)[] = [];

  constructor(private readonly timeline: Timeline) {}

  install(): void {
    const { timeline } = this;
    const local = (): number => Math.floor(timeline.now + timeline.current.clockIsOff);
    this.replace(globalThis, 'setTimeout', (work: () => void, ms = 0) => handleOf(timeline.arm(ms, work)));
    this.replace(globalThis, 'clearTimeout', cancel);
    this.replace(globalThis, 'setInterval', (work: () => void, ms = 0) => {
      const handle = handleOf(timeline.arm(ms, again, true));
      function again(): void {
        handle.happening = timeline.arm(ms, again, true);
        work();
      }
      return handle;
    });
    this.replace(globalThis, 'clearInterval', cancel);
    this.replace(globalThis, 'setImmediate', (work: () => void) => handleOf(timeline.in(0, timeline.current, 'immediate', work)));
    this.replace(Date, 'now', local);
    this.replace(performance, 'now', () => timeline.now - START_OF_MACHINES);
  }

  remove(): void {
    for (const putBack of this.kept.splice(0)) putBack();
  }

  private replace(owner: object, name: string, stand_in: unknown): void {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value: stand_in, configurable: true, writable: true });
    this.kept.push(() => {
      if (before) Object.defineProperty(owner, name, before);
      else delete (owner as Record<string, unknown>)[name];
    });
  }
}

const START_OF_MACHINES = Date.UTC(2026, 10, 1);

interface Handle {
  happening: Happening;
  ref(): Handle;
  unref(): Handle;
}

function handleOf(happening: Happening): Handle {
  const handle: Handle = { happening, ref: () => handle, unref: () => handle };
  return handle;
}

function cancel(handle: Handle | undefined): void {
  if (handle?.happening) handle.happening.cancelled = true;
}

/** The earliest first; of one moment, the one that chance put first. */
class Heap<One extends Happening> {
  readonly items: One[] = [];

  first(): One | undefined {
    return this.items[0];
  }

  push(one: One): void {
    const { items } = this;
    let at = items.push(one) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(one, items[above] as One)) break;
      items[at] = items[above] as One;
      at = above;
    }
    items[at] = one;
  }

  pop(): One | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && isBefore(items[below + 1] as One, items[below] as One)) below += 1;
      if (!isBefore(items[below] as One, last)) break;
      items[at] = items[below] as One;
      at = below;
    }
    items[at] = last;
    return top;
  }

  dropCancelled(): void {
    for (let top = this.first(); top !== undefined && (top.cancelled || !top.process.alive); top = this.first()) this.pop();
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}
