import { gzipSync } from 'node:zlib';
import { Authenticate } from '../../src/access/access.api';
import { Log } from '../../src/log';
import { type Answer, answerOf, expectProblem, expectRefusal, sendBytes } from '../support/refusals';
import { until, World } from '../support/world';

const logged: string[] = [];
let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start({
    env: { WAPAS_REQUEST_TIMEOUT_MS: '300' },
    log: new Log('debug', { write: (line: string) => void logged.push(line) }),
  });
  key = await world.key(['ingest']);
});
afterAll(() => world?.stop());

const EVENT = JSON.stringify({ event: 'Cart Updated', person: { phone: '+919812345678', name: 'Asha Rao' } });
const UNSPOKEN = ['9812345678', 'Asha'];
const JSON_TYPE = { 'content-type': 'application/json' };

describe('A1 no key, a malformed, an unknown or a revoked key gets the same 401', () => {
  const MODELESS = `_${'0'.repeat(16)}_${'A'.repeat(43)}`;

  test.each([
    ['no key', undefined],
    ['another scheme', 'Basic d2FwYXM6d2FwYXM='],
    ['an empty key', 'Bearer '],
    ['a malformed key', 'Bearer wps_live_nonsense'],
    ['a key of another product', `Bearer sk${MODELESS}`],
    ['an unknown key', `Bearer wps_live${MODELESS}`],
    ['an unknown test key', `Bearer wps_test${MODELESS}`],
  ])('%s', async (_title, authorization) => {
    const answer = await refused(() => post(EVENT, { ...JSON_TYPE, ...(authorization ? { authorization } : {}) }), 401);
    expect(answer.text).toBe(NO_KEY_AT_ALL.text);
  });

  test('the right id with another secret', async () => {
    const wrong = `${key.slice(0, -8)}AAAAAAAA`;
    const answer = await refused(() => post(EVENT, { ...JSON_TYPE, authorization: `Bearer ${wrong}` }), 401, [wrong]);
    expect(answer.text).toBe(NO_KEY_AT_ALL.text);
  });

  test('a live key whose mode was changed to test', async () => {
    const forged = key.replace('wps_live', 'wps_test');
    await refused(() => post(EVENT, { ...JSON_TYPE, authorization: `Bearer ${forged}` }), 401, [forged]);
  });

  test('a revoked key, at once where it was revoked', async () => {
    const { id, text } = await world.app
      .get(Authenticate)
      .createKey({ name: 'leaked', scopes: ['ingest'], test: false, expiresAt: null }, 'test');
    expect((await post(EVENT, { ...JSON_TYPE, authorization: `Bearer ${text}` })).status).toBe(202);
    const admin = await world.key(['admin']);
    const revoked = await fetch(`${world.url}/v1/keys/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${admin}` },
    });
    expect(revoked.status).toBe(204);
    const answer = await refused(() => post(EVENT, { ...JSON_TYPE, authorization: `Bearer ${text}` }), 401, [text]);
    expect(answer.text).toBe(NO_KEY_AT_ALL.text);
  });

  let NO_KEY_AT_ALL: Answer;
  beforeAll(async () => {
    NO_KEY_AT_ALL = await post(EVENT, JSON_TYPE);
  });

  const refused = (ask: () => Promise<Answer>, status: number, unspoken: string[] = []) =>
    expectRefusal(world, ask, { status, code: 'not_authenticated', unspoken: [...UNSPOKEN, ...unspoken] });
});

describe('an API key that expires', () => {
  const EXPIRED = { status: 401, code: 'key_expired', unspoken: UNSPOKEN };
  const DAY_MS = 86_400_000;
  let admin: string;
  beforeAll(async () => {
    admin = await world.key(['admin']);
  });

  test('works until then and not a moment longer, and is told why it is refused', async () => {
    const expiresAt = new Date(Date.now() + 1_500);
    const { key: text } = await made({ name: 'contractor', scopes: ['ingest'], expiresAt: expiresAt.toISOString() });
    const authorization = `Bearer ${text}`;
    expect((await post(EVENT, { ...JSON_TYPE, authorization })).status).toBe(202);
    await until(async () => (await post(EVENT, { ...JSON_TYPE, authorization })).status === 401, 'the key to expire', 4_000);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime());
    await expectRefusal(world, () => post(EVENT, { ...JSON_TYPE, authorization }), EXPIRED);
    expect(logged.filter((line) => line.includes('an API key is used that has expired'))).toHaveLength(1);
  });

  test('whoever has only its id is told nothing of that', async () => {
    const { id, key: text } = await made({ name: 'gone', scopes: ['ingest'], expiresAt: inDays(1) });
    await world.sql(`update api_key set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [id]);
    const wrong = `${text.slice(0, -8)}AAAAAAAA`;
    const answer = await post(EVENT, { ...JSON_TYPE, authorization: `Bearer ${wrong}` });
    expectProblem(answer, { status: 401, code: 'not_authenticated' });
  });

  test.each(['2025-01-01T00:00:00Z', '2030-11-01', '2030-02-30T00:00:00Z', 'never'])('is refused with %j', async (expiresAt) => {
    const body = JSON.stringify({ name: 'late', scopes: ['read'], expiresAt });
    const answer = await ask('POST', '/v1/keys', { ...JSON_TYPE, authorization: `Bearer ${admin}` }, body);
    expectProblem(answer, { status: 422, code: 'bad_time' });
  });

  test('is listed with its end, and stands in the health body for its last week', async () => {
    const { id } = await made({ name: 'ends', scopes: ['admin'], expiresAt: inDays(6) });
    const short = await made({ name: 'made for a day', scopes: ['admin'], expiresAt: inDays(1) });
    const later = await made({ name: 'ends later', scopes: ['admin'], expiresAt: inDays(8) });
    await world.sql(`update api_key set created_at = clock_timestamp() - interval '90 days' where id = any($1)`, [
      [id, later.id],
    ]);
    const { attention } = (await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] };
    const about = (one: string) => attention.filter((line) => line.includes(one)).length;
    expect([about(id), about(short.id), about(later.id)]).toEqual([1, 0, 0]);
    const listed = await listedKeys();
    expect(listed.get(id)).toMatchObject({ name: 'ends', scopes: ['admin'], state: 'live', revokedAt: null });
    expect(Date.parse(listed.get(id)?.expiresAt as string) - Date.now()).toBeGreaterThan(5 * DAY_MS);
  });

  test('every key is listed once, page by page, with what became of it', async () => {
    const revoked = await made({ name: 'revoked', scopes: ['read'] });
    await ask('DELETE', `/v1/keys/${revoked.id}`, { authorization: `Bearer ${admin}` });
    await world.sql(
      `insert into api_key (id, name, scopes, test, hash, created_at)
       select lpad(to_hex(n), 16, '0'), 'many', '{read}', false, '', '2026-01-01' from generate_series(1, 250) as n`,
    );
    const listed = await listedKeys();
    const [row] = await world.sql<{ count: number }>('select count(*)::int as count from api_key');
    expect(listed.size).toBe(row?.count);
    expect(listed.get(revoked.id)).toMatchObject({ state: 'revoked', expiresAt: null, revokedAt: expect.any(String) as string });
  });

  interface Listed {
    readonly id: string;
    readonly state: string;
    readonly expiresAt: string | null;
  }

  async function listedKeys(): Promise<Map<string, Listed>> {
    const all: Listed[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `?cursor=${cursor}`;
      const { text } = await ask('GET', `/v1/keys${query}`, { authorization: `Bearer ${admin}` });
      const page = JSON.parse(text) as { keys: Listed[]; nextCursor: string | null };
      expect(page.keys.length).toBeLessThanOrEqual(100);
      all.push(...page.keys);
      cursor = page.nextCursor;
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    return new Map(all.map((one) => [one.id, one]));
  }

  const inDays = (count: number): string => new Date(Date.now() + count * DAY_MS).toISOString();

  async function made(body: object): Promise<{ id: string; key: string }> {
    const answer = await ask('POST', '/v1/keys', { ...JSON_TYPE, authorization: `Bearer ${admin}` }, JSON.stringify(body));
    expect(answer.status).toBe(201);
    return JSON.parse(answer.text) as { id: string; key: string };
  }
});

test.each([
  ['GET', '/v1/runs/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a'],
  ['GET', '/v1/people?phone=%2B919812345678'],
  ['GET', '/v1/journeys'],
  ['DELETE', '/v1/keys/0123456789abcdef'],
])('A2 a key that may only ingest gets 403 on %s %s', async (method, path) => {
  await expectRefusal(world, () => ask(method, path, { authorization: `Bearer ${key}` }), {
    status: 403,
    code: 'scope_missing',
    unspoken: UNSPOKEN,
  });
});

describe('a client that names JSON and sends nothing', () => {
  test.each([
    ['POST', '/v1/journeys/payment_failed/pause', 204],
    ['POST', '/v1/journeys/payment_failed/resume', 204],
    ['PUT', '/v1/operations/stop', 204],
    ['DELETE', '/v1/operations/stop', 204],
    ['DELETE', '/v1/keys/0123456789abcdef', 404],
    ['POST', '/v1/events', 400],
    ['POST', '/v1/keys', 422],
  ])('%s %s gets %i', async (method, path, status) => {
    const authorization = `Bearer ${await world.key(['admin'])}`;
    expect((await ask(method, path, { ...JSON_TYPE, authorization })).status).toBe(status);
  });
});

test('a file posted as a form where CSV is taken is told so', async () => {
  const headers = { authorization: `Bearer ${await world.key(['admin'])}`, 'content-type': 'multipart/form-data; boundary=x' };
  const { status, text } = await ask('POST', '/v1/consents/imports', headers, '--x--');
  expect([status, text]).toEqual([415, expect.stringContaining('text/csv')]);
});

test.each(['key', 'api_key', 'access_token', 'authorization'])(
  'A3 a key in the query string (%s) gets 401 and is logged nowhere',
  async (parameter) => {
    const path = `/v1/events?${parameter}=${encodeURIComponent(key)}`;
    await expectRefusal(world, () => ask('POST', path, JSON_TYPE, EVENT), {
      status: 401,
      code: 'not_authenticated',
      unspoken: [key],
    });
    await expectRefusal(world, () => ask('GET', `/v1/nothing?${parameter}=${key}`, {}), {
      status: 404,
      code: 'not_found',
      unspoken: [key],
    });
    expect(logged.join('')).not.toContain(key);
  },
);

describe('A4 credentials built to confuse', () => {
  test('Authorization twice gets 400', () =>
    expectRefusal(
      world,
      () => sendBytes(world, [head({ extra: [`authorization: Bearer ${key}`], length: EVENT.length }), EVENT]),
      {
        status: 400,
        code: 'repeated_header',
        unspoken: [...UNSPOKEN, key],
      },
    ));

  test('an Authorization header of 64 KB gets 431', () =>
    expectRefusal(world, () => sendBytes(world, [head({ token: 'x'.repeat(65_536), length: EVENT.length }), EVENT]), {
      status: 431,
      code: 'headers_too_large',
      unspoken: ['xxxx'],
    }));

  test('an Authorization header just below the limit of Node gets 401, like any wrong key', () =>
    expectRefusal(world, () => sendBytes(world, [head({ token: 'x'.repeat(15_000), length: EVENT.length }), EVENT]), {
      status: 401,
      code: 'not_authenticated',
      unspoken: ['xxxx'],
    }));
});

describe('A5 a body that inflates beyond the limit gets 413, one that is not gzip gets 400', () => {
  const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024, '['));

  test.each([
    ['one event, 64 MB in 64 KB', '/v1/events', BOMB, 413, 'body_too_large'],
    ['several bombs in a row', '/v1/events/batch', Buffer.concat([BOMB, BOMB]), 413, 'body_too_large'],
    ['one byte over the limit', '/v1/events', gzipSync(Buffer.alloc(64 * 1024 + 1, ' ')), 413, 'body_too_large'],
    ['cut off', '/v1/events', gzipSync(EVENT).subarray(0, 40), 400, 'bad_gzip'],
    ['not gzip at all', '/v1/events', Buffer.from(EVENT), 400, 'bad_gzip'],
  ])('%s', (_title, path, body, status, code) =>
    expectRefusal(world, () => ask('POST', path, { ...authorized(), 'content-encoding': 'gzip' }, body), {
      status,
      code,
      unspoken: UNSPOKEN,
    }),
  );

  test.each(['br', 'deflate', 'gzip, gzip'])('an encoding we do not speak (%s) gets 415', (encoding) =>
    expectRefusal(world, () => ask('POST', '/v1/events', { ...authorized(), 'content-encoding': encoding }, EVENT), {
      status: 415,
      code: 'unsupported_encoding',
    }),
  );

  test('honest gzip is taken', async () => {
    const answer = await ask('POST', '/v1/events', { ...authorized(), 'content-encoding': 'gzip' }, gzipSync(EVENT));
    expect(answer.status).toBe(202);
  });

  test('the bomb does not inflate in our memory', async () => {
    const before = process.memoryUsage().arrayBuffers;
    await Promise.all(
      Array.from({ length: 8 }, () => ask('POST', '/v1/events', { ...authorized(), 'content-encoding': 'gzip' }, BOMB)),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('A6 lengths that contradict each other get 400', () => {
  const SMUGGLED = 'GET /v1/keys HTTP/1.1\r\nhost: wapas\r\n\r\n';

  test.each<[string, () => (string | Buffer)[]]>([
    ['two different lengths', () => [head({ length: EVENT.length, extra: [`content-length: ${EVENT.length + 10}`] }), EVENT]],
    ['a length beside chunks', () => [head({ length: 4, extra: ['transfer-encoding: chunked'] }), '0\r\n\r\n', SMUGGLED]],
    [
      'chunks before a length',
      () => [head({ extra: ['transfer-encoding: chunked', 'content-length: 4'] }), '0\r\n\r\n', SMUGGLED],
    ],
    ['an unknown transfer encoding', () => [head({ extra: ['transfer-encoding: chunked, identity'] }), '0\r\n\r\n', SMUGGLED]],
    ['a length that is no number', () => [head({ extra: ['content-length: 1e2'] }), EVENT]],
    ['a negative length', () => [head({ extra: ['content-length: -1'] }), EVENT]],
    ['a chunk size that is no number', () => [head({ extra: ['transfer-encoding: chunked'] }), 'zz\r\n{}\r\n0\r\n\r\n']],
    ['a line break inside a header', () => [head({ length: 2, extra: ['x-a: b\rcontent-length: 9'] }), '{}']],
  ])('%s', (_title, chunks) =>
    expectRefusal(world, () => sendBytes(world, chunks()), {
      status: 400,
      code: 'malformed_request',
      unspoken: ['keys', key, ...UNSPOKEN],
    }),
  );

  test('a body shorter than its length, then silence from the other side, stores nothing', () =>
    expectRefusal(world, () => sendBytes(world, [head({ length: EVENT.length + 50 }), EVENT], true), {
      status: 400,
      code: 'malformed_request',
      unspoken: UNSPOKEN,
    }));

  test('a body longer than its length: the rest is not taken for more of it', () =>
    expectRefusal(world, () => sendBytes(world, [head({ length: EVENT.length - 5, close: false }), EVENT]), {
      status: 400,
      code: 'malformed_request',
      unspoken: UNSPOKEN,
    }));
});

describe('A7 who trickles gets 408', () => {
  test.each([
    ['a body that never ends', () => [head({ length: 1_000 }), '{"event":']],
    ['headers that never end', () => ['POST /v1/events HTTP/1.1\r\nhost: wapas\r\nx-slow: ']],
  ])('%s', (_title, chunks) => expectRefusal(world, () => sendBytes(world, chunks()), { status: 408, code: 'request_timeout' }));
});

describe('A8 only JSON in UTF-8 is read', () => {
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

  test.each<[string, string | undefined, string | Buffer, string]>([
    ['text/plain', 'text/plain', EVENT, 'unsupported_media_type'],
    ['a form', 'application/x-www-form-urlencoded', 'event=Cart%20Updated', 'unsupported_media_type'],
    ['XML', 'application/xml', '<event/>', 'unsupported_media_type'],
    ['charset=utf-7', 'application/json; charset=utf-7', EVENT, 'unsupported_media_type'],
    ['charset=utf-16', 'application/json; charset=utf-16', utf16(EVENT), 'unsupported_media_type'],
    ['UTF-16 that says it is UTF-8', 'application/json; charset=utf-8', utf16(EVENT), 'not_utf8'],
    ['ISO 8859-1 that says it is JSON', 'application/json', Buffer.from('{"event":"Caf\xe9"}', 'latin1'), 'not_utf8'],
    ['a byte order mark', 'application/json', `\ufeff${EVENT}`, 'byte_order_mark'],
    ['two types', 'application/json, text/plain', EVENT, 'unsupported_media_type'],
    ['a type that is none', '???', EVENT, 'unsupported_media_type'],
  ])('%s gets 415', (_title, type, body, code) =>
    expectRefusal(world, () => ask('POST', '/v1/events', { ...authorized(), 'content-type': type as string }, body), {
      status: 415,
      code,
      unspoken: UNSPOKEN,
    }),
  );

  test('no type at all gets 415', () =>
    expectRefusal(
      world,
      () => sendBytes(world, [head({ length: EVENT.length }).replace('content-type: application/json\r\n', ''), EVENT]),
      { status: 415, code: 'unsupported_media_type', unspoken: UNSPOKEN },
    ));

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/cloudevents+json',
  ])('%s is taken', async (type) => {
    expect((await ask('POST', '/v1/events', { ...authorized(), 'content-type': type }, EVENT)).status).toBe(202);
  });
});

describe('A9 a wrong method gets 405 with Allow, whatever a header claims', () => {
  test.each([
    ['GET', '/v1/events', 'POST'],
    ['PUT', '/v1/events', 'POST'],
    ['DELETE', '/v1/events/batch', 'POST'],
    ['PATCH', '/webhooks/sources/razorpay', 'POST'],
    ['OPTIONS', '/v1/events', 'POST'],
    ['POST', '/health/live', 'GET'],
  ])('%s %s', async (method, path, allowed) => {
    const answer = await expectRefusal(world, () => ask(method, path, authorized(), method === 'GET' ? undefined : EVENT), {
      status: 405,
      code: 'method_not_allowed',
    });
    expect(answer.headers.allow?.split(', ')).toContain(allowed);
  });

  test.each(['TRACE', 'PROPFIND'])('a method nobody uses here: %s', (method) =>
    expectRefusal(world, () => sendBytes(world, [`${method} /v1/events HTTP/1.1\r\nhost: wapas\r\nconnection: close\r\n\r\n`]), {
      status: 405,
      code: 'method_not_allowed',
    }),
  );

  test('X-HTTP-Method-Override is ignored', async () => {
    const headers = { ...authorized(), 'x-http-method-override': 'DELETE', 'x-method-override': 'GET' };
    expect((await ask('POST', '/v1/events', headers, EVENT)).status).toBe(202);
    await expectRefusal(world, () => ask('GET', '/v1/events', { ...headers, 'x-http-method-override': 'POST' }), {
      status: 405,
      code: 'method_not_allowed',
    });
  });
});

test('an address that cannot be read gets a problem body too', async () => {
  for (const path of ['/%zz', '/v1/people/%c0%ae', `/v1/runs/${'x'.repeat(500)}`])
    await expectRefusal(world, () => ask('GET', path, authorized()), {
      status: 404,
      code: 'not_found',
      unspoken: ['%zz', 'xxxx'],
    });
});

describe('A10, A11 rates', () => {
  let small: World;
  beforeAll(async () => {
    small = await World.start({ env: { WAPAS_INGEST_MAX_PER_SECOND: '5' } });
  });
  afterAll(() => small?.stop());

  test('A11 beyond its rate a key gets 429 with Retry-After and nothing is stored; another key goes on; the first heals', async () => {
    const [fast, other] = [await small.key(['ingest']), await small.key(['ingest'])];
    const answers = await Promise.all(Array.from({ length: 25 }, () => postTo(small, fast)));
    const taken = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(taken.length).toBeGreaterThanOrEqual(5);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    for (const answer of refused) {
      expectProblem(answer, { status: 429, code: 'rate_limited', unspoken: UNSPOKEN });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expect(await small.sql('select count(*)::int as n from event')).toEqual([{ n: taken.length }]);
    expect((await postTo(small, other)).status).toBe(202);
    const wait = Number(refused[0]?.headers['retry-after']) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, wait));
    expect((await postTo(small, fast)).status).toBe(202);
  });

  test('A10 a forged X-Forwarded-For does not make a caller somebody else', async () => {
    const fast = await small.key(['ingest']);
    const answers = await Promise.all(
      Array.from({ length: 25 }, (_, i) =>
        postTo(small, fast, { 'x-forwarded-for': `203.0.113.${i}`, forwarded: `for=203.0.113.${i}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(15);
  });

  const postTo = (to: World, withKey: string, headers: Record<string, string> = {}): Promise<Answer> =>
    fetch(`${to.url}/v1/events`, {
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: `Bearer ${withKey}`, ...headers },
      body: EVENT,
    }).then(answerOf);
});

const authorized = (): Record<string, string> => ({ ...JSON_TYPE, authorization: `Bearer ${key}` });

const post = (body: string, headers: Record<string, string>): Promise<Answer> => ask('POST', '/v1/events', headers, body);

async function ask(method: string, path: string, headers: Record<string, string>, body?: string | Buffer): Promise<Answer> {
  return answerOf(await fetch(`${world.url}${path}`, { method, headers, body, redirect: 'manual' }));
}

interface Head {
  readonly token?: string;
  readonly length?: number;
  readonly extra?: readonly string[];
  readonly close?: boolean;
}

/** The head of POST /v1/events as bytes. */
function head({ token = key, length, extra = [], close = true }: Head): string {
  return [
    'POST /v1/events HTTP/1.1',
    'host: wapas',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    ...(length === undefined ? [] : [`content-length: ${length}`]),
    ...(close ? ['connection: close'] : []),
    ...extra,
    '',
    '',
  ].join('\r\n');
}
