import { after, type Instant, minutes, toIso } from '@wapas/kernel';
import { applyDecisions } from '../../rules/apply-decisions';
import { decide } from '../../rules/decide';
import { FACTS, journey, T } from '../../rules/decide.test-kit';
import { isKept, keptOf, recordOf } from '../../rules/recorded';
import { type Decision, type RunInput, type RunState } from '../../rules/run';
import { startRun } from '../../rules/start-run';
import { type RecordedLine, type RecordedRun, replayRun } from './replay-run';

const version = journey();
const variants = journey({
  push: {
    messages: [
      {
        variants: [
          { key: 'plain', percent: 50, template: { body: 'a' } },
          { key: 'warm', percent: 50, template: { body: 'b' } },
        ],
      },
    ],
  },
});

test('a run that is lived again decides what it decided', () => {
  const run = lived([
    [1, { kind: 'due' }],
    [2, { kind: 'signal', step: 'push', signal: 'delivered' }],
    [15, { kind: 'due' }],
    [15, { kind: 'signal', step: 'whatsapp', signal: 'read' }],
    [120, { kind: 'due' }],
    [130, { kind: 'goal_reached', eventId: 'paid', at: after(T, minutes(130)) }],
  ]);
  expect(replayRun(version, run)).toEqual({ decisions: 4, differences: [] });
});

test('two steps that became due in the same moment are two moments of the run', () => {
  const run = lived([
    [121, { kind: 'due' }],
    [121, { kind: 'due' }],
    [121, { kind: 'due' }],
  ]);
  expect(replayRun(version, run)).toEqual({ decisions: 3, differences: [] });
});

test('a decision that is missing is listed, and so is one too many', () => {
  const run = lived([
    [1, { kind: 'due' }],
    [30, { kind: 'goal_reached', eventId: 'paid', at: after(T, minutes(30)) }],
  ]);
  const without = { ...run, lines: run.lines.filter((line) => line.what !== 'decision' || line.decision.kind !== 'end') };
  expect(replayRun(version, without).differences).toMatchObject([{ recorded: null, replayed: { kind: 'end' } }]);
  const again = { ...run, lines: [...run.lines, run.lines.at(-1) as RecordedLine] };
  expect(replayRun(version, again).differences).toMatchObject([{ recorded: { kind: 'end' }, replayed: null }]);
});

test('a decision that stands at another time than what it followed from is listed with both times', () => {
  const run = lived([
    [1, { kind: 'due' }],
    [30, { kind: 'goal_reached', eventId: 'paid', at: after(T, minutes(30)) }],
  ]);
  const later = { ...(run.lines.at(-1) as RecordedLine), at: after(T, minutes(31)) };
  expect(replayRun(version, { ...run, lines: [...run.lines.slice(0, -1), later] }).differences).toMatchObject([
    { recorded: { kind: 'end', at: toIso(after(T, minutes(31))) }, replayed: { kind: 'end', at: toIso(after(T, minutes(30))) } },
  ]);
});

test('a variant that was drawn for a guest stays the guest’s, though the run belongs to a customer now', () => {
  const run = lived([[1, { kind: 'due' }]], variants, 'guest');
  const move: RecordedLine = {
    what: 'intervention',
    at: after(T, minutes(2)),
    intervention: { kind: 'moved', from: 'guest', into: 'customer' },
  };
  expect(replayRun(variants, { ...run, lines: [...run.lines, move] }).differences).toEqual([]);
});

/** What would have been recorded of a run that is told these things, in minutes from T. */
function lived(inputs: readonly (readonly [number, RunInput])[], of = version, unit = 'somebody'): RecordedRun {
  const begin = { id: 'run', unit, arm: 'treated', facts: FACTS, shadow: false } as const;
  let state: RunState = startRun(of, begin, T);
  let end: (Decision & { kind: 'end' }) | undefined;
  const lines: RecordedLine[] = [];
  for (const [minute, input] of inputs) {
    const at: Instant = after(T, minutes(minute));
    const decisions = decide(of, state, input, at);
    state = applyDecisions(state, decisions);
    if (recordOf(input)) lines.push({ what: 'input', at, input });
    lines.push(...decisions.filter(isKept).map((one): RecordedLine => ({ what: 'decision', at, decision: keptOf(one) })));
    end ??= decisions.find((one) => one.kind === 'end');
  }
  return { ...begin, enteredAt: T, lines, row: { ...state, endReason: end?.reason ?? null } };
}
