import { type KeyKind } from '@wapas/entity-keys';
import { after, type Instant } from '@wapas/kernel';
import { applyDecisions } from './apply-decisions';
import { decide } from './decide';
import { type JourneyVersion } from './definition';
import { type ArrivedEvent, kindsOf, meaningOf } from './endings';
import { enrol, type EnrolFacts, isAbsorbing, type RefusalReason } from './enrol';
import { type Arm, type Decision, type RunInput, type RunState } from './run';
import { startRun } from './start-run';
import { Timeline } from './timeline';

/** What an event is about: a name, or a hash of one, that is the same for the same matter. */
export interface VirtualKey {
  readonly kind: KeyKind;
  readonly key: string;
}

export interface VirtualEvent extends ArrivedEvent {
  readonly keys: readonly VirtualKey[];
  /** When what it tells of began, where that was earlier: a silence. */
  readonly beganAt?: Instant;
}

/** A trigger on the virtual clock, with what speaks for or against a run that the runs themselves do not tell. */
export interface VirtualEntry<Tag> extends Pick<EnrolFacts, 'endings' | 'hasPerson' | 'forbidden' | 'closed'> {
  readonly matter: string;
  /** Who enters; one name for one person. */
  readonly person: string;
  readonly unit: string;
  readonly arm: Arm;
  readonly shadow: boolean;
  /** What the matter and the person had been through before the virtual clock began. */
  readonly past: { readonly isLive: boolean; readonly lastEndedAt: Instant | null; readonly entries: number; readonly personEnteredAt: Instant | null }; // prettier-ignore
  /** What the run carries; asked for only when one starts. */
  readonly tag: () => Tag;
}

export type VirtualEnrolment<Tag> =
  | { readonly kind: 'started'; readonly run: VirtualRun<Tag> }
  /** `run`: null when the run is one from before the clock began. */
  | { readonly kind: 'attached'; readonly run: VirtualRun<Tag> | null }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  /** So many runs are live already that no further one is lived. */
  | { readonly kind: 'no_room' };

/** One passage on the virtual clock. */
export interface VirtualRun<Tag> {
  /** From 1, in the order in which they began. */
  readonly number: number;
  readonly matter: string;
  readonly person: string;
  readonly keys: readonly string[];
  /** When what the journey repairs has happened. */
  readonly since: Instant;
  readonly tag: Tag;
  state: RunState;
}

export interface VirtualRunsOptions<Tag> {
  readonly version: JourneyVersion;
  /** Hears of everything that is decided. It may put something on the clock, and must not feed the run at once. */
  readonly decided: (run: VirtualRun<Tag>, before: RunState, decisions: readonly Decision[], now: Instant) => void;
  /** Runs that have ended go on hearing: goals may still come as late successes. Costs memory for every run there was. */
  readonly remembersEnded: boolean;
  /** More than so many live runs are not kept in memory. */
  readonly mostLive: number;
}

/** A run that shares a key with an event. */
export interface Concerned<Tag> {
  readonly run: VirtualRun<Tag>;
  readonly kind: KeyKind;
  readonly key: string;
}

interface Matter<Tag> {
  live: VirtualRun<Tag> | null;
  lastEndedAt: Instant | null;
  entries: number;
}

type Happening<Tag> = VirtualRun<Tag> | (() => void);

/**
 * Runs of one version on a virtual clock, through the very enrol(), meaningOf() and decide() that work on real ones. Touches
 * nothing: what there is lives in memory, and a run that can matter to nobody any more is let go of.
 */
export class VirtualRuns<Tag> {
  private readonly timeline = new Timeline<Happening<Tag>>();
  private readonly byKey = new Map<string, VirtualRun<Tag>[]>();
  private readonly matters = new Map<string, Matter<Tag>>();
  private readonly enteredAt = new Map<string, Instant>();
  private readonly kinds: ReadonlySet<KeyKind>;
  private begun = 0;
  private live = 0;
  private peak = 0;

  constructor(private readonly options: VirtualRunsOptions<Tag>) {
    this.kinds = kindsOf(options.version);
  }

  get liveCount(): number {
    return this.live;
  }

  /** How many were live at once. */
  get peakLive(): number {
    return this.peak;
  }

  /** How many began. */
  get count(): number {
    return this.begun;
  }

  /** Has the matter a run that is live? */
  isLive(matter: string): boolean {
    return this.matters.get(matter)?.live != null;
  }

  /** Something happens at a moment of the virtual clock, after what became due in that very moment. */
  at(moment: Instant, happen: () => void): void {
    this.timeline.add(moment, happen);
  }

  /** Lets everything happen that is due until then; until the end of all things when no moment is given. */
  playUntil(moment?: Instant): void {
    for (;;) {
      const next = this.timeline.nextAt;
      if (next === null || (moment !== undefined && next > moment)) return;
      const { at, entry } = this.timeline.take() as { at: Instant; entry: Happening<Tag> };
      if (typeof entry === 'function') entry();
      else if (entry.state.dueAt === at) this.feed(entry, { kind: 'due' }, at);
    }
  }

  /** Runs that share a key with an event, as far as the event can count for them. */
  concerned(event: Pick<VirtualEvent, 'keys' | 'occurredAt'>): Concerned<Tag>[] {
    const found: Concerned<Tag>[] = [];
    for (const { kind, key } of event.keys) {
      const sharing = this.byKey.get(key);
      if (sharing === undefined) continue;
      for (const run of sharing) if (isAbsorbing(kind) || event.occurredAt >= run.since) found.push({ run, kind, key });
    }
    return found;
  }

  /** An event is heard by whom it means something to. `concerned`: where it has been asked already. */
  hear(event: VirtualEvent, now: Instant, concerned: readonly Concerned<Tag>[] = this.concerned(event)): void {
    if (concerned.length === 0) return;
    const heard = new Set<VirtualRun<Tag>>();
    for (const { run, kind } of concerned) {
      if (heard.has(run)) continue;
      const meaning = meaningOf(this.options.version, run.state.facts, event, kind, run.since);
      if (meaning === null) continue;
      heard.add(run);
      this.feed(run, meaning, now);
    }
  }

  /** A trigger starts a run, joins one, or does not. */
  enter(event: VirtualEvent, entry: VirtualEntry<Tag>, now: Instant): VirtualEnrolment<Tag> {
    const { version, mostLive } = this.options;
    const { matter, person, past, unit, arm, shadow, tag } = entry;
    const before = this.matters.get(matter);
    const enrolment = enrol(
      version,
      {
        occurredAt: event.occurredAt,
        beganAt: event.beganAt,
        kinds: new Set(event.keys.map(({ kind }) => kind)),
        run: event.facts,
        hasPerson: entry.hasPerson,
        forbidden: entry.forbidden,
        endings: entry.endings,
        live: before?.live != null || past.isLive,
        lastEndedAt: before?.lastEndedAt ?? past.lastEndedAt,
        entries: past.entries + (before?.entries ?? 0),
        personEnteredAt: this.enteredAt.get(person) ?? past.personEnteredAt,
        closed: entry.closed,
      },
      now,
    );
    if (enrolment.kind === 'refuse') return { kind: 'refused', reason: enrolment.reason };
    if (enrolment.kind === 'attach') {
      const run = before?.live ?? null;
      if (run) this.feed(run, { kind: 'another_attempt', eventId: event.id, facts: event.facts }, now);
      return { kind: 'attached', run };
    }
    if (this.live >= mostLive) return { kind: 'no_room' };
    const number = (this.begun += 1);
    const state = startRun(version, { id: `run-${number}`, unit, arm, shadow, facts: event.facts }, now);
    const keys = event.keys.filter(({ kind }) => this.kinds.has(kind)).map(({ key }) => key);
    const run: VirtualRun<Tag> = { number, matter, person, keys, since: event.beganAt ?? event.occurredAt, tag: tag(), state };
    this.remember(run, before);
    return { kind: 'started', run };
  }

  /** Tells a run something, or that time has passed. */
  feed(run: VirtualRun<Tag>, input: RunInput, now: Instant): void {
    const before = run.state;
    const decisions = decide(this.options.version, before, input, now);
    if (decisions.length === 0) return;
    run.state = applyDecisions(before, decisions);
    // What was due has been taken from the clock: steps that go together are due again in the same moment.
    const mustWait = input.kind === 'due' || run.state.dueAt !== before.dueAt;
    if (run.state.dueAt !== null && mustWait) this.timeline.add(run.state.dueAt, run);
    if (run.state.isOver && !before.isOver) this.letGo(run, decisions);
    this.options.decided(run, before, decisions, now);
  }

  private remember(run: VirtualRun<Tag>, before: Matter<Tag> | undefined): void {
    const { version } = this.options;
    for (const key of run.keys) {
      const sharing = this.byKey.get(key);
      if (sharing) sharing.push(run);
      else this.byKey.set(key, [run]);
    }
    this.matters.set(run.matter, {
      live: run,
      lastEndedAt: before?.lastEndedAt ?? null,
      entries: (before?.entries ?? 0) + 1,
    });
    this.live += 1;
    this.peak = Math.max(this.peak, this.live);
    if (run.state.dueAt !== null) this.timeline.add(run.state.dueAt, run);
    if (version.reentryAfterForPerson === 0) return;
    this.enteredAt.set(run.person, run.state.startedAt);
    this.forgetEntry(run.person, run.state.startedAt);
  }

  private letGo(run: VirtualRun<Tag>, decisions: readonly Decision[]): void {
    const { version, remembersEnded } = this.options;
    this.live -= 1;
    if (!remembersEnded)
      for (const key of run.keys) {
        const left = (this.byKey.get(key) ?? []).filter((one) => one !== run);
        if (left.length === 0) this.byKey.delete(key);
        else this.byKey.set(key, left);
      }
    const matter = this.matters.get(run.matter);
    const end = decisions.find((decision) => decision.kind === 'end');
    if (!matter || !end) return;
    matter.live = null;
    matter.lastEndedAt = end.at;
    // How often a matter may enter at all must be known for ever; how soon again only until it may.
    if (version.maxEntries !== null) return;
    this.forgetMatter(run.matter, matter, end.at);
  }

  // What waits on the clock holds what it names: these two wait for days, and must not name a run.
  private forgetEntry(person: string, entered: Instant): void {
    this.at(after(entered, this.options.version.reentryAfterForPerson), () => {
      if (this.enteredAt.get(person) === entered) this.enteredAt.delete(person);
    });
  }

  private forgetMatter(name: string, matter: Matter<Tag>, endedAt: Instant): void {
    this.at(after(endedAt, this.options.version.reentryAfter), () => {
      if (matter.live === null && matter.lastEndedAt === endedAt) this.matters.delete(name);
    });
  }
}
