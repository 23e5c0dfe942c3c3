import { EntityKeys } from '@wapas/entity-keys';
import { createHmac } from 'node:crypto';
import { hours, minutes } from '@wapas/kernel';
import { providerDefinitions } from '../../src/app.module';
import { ConfigError, readConfig } from '../../src/config/config';
import { Log } from '../../src/log';
import { type Answer, answerOf, expectRefusal, storedRows } from '../support/refusals';
import { orderKeys } from '../support/stories';
import { paymentEvent, RAZORPAY_SECRET, World } from '../support/world';

const OLDER_SECRET = 'older-razorpay-secret';
const VERIFY_TOKEN = 'verify-me-please-0123456789';

const logged: string[] = [];
let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start({
    env: { RAZORPAY_WEBHOOK_SECRET: `${RAZORPAY_SECRET},${OLDER_SECRET}` },
    log: new Log('info', { write: (line: string) => void logged.push(line) }),
  });
  key = await world.key(['ingest', 'read']);
});
afterAll(() => world?.stop());

const failed = (order: string): string => JSON.stringify(paymentEvent('payment.failed', { order, phone: '+919900112233' }));
const UNSPOKEN = ['9900112233', 'asha@example.com', 'Asha Rao'];

describe('a webhook that is not authentic gets 401 and leaves nothing', () => {
  const body = failed('order_forged');
  const hex = sign(body);

  test.each<[string, Record<string, string>]>([
    ['D41 no signature', {}],
    ['D42 a signature that is too short', { 'x-razorpay-signature': hex.slice(0, 63) }],
    ['D42 a signature that is too long', { 'x-razorpay-signature': `${hex}0` }],
    ['D42 an empty signature', { 'x-razorpay-signature': '' }],
    ['D42 a signature of 8 KB', { 'x-razorpay-signature': hex.repeat(128) }],
    ['D44 sha1=', { 'x-razorpay-signature': `sha1=${createHmac('sha1', RAZORPAY_SECRET).update(body).digest('hex')}` }],
    ['D44 sha256=', { 'x-razorpay-signature': `sha256=${hex}` }],
    ['D44 upper-case hex', { 'x-razorpay-signature': hex.toUpperCase() }],
    ['D44 base64', { 'x-razorpay-signature': Buffer.from(hex, 'hex').toString('base64') }],
    ['D44 two signatures, both right', { 'x-razorpay-signature': `${hex}, ${hex}` }],
    ['D44 a no-break space at its end', { 'x-razorpay-signature': `${hex}\u00a0` }],
    ['D44 a blank in its middle', { 'x-razorpay-signature': `${hex.slice(0, 32)} ${hex.slice(32)}` }],
    ['D44 another header', { 'x-signature': hex }],
    ['D48 a secret that is no longer configured', { 'x-razorpay-signature': sign(body, 'forgotten-razorpay-secret') }],
    ['D43 a signature with the empty secret', { 'x-razorpay-signature': sign(body, '') }],
  ])('%s', (_title, headers) => refuses(() => post(body, headers)));

  test('D44 the header twice', () =>
    refuses(async () =>
      answerOf(await fetch(webhook(), { method: 'POST', headers: [JSON_TYPE, SIGNED(hex), SIGNED(hex)], body })),
    ));

  test.each<[string, (text: string) => string]>([
    ['spaces', (text) => JSON.stringify(JSON.parse(text), null, 1)],
    ['the order of keys', (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse()))],
    ['an escaped letter', (text) => text.replace('Asha', '\\u0041sha')],
    ['a line break at the end', (text) => `${text}\n`],
    ['one byte', (text) => text.replace('149900', '149901')],
  ])('D45 the body serialised anew: %s', (_title, change) => refuses(() => post(change(body), { 'x-razorpay-signature': hex })));

  test('D45 é and its escape are other bytes, each right under its own signature', async () => {
    const accented = body.replace('Asha Rao', 'Ashé Rao').replace('order_forged', 'order_accent');
    const escaped = accented.replace('é', '\\u00e9');
    await refuses(() => post(escaped, { 'x-razorpay-signature': sign(accented) }));
    expect((await post(accented, { 'x-razorpay-signature': sign(accented) })).status).toBe(202);
  });

  test('a source that is not set up gets 404', () =>
    expectRefusal(world, () => post(body, { 'x-razorpay-signature': hex }, 'shopify'), {
      status: 404,
      code: 'unknown_source',
      unspoken: UNSPOKEN,
    }));

  const refuses = (ask: () => Promise<Answer>) =>
    expectRefusal(world, ask, { status: 401, code: 'not_authentic', unspoken: [...UNSPOKEN, hex] });
});

test.each(['', ' ', ',', `${RAZORPAY_SECRET},`, 'short'])('D43 a source whose secret is "%s" is refused at start', (secret) => {
  expect(() => readConfig({ ...world.env, RAZORPAY_WEBHOOK_SECRET: secret }, providerDefinitions)).toThrow(ConfigError);
  expect(() => readConfig({ ...world.env, RAZORPAY_WEBHOOK_SECRET: secret }, providerDefinitions)).toThrow(
    /RAZORPAY_WEBHOOK_SECRET/,
  );
});

describe('repetitions', () => {
  test('D46 the same bytes with a new event id are a duplicate without effect', async () => {
    const body = failed('order_replayed');
    const first = await signed(body, { 'x-razorpay-event-id': 'evt_first' });
    expect(first.status).toBe(202);
    await world.settled();
    const before = await storedRows(world);
    for (const id of ['evt_second', 'not an id', '']) {
      const again = await signed(body, { 'x-razorpay-event-id': id });
      expect(again.status).toBe(200);
      expect(JSON.parse(again.text)).toEqual({ ...(JSON.parse(first.text) as object), outcome: 'duplicate' });
    }
    await world.settled();
    expect(await storedRows(world)).toEqual(before);
  });

  test('D46 the same event id with other bytes is the same event told again, never a 4xx', async () => {
    const id = { 'x-razorpay-event-id': 'evt_told_twice' };
    expect((await signed(failed('order_told'), id)).status).toBe(202);
    const again = await signed(JSON.stringify(JSON.parse(failed('order_told')), null, 1), id);
    expect({ status: again.status, text: again.text }).toEqual({
      status: 200,
      text: expect.stringContaining('duplicate') as string,
    });
  });

  test('D48 while a secret is being rotated both are good', async () => {
    for (const [order, secret] of [
      ['order_new_secret', RAZORPAY_SECRET],
      ['order_old_secret', OLDER_SECRET],
    ] as const) {
      const body = failed(order);
      expect((await post(body, { 'x-razorpay-signature': sign(body, secret) })).status).toBe(202);
    }
  });
});

describe('D50 the handshake of Meta', () => {
  const ask = async (query: Record<string, string>): Promise<Answer> =>
    answerOf(await fetch(`${world.url}/webhooks/providers/whatsapp-cloud?${new URLSearchParams(query).toString()}`));
  const SUBSCRIBE = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444' };

  test('the right token gets the challenge as plain text', async () => {
    const answer = await ask({ ...SUBSCRIBE, 'hub.verify_token': VERIFY_TOKEN });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '1158201444' });
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test.each<[string, Record<string, string>]>([
    ['a wrong token', { ...SUBSCRIBE, 'hub.verify_token': 'guess' }],
    ['no token', SUBSCRIBE],
    ['an empty token', { ...SUBSCRIBE, 'hub.verify_token': '' }],
    ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN }],
    ['markup as challenge', { ...SUBSCRIBE, 'hub.challenge': '<script>alert(1)</script>', 'hub.verify_token': VERIFY_TOKEN }],
    ['markup and a wrong token', { ...SUBSCRIBE, 'hub.challenge': '<script>alert(1)</script>', 'hub.verify_token': 'guess' }],
  ])('%s gets 403', (_title, query) =>
    expectRefusal(world, () => ask(query), {
      status: 403,
      code: 'challenge_refused',
      unspoken: ['<script>', '1158201444', VERIFY_TOKEN],
    }),
  );
});

describe('what is signed gets a 2xx, usable or not', () => {
  test.each([
    ['dispute.created', { event: 'dispute.created' }],
    ['a type from the future', { event: 'payment.teleported' }],
    ['constructor', { event: 'constructor' }],
    ['no type', {}],
  ])('D51 an event of a type that is not used (%s) is ignored, counted and not stored', async (_title, fields) => {
    const before = [await storedRows(world), ignored()];
    const answer = await signed(JSON.stringify({ entity: 'event', created_at: 1, payload: {}, ...fields }));
    expect({ status: answer.status, body: JSON.parse(answer.text) as unknown }).toEqual({
      status: 200,
      body: { outcome: 'ignored' },
    });
    expect([await storedRows(world), ignored()]).toEqual([before[0], (before[1] as number) + 1]);
  });

  const about = (fields: object, entity: object = {}): string => {
    const event = paymentEvent('payment.failed', { order: 'order_odd' }) as { payload: { payment: { entity: object } } };
    return JSON.stringify({
      ...event,
      payload: { payment: { entity: { ...event.payload.payment.entity, ...entity } } },
      ...fields,
    });
  };

  test.each([
    ['D52 no order and no payment id', about({}, { id: null, order_id: null }), 'no_order_or_payment'],
    ['D52 no payload', JSON.stringify({ event: 'payment.failed', created_at: 1763874129 }), 'no_entity'],
    ['no time', about({ created_at: null }), 'no_time'],
    ['a time beyond all dates', about({ created_at: 9e15 }), 'no_time'],
    ['a time in milliseconds', about({ created_at: 1763874129000 }), 'no_time'],
    ['not JSON', 'event=payment.failed', 'not_json'],
    ['nothing at all', '', 'not_json'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), 'not_json'],
    ['B15 U+0000', about({}, { description: 'a\u0000b' }), 'not_storable'],
    ['B16 a lone surrogate', about({}, { order_id: 'X' }).replace('"X"', '"\\ud800"'), 'not_storable'],
    ['B18 __proto__ in its notes', about({}, { notes: 'N' }).replace('"N"', '{"__proto__":{"customer_id":"x"}}'), 'not_storable'],
    ['nested 20,000 deep', `{"event":"payment.failed","payload":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'not_storable'],
  ])('%s is kept raw for a person to look at, once', async (_title, body, reason) => {
    const before = (await storedRows(world)) as { quarantined: number };
    const answers = [await signed(body), await signed(body)];
    for (const answer of answers)
      expect({ status: answer.status, body: JSON.parse(answer.text) as unknown }).toEqual({
        status: 202,
        body: { outcome: 'quarantined' },
      });
    expect(await storedRows(world)).toEqual({ ...before, quarantined: before.quarantined + 1 });
    const [kept] = await world.sql<{ reason: string; sealed: Buffer; headers: Buffer }>(
      'select reason, sealed, sealed_headers as headers from quarantine order by id desc limit 1',
    );
    expect(kept?.reason).toBe(reason);
    expect(world.database.seals.open('quarantine.sealed', kept?.sealed as Buffer)).toEqual(Buffer.from(body as string));
    expect(world.database.seals.openText('quarantine.sealed_headers', kept?.headers as Buffer)).not.toContain('cookie');
  });

  test('D52 what is in quarantine stands in the health body and does not make us unready', async () => {
    const response = await fetch(`${world.url}/health/ready`);
    expect(response.status).toBe(200);
    const { attention } = (await response.json()) as { attention: string[] };
    expect(attention).toContainEqual(expect.stringMatching(/^\d+ signed webhook\(s\) of the last day could not be read/));
  });

  test('a body that a proxy has compressed is checked as the bytes that were signed', async () => {
    const { gzipSync } = await import('node:zlib');
    const body = failed('order_gzip');
    const answer = await post(gzipSync(body), { 'x-razorpay-signature': sign(body), 'content-encoding': 'gzip' });
    expect(answer.status).toBe(202);
  });

  test('the headers of several proxies in a row do no harm', async () => {
    const body = failed('order_proxied');
    const headers: [string, string][] = [
      JSON_TYPE,
      SIGNED(sign(body)),
      ['x-forwarded-for', '203.0.113.1'],
      ['x-forwarded-for', '10.0.0.1'],
    ];
    expect((await fetch(webhook(), { method: 'POST', headers, body })).status).toBe(202);
  });
});

describe('what a late, early or odd payment does', () => {
  /** The report over treated and holdout together: which arm a customer is in is a hash. */
  const report = async () => {
    const response = await fetch(`${world.url}/v1/analytics/journeys/payment_failed`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { treated, holdout } = (await response.json()) as Record<'treated' | 'holdout', Arm>;
    const revenue = [...treated.revenue, ...holdout.revenue].reduce((sum, { amount }) => sum + amount, 0);
    return { entered: treated.entered + holdout.entered, recovered: treated.recovered + holdout.recovered, revenue };
  };
  interface Arm {
    readonly entered: number;
    readonly recovered: number;
    readonly revenue: { readonly amount: number }[];
  }
  const tell = async (event: string, order: string, fields: { payment?: string; amount?: number; at?: number } = {}) => {
    const { status } = await world.razorpay(
      paymentEvent(event, { order, customer: `of ${order}`, phone: phoneOf(order), ...fields }),
    );
    expect(status).toBe(202);
    await world.settled();
  };
  const runOf = async (order: string) => {
    const [run] = await world.sql<{ id: string; endReason: string | null; sent: number }>(
      `select r.id, r.end_reason as "endReason", (select count(*)::int from message m where m.run_id = r.id and m.state = 'sent') as sent
       from run r where r.id in (select run_id from run_key where key = any($1::uuid[]))`,
      [orderKeys(world, [order])],
    );
    return run;
  };

  test('D53 captured before failed starts no run and says why', async () => {
    await tell('payment.captured', 'order_early', { at: minutes(1) });
    await tell('payment.failed', 'order_early');
    expect(await runOf('order_early')).toBeUndefined();
    const [refusal] = await world.sql(
      `select f.reason from refusal f join event_mark m on m.event_id = f.event_id where m.key = $1`,
      [world.app.get(EntityKeys).keyOf('order', 'order_early')],
    );
    expect(refusal).toEqual({ reason: 'goal_already_reached' });
  });

  test('D54 a refund ends the run without a recovery; a dispute is no recovery either', async () => {
    const before = await report();
    await tell('payment.failed', 'order_refunded');
    await tell('refund.processed', 'order_refunded');
    expect(await runOf('order_refunded')).toMatchObject({ endReason: 'refunded' });
    expect(await report()).toEqual({ ...before, entered: before.entered + 1 });
  });

  test('D55 two captures of one order count its revenue once', async () => {
    const before = await report();
    await tell('payment.failed', 'order_twice_paid');
    await tell('payment.captured', 'order_twice_paid', { payment: 'pay_one', amount: 149_900 });
    await tell('payment.captured', 'order_twice_paid', { payment: 'pay_two', amount: 149_900 });
    expect(await report()).toEqual({
      entered: before.entered + 1,
      recovered: before.recovered + 1,
      revenue: before.revenue + 149_900,
    });
  });

  test('D56 another amount than expected still stops every message, and the timeline says that it differs', async () => {
    await tell('payment.failed', 'order_partly', { amount: 149_900 });
    await tell('payment.captured', 'order_partly', { amount: 100_000 });
    await tell('payment.failed', 'order_exact', { amount: 149_900 });
    await tell('payment.captured', 'order_exact', { amount: 149_900 });
    await world.moveTo(minutes(120));
    expect(await runOf('order_partly')).toMatchObject({ endReason: 'goal_reached', sent: 0 });
    expect(await flagsOf('order_partly')).toEqual(['amount_differs']);
    expect(await flagsOf('order_exact')).toEqual([]);
  });

  test('D53 captured 70 hours later ends nothing anew and recovers nothing', async () => {
    await tell('payment.failed', 'order_very_late', { at: minutes(120) });
    const before = await report();
    await world.moveTo(minutes(120) + hours(70));
    await tell('payment.captured', 'order_very_late', { at: minutes(120) + hours(70) });
    expect(await runOf('order_very_late')).toMatchObject({ endReason: 'window_over' });
    expect(await report()).toEqual(before);
  });

  async function flagsOf(order: string): Promise<(string | undefined)[]> {
    const run = await runOf(order);
    const response = await fetch(`${world.url}/v1/runs/${run?.id}`, { headers: { authorization: `Bearer ${key}` } });
    const { timeline } = (await response.json()) as { timeline: { what: string; outcome: string; reason?: string }[] };
    return timeline.filter(({ what, outcome }) => what === 'decided' && outcome === 'flag').map(({ reason }) => reason);
  }

  const phoneOf = (order: string): string =>
    `+9198${(createHmac('sha256', 'phone').update(order).digest().readUInt32BE(0) % 90_000_000) + 10_000_000}`;
});

const JSON_TYPE: [string, string] = ['content-type', 'application/json'];
const SIGNED = (signature: string): [string, string] => ['x-razorpay-signature', signature];

const webhook = (source = 'razorpay'): string => `${world.url}/webhooks/sources/${source}`;
const ignored = (): number => logged.filter((line) => line.includes('"webhook ignored"')).length;

function sign(body: string | Buffer, secret = RAZORPAY_SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

async function post(body: string | Buffer, headers: Record<string, string>, source?: string): Promise<Answer> {
  return answerOf(
    await fetch(webhook(source), { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }),
  );
}

const signed = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
  post(body, { 'x-razorpay-signature': sign(body), ...headers });
