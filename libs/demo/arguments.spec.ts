import { DEFAULT_SEED, readArguments } from './arguments';

test('without flags the demo stays up, with the default customers on a free port', () => {
  const options = { seed: DEFAULT_SEED, once: false, json: false, noProviders: false, port: undefined };
  expect(readArguments([])).toEqual({ ok: true, options });
});

test('every flag is read, with a value after a space or an equals sign', () => {
  const options = { seed: 7, once: true, json: false, noProviders: true, port: 8080 };
  expect(readArguments(['--once', '--no-providers', '--seed', '7', '--port=8080'])).toEqual({ ok: true, options });
});

test('--json ends after the report as --once does', () => {
  expect(readArguments(['--json'])).toMatchObject({ ok: true, options: { json: true, once: true } });
});

test.each(['--help', '-h'])('%s plays nothing and asks what there is', (flag) =>
  expect(readArguments([flag])).toEqual({ ok: 'help' }),
);

test.each([
  [['--onec'], 'Unknown argument: --onec'],
  [['-x'], 'Unknown argument: -x'],
  [['fast'], 'Unknown argument: fast'],
  [['--once=yes'], '--once takes no value.'],
  [['--seed'], '--seed must be'],
  [['--seed', '-1'], '--seed must be'],
  [['--seed', '4294967296'], '--seed must be'],
  [['--port', '0'], '--port must be'],
  [['--port', '65536'], '--port must be'],
])('%j is refused with a message that names it', (args, problem) => {
  expect(readArguments(args)).toEqual({ ok: false, problem: expect.stringContaining(problem) as string });
});
