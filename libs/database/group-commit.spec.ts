import { GroupCommit } from './group-commit';

type Flush = (entries: readonly string[]) => Promise<readonly string[]>;
type Options = Partial<ConstructorParameters<typeof GroupCommit<string, string>>[1]>;

/** A group commit whose flushes are written down. What is called bad fails every flush that it is in. */
function committing(options: Options = {}, flush?: Flush) {
  const flushes: string[][] = [];
  const group = new GroupCommit<string, string>(
    async (entries) => {
      flushes.push([...entries]);
      await new Promise((resolve) => setImmediate(resolve));
      if (flush) return flush(entries);
      const bad = entries.find((entry) => entry.startsWith('bad'));
      if (bad !== undefined) throw new Error(bad);
      return entries.map((entry) => `${entry} stored`);
    },
    { maxWeight: 100, ...options },
  );
  return { group, flushes };
}
const addAll = (group: GroupCommit<string, string>, entries: readonly string[]) =>
  Promise.allSettled(entries.map((entry) => group.add(entry))).then((results) =>
    results.map((result) => (result.status === 'fulfilled' ? result.value : `failed: ${(result.reason as Error).message}`)),
  );

it('what comes together is flushed together, and each gets its own result', async () => {
  const { group, flushes } = committing();
  expect(await addAll(group, ['a', 'b', 'c'])).toEqual(['a stored', 'b stored', 'c stored']);
  expect(flushes).toEqual([['a', 'b', 'c']]);
});

it('what comes while a flush is running goes into the next one', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { group, flushes } = committing({}, async (entries) => (await held, entries));
  const first = group.add('a');
  while (flushes.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const later = [group.add('b'), group.add('c')];
  expect(group.waitingCount).toBe(2);
  release();
  expect(await Promise.all([first, ...later])).toEqual(['a', 'b', 'c']);
  expect(flushes).toEqual([['a'], ['b', 'c']]);
});

it.each([1, 2, 5, 8])(
  'one bad entry of eight fails alone, at place %d; the others are stored and keep their order',
  async (place) => {
    const entries = Array.from({ length: 8 }, (_one, index) => (index + 1 === place ? 'bad' : `e${index}`));
    const { group } = committing();
    expect(await addAll(group, entries)).toEqual(entries.map((entry) => (entry === 'bad' ? 'failed: bad' : `${entry} stored`)));
  },
);

it('several bad entries fail, each with its own error', async () => {
  const { group, flushes } = committing();
  expect(await addAll(group, ['bad 1', 'a', 'b', 'bad 2'])).toEqual(['failed: bad 1', 'a stored', 'b stored', 'failed: bad 2']);
  expect(flushes.length).toBeLessThanOrEqual(7);
});

it('trouble that concerns everybody is not repeated for each entry', async () => {
  const { group, flushes } = committing({ concernsAll: () => true });
  expect(await addAll(group, ['a', 'bad', 'c'])).toEqual(['failed: bad', 'failed: bad', 'failed: bad']);
  expect(flushes).toHaveLength(1);
  expect(await addAll(group, ['d'])).toEqual(['d stored']);
});

it('an entry that made its group fail is settled aside, and nobody waits for it', async () => {
  let settleAside: (result: string) => void = () => undefined;
  const { group } = committing({
    aside: async (entries) =>
      new Map(
        entries
          .filter((entry) => entry === 'bad lock')
          .map((entry) => [entry, new Promise<string>((resolve) => (settleAside = resolve))]),
      ),
  });
  const stuck = group.add('bad lock');
  expect(await addAll(group, ['a', 'bad', 'b'])).toEqual(['a stored', 'failed: bad', 'b stored']);
  expect(await addAll(group, ['c'])).toEqual(['c stored']);
  settleAside('stored later');
  expect(await stuck).toBe('stored later');
});

it.each([
  ['entries', undefined, [['1', '1'], ['1', '1'], ['1']], ['1', '1', '1', '1', '1']],
  ['weight', Number, [['1', '1'], ['2'], ['5'], ['1']], ['1', '1', '2', '5', '1']],
])('a flush takes as much as it may by %s, and at least one entry', async (_by, weigh, groups, entries) => {
  const { group, flushes } = committing({ maxWeight: 2, weigh });
  await addAll(group, entries);
  expect(flushes).toEqual(groups);
});

it('as many flushes run at once as there are lanes', async () => {
  let running = 0;
  let most = 0;
  const { group } = committing({ maxWeight: 1, lanes: 3 }, async (entries) => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return entries;
  });
  await addAll(group, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  expect(most).toBe(3);
});

it('is drained when nothing waits and nothing is being flushed', async () => {
  const { group, flushes } = committing({ maxWeight: 1 });
  await group.drained();
  const added = addAll(group, ['a', 'bad', 'c']);
  await Promise.all([group.drained(), group.drained()]);
  expect(flushes).toHaveLength(3);
  expect(group.waitingCount).toBe(0);
  await added;
});
