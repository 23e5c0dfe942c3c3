import { connect } from 'node:net';
import { KeepVisits } from '../../src/links/keep-visits';
import { linkStore, type StoredLink } from '../../src/links/store/link.store';
import { printFigure } from '../support/figures';
import { paymentFailed } from '../support/journeys';
import { apiOf } from '../support/api';
import { DESKTOP, linksOf, open, PHONE } from '../support/links';
import { type Customer, customer, failPayment, introduce, pay } from '../support/stories';
import { until, World } from '../support/world';

const MINUTE = 60_000;
const EVIL = [
  'https://evil.com',
  '//evil.com',
  'https:evil.com',
  'https://pay.example@evil.com',
  'https://evil.com\\@pay.example/',
];

/** H 92: schemes that lead out of the browser, or past TLS. */
const OTHER_SCHEMES = [
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'intent://pay#Intent;S.browser_fallback_url=https://evil.com;end',
  'upi://pay?pa=thief@ybl&am=1.00',
  'http://shop.example/',
];

let world: World;
let next = 1;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_TRUSTED_PROXIES: '1' } });
  await world.publish(paymentFailed());
});
afterAll(() => world.stop());

/** A customer with an SMS, its link, and the place it leads to. */
async function linked(): Promise<{ someone: Customer; link: string; token: string; target: string }> {
  await world.moveTo(0);
  const someone = customer(next++);
  await introduce(world, [someone]);
  await failPayment(world, someone);
  await world.settled();
  for (const minute of [1, 15, 120]) await world.moveTo(minute * MINUTE);
  const link = linksOf(world, someone).at(-1) as string;
  return { someone, link, token: link.slice(-11), target: `https://shop.example/orders/${someone.order}/pay` };
}

async function counts(token: string): Promise<{ requests: number; clicks: number }> {
  const [row] = await world.sql<{ requests: string; clicks: string }>(
    `select requests, clicks from link_count where token = $1`,
    [token],
  );
  return { requests: Number(row?.requests ?? 0), clicks: Number(row?.clicks ?? 0) };
}

/** A page asked for from an address of its own, so that one test's guesses are not another's. */
const from = (address: string): RequestInit => ({ headers: { 'x-forwarded-for': address } });

describe('H 89: a code that is unknown, expired or revoked', () => {
  it.each(['aaaaaaaaaaa', 'AAAAAAAAAA', 'aaaaaaaaaaaa', '___________', 'constructor', 'robots.txt'])(
    'unknown: %s gets the friendly page',
    async (token) => {
      const page = await open(`${world.url}/WAPAS/${token}`, from('10.1.0.1'));
      expect([page.status, page.text]).toEqual([404, expect.stringContaining('We do not know this link')]);
    },
  );

  it('expired: the friendly page, 410', async () => {
    const { link } = await linked();
    await world.moveTo(8 * 24 * 60 * MINUTE);
    expect([(await open(link)).status, (await open(link)).text]).toEqual([410, expect.stringContaining('expired')]);
  });

  it('revoked: as if it had never been', async () => {
    const { link, token } = await linked();
    await world.sql(`delete from link where token = $1`, [token]);
    expect((await open(link, from('10.1.0.2'))).status).toBe(404);
  });
});

it('H 90: enumeration: 66 random bits a token, and who guesses is told to wait', async () => {
  const { token, link, target } = await linked();
  expect(token).toMatch(/^[A-Za-z0-9_-]{11}$/);
  const guess = (at: number): Promise<{ status: number }> =>
    open(`${world.url}/WAPAS/${String(at).padStart(11, 'x')}`, from('10.9.9.9'));
  const first = await Promise.all(Array.from({ length: 30 }, (_, at) => guess(at)));
  expect(new Set(first.map(({ status }) => status))).toEqual(new Set([404]));
  expect((await guess(31)).status).toBe(429);
  // Others are not affected, nor is a link that is there: behind a proxy many people have one address.
  const { status, headers } = await open(link, from('10.9.9.9'));
  expect([status, headers.get('location')]).toEqual([302, target]);
  expect((await open(`${world.url}/WAPAS/xxxxxxxxxxx`, from('10.9.9.8'))).status).toBe(404);
});

describe('H 91: targets somewhere else', () => {
  it.each(EVIL)('%s as a parameter means nothing: there is none', async (evil) => {
    const { link, target } = await linked();
    for (const name of ['to', 'url', 'next', 'target']) {
      const { headers } = await open(`${link}?${name}=${encodeURIComponent(evil)}`);
      expect(headers.get('location')).toBe(target);
    }
  });

  it.each([...EVIL, ...OTHER_SCHEMES])('%s from an event is not taken into a link', async (evil) => {
    await world.moveTo(0);
    const someone = customer(next++);
    await introduce(world, [someone]);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` };
    const event = {
      event: 'Payment Failed',
      person: { customerId: someone.id },
      keys: { order: someone.order },
      amount: { value: 100, currency: 'INR' },
      properties: { checkout_url: evil },
    };
    expect((await fetch(`${world.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(event) })).status).toBe(202);
    await world.settled();
    for (const minute of [1, 15]) await world.moveTo(minute * MINUTE);
    const [link] = linksOf(world, someone).slice(-1);
    expect((await open(link as string)).headers.get('location')).toBe(`https://shop.example/orders/${someone.order}/pay`);
  });

  it.each(EVIL)('%s in a stored link is not followed', async (evil) => {
    const { link, token } = await linked();
    await world.sql(`update link set sealed = $2 where token = $1`, [
      token,
      world.database.seals.seal('link.sealed', JSON.stringify({ target: evil })),
    ]);
    const page = await open(link);
    expect([page.status, page.headers.get('location')]).toEqual([410, null]);
  });
});

it.each(OTHER_SCHEMES)('H 92: %s in a stored link is not followed', async (target) => {
  const { link, token } = await linked();
  const sealed = world.database.seals.seal('link.sealed', JSON.stringify({ target }));
  await world.sql(`update link set sealed = $2 where token = $1`, [token, sealed]);
  const page = await open(link);
  expect([page.status, page.headers.get('location')]).toEqual([410, null]);
});

it.each([
  '%0d%0aSet-Cookie:%20a=b',
  'aaaaaaaaaaa%0d%0aSet-Cookie:%20a=b',
  'aaaaa%00aaaaa',
  '%00',
  'aaaaaaaaaaa%0a',
  '..%2f..%2fetc',
  '%ff%fe',
])('H 93: the code %s gets no link and splits no header', async (code) => {
  const { hostname, port } = new URL(world.url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        `GET /WAPAS/${code} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.1.0.3\r\nUser-Agent: ${PHONE}\r\nConnection: close\r\n\r\n`,
      ),
    );
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('end', () => resolve(heard));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
  expect(answer.split('\r\n\r\n')[0]).not.toMatch(/set-cookie/i);
});

it.each([
  ['HEAD', PHONE],
  ['GET', 'WhatsApp/2.23.20.0'],
  ['GET', 'facebookexternalhit/1.1'],
  ['GET', 'Twitterbot/1.0'],
  ['GET', 'Mozilla/5.0 (compatible; Google-Safety)'],
  ['GET', ''],
])('H 94: a look by %s %j is led on, and is no click', async (method, agent) => {
  const { link, token, target } = await linked();
  const look = await open(link, { method }, agent);
  expect([look.status, look.headers.get('location')]).toEqual([302, target]);
  expect(await counts(token)).toEqual({ requests: 1, clicks: 0 });
  await open(link);
  expect(await counts(token)).toEqual({ requests: 2, clicks: 1 });
});

it('H 95: a click after the goal sees "already paid", not the way to pay', async () => {
  const { someone, link } = await linked();
  await pay(world, someone, 121 * MINUTE);
  const page = await open(link);
  expect([page.status, page.headers.get('location'), page.text]).toEqual([200, null, expect.stringContaining('Already paid')]);
});

it('H 96: a GET changes nothing but its own count', async () => {
  const { link } = await linked();
  const state = () =>
    world.sql(
      `select (select count(*) from event) as events, (select json_agg(r.ended_at order by r.id) from run r)::text as runs`,
    );
  const before = await state();
  await open(link);
  await open(`${link}?pay=1&status=paid&confirm=true`);
  await world.settled();
  expect(await state()).toEqual(before);
});

it('a slash behind a link changes nothing, whatever follows it', async () => {
  const { link, token, target } = await linked();
  for (const url of [
    `${link}/`,
    `${link}//?utm_source=sms`,
    `${world.url}/WAPAS/%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
  ]) {
    const { status, headers } = await open(url);
    expect([url, status, headers.get('location')]).toEqual([url, 302, target]);
  }
  expect(await counts(token)).toMatchObject({ requests: 3 });
});

describe('however badly a link was copied, a browser gets a page and never a body for programs', () => {
  const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const LONG = 'a'.repeat(5_000);
  const JSON_TYPE = { 'content-type': 'application/json' };

  it.each<[method: string, path: string, status: number, init?: RequestInit]>([
    ['GET', '/', 404],
    ['GET', '/WAPAS', 404],
    ['GET', '/WAPAS/', 404],
    ['GET', '/wapas/aaaaaaaaaaa', 404],
    ['GET', '/%57APAS/aaaaaaaaaa', 404],
    ['GET', '/WAPAS/%zz', 404],
    ['GET', '/WAPAS/%00%ff', 404],
    ['GET', `/WAPAS/${LONG}`, 404],
    ['GET', '/WAPAS/aaaaaaaaaaa/status/more', 404],
    ['GET', '/WAPAS/aaaaaaaaaaa/nothing', 404],
    ['HEAD', '/WAPAS/aaaaaaaaaaa/', 404],
    ['POST', '/WAPAS/aaaaaaaaaaa', 405],
    ['POST', '/WAPAS/aaaaaaaaaaa/upi', 415, { body: 'a', headers: { 'content-type': 'text/plain' } }],
    ['POST', '/WAPAS/aaaaaaaaaaa/link', 400, { body: '{', headers: JSON_TYPE }],
    ['POST', '/WAPAS/aaaaaaaaaaa/return', 413, { body: LONG.repeat(20), headers: JSON_TYPE }],
    ['DELETE', '/WAPAS/aaaaaaaaaaa/status', 405],
    ['GET', '/preferences', 404],
    ['GET', '/preferences/', 404],
    ['GET', '/preferences/aaa/', 404],
    ['GET', `/preferences/${LONG}`, 404],
    ['GET', '/preferences/%zz', 404],
    ['GET', '/Preferences/aaa', 404],
    ['POST', '/preferences/aaa', 404, { body: '{', headers: JSON_TYPE }],
    ['PUT', '/preferences/aaa', 405],
  ])('%s %.40s', async (method, path, status, init = {}) => {
    const headers = { ...BROWSER, ...(init.headers as Record<string, string> | undefined), 'x-forwarded-for': '10.2.0.1' };
    const page = await open(`${world.url}${path}`, { method, ...init, headers });
    expect([page.status, page.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(page.headers.get('cache-control')).toBe('no-store');
    if (method !== 'HEAD') expect(page.text).toMatch(/<h1>(We do not know this link|This did not work)<\/h1>/);
  });

  it('nor while the database is away', async () => {
    const { token } = await linked();
    const api = await apiOf(world);
    const [person] = (await api('GET', `/v1/people?customerId=${customer(next - 1).id}`)).body.people as { id: string }[];
    const { body } = await api('POST', `/v1/people/${person?.id}/preference-link`, {});
    await world.stopDatabase();
    for (const url of [body.url as string, `${world.url}/WAPAS/${token}`, `${world.url}/WAPAS/${token}/status`]) {
      const page = await open(url, { headers: BROWSER });
      expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
      expect([page.headers.get('retry-after') !== null, page.text]).toEqual([true, expect.stringContaining('One moment')]);
    }
    await world.startDatabase();
  });

  it('while programs get what they always got', async () => {
    for (const path of ['/v1/nothing', '/webhooks/sources/nothing', '/health/nothing']) {
      const response = await fetch(`${world.url}${path}`, { headers: BROWSER });
      expect([path, response.headers.get('content-type')]).toEqual([path, expect.stringContaining('application/problem+json')]);
    }
    expect((await fetch(`${world.url}/`)).headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('H 97: a hundred thousand clicks a minute', () => {
  it('of three links: every one is led on and counted, and each message has one receipt', async () => {
    const some = [await linked(), await linked(), await linked()];
    const clicks = Array.from({ length: 1_800 }, (_, at) => some[at % 3] as (typeof some)[number]);
    const led: (string | null)[] = [];
    const rest = clicks[Symbol.iterator]();
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (const { link } of rest) led.push((await open(link, {}, DESKTOP)).headers.get('location'));
      }),
    );
    expect(led.filter((location) => location !== null)).toHaveLength(1_800);
    expect(await Promise.all(some.map(({ token }) => counts(token)))).toEqual(Array(3).fill({ requests: 600, clicks: 600 }));
    await world.settled();
    const tokens = some.map(({ token }) => token);
    const [row] = await world.sql(
      `select count(*)::int as receipts from receipt r join link l on l.message_id = r.message_id where r.kind = 'clicked' and l.token = any($1)`,
      [tokens],
    );
    expect(row).toEqual({ receipts: 3 });
  });

  it('while the database is away: a link that was followed before leads on, and its clicks are counted later', async () => {
    const { link, token, target } = await linked();
    const stranger = await linked();
    await open(link);
    await world.stopDatabase();
    const led = await Promise.all(Array.from({ length: 20 }, () => open(link)));
    expect(new Set(led.map(({ status, headers }) => `${status} ${headers.get('location')}`))).toEqual(new Set([`302 ${target}`]));
    const unknown = await open(stranger.link);
    expect([unknown.status, unknown.headers.get('retry-after')]).toEqual([503, '2']);
    await world.startDatabase();
    await until(async () => (await counts(token).catch(() => ({ clicks: 0 }))).clicks === 21, 'the clicks to be counted');
    printFigure('clicks while the database was away', { clicks: 20, 'led on': 20, counted: 20 });
  });

  it('what was opened while the database was away is counted a few hundred links at a time, and each once', async () => {
    const keepVisits = world.app.get(KeepVisits);
    const { token } = await linked();
    const link = (await linkStore.find(world.database, token)) as StoredLink;
    await world.stopDatabase();
    const ends = Array.from({ length: 2_000 }, (_one, index) => keepVisits.keep({ ...link, token: `away ${index}` }, false));
    expect(new Set(await Promise.all(ends))).toEqual(new Set([null]));
    await world.startDatabase();
    const written = () =>
      world.sql<{ links: number; requests: number }>(
        `select count(*)::int as links, sum(requests)::int as requests from link_count where token like 'away %' group by xmin`,
      );
    const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
    await until(async () => sum((await written().catch(() => [])).map(({ links }) => links)) === 2_000, 'all to be counted');
    const transactions = await written();
    expect(sum(transactions.map(({ requests }) => requests))).toBe(2_000);
    expect(Math.max(...transactions.map(({ links }) => links))).toBeLessThanOrEqual(512);
  });
});
