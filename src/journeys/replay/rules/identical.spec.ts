import { REPLAY_STATES } from '../store/replay.store';
import { identicalOf } from './identical';

const audit = { runs: 2, differences: 0 };
const whatIf = { messages: { would: 3, was: 3, same: 3, added: 0, dropped: 0, moved: 0, rechannelled: 0 } };

test.each(REPLAY_STATES.filter((state) => state !== 'done'))(
  'a replay that is %s says nothing about being identical',
  (state) => {
    expect(identicalOf({ kind: 'audit', state, result: audit })).toBeNull();
    expect(identicalOf({ kind: 'whatif', state, result: whatIf })).toBeNull();
  },
);

test.each([
  ['an audit without a difference', 'audit', audit, true],
  ['an audit with one', 'audit', { ...audit, differences: 1 }, false],
  ['an audit that lived no run', 'audit', { ...audit, runs: 0 }, null],
  ['a what-if that sends the same', 'whatif', whatIf, true],
  ['a what-if that moves a message', 'whatif', { messages: { ...whatIf.messages, same: 2, moved: 1 } }, false],
  ['a what-if that adds one', 'whatif', { messages: { ...whatIf.messages, would: 4, added: 1 } }, false],
  ['a what-if without a message on either side', 'whatif', { messages: { ...whatIf.messages, would: 0, was: 0, same: 0 } }, null],
  ['nothing yet', 'audit', null, null],
] as const)('%s', (_, kind, result, identical) => expect(identicalOf({ kind, state: 'done', result })).toBe(identical));
