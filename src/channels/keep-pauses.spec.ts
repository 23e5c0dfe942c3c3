import { type Database } from '@wapas/database';
import { type Log } from '../log';
import { KeepPauses } from './keep-pauses';
import { NoteMistakes } from './note-mistakes';
import { type ProviderRegistry } from './provider-registry';

const MINUTE_MS = 60_000;
const paused = {
  provider: 'slow',
  scope: 'provider',
  subject: '',
  marketingOnly: false,
  isHold: false,
  reason: 'bad_credentials',
  code: '190',
  since: new Date(),
  until: null,
};
const database = { query: () => Promise.resolve([paused]) } as unknown as Database;
const log = { info: () => undefined, warn: () => undefined, trouble: () => undefined } as unknown as Log;

it('a paused provider that does not answer when it is asked whether it is well keeps nobody waiting', async () => {
  jest.useFakeTimers();
  let asked = 0;
  const health = () => {
    asked += 1;
    return new Promise<never>(() => undefined);
  };
  const providers = { named: () => ({ provider: { health } }) } as unknown as ProviderRegistry;
  const keepPauses = new KeepPauses(database, providers, new NoteMistakes(log, providers), log);
  jest.advanceTimersByTime(MINUTE_MS + 1);
  await keepPauses.refresh();
  await jest.advanceTimersByTimeAsync(0);
  expect(asked).toBe(1);
  await jest.runOnlyPendingTimersAsync();
  jest.useRealTimers();
});
