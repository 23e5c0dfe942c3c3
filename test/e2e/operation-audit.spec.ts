import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { apiOf } from '../support/api';
import { World } from '../support/world';

const COMMAND = join(__dirname, '../../dist/src/access/create-key.command.js');

interface Entry {
  readonly act: string;
  readonly subject: string | null;
  readonly actor: string;
  readonly reason: string | null;
}
interface Page {
  readonly entries: readonly Entry[];
  readonly nextCursor: string | null;
}

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
});
afterAll(() => world?.stop());

const audit = async (query = ''): Promise<Page> => (await api('GET', `/v1/operations/audit${query}`)).body as unknown as Page;
const A_KEY: unknown = expect.stringMatching(/^[0-9a-f]{16}$/);

test('who made a key and who revoked it stands in the audit log, and never what the key is', async () => {
  const made = await api('POST', '/v1/keys', { name: 'checkout', scopes: ['ingest', 'read'] });
  const { id, key } = made.body as { id: string; key: string };
  expect((await api('DELETE', `/v1/keys/${id}`)).status).toBe(204);
  expect((await api('DELETE', `/v1/keys/${id}`)).status).toBe(404);
  const page = await audit();
  const subject = `${id} (ingest, read)`;
  expect(page.entries.filter((entry) => entry.subject?.startsWith(id))).toEqual([
    { act: 'key_revoked', subject, actor: A_KEY, reason: null, at: expect.any(String) as unknown },
    { act: 'key_made', subject, actor: A_KEY, reason: null, at: expect.any(String) as unknown },
  ]);
  const rows = JSON.stringify(await world.sql('select * from operation_audit'));
  const [, , , secret] = key.split('_') as [string, string, string, string];
  expect([rows.includes(secret), JSON.stringify(page).includes(secret)]).toEqual([false, false]);
});

test('a key that was made by command stands there too', async () => {
  const { stdout, status } = spawnSync(process.execPath, [COMMAND, '--scopes', 'read'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, DATABASE_URL: world.databaseUrl, WAPAS_SECRET: world.env.WAPAS_SECRET },
  });
  expect(status).toBe(0);
  const [, , id] = stdout.trim().split('_');
  expect((await audit()).entries[0]).toMatchObject({ act: 'key_made', subject: `${id} (read)`, actor: 'command' });
});

test('who set a rate stands there with what it is from then on, and where that is written down', async () => {
  const rate = { channel: 'sms', provider: 'msg91', country: 'IN', currency: 'INR', from: '2026-12-01', price: 13_500 };
  expect((await api('PUT', '/v1/analytics/rates', { ...rate, source: 'contract of 2026-11-20' })).status).toBe(204);
  expect((await api('PUT', '/v1/analytics/rates', { ...rate, from: '2026-02-30', source: 'none' })).status).toBe(422);
  expect((await audit('?limit=1')).entries).toMatchObject([
    {
      act: 'rate_set',
      subject: 'sms msg91 IN from 2026-12-01: 13.5 minor units of INR',
      actor: A_KEY,
      reason: 'contract of 2026-11-20',
    },
  ]);
  const key = 'channel=sms&provider=msg91&country=IN&from=2026-12-01';
  expect((await api('DELETE', `/v1/analytics/rates?${key}`)).status).toBe(204);
  expect((await api('DELETE', `/v1/analytics/rates?${key}`)).status).toBe(404);
  expect((await audit('?limit=2')).entries).toMatchObject([
    { act: 'rate_removed', subject: 'sms msg91 IN from 2026-12-01', actor: A_KEY },
    { act: 'rate_set' },
  ]);
});

describe('page by page', () => {
  it('every entry is seen once, also when others are added meanwhile', async () => {
    const made: string[] = [];
    for (let key = 0; key < 12; key += 1) made.push(`${(await world.key(['read'])).split('_')[2]} (read)`);
    const { entries: all } = await audit();
    expect(all.slice(0, made.length).map(({ subject }) => subject)).toEqual(made.reverse());
    const seen: Entry[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await audit(`?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.entries.length).toBeLessThanOrEqual(2);
      seen.push(...page.entries);
      cursor = page.nextCursor;
      await world.key(['read']);
    }
    expect(seen).toEqual(all);
  });

  it.each<[string, (given: string) => string]>([
    [
      'that was changed',
      (given) =>
        Buffer.from(
          Buffer.from(given, 'base64url')
            .toString()
            .replace(/\.\d+\./, '.1.'),
        ).toString('base64url'),
    ],
    ['that somebody made up', () => 'MTIzLjEuZGVm'],
    ['with more behind it', (given) => `${given}A.B`],
    ['that is empty', () => ''],
  ])('a cursor %s is refused', async (_what, change) => {
    const cursor = change((await audit('?limit=1')).nextCursor as string);
    const { status, body } = await api('GET', `/v1/operations/audit?limit=1&cursor=${cursor}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'bad_cursor' });
  });
});
