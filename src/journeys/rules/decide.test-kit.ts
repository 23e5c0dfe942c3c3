import { after, type Instant, parseDuration, parseInstant } from '@wapas/kernel';
import { applyDecisions } from './apply-decisions';
import { compileVersion } from './compile-version';
import { decide } from './decide';
import { type JourneyVersion, type Signal } from './definition';
import { type JourneyDefinition } from './journey-definition';
import { parseDefinition } from './parse-definition';
import { inWords, sinceT } from './in-words';
import { type ParkReason, type RunFacts, type RunInput, type RunState } from './run';
import { startRun } from './start-run';

/** The playbook in its plainest form: push, WhatsApp when nobody has engaged, SMS when nobody still has. */
const PLAYBOOK: JourneyDefinition = {
  format: 'wapas.journey/1',
  key: 'playbook',
  name: 'Playbook',
  trigger: { event: 'Payment Failed' },
  correlateBy: ['order'],
  goal: { events: ['Payment Captured'], by: ['order'] },
  exits: [{ event: 'Order Cancelled', reason: 'order_cancelled' }],
  window: '24h',
  steps: [
    { key: 'push', after: '1m', maxDelay: '13m', channel: 'push', messages: [{ template: {} }] },
    {
      key: 'whatsapp',
      after: '15m',
      minDelay: '5m',
      maxDelay: '30m',
      channel: 'whatsapp',
      unless: [{ step: 'push', signal: 'engaged' }],
      messages: [{ template: {} }],
    },
    {
      key: 'sms',
      after: '2h',
      minDelay: '15m',
      maxDelay: '4h',
      channel: 'sms',
      unless: [
        { step: 'push', signal: 'engaged' },
        { step: 'whatsapp', signal: 'engaged' },
      ],
      messages: [{ template: {} }],
    },
  ],
};

type StepChange = Partial<JourneyDefinition['steps'][number]>;

/** The playbook with some steps changed: `journey({ sms: { maxDelay: '5m' } })`. */
export function journey(
  changes: Readonly<Record<string, StepChange>> = {},
  rest: Partial<JourneyDefinition> = {},
): JourneyVersion {
  return compiled({ ...PLAYBOOK, ...rest, steps: PLAYBOOK.steps.map((step) => ({ ...step, ...changes[step.key] })) });
}

export function compiled(definition: unknown): JourneyVersion {
  const parsed = parseDefinition(definition);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return compileVersion(parsed.definition, 1);
}

/** T unless a case says otherwise: 11:00 in India on a Monday. */
export const T = parseInstant('2026-11-23T11:00:00+05:30') as Instant;

export const FACTS: RunFacts = {
  keys: { order: 'order_1' },
  name: 'Asha Rao',
  amount: { value: 149_900, currency: 'INR' },
  reason: { class: 'user_error' },
  properties: {},
  attempts: 1,
};

/** `T`, `T+1h59m`, `T-5m`, `T+15m-1ms`, or a local time such as `2026-11-23T23:50:00+05:30`. */
export function moment(text: string, start: Instant): Instant {
  const [, sign, offset, minus] = /^T(?:([+-])((?:\d+[smhd])+))?(?:-(\d+)ms)?$/.exec(text) ?? [];
  if (!text.startsWith('T')) return parseInstant(text) as Instant;
  const length = offset === undefined ? 0 : parseDuration(offset);
  if (length === null || (text !== 'T' && offset === undefined && minus === undefined)) throw new Error(`Not a moment: ${text}`);
  return (start + (sign === '-' ? -1 : 1) * length - Number(minus ?? 0)) as Instant;
}

/** A run as a case describes it: `run().after('push', 'opened')`. */
export class RunOf {
  constructor(
    readonly version: JourneyVersion,
    readonly state: RunState,
  ) {}

  /** The step is behind us; this is what is known of it. The next one is due at its hour. */
  after(step: string, ...signals: readonly Signal[]): RunOf {
    const nextStep = this.version.steps.findIndex(({ key }) => key === step) + 1;
    const next = this.version.steps[nextStep];
    const { startedAt, expiresAt } = this.state;
    return this.with({
      nextStep,
      dueAt: next ? after(startedAt, next.after) : expiresAt,
      signals: { ...this.state.signals, [step]: signals },
    });
  }

  due(text: string): RunOf {
    return this.with({ dueAt: moment(text, this.state.startedAt) });
  }

  /** The version is let out unheard. */
  inShadow(): RunOf {
    return this.with({ memory: { ...this.state.memory, shadow: true } });
  }

  /** Another person: another draw of the variants. */
  of(unit: string): RunOf {
    return this.with({ unit });
  }

  inHoldout(): RunOf {
    return this.with({ arm: 'holdout' });
  }

  about(facts: Partial<RunFacts>): RunOf {
    return this.with({ facts: { ...this.state.facts, ...facts } });
  }

  /** T began anew so many times, less one. */
  inLap(lap: number): RunOf {
    return this.with({ lap });
  }

  over(): RunOf {
    return this.with({ isOver: true, dueAt: null });
  }

  private with(change: Partial<RunState>): RunOf {
    return new RunOf(this.version, { ...this.state, ...change });
  }
}

export function run(version: JourneyVersion = journey(), startedAt: string | Instant = T): RunOf {
  const start = typeof startedAt === 'string' ? (parseInstant(startedAt) as Instant) : startedAt;
  return runOf(version, startRun(version, { id: 'run-1', unit: 'person-1', arm: 'treated', facts: FACTS, shadow: false }, start));
}

export const runOf = (version: JourneyVersion, state: RunState): RunOf => new RunOf(version, state);

/** A run whose trigger says this: it may have to wait for certainty. */
export function runAbout(version: JourneyVersion, facts: Partial<RunFacts>, startedAt: Instant = T): RunOf {
  const state = { id: 'run-1', unit: 'person-1', arm: 'treated' as const, facts: { ...FACTS, ...facts }, shadow: false };
  return runOf(version, startRun(version, state, startedAt));
}

/** Something that happens to a run at a moment. */
export interface Happening {
  readonly at: string;
  input(start: Instant): RunInput;
}
const happening = (input: (at: Instant) => RunInput) => ({
  at: (at: string): Happening => ({ at, input: (start) => input(moment(at, start)) }),
});

export const lookedAt = (at: string, park?: ParkReason): Happening => happening(() => ({ kind: 'due', park })).at(at);
export const confirmed = () => happening(() => ({ kind: 'confirmed', eventId: 'evt-sure' }));
export const seen = () => happening((at) => ({ kind: 'active', eventId: 'evt-seen', at }));
export const goalReached = (amount?: RunFacts['amount']) =>
  happening((at) => ({ kind: 'goal_reached', eventId: 'evt-goal', at, amount }));
export const exitReached = (reason = 'order_cancelled') =>
  happening((at) => ({ kind: 'exit_reached', eventId: 'evt-exit', at, reason }));
export const heard = (step: string, signal: Signal, lap?: number) => happening(() => ({ kind: 'signal', step, signal, lap }));
export const notReached = (step: string, reason = 'bad_address', lap?: number) =>
  happening(() => ({ kind: 'not_reached', step, reason, lap }));
export const failedAgain = (facts: Partial<RunFacts> = {}) =>
  happening(() => ({ kind: 'another_attempt', eventId: 'evt-again', facts: { ...FACTS, ...facts } }));

/** `given(run().after('push')).when(goalReached().at('T+3m')).then('end: goal_reached')`. */
export function given(subject: RunOf) {
  return {
    when: (what: Happening) => {
      const { startedAt } = subject.state;
      const decided = decide(subject.version, subject.state, what.input(startedAt), moment(what.at, startedAt));
      const words = decided.map((decision) => inWords(decision, startedAt));
      return {
        /** All that was decided, in order; when to look again may be left out. */
        then: (...expected: string[]) => {
          const tellsWait = expected.some((line) => line.startsWith('wait'));
          expect(tellsWait ? words : words.filter((line) => !line.startsWith('wait'))).toEqual(expected);
        },
        thenNothing: () => expect(words).toEqual([]),
        /** The run as it stands afterwards. */
        leaving: () => new RunOf(subject.version, applyDecisions(subject.state, decided)),
      };
    },
  };
}

/**
 * A whole passage over a virtual clock: the run is looked at whenever it is due, and the happenings come at their moments
 * in between. Gives what was decided, each with its moment, without the waiting.
 */
export function passage(subject: RunOf, happenings: readonly Happening[] = []): string[] {
  const { startedAt } = subject.state;
  const story: string[] = [];
  let state = subject.state;
  const take = (input: RunInput, now: Instant): void => {
    const decided = decide(subject.version, state, input, now);
    state = applyDecisions(state, decided);
    for (const decision of decided)
      if (decision.kind !== 'wait') story.push(`${sinceT(now, startedAt)} ${inWords(decision, startedAt)}`);
  };
  const ahead = happenings.map((one) => ({ one, at: moment(one.at, startedAt) })).sort((a, b) => a.at - b.at);
  for (let looks = 0; looks < 1_000; looks += 1) {
    const next = ahead[0];
    if (state.dueAt !== null && (!next || state.dueAt <= next.at)) take({ kind: 'due' }, state.dueAt);
    else if (next) {
      ahead.shift();
      take(next.one.input(startedAt), next.at);
    } else return story;
  }
  throw new Error('The run never comes to an end.');
}
