import { type Database } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { Log } from '../log';
import { Authenticate } from './authenticate';
import { hashOfKey, newApiKey } from './rules/api-key';
import { type ApiKeyStore, type StoredKey } from './store/api-key.store';

const SECRET = 'a-secret-for-tests-0123456789abcdef';
const KEY = newApiKey(false);
const STORED: StoredKey = {
  id: KEY.id,
  name: 'checkout',
  scopes: ['ingest'],
  test: false,
  hash: hashOfKey(KEY.text, SECRET),
  createdAt: 0 as Instant,
  expiresAt: null,
  revokedAt: null,
};

/** A table whose answers to look-ups are on their way until they are let go. */
function slowTable() {
  let isRevoked = false;
  let looks = 0;
  let open: () => void = () => undefined;
  const answers = new Promise<void>((resolve) => (open = resolve));
  const keys = {
    findUnrevoked: async (id: string) => {
      looks += 1;
      const found = id === STORED.id && !isRevoked ? STORED : null;
      await answers;
      return found;
    },
  } as unknown as ApiKeyStore;
  const query = async ({ name }: { name: string }) => {
    isRevoked ||= name === 'revoke_api_key';
    return [{ scopes: STORED.scopes }];
  };
  const database = { transaction: (work: (tx: unknown) => unknown) => work({ query }) } as unknown as Database;
  const authenticate = new Authenticate({ secret: SECRET, ingestMaxPerSecond: 100 }, database, keys, new Log('silent'));
  return { authenticate, letGo: () => open(), looks: () => looks };
}

it('a key that is revoked while it is looked up does not work once the revocation is answered', async () => {
  const { authenticate, letGo } = slowTable();
  const before = authenticate.callerOf(KEY.text);
  expect(await authenticate.revokeKey(KEY.id, 'somebody')).toBe(true);
  letGo();
  expect(await before).toMatchObject({ keyId: KEY.id });
  expect(await authenticate.callerOf(KEY.text)).toBe('unknown');
});

it('keys that somebody tries at random drive none that is good out of memory', async () => {
  const { authenticate, letGo, looks } = slowTable();
  letGo();
  await authenticate.callerOf(KEY.text);
  for (let tried = 0; tried < 10_001; tried += 1) await authenticate.callerOf(newApiKey(false).text);
  const before = looks();
  expect(await authenticate.callerOf(KEY.text)).toMatchObject({ keyId: KEY.id });
  expect(looks()).toBe(before);
});
