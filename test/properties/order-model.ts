import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, newId } from '@wapas/kernel';
import { type Guard } from '../../src/channels/rules/guard';
import { maySend, type SendFacts } from '../../src/channels/rules/may-send';
import { applyDecisions } from '../../src/journeys/rules/apply-decisions';
import { compileVersion } from '../../src/journeys/rules/compile-version';
import { decide } from '../../src/journeys/rules/decide';
import { type JourneyVersion } from '../../src/journeys/rules/definition';
import { enrol } from '../../src/journeys/rules/enrol';
import { parseDefinition } from '../../src/journeys/rules/parse-definition';
import { type RunFacts, type RunInput, type RunState } from '../../src/journeys/rules/run';
import { startRun } from '../../src/journeys/rules/start-run';

/** An event of an order, as a source sends it, perhaps several times. */
export interface OrderEvent {
  readonly id: string;
  readonly name: string;
  readonly occurredAt: Instant;
}

/** Where an order stands when everything has arrived. Nothing in it may depend on the order of arrival. */
export interface FinalState {
  readonly known: readonly string[];
  readonly isLive: boolean;
  /** Failed attempts that a live run has taken in. */
  readonly attempts: number | null;
  /** When the attempt was made that a live run speaks of. */
  readonly speaksOf: number | null;
  /** What would become of a message that is claimed now. */
  readonly verdict: string;
}

export const starter: JourneyVersion = (() => {
  const text = readFileSync(join(__dirname, '../../src/journeys/starter/payment_failed.yaml'), 'utf8');
  const parsed = parseDefinition({ ...(parseYaml(text) as object), holdoutPercent: 0 });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return compileVersion(parsed.definition, 1);
})();

const ORDER = 'order' as EntityKey;
const factsOf = ({ occurredAt }: OrderEvent): RunFacts => ({
  happenedAt: occurredAt,
  keys: { order: 'order_1' },
  reason: { class: 'user_error' },
  properties: {},
  attempts: 1,
});
/** An exit with conditions asks what its event says; the attempts of this model are none of those. */
const EXITS = starter.exits.filter(({ where }) => where.length === 0);
const ENDINGS = [...starter.goal.events, ...EXITS.map(({ event }) => event)];
export const GOALS: readonly string[] = starter.goal.events;

/**
 * One order's way through the very rules that the product runs: enrol, decide, maySend. A step that is due plans a message;
 * it is claimed later, as behind a rate limit, and asks the marks then.
 */
export class OrderModel {
  readonly sends: { at: Instant; goalWasKnown: boolean }[] = [];
  private readonly marks: SendFacts['marks'][number][] = [];
  private readonly seen = new Set<string>();
  private planned: Instant[] = [];
  private run: RunState | null = null;
  private since: Instant | null = null;
  private lastEndedAt: Instant | null = null;

  /** Time passes: what is due is planned, step by step. */
  advance(now: Instant): void {
    for (let dueAt = this.run?.dueAt; this.run && dueAt !== null && dueAt !== undefined && dueAt <= now; dueAt = this.run.dueAt)
      this.apply({ kind: 'due' }, dueAt);
  }

  /** A worker comes round and claims whatever is planned. */
  claim(now: Instant): void {
    for (const notAfter of this.planned.splice(0))
      if (this.verdictAt(now, notAfter) === 'may send')
        this.sends.push({ at: now, goalWasKnown: this.marks.some(({ eventName }) => GOALS.includes(eventName)) });
  }

  arrive(event: OrderEvent, now: Instant): void {
    if (this.seen.has(event.id)) return;
    this.seen.add(event.id);
    this.marks.push({ key: ORDER, eventName: event.name, occurredAt: event.occurredAt });
    if (GOALS.includes(event.name)) this.apply({ kind: 'goal_reached', eventId: event.id, at: event.occurredAt }, now);
    const exit = EXITS.find((one) => one.event === event.name);
    if (exit) this.apply({ kind: 'exit_reached', eventId: event.id, at: event.occurredAt, reason: exit.reason }, now);
    if (event.name === starter.trigger.event) this.trigger(event, now);
  }

  final(now: Instant): FinalState {
    return {
      known: [...this.seen].sort(),
      isLive: this.run !== null,
      attempts: this.run?.facts.attempts ?? null,
      speaksOf: this.run?.facts.happenedAt ?? null,
      verdict: this.verdictAt(now, now),
    };
  }

  private trigger(event: OrderEvent, now: Instant): void {
    const enrolment = enrol(
      starter,
      {
        occurredAt: event.occurredAt,
        kinds: new Set(['order'] as const),
        run: factsOf(event),
        hasPerson: true,
        endings: this.marks
          .filter(({ eventName }) => ENDINGS.includes(eventName))
          .map(({ eventName, occurredAt }) => ({ event: eventName, occurredAt, absorbing: true })),
        live: this.run !== null,
        lastEndedAt: this.lastEndedAt,
        entries: 0,
        personEnteredAt: null,
        closed: null,
      },
      now,
    );
    if (enrolment.kind === 'attach') this.apply({ kind: 'another_attempt', eventId: event.id, facts: factsOf(event) }, now);
    if (enrolment.kind !== 'start') return;
    this.since = event.occurredAt;
    this.run = startRun(starter, { id: newId(), unit: 'somebody', arm: 'treated', facts: factsOf(event), shadow: false }, now);
  }

  private apply(input: RunInput, now: Instant): void {
    if (!this.run) return;
    const decisions = decide(starter, this.run, input, now);
    for (const decision of decisions) if (decision.kind === 'send') this.planned.push(decision.notAfter);
    this.run = applyDecisions(this.run, decisions);
    if (!this.run.isOver) return;
    this.run = null;
    this.lastEndedAt = now;
  }

  private verdictAt(now: Instant, notAfter: Instant): string {
    const stops: Record<string, string> = {};
    for (const name of starter.silence) stops[name] = 'silenced';
    for (const { event, reason } of EXITS) stops[event] = reason;
    for (const name of GOALS) stops[name] = 'goal_reached';
    const guard: Guard = { keys: [{ key: ORDER, absorbing: true }], since: this.since ?? (0 as Instant), stops };
    const facts = {
      now,
      notAfter,
      guard,
      marks: this.marks,
      calledOff: null,
      refusal: null,
      down: null,
      paused: null,
      hasAddress: true,
      countryIsAllowed: true,
      test: false,
      addressIsForTests: false,
    };
    const verdict = maySend(facts);
    return verdict.maySend ? 'may send' : `${verdict.state}: ${verdict.reason}`;
  }
}
