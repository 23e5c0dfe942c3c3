import { at, Bench, post, pushMessage, requestToken, ServiceAccount } from './spec-kit';
import { type Sandbox } from './index';

describe('FCM, as played', () => {
  const bench = new Bench();
  const account = new ServiceAccount();
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await bench.sandbox(account.options());
  });
  afterAll(() => bench.close());

  const violated = async (message: Record<string, unknown>): Promise<unknown> => {
    const { status, json } = await account.push(sandbox, pushMessage(message));
    return [status, at(json, 'error.details.0.fieldViolations.0.field')];
  };

  it('a message is accepted, named by its project, and in the ledger with its attempt', async () => {
    const { status, json } = await account.push(sandbox);
    expect(status).toBe(200);
    expect(json.name).toMatch(/^projects\/demo\/messages\/0:\d+%[0-9a-f]+$/);
    expect(sandbox.ledger.entries().at(-1)).toMatchObject({
      vendor: 'fcm',
      channel: 'push',
      accepted: true,
      address: 'demo-919812345678',
      reference: 'att-3',
      messageId: 'msg-3',
      vendorId: json.name,
      content: { title: 'Payment did not go through', ttl: '780s', collapseKey: 'order_42', tag: 'order_42' },
    });
  });

  it('a data value that is not a string is refused as FCM refuses it', async () => {
    const { status, json } = await account.push(sandbox, pushMessage({ data: { amount: 1499 } }));
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
    expect(at(json, 'error.details.0')).toMatchObject({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'message.data[0].value' }],
    });
  });

  it.each([
    ['two targets', { topic: 'news' }, 'message'],
    ['no target', { token: '' }, 'message'],
    ['a reserved data key', { data: { from: 'x' } }, 'message.data'],
    ['a data key of Google', { data: { 'google.c.a.e': '1' } }, 'message.data'],
    ['more than 4096 bytes', { data: { text: '₹'.repeat(1_400) } }, 'message'],
    ['a ttl that is a number', { android: { ttl: 780 } }, 'message.android.ttl'],
    ['a ttl without its s', { android: { ttl: '780' } }, 'message.android.ttl'],
    ['a ttl of more than four weeks', { android: { ttl: '2419201s' } }, 'message.android.ttl'],
    ['a field that does not exist', { android: { time_to_live: '5s' } }, 'message.android'],
    ['an APNs header that is a number', { apns: { headers: { 'apns-priority': 10 } } }, 'message.apns.headers[0].value'],
    ['a web link that is not https', { webpush: { fcmOptions: { link: 'myshop://x' } } }, 'message.webpush.fcm_options.link'],
  ])('%s is refused, and the field named', async (_, message, field) => {
    expect(await violated(message)).toEqual([400, field]);
  });

  it('snake case is taken as camel case is', async () => {
    const { status } = await account.push(sandbox, pushMessage({ android: { collapse_key: 'snake', ttl: '5s' } }));
    expect(status).toBe(200);
    expect(sandbox.ledger.entries().at(-1)?.content).toMatchObject({ collapseKey: 'snake' });
  });

  it.each([
    ['dead-1', 404, 'NOT_FOUND', 'UNREGISTERED'],
    ['bad-1', 400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
    ['alien-1', 403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'],
  ])('token %s is answered %i %s %s and is in the ledger as not accepted', async (token, http, status, errorCode) => {
    const heard = await account.push(sandbox, pushMessage({ token }));
    expect(heard.status).toBe(http);
    expect(heard.json.error).toMatchObject({
      status,
      details: [{ '@type': expect.stringMatching(/FcmError$/) as unknown, errorCode }],
    });
    expect(sandbox.ledger.entries().at(-1)).toMatchObject({ accepted: false, refusal: errorCode, address: token });
  });

  it('a dry run is answered and not written down', async () => {
    const before = sandbox.ledger.entries().length;
    expect((await account.push(sandbox, pushMessage(), { validateOnly: true })).status).toBe(200);
    expect(sandbox.ledger.entries()).toHaveLength(before);
  });

  it('an unknown access token is UNAUTHENTICATED', async () => {
    const heard = await post(
      `${sandbox.url}/fcm/v1/projects/demo/messages:send`,
      { message: pushMessage() },
      { authorization: 'Bearer no' },
    );
    expect([heard.status, at(heard.json, 'error.status')]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it.each([
    ['of another account', { iss: 'other@demo.iam.gserviceaccount.com' }],
    ['for another audience', { aud: 'https://elsewhere.example' }],
    ['for another scope', { scope: 'https://www.googleapis.com/auth/drive' }],
    ['that has expired', { iat: 1_000, exp: 2_000 }],
    ['that lives two hours', { exp: Math.floor(Date.now() / 1_000) + 7_200 }],
  ])('an assertion %s gets invalid_grant', async (_, changes) => {
    const heard = await account.token(sandbox, changes);
    expect([heard.status, heard.json.error]).toEqual([400, 'invalid_grant']);
  });

  it('an assertion signed with another key gets invalid_grant', async () => {
    const heard = await requestToken(sandbox, new ServiceAccount().assertion(`${sandbox.url}/fcm/token`));
    expect(heard.json).toEqual({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
  });

  it('an access token ends when its time is over', async () => {
    const brief = await bench.sandbox({ ...account.options(), fcmTokenSeconds: 0 });
    expect((await account.push(brief)).status).toBe(401);
  });

  it('a project over its quota is told when to come back', async () => {
    const slow = await bench.sandbox({ ...account.options(), fcmRatePerSecond: 1 });
    await account.push(slow);
    const { status, headers, json } = await account.push(slow);
    expect([status, headers.get('retry-after')]).toEqual([429, '1']);
    expect(at(json, 'error.details.0.errorCode')).toBe('QUOTA_EXCEEDED');
  });
});
