import { DueLoop, type DueLoopOptions, type Pass } from './due-loop';

/** A loop over the given passes, then over empty ones; an error among them is thrown. Time is moved by the test. */
function looping(passes: readonly (Pass | Error)[], options: Partial<DueLoopOptions> = {}) {
  const seen = { looks: 0, troubles: [] as string[] };
  const loop = new DueLoop(
    async () => {
      const pass = passes[seen.looks];
      seen.looks += 1;
      if (pass instanceof Error) throw pass;
      return pass ?? { done: 0 };
    },
    {
      name: 'due things',
      fullPass: 10,
      idleMs: 100,
      onTrouble: (name, error) => seen.troubles.push(`${name}: ${(error as Error).message}`),
      ...options,
    },
  );
  return { loop, seen };
}
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

it('looks at once, and again after its rest', async () => {
  const { loop, seen } = looping([]);
  loop.start();
  await pass(0);
  expect(seen.looks).toBe(1);
  await pass(99);
  expect(seen.looks).toBe(1);
  await pass(1);
  expect(seen.looks).toBe(2);
  await loop.stop();
});

it('follows a full pass with another at once', async () => {
  const { loop, seen } = looping([{ done: 10 }, { done: 12 }, { done: 9 }]);
  loop.start();
  await pass(0);
  expect(seen.looks).toBe(3);
  await loop.stop();
});

it.each([
  ['sooner, when the pass says so', 30, 30],
  ['no later than its longest rest', 5_000, 100],
  ['never without any rest', -50, 1],
])('looks again %s', async (_case, nextInMs, restMs) => {
  const { loop, seen } = looping([{ done: 1, nextInMs }]);
  loop.start();
  await pass(restMs - 1);
  expect(seen.looks).toBe(1);
  await pass(1);
  expect(seen.looks).toBe(2);
  await loop.stop();
});

it('a wake-up ends the rest, and one that comes during a pass is not lost', async () => {
  const { loop, seen } = looping([]);
  loop.start();
  loop.wake();
  await pass(0);
  expect(seen.looks).toBe(2);
  loop.wake();
  await pass(0);
  expect(seen.looks).toBe(3);
  await loop.stop();
});

it('trouble is told, and the loop lives on after a second', async () => {
  const { loop, seen } = looping([new Error('the database is away')]);
  loop.start();
  await pass(999);
  expect(seen).toEqual({ looks: 1, troubles: ['due things: the database is away'] });
  await pass(1);
  expect(seen.looks).toBe(2);
  await loop.stop();
});

it('stopping waits for the pass at work and leaves nothing behind', async () => {
  let finish: () => void = () => undefined;
  let stopped = false;
  const loop = new DueLoop(() => new Promise<Pass>((done) => (finish = () => done({ done: 10 }))), {
    name: 'slow',
    fullPass: 10,
    idleMs: 100,
    onTrouble: () => undefined,
  });
  loop.start();
  const stopping = loop.stop().then(() => (stopped = true));
  await pass(1_000);
  expect(stopped).toBe(false);
  finish();
  await stopping;
  expect(stopped).toBe(true);
});

it('starting twice is starting once, and a stopped loop may start again', async () => {
  const { loop, seen } = looping([]);
  loop.start();
  loop.start();
  await pass(0);
  expect(seen.looks).toBe(1);
  await loop.stop();
  await pass(1_000);
  expect(seen.looks).toBe(1);
  loop.start();
  await pass(0);
  expect(seen.looks).toBe(2);
  await loop.stop();
});
