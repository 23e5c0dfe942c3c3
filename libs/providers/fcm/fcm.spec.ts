import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantFromMillis } from '@wapas/kernel';
import { type HttpRequest, type HttpResult, type ProviderContext, type PushContent, type SendRequest } from '@wapas/provider-kit';
import { fcm } from '.';
import { faultOfContent, messageOf, reservedKeyIn } from './fcm.message';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  project_id: 'shop-test',
  private_key_id: 'key-0001',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  client_email: 'push@shop-test.iam.gserviceaccount.example',
  token_uri: 'https://oauth2.example/token',
};
const content: PushContent = {
  title: 'Payment did not go through',
  body: 'Your basket is saved.',
  deepLink: 'myshop://basket/42',
};
const request = (more: Partial<SendRequest<PushContent>> = {}): SendRequest<PushContent> => ({
  attemptId: 'att-1',
  messageId: 'msg-1',
  address: { kind: 'push_token', value: 'token-1' },
  content,
  validForSeconds: 780,
  ...more,
});
const NOW = 1_763_889_220_000;

describe('the message', () => {
  it('carries our ids, the link and one tag on all platforms, and dies with the step', () => {
    expect(messageOf(request(), NOW)).toEqual({
      token: 'token-1',
      notification: { title: content.title, body: content.body },
      data: { wapas_msg: 'msg-1', wapas_attempt: 'att-1', deep_link: 'myshop://basket/42' },
      android: { priority: 'HIGH', ttl: '780s', notification: { tag: 'msg-1' } },
      apns: {
        headers: { 'apns-priority': '10', 'apns-expiration': '1763890000', 'apns-collapse-id': 'msg-1' },
        payload: { aps: { sound: 'default' }, wapas_msg: 'msg-1', wapas_attempt: 'att-1', deep_link: 'myshop://basket/42' },
      },
      webpush: { headers: { TTL: '780' }, notification: { title: content.title, body: content.body, tag: 'msg-1' } },
    });
  });

  it('is the same for a second try of the same message, except for the attempt', () => {
    const first = JSON.stringify(messageOf(request(), NOW));
    expect(JSON.stringify(messageOf(request({ attemptId: 'att-2' }), NOW))).toBe(first.replaceAll('att-1', 'att-2'));
  });

  it('collapses by the given key, shortened for APNs, and links browsers only to https', () => {
    const long = 'order_'.repeat(20);
    const message = messageOf(
      request({ content: { ...content, collapseKey: long, deepLink: 'https://shop.example/r/abc' } }),
      NOW,
    );
    expect(message).toMatchObject({
      android: { collapseKey: long, notification: { tag: long } },
      webpush: { fcmOptions: { link: 'https://shop.example/r/abc' } },
    });
    expect(JSON.stringify(message)).toMatch(/"apns-collapse-id":"[\w-]{43}"/);
  });

  it('lives four weeks at most and a second at least', () => {
    expect(messageOf(request({ validForSeconds: 9e9 }), NOW)).toMatchObject({ android: { ttl: '2419200s' } });
    expect(messageOf(request({ validForSeconds: 0.4 }), NOW)).toMatchObject({ android: { ttl: '1s' } });
  });

  it.each(['from', 'message_type', 'google.a', 'gcm.notification.b'])('knows that FCM keeps "%s" for itself', (key) => {
    expect(reservedKeyIn({ ...content, data: { fine: '1', [key]: '2' } })).toBe(key);
  });

  it('names the Android channel, the action and the label where they are given', () => {
    const given = { ...content, androidChannel: 'payments', clickAction: 'OPEN_BASKET', label: 'payment_failed_t1' };
    expect(messageOf(request({ content: given }), NOW)).toMatchObject({
      android: { notification: { channelId: 'payments', clickAction: 'OPEN_BASKET' } },
      fcmOptions: { analyticsLabel: 'payment_failed_t1' },
    });
  });

  it.each([
    ['more than 4,096 bytes', { body: 'क'.repeat(1_365) }, 'PAYLOAD_TOO_LARGE'],
    ['a label that FCM does not take', { label: 'a label' }, 'BAD_LABEL'],
    ['a data key of FCM itself', { data: { from: 'x' } }, 'RESERVED_DATA_KEY'],
  ])('%s is refused before the call', (_what, change, code) =>
    expect(faultOfContent(request({ content: { ...content, ...change } }))?.code).toBe(code),
  );

  it('4,096 bytes just fit', () =>
    expect(faultOfContent(request({ content: { ...content, body: 'x'.repeat(3_900) } }))).toBeNull());

  it('lets nobody overwrite our ids', () => {
    const data = { wapas_msg: 'forged', kind: 'payment_failed' };
    expect(messageOf(request({ content: { ...content, data } }), NOW)).toMatchObject({
      data: { wapas_msg: 'msg-1', kind: 'payment_failed' },
    });
  });
});

describe('the access token', () => {
  it('is asked for with a signed JWT, once for many sends, and again five minutes before it ends', async () => {
    const world = fakeWorld();
    await Promise.all(Array.from({ length: 50 }, () => world.provider.send(request())));
    expect(world.tokenRequests()).toHaveLength(1);
    expect(claimsOf(world.tokenRequests()[0] as HttpRequest)).toEqual({
      iss: account.client_email,
      scope: 'https://www.googleapis.com/auth/firebase.messaging',
      aud: account.token_uri,
      iat: NOW / 1_000,
      exp: NOW / 1_000 + 3_600,
    });
    world.now += (3_599 - 301) * 1_000;
    await world.provider.send(request());
    expect(world.tokenRequests()).toHaveLength(1);
    world.now += 2_000;
    await world.provider.send(request());
    expect(world.tokenRequests()).toHaveLength(2);
  });

  it('is renewed once after a 401, and the push goes out with the new one', async () => {
    const world = fakeWorld();
    world.fcm = (bearer) => (bearer === 'Bearer token-1' ? unauthorised : taken);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => world.provider.send(request())));
    expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(world.tokenRequests()).toHaveLength(2);
  });

  it('a second 401 is a matter for people, after exactly two calls', async () => {
    const world = fakeWorld();
    world.fcm = () => unauthorised;
    expect(await world.provider.send(request())).toMatchObject({ failure: { class: 'bad_credentials', scope: 'account' } });
    expect(world.requests.filter(({ url }) => url.endsWith(':send'))).toHaveLength(2);
  });

  it("Apple's key being wrong renews nothing", async () => {
    const world = fakeWorld();
    const details = [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'THIRD_PARTY_AUTH_ERROR' }];
    world.fcm = () => answer(401, { error: { code: 401, status: 'UNAUTHENTICATED', details } });
    expect(await world.provider.send(request())).toMatchObject({ failure: { class: 'bad_credentials', scope: 'address' } });
    expect(world.tokenRequests()).toHaveLength(1);
  });

  it.each([
    [answer(400, { error: 'invalid_grant' }), 'bad_credentials', 'oauth invalid_grant'],
    [answer(500, '<html>'), 'temporary', 'oauth HTTP 500'],
    [answer(200, '<html>'), 'temporary', 'oauth HTTP 200'],
    [answer(429, ''), 'throttled', 'oauth HTTP 429'],
    // Even a silent token service leaves no doubt about the push: it was never written.
    [{ kind: 'failure', stage: 'after_send', code: 'DEADLINE' } as const, 'temporary', 'oauth DEADLINE'],
  ])('failing to get one means that no push left (%#)', async (result, meaning, code) => {
    const world = fakeWorld();
    world.oauth = () => result;
    expect(await world.provider.send(request())).toEqual({
      outcome: 'failed',
      failure: { class: meaning, scope: 'account', code },
    });
    expect(world.requests.some(({ url }) => url.endsWith(':send'))).toBe(false);
  });

  it('failing to renew an old one that still lives stops nothing', async () => {
    const world = fakeWorld();
    await world.provider.send(request());
    world.now += 3_400_000;
    world.oauth = () => answer(503, '');
    expect(await world.provider.send(request())).toMatchObject({ outcome: 'accepted' });
  });

  it('token and push share one deadline', async () => {
    const world = fakeWorld();
    world.oauth = () => {
      world.now += 9_000;
      return answer(200, { access_token: 'slow', expires_in: 3_599 });
    };
    await world.provider.send(request());
    expect(world.requests.at(-1)?.timeoutMs).toBe(1_000);
  });
});

describe('the service account', () => {
  it('may be a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fcm-'));
    writeFileSync(join(folder, 'account.json'), JSON.stringify(account));
    expect(fcm.readConfig({ FCM_SERVICE_ACCOUNT: join(folder, 'account.json') }).ok).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it('is refused with everything that is wrong with it at once, and no word of its own', () => {
    const secret = 'very-secret-words';
    const broken = { project_id: 7, private_key: secret, client_email: secret, token_uri: `ftp://${secret}` };
    const result = fcm.readConfig({
      FCM_SERVICE_ACCOUNT: JSON.stringify(broken),
      FCM_BASE_URL: 'http://fcm.example',
      FCM_MAX_CONCURRENT: '0',
    });
    const problems = result.ok ? [] : result.problems;
    for (const word of [
      'project_id',
      'client_email',
      'private_key_id',
      'private_key',
      'token_uri',
      'FCM_BASE_URL',
      'FCM_MAX_CONCURRENT',
    ]) {
      expect(problems.join('\n')).toContain(word);
    }
    expect(problems.join('\n')).not.toContain(secret);
  });

  it.each(['/no/such/file.json', '{"project_id":', 'x'.repeat(5_000), '\u0000'])('is refused when it is none (%#)', (value) => {
    const result = fcm.readConfig({ FCM_SERVICE_ACCOUNT: value });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain(value.slice(0, 12));
  });
});

const taken = answer(200, { name: 'projects/shop-test/messages/0:1' });
const unauthorised = answer(401, { error: { code: 401, status: 'UNAUTHENTICATED', message: 'invalid' } });

function answer(status: number, body: unknown): HttpResult {
  return { kind: 'response', status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** The two services of Google and a clock that only we move. */
function fakeWorld() {
  let issued = 0;
  const world = {
    now: NOW,
    requests: [] as HttpRequest[],
    fcm: (_bearer: string): HttpResult => taken,
    oauth: (): HttpResult => answer(200, { access_token: `token-${++issued}`, expires_in: 3_599 }),
    tokenRequests: () => world.requests.filter(({ url }) => url === account.token_uri),
  };
  const context: ProviderContext = {
    http: {
      request: async (call) => {
        world.requests.push(call);
        await new Promise((resolve) => setImmediate(resolve));
        return call.url === account.token_uri ? world.oauth() : world.fcm(call.headers?.['authorization'] ?? '');
      },
    },
    clock: { now: () => instantFromMillis(world.now) },
    log: { info: () => undefined, warn: () => undefined },
  };
  const config = fcm.readConfig({ FCM_SERVICE_ACCOUNT: JSON.stringify(account) });
  if (!config.ok) throw new Error(config.problems.join('\n'));
  return Object.assign(world, { provider: fcm.create(config.config, context) });
}

/** The claims of the assertion, once its signature was checked. */
function claimsOf(call: HttpRequest): unknown {
  const form = new URLSearchParams(call.body);
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-0001' });
  const key = createPublicKey(privateKey);
  expect(verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as unknown;
}
