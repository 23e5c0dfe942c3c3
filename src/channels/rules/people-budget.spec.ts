import { lineOfPeople, withinBudget } from './people-budget';

const message = (id: string, personId = id) => ({ id, personId });
const idsOf = (messages: readonly { id: string }[]) => messages.map(({ id }) => id).join('');

it.each<[string, { id: string; personId: string }[], string[], number, string, string, number]>([
  ['takes as many people as are left', [message('a'), message('b'), message('c')], [], 2, 'ab', 'c', 2],
  ['counts nobody twice', [message('a', 'p'), message('b', 'p'), message('c', 'q'), message('d')], [], 2, 'abc', 'd', 2],
  ['always has room for who was reached already', [message('a'), message('b'), message('c')], ['c'], 1, 'ac', 'b', 1],
  ['that was lowered under what had been reached has room for nobody else', [message('a'), message('b')], ['b'], -5, 'b', 'a', 0],
  ['without messages takes nothing', [], [], 3, '', '', 0],
])('a budget of people %s', (_what, messages, reached, left, within, beyond, taken) => {
  const result = withinBudget(messages, new Set(reached), left);
  expect([idsOf(result.within), idsOf(result.beyond), result.taken]).toEqual([within, beyond, taken]);
});

it('a person is told from nine tenths of the people on, and of a limit of none in words that make sense', () => {
  expect(lineOfPeople('wa', 89, 100)).toBeNull();
  expect(lineOfPeople('wa', 90, 100)).toContain('90 of the 100 different people');
  expect(lineOfPeople('wa', 0, 0)).toBe(
    'wa may write to nobody: its vendor allows no people at all; everybody is reached by the next channel',
  );
});
