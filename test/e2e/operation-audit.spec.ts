import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { KeepQuarantined } from '../../src/ingestion/quarantine/keep-quarantined';
import { ReplayQuarantined } from '../../src/ingestion/quarantine/replay-quarantined';
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

describe('whoever changes what customers read or where the team is told things stands there', () => {
  const template = { language: 'en', category: 'service', entityId: '1201159160000000001', header: 'SHOPIN', dltId: '1207161700000000001', brand: 'Shop', text: 'Shop: payment for order {#alphanumeric#} is not complete.', variables: ['order'] }; // prettier-ignore
  const text = { category: 'service', fields: { title: 'Not completed', body: 'Your payment did not go through.' } };
  const derived = { format: 'wapas.derived/1', key: 'quiet_cart', event: 'Cart Quiet', after: ['Cart Opened'], idle: '10m', by: 'cart' }; // prettier-ignore
  const ID = '64f0c0ffee000000000000bb';
  /** What is noted of these requests, the oldest first. A refused one leaves nothing. */
  const noted = async (...asked: readonly [method: string, path: string, body: unknown, status: number][]): Promise<Entry[]> => {
    const before = (await audit()).entries.length;
    for (const [method, path, body, status] of asked)
      expect([path, (await api(method, path, body)).status]).toEqual([path, status]);
    const { entries } = await audit();
    return entries.slice(0, entries.length - before).reverse();
  };

  it.each<[string, readonly [method: string, path: string, body: unknown, status: number][], readonly [string, string][]]>([
    [
      'SMS templates',
      [
        ['PUT', `/v1/templates/sms/${ID}`, template, 204],
        ['PUT', `/v1/templates/sms/${ID}`, { ...template, category: 'transactional' }, 422],
        ['DELETE', `/v1/templates/sms/${ID}`, undefined, 204],
        ['DELETE', `/v1/templates/sms/${ID}`, undefined, 404],
      ],
      [
        ['sms_template_set', ID],
        ['sms_template_removed', ID],
      ],
    ],
    [
      'listed addresses',
      [
        ['PUT', '/v1/templates/sms-addresses', { addresses: [{ kind: 'dynamic', address: 'https://shop.example/a?' }] }, 204],
        ['PUT', '/v1/templates/sms-addresses', { addresses: [] }, 204],
      ],
      [
        ['sms_addresses_set', '1 addresses'],
        ['sms_addresses_set', '0 addresses'],
      ],
    ],
    [
      'texts',
      [
        ['PUT', '/v1/templates/texts/push/not_paid/hi', text, 204],
        ['PUT', '/v1/templates/texts/push/Not-Paid/hi', text, 422],
        ['DELETE', '/v1/templates/texts/push/not_paid/hi', undefined, 204],
        ['DELETE', '/v1/templates/texts/push/not_paid/hi', undefined, 404],
      ],
      [
        ['text_set', 'push/not_paid/hi'],
        ['text_removed', 'push/not_paid/hi'],
      ],
    ],
    [
      'derived events',
      [
        ['PUT', '/v1/derived-events/quiet_cart', derived, 200],
        ['PUT', '/v1/derived-events/quiet_cart', derived, 200],
        ['PUT', '/v1/derived-events/quiet_cart', { ...derived, idle: '2m' }, 200],
        ['PUT', '/v1/derived-events/quiet_cart', { ...derived, idle: 'never' }, 422],
        ['DELETE', '/v1/derived-events/quiet_cart', undefined, 204],
        ['DELETE', '/v1/derived-events/quiet_cart', undefined, 404],
      ],
      [
        ['derived_event_set', 'quiet_cart v1'],
        ['derived_event_set', 'quiet_cart v2'],
        ['derived_event_removed', 'quiet_cart'],
      ],
    ],
  ])('%s', async (_what, asked, expected) => {
    expect(await noted(...asked)).toMatchObject(expected.map(([act, subject]) => ({ act, subject, actor: A_KEY, reason: null })));
  });

  it('webhook endpoints, and neither their address nor their secret', async () => {
    const made = await api('POST', '/v1/webhooks', { url: 'https://hooks.example/T0/very-secret' });
    const { endpoint, secret } = made.body as { endpoint: { id: string }; secret: string };
    const path = `/v1/webhooks/${endpoint.id}`;
    const entries = await noted(
      ['PATCH', path, { url: 'https://hooks.example/T1/very-secret', state: 'off' }, 200],
      ['PATCH', path, { url: 'ftp://hooks.example' }, 422],
      ['POST', `${path}/secret`, {}, 200],
      ['DELETE', path, undefined, 204],
      ['DELETE', path, undefined, 404],
    );
    expect(entries.map(({ act, subject }) => `${act} ${subject}`)).toEqual([
      `webhook_changed ${endpoint.id} (url, off)`,
      `webhook_secret_changed ${endpoint.id}`,
      `webhook_removed ${endpoint.id}`,
    ]);
    expect((await audit()).entries).toContainEqual(expect.objectContaining({ act: 'webhook_made', subject: endpoint.id }));
    const rows = JSON.stringify(await world.sql('select * from operation_audit'));
    expect([rows.includes(secret), rows.includes('hooks.example')]).toEqual([false, false]);
  });
});

describe('whoever has things come again, or takes a file in, stands there', () => {
  const NOBODY = '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a';
  const keep = (): Promise<string> =>
    world.app.get(KeepQuarantined).keep({ source: 'razorpay', reason: 'old', headers: {}, rawBody: Buffer.from('{"event":7}') });

  it('parked bus events', async () => {
    expect((await api('POST', '/v1/operations/parked-events/replay')).status).toBe(200);
    expect((await audit('?limit=1')).entries).toMatchObject([
      { act: 'parked_events_replayed', subject: null, actor: A_KEY, reason: null },
    ]);
  });

  it('one quarantined body', async () => {
    const id = await keep();
    expect((await api('POST', `/v1/quarantine/${id}/replay`)).status).toBe(200);
    expect((await api('POST', `/v1/quarantine/${NOBODY}/replay`)).status).toBe(404);
    expect((await audit('?limit=1')).entries).toMatchObject([
      { act: 'quarantine_replayed', subject: `body ${id}`, actor: A_KEY },
    ]);
  });

  it('a set of them, and who called that off', async () => {
    await world.app.get(ReplayQuarantined).stop();
    const { body } = await api('POST', '/v1/quarantine/replay', { source: 'razorpay' });
    const subject = `replay ${body.id as string}`;
    for (let times = 0; times < 2; times += 1)
      expect((await api('POST', `/v1/quarantine/replays/${body.id as string}/cancel`)).status).toBe(200);
    world.app.get(ReplayQuarantined).start();
    expect((await audit('?limit=3')).entries.filter((entry) => entry.subject === subject)).toMatchObject([
      { act: 'quarantine_replay_cancelled', actor: A_KEY },
      { act: 'quarantine_replayed', actor: A_KEY },
    ]);
  });

  it('consent files, once they are whole', async () => {
    const send = async (text: string): Promise<Response> =>
      fetch(`${world.url}/v1/consents/imports`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await world.key(['admin'])}`, 'content-type': 'text/csv' },
        body: text,
      });
    expect((await send('')).status).toBe(400);
    const { id } = (await (await send('customer_id,purpose,channel,state,at\n')).json()) as { id: string };
    const imports = (await audit('?limit=5')).entries.filter(({ act }) => act === 'consents_imported');
    expect(imports).toMatchObject([{ subject: id, actor: A_KEY, reason: null }]);
  });
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
