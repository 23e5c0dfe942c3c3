import { after, assertNever, formatDuration, type Instant, parseDuration, parseInstant } from '@wapas/kernel';
import { applyDecisions, decide } from './decide';
import { type JourneyVersion, type Signal } from './definition';
import { compileVersion, type JourneyDefinition, parseDefinition } from './parse-definition';
import { type Decision, type RunFacts, type RunInput, type RunState } from './run';

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

/** `T`, `T+1h59m`, `T+15m-1ms`, or a local time such as `2026-11-23T23:50:00+05:30`. */
export function moment(text: string, start: Instant): Instant {
  const [, offset, minus] = /^T(?:\+([0-9smhd]+))?(?:-(\d+)ms)?$/.exec(text) ?? [];
  if (!text.startsWith('T')) return parseInstant(text) as Instant;
  const length = offset === undefined ? 0 : parseDuration(offset);
  if (length === null) throw new Error(`Not a moment: ${text}`);
  return (start + length - Number(minus ?? 0)) as Instant;
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

  inHoldout(): RunOf {
    return this.with({ arm: 'holdout' });
  }

  about(facts: Partial<RunFacts>): RunOf {
    return this.with({ facts: { ...this.state.facts, ...facts } });
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
  const first = version.steps[0];
  return new RunOf(version, {
    id: 'run-1',
    arm: 'treated',
    lap: 1,
    startedAt: start,
    expiresAt: after(start, version.window),
    nextStep: 0,
    dueAt: after(start, first ? first.after : version.window),
    signals: {},
    facts: FACTS,
    isOver: false,
  });
}

/** Something that happens to a run at a moment. */
export interface Happening {
  readonly at: string;
  input(start: Instant): RunInput;
}
const happening = (input: (at: Instant) => RunInput) => ({
  at: (at: string): Happening => ({ at, input: (start) => input(moment(at, start)) }),
});

export const lookedAt = (at: string): Happening => happening(() => ({ kind: 'due' })).at(at);
export const goalReached = (amount?: RunFacts['amount']) =>
  happening((at) => ({ kind: 'goal_reached', eventId: 'evt-goal', at, amount }));
export const exitReached = (reason = 'order_cancelled') =>
  happening((at) => ({ kind: 'exit_reached', eventId: 'evt-exit', at, reason }));
export const heard = (step: string, signal: Signal) => happening(() => ({ kind: 'signal', step, signal }));
export const notReached = (step: string, reason = 'bad_address') => happening(() => ({ kind: 'not_reached', step, reason }));
export const failedAgain = (facts: Partial<RunFacts> = {}) =>
  happening(() => ({ kind: 'another_attempt', eventId: 'evt-again', facts: { ...FACTS, ...facts } }));

/** Decisions in words, times counted from T: `send push until T+14m`. */
export function inWords(decision: Decision, start: Instant): string {
  switch (decision.kind) {
    case 'send':
    case 'ghost': {
      const which = decision.message === 0 ? '' : `, message ${decision.message + 1}`;
      return `${decision.kind} ${decision.step}${which} until ${fromT(decision.notAfter, start)}`;
    }
    case 'skip':
    case 'expire':
      return `${decision.kind} ${decision.step}: ${decision.reason}`;
    case 'hold':
    case 'advance':
      return `${decision.kind} ${decision.step} to ${fromT(decision.until, start)}: ${decision.reason}`;
    case 'wait':
      return `wait until ${fromT(decision.until, start)}`;
    case 'note':
      return `note ${decision.step} ${decision.signal}`;
    case 'attach':
      return 'attach';
    case 'flag':
    case 'end':
      return `${decision.kind}: ${decision.reason}`;
    default:
      return assertNever(decision);
  }
}

function fromT(instant: Instant, start: Instant): string {
  const early = (1_000 - ((instant - start) % 1_000)) % 1_000;
  return `T+${formatDuration((instant - start + early) as never)}${early === 0 ? '' : `-${early}ms`}`;
}

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
      if (decision.kind !== 'wait') story.push(`${fromT(now, startedAt)} ${inWords(decision, startedAt)}`);
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
