import { Client } from 'pg';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, minutes } from '@wapas/kernel';
import { type HttpVendorStub, startVendorStub } from '@wapas/provider-testing';
import { rebuildOutcomes } from '../../src/analytics/rebuild-outcomes';
import { KeepPrices } from '../../src/channels/keep-prices';
import { RecordCalls } from '../../src/channels/record-calls';
import { messageStore } from '../../src/channels/store/message.store';
import { RecordReceipts } from '../../src/channels/record-receipts';
import { KeepSpendCaps } from '../../src/channels/keep-spend-caps';
import { apiOf } from '../support/api';
import { orderKeys } from '../support/stories';
import { msg91Says } from '../support/vendors';
import { START, until, World } from '../support/world';

/** What a message is still worth after a vendor's no: another provider, the same once more, another wording, and then the next channel. */

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const picture = { image: 'https://cdn.example/seat.png' };
const sms = { template: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}' } } };
const journey = (key: string, event: string, steps: object[]) => ({
  format: 'wapas.journey/1',
  key,
  name: key,
  trigger: { event },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps,
});
const whatsapp = (template: object) => ({
  key: 'whatsapp',
  after: '1m',
  maxDelay: '20m',
  channel: 'whatsapp',
  messages: [{ template }],
});
const smsLater = { key: 'sms', after: '30m', minDelay: '2m', channel: 'sms', messages: [sms] };

let world: World;
let gateway: HttpVendorStub;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  gateway = await startVendorStub();
  world = await World.start({
    env: {
      WEBHOOK_URL: gateway.url,
      WEBHOOK_SECRET: SECRET,
      WEBHOOK_CHANNEL: 'sms',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WAPAS_PROVIDER_ORDER: 'msg91,webhook',
      WAPAS_LOCALES: 'hi,en',
      WAPAS_CAP_PER_DAY: '100',
    },
  });
  api = await apiOf(world);
  const body = ['{{keys.order}}'];
  await world.publish(
    journey('by_sms', 'Seat Held', [
      { key: 'sms', after: '1m', maxDelay: '20m', channel: 'sms', messages: [sms] },
      {
        key: 'whatsapp',
        after: '30m',
        minDelay: '2m',
        channel: 'whatsapp',
        messages: [{ template: { name: 'last_word', language: 'en', body } }],
      },
    ]),
  );
  await world.publish(journey('in_tamil', 'Seat Seen', [whatsapp({ name: 'tamil', language: 'ta', body }), smsLater]));
  const plain = { name: 'plain', language: 'ta', body };
  await world.publish(
    journey('with_picture', 'Seat Shown', [
      whatsapp({ name: 'picture', language: 'ta', header: picture, body, instead: [plain] }),
      smsLater,
    ]),
  );
  await world.publish(
    journey('with_picture_alone', 'Seat Viewed', [whatsapp({ name: 'alone', language: 'hi', header: picture, body }), smsLater]),
  );
});
afterAll(async () => {
  await world?.stop();
  await gateway?.close();
});
beforeEach(async () => {
  await world.control('mode', { vendor: 'all', mode: 'normal', receipts: 'none' });
  for (const name of ['webhook', 'msg91', 'whatsapp-cloud']) await api('POST', `/v1/providers/${name}/resume`);
  gateway.forget();
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
  await world.moveTo(0);
});

let orders = 0;
async function tell(event: string, order = `seat_${++orders}`): Promise<string> {
  const number = order.slice('seat_'.length);
  const person = { customerId: `cust_${number}`, phone: `+9198${60_000_000 + Number(number)}` };
  expect((await api('POST', '/v1/events', { event, person, keys: { order } })).status).toBe(202);
  await world.settled();
  return order;
}
/** Somebody's matter begins, and its first message is under way. */
async function begin(event: string): Promise<string> {
  const order = await tell(event);
  await world.moveTo(minutes(1));
  return order;
}
/** The messages of an order, in words: state, the providers and codes of its calls, and in which template and language it stands. */
async function messagesOf(order: string): Promise<string[]> {
  const rows = await world.sql<{ what: string }>(
    `select m.channel || ' ' || m.state || coalesce(': ' || m.reason, '')
            || coalesce(' by ' || (select string_agg(a.provider || coalesce(' ' || a.code, ''), ', ' order by a.fence) from attempt a where a.message_id = m.id), '')
            || case when m.channel = 'whatsapp' then ' as ' || m.template else '' end as what
     from message m where m.run_id in (select run_id from run_key where key = any($1::uuid[])) order by m.due_at`,
    [orderKeys(world, [order])],
  );
  return rows.map(({ what }) => what);
}
const becomes = async (order: string, expected: string[]): Promise<void> => {
  await until(
    async () => {
      await world.settled();
      return JSON.stringify(await messagesOf(order)) === JSON.stringify(expected);
    },
    expected.join(' and '),
    8_000,
  ).catch(async () => expect(await messagesOf(order)).toEqual(expected));
};
async function msg91Reports(order: string, status: string): Promise<void> {
  const [call] = await world.sql<{ requestId: string }>(
    `select a.vendor_id as "requestId" from attempt a join message m on m.id = a.message_id
     where a.provider = 'msg91' and m.channel = 'sms' and m.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
    [orderKeys(world, [order])],
  );
  const report = {
    requestId: call?.requestId,
    status,
    number: '919860000000',
    date: '2026-11-23 11:02:00',
    failedReason: 'Absent',
    CRQID: '',
  };
  expect(await msg91Says(world, report)).toBe(200);
}
/** Templates and languages that WhatsApp took, in their order. */
const taken = () =>
  world.sandbox.ledger
    .entries()
    .filter((entry) => entry.channel === 'whatsapp' && entry.accepted)
    .map((entry) => JSON.stringify(entry));

describe('an SMS that MSG91 took and then reports as failed (2)', () => {
  test('goes out once by the other provider of the channel; the same report again changes nothing', async () => {
    const order = await begin('Seat Held');
    expect(await messagesOf(order)).toEqual(['sms sent by msg91']);
    for (let told = 0; told < 2; told++) await msg91Reports(order, '2');
    await becomes(order, ['sms sent by msg91, webhook']);
    await msg91Reports(order, '2');
    expect(await messagesOf(order)).toEqual(['sms sent by msg91, webhook']);
    // Its run has heard of no failure: the next step keeps its time.
    await world.moveTo(minutes(2));
    expect(await messagesOf(order)).toEqual(['sms sent by msg91, webhook']);
  });

  test('is over when the other provider refuses it, and WhatsApp is brought forward', async () => {
    gateway.answer({ status: 400, body: '{"code":"refused"}' });
    const order = await begin('Seat Held');
    await msg91Reports(order, '2');
    await becomes(order, ['sms rejected: refused by msg91, webhook refused']);
    await world.moveTo(minutes(2));
    await becomes(order, ['sms rejected: refused by msg91, webhook refused', 'whatsapp sent by whatsapp-cloud as last_word/en']);
  });

  test('goes to nobody else once it is paid, or once its step is worth nothing', async () => {
    const paid = await begin('Seat Held');
    await tell('Seat Paid', paid);
    await msg91Reports(paid, '2');
    await world.moveTo(0);
    const late = await begin('Seat Held');
    await world.moveTo(minutes(22));
    await msg91Reports(late, '2');
    await world.settled();
    expect(gateway.received).toEqual([]);
    expect(await messagesOf(paid)).toEqual(['sms rejected: refused by msg91']);
    expect((await messagesOf(late))[0]).toBe('sms rejected: refused by msg91');
  });

  test('has no other provider: it is over at once', async () => {
    await api('POST', '/v1/providers/webhook/pause');
    const order = await begin('Seat Held');
    await msg91Reports(order, '2');
    expect(await messagesOf(order)).toEqual(['sms rejected: refused by msg91']);
  });
});

/** What was heard of the messages of an order. */
const heardOf = async (order: string): Promise<string[]> =>
  (
    await world.sql<{ kind: string }>(
      `select r.kind from receipt r join message m on m.id = r.message_id
       where m.run_id in (select run_id from run_key where key = any($1::uuid[])) order by 1`,
      [orderKeys(world, [order])],
    )
  ).map(({ kind }) => kind);

describe('a report that nothing but the number ties to a message', () => {
  const foreign = (order: string, status: string) => ({
    requestId: 'of-somebody-else',
    status,
    number: `9198${60_000_000 + Number(order.slice('seat_'.length))}`,
    date: '2026-11-23 11:02:00',
    failedReason: 'Absent',
    CRQID: '',
  });

  test('settles the only unknown one when it failed, but sends nothing a second time: it may be about what another system sent', async () => {
    await world.control('mode', { vendor: 'msg91', mode: '500-accepted', receipts: 'none' });
    const order = await begin('Seat Held');
    await becomes(order, ['sms unknown: unknown_outcome by msg91 601']);
    expect(await msg91Says(world, foreign(order, '2'))).toBe(200);
    await becomes(order, ['sms rejected: refused by msg91 601']);
    await world.moveTo(minutes(5));
    expect(gateway.received).toEqual([]);
  });

  test.each([
    ['failed', '2'],
    ['delivered', '1'],
  ])(
    'and says %s while a call is open waits for its answer, and changes nothing when that names another message',
    async (_kind, status) => {
      await world.control('mode', { vendor: 'msg91', mode: 'slow', delayMs: 1_500, receipts: 'none' });
      const order = await tell('Seat Held');
      await world.clock.startAt((START + minutes(1)) as Instant, 0);
      await until(async () => (await messagesOf(order))[0] === 'sms calling', 'the open call');
      expect(await msg91Says(world, foreign(order, status))).toBe(200);
      expect(await messagesOf(order)).toEqual(['sms calling']);
      await becomes(order, ['sms sent by msg91']);
      await world.moveTo(minutes(5));
      expect(await messagesOf(order)).toEqual(['sms sent by msg91']);
      expect(await heardOf(order)).toEqual([]);
      expect(gateway.received).toEqual([]);
    },
  );
});

test('a report whose call is written down in the very moment in which its number is looked at is about that call, and not about the unknown message', async () => {
  await world.control('mode', { vendor: 'msg91', mode: '500-accepted', receipts: 'none' });
  const unknown = await begin('Seat Held');
  await becomes(unknown, ['sms unknown: unknown_outcome by msg91 601']);
  await world.control('mode', { vendor: 'msg91', mode: 'normal', receipts: 'none' });
  const [number, answered] = [unknown.slice('seat_'.length), `${unknown}_again`];
  const phone = `9198${60_000_000 + Number(number)}`;
  const person = { customerId: `cust_${number}`, phone: `+${phone}` };
  expect((await api('POST', '/v1/events', { event: 'Seat Held', person, keys: { order: answered } })).status).toBe(202);
  await world.settled();
  await world.moveTo(minutes(2));
  await becomes(answered, ['sms sent by msg91']);

  const answer = new Client({ connectionString: world.databaseUrl });
  await answer.connect();
  await answer.query('begin');
  await answer.query('lock table message in access exclusive mode');
  const told = { requestId: 'written-down-just-now', status: '1', number: phone, date: '2026-11-23 11:02:00', failedReason: '', CRQID: '' }; // prettier-ignore
  const report = msg91Says(world, told);
  const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%having count(*) = 1%'`;
  await until(async () => (await world.sql(waits)).length === 1, 'the report to look at the number');
  await answer.query(
    `update attempt set vendor_id = $2 where outcome = 'accepted' and message_id in (select id from message where run_id in (select run_id from run_key where key = any($1::uuid[])))`,
    [orderKeys(world, [answered]), told.requestId],
  );
  await answer.query('commit');
  await answer.end();
  expect(await report).toBe(200);
  await world.settled();
  expect([await messagesOf(unknown), await heardOf(unknown)]).toEqual([['sms unknown: unknown_outcome by msg91 601'], []]);
  expect([await messagesOf(answered), await heardOf(answered)]).toEqual([['sms sent by msg91'], ['delivered']]);
});

test('what the first provider reports of a call that it had refused says nothing of the one that another provider took', async () => {
  await world.control('mode', { vendor: 'msg91', mode: 'error', code: '301', count: 1 });
  const order = await begin('Seat Held');
  await becomes(order, ['sms sent by msg91 301, webhook']);
  const [message] = await world.sql<{ id: string }>(
    `select id from message where run_id in (select run_id from run_key where key = any($1::uuid[]))`,
    [orderKeys(world, [order])],
  );
  const failure = { class: 'refused', scope: 'message', code: '2' } as const;
  await world.app
    .get(RecordReceipts)
    .record('msg91', [{ kind: 'failed', at: Date.now(), attemptId: `${message?.id}.1`, ...failure }]);
  await world.moveTo(minutes(5));
  expect(await messagesOf(order)).toEqual(['sms sent by msg91 301, webhook']);
});

describe('an SMS that two providers took, the first of which then reported a failure,', () => {
  interface Line {
    readonly provider: string;
    readonly messages: number;
    readonly failed: number;
    readonly units: number;
    readonly cost: { readonly amount: number } | null;
  }
  /** What SMS of a provider came to so far. */
  async function billed(provider: string): Promise<number[]> {
    const { body } = await api('GET', '/v1/analytics/costs?from=2026-11');
    const lines = (body.lines as (Line & { channel: string })[]).filter(
      (one) => one.channel === 'sms' && one.provider === provider,
    );
    const sum = (of: (line: Line) => number): number => lines.reduce((total, line) => total + of(line), 0);
    return [sum((one) => one.messages), sum((one) => one.failed), sum((one) => one.units), sum((one) => one.cost?.amount ?? 0)];
  }
  async function spent(): Promise<number[]> {
    const { body } = await api('GET', '/v1/operations/spend');
    const sms = (body.channels as { channel: string; messages: number; amount: number }[]).find(
      ({ channel }) => channel === 'sms',
    );
    return [sms?.messages ?? 0, sms?.amount ?? 0];
  }
  const states = async () => {
    const { body } = await api('GET', '/v1/analytics/journeys/by_sms');
    return (body.messages as { channel: string; state: string; count: number }[])
      .filter(({ channel }) => channel === 'sms')
      .reduce((sum, { count }) => sum + count, 0);
  };
  const less = (after: number[], before: number[]): number[] => after.map((value, index) => value - (before[index] ?? 0));
  const everything = async () => {
    await billed('msg91');
    return Promise.all(
      ['touch', 'earlier_touch', 'message_rollup', 'message_daily'].map(async (table) =>
        (await world.sql<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t order by 1`)).map(({ row }) => row),
      ),
    );
  };
  beforeAll(async () => {
    const rate = { channel: 'sms', provider: 'webhook', country: 'IN', currency: 'INR', from: '2026-01-01', price: 30_000 };
    expect((await api('PUT', '/v1/analytics/rates', { ...rate, source: 'contract' })).status).toBe(204);
    await world.app.get(KeepPrices).look();
  });

  test('is billed by both, at the price of each; a rebuild and the exports say the same', async () => {
    const before = {
      msg91: await billed('msg91'),
      webhook: await billed('webhook'),
      spent: await spent(),
      states: await states(),
    };
    const order = await begin('Seat Held');
    await msg91Reports(order, '2');
    await becomes(order, ['sms sent by msg91, webhook']);
    await world.settled();
    const costs = async () => [less(await billed('msg91'), before.msg91), less(await billed('webhook'), before.webhook)];
    expect(await costs()).toEqual([
      [1, 1, 1, 20],
      [1, 0, 1, 30],
    ]);
    expect(less(await spent(), before.spent)).toEqual([2, 50]);
    // It is one message all the same.
    expect((await states()) - before.states).toBe(1);
    const [run] = await world.sql<{ id: string }>(`select run_id as id from run_key where key = any($1::uuid[]) limit 1`, [
      orderKeys(world, [order]),
    ]);
    const exported = await fetch(`${world.url}/v1/exports/attempts?format=ndjson`, {
      headers: { authorization: `Bearer ${await world.key(['read'])}` },
    });
    const rows = (await exported.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { run_id: string; provider: string; state: string; failed_at: string | null })
      .filter(({ run_id }) => run_id === run?.id);
    expect(rows.map(({ provider, state, failed_at }) => [provider, state, failed_at !== null])).toEqual([
      ['msg91', 'superseded', true],
      ['webhook', 'sent', false],
    ]);
    const heard = await everything();
    await rebuildOutcomes(world.database);
    expect(await everything()).toEqual(heard);
    await world.sql('truncate touch, earlier_touch, message_rollup, message_daily');
    await rebuildOutcomes(world.database);
    expect(await everything()).toEqual(heard);
    expect(await costs()).toEqual([
      [1, 1, 1, 20],
      [1, 0, 1, 30],
    ]);
  });

  test('is billed by the first alone when the second refuses it at once', async () => {
    const before = { msg91: await billed('msg91'), webhook: await billed('webhook'), spent: await spent() };
    gateway.answer({ status: 400, body: '{"code":"refused"}' });
    const order = await begin('Seat Held');
    await msg91Reports(order, '2');
    await becomes(order, ['sms rejected: refused by msg91, webhook refused']);
    await world.settled();
    expect(less(await billed('msg91'), before.msg91)).toEqual([1, 1, 1, 20]);
    expect(less(await billed('webhook'), before.webhook)).toEqual([0, 0, 0, 0]);
    expect(less(await spent(), before.spent)).toEqual([1, 20]);
  });

  test('is billed by the first alone when it arrived after all, before anybody else was asked', async () => {
    const before = { msg91: await billed('msg91'), webhook: await billed('webhook'), spent: await spent() };
    const order = await begin('Seat Held');
    expect((await api('PUT', '/v1/operations/stop')).status).toBe(204);
    await msg91Reports(order, '2');
    // The world does not come to rest: the message waits behind the stop.
    await until(
      async () => (await messagesOf(order))[0] === 'sms retryable: refused by msg91',
      'it to wait for a further attempt',
    );
    await msg91Reports(order, '1');
    await becomes(order, ['sms sent by msg91']);
    expect((await api('DELETE', '/v1/operations/stop')).status).toBe(204);
    await world.moveTo(minutes(5));
    expect(await messagesOf(order)).toEqual(['sms sent by msg91']);
    expect(gateway.received).toEqual([]);
    expect(less(await billed('msg91'), before.msg91)).toEqual([1, 1, 1, 20]);
    expect(less(await billed('webhook'), before.webhook)).toEqual([0, 0, 0, 0]);
    expect(less(await spent(), before.spent)).toEqual([1, 20]);
  });

  /** What the providers of an order's first message are shown to have done, as the exports say it: the first call comes first. */
  async function attemptsOf(order: string): Promise<string[]> {
    await billed('msg91');
    const rows = await world.sql<{ what: string }>(
      `select provider || ' ' || what as what from (
         select provider, at, state || case when delivered_at is not null then ' delivered' else '' end as what from touch where channel = 'sms' and run_id in (select run_id from run_key where key = any($1::uuid[]))
         union all
         select provider, at, 'superseded' || case when delivered_at is not null then ' delivered' else '' end from earlier_touch where run_id in (select run_id from run_key where key = any($1::uuid[]))) t
       order by at, what`,
      [orderKeys(world, [order])],
    );
    return rows.map(({ what }) => what);
  }
  const arrives = async (order: string, provider: string, fence: number): Promise<void> => {
    const [message] = await world.sql<{ id: string }>(
      `select id from message where run_id in (select run_id from run_key where key = any($1::uuid[])) order by due_at limit 1`,
      [orderKeys(world, [order])],
    );
    await world.app
      .get(RecordReceipts)
      .record(provider, [{ kind: 'delivered', at: Date.now(), attemptId: `${message?.id}.${fence}` }]);
    await world.settled();
  };
  /** The SMS of an order in the list of messages, by provider. */
  const listed = async (order: string, query: string): Promise<string[]> => {
    const runs = await world.sql<{ id: string }>(`select run_id as id from run_key where key = any($1::uuid[])`, [
      orderKeys(world, [order]),
    ]);
    const { body } = await api('GET', `/v1/messages?channel=sms&journey=by_sms&limit=500&${query}`);
    return (body.messages as { runId: string; provider: string; state: string }[])
      .filter(({ runId }) => runs.some(({ id }) => id === runId))
      .map(({ provider, state }) => `${provider} ${state}`)
      .sort();
  };
  const rebuilt = async () => {
    const heard = await everything();
    await rebuildOutcomes(world.database);
    expect(await everything()).toEqual(heard);
  };

  describe('or which the first had refused, and which that one then says to have delivered,', () => {
    beforeEach(() => world.control('mode', { vendor: 'msg91', mode: 'error', code: '301', count: 1 }));

    test.each([
      [
        'msg91',
        1,
        'webhook',
        2,
        ['msg91 sent delivered', 'webhook superseded'],
        ['msg91 sent delivered', 'webhook superseded delivered'],
      ],
      ['webhook', 2, 'msg91', 1, ['webhook sent delivered'], ['msg91 superseded delivered', 'webhook sent delivered']],
    ] as const)(
      'is billed by both, and shown as the one that arrived first: %s',
      async (first, itsCall, second, thatCall, once, both) => {
        const before = [await billed('msg91'), await billed('webhook')];
        const order = await begin('Seat Held');
        await becomes(order, ['sms sent by msg91 301, webhook']);
        await arrives(order, first, itsCall);
        expect(await attemptsOf(order)).toEqual(once);
        await world.moveTo(minutes(2));
        await arrives(order, second, thatCall);
        expect(await attemptsOf(order)).toEqual(both);
        expect(await heardOf(order)).toEqual(['delivered', 'delivered']);
        expect(less(await billed('msg91'), before[0] as number[])).toEqual([1, 0, 1, 20]);
        expect(less(await billed('webhook'), before[1] as number[])).toEqual([1, 0, 1, 30]);
        // It is one message all the same, delivered once; who asks for what it does not stand for finds that, as the bill has it.
        const standsFor = both.filter((one) => !one.includes('superseded')).map((one) => one.replace(' delivered', ''));
        const other = both.filter((one) => one.includes('superseded')).map((one) => one.replace(' delivered', ''));
        expect(await listed(order, 'outcome=delivered')).toEqual(standsFor);
        expect(await listed(order, '')).toEqual(standsFor);
        expect(await listed(order, 'outcome=delivered&state=superseded')).toEqual(other);
        expect(await listed(order, 'outcome=billed')).toEqual([...standsFor, ...other].sort());
        await rebuilt();
      },
    );

    test.each([
      ['has refused it as well', 400, '{"code":"refused"}', 'sms rejected: refused by msg91 301, webhook'],
      ['is too busy for it', 429, '{"code":"throttled"}', 'sms retryable: throttled by msg91 301, webhook'],
    ])('goes out no more when the second %s, and is billed by the first alone', async (_case, status, body, waits) => {
      const before = [await billed('msg91'), await billed('webhook')];
      gateway.answer({ status, body });
      const order = await tell('Seat Held');
      await world.clock.startAt((START + minutes(1)) as Instant, 0);
      await until(async () => (await messagesOf(order))[0]?.startsWith(waits) === true, 'the answer of the second');
      await arrives(order, 'msg91', 1);
      expect((await messagesOf(order))[0]).toContain('sms sent by msg91 301, webhook');
      const asked = gateway.received.length;
      gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
      await world.moveTo(minutes(5));
      expect(gateway.received).toHaveLength(asked);
      expect(await attemptsOf(order)).toEqual(['msg91 sent delivered']);
      expect(less(await billed('msg91'), before[0] as number[])).toEqual([1, 0, 1, 20]);
      expect(less(await billed('webhook'), before[1] as number[])).toEqual([0, 0, 0, 0]);
      await rebuilt();
    });
  });

  describe('and then as delivered, while the second was being called,', () => {
    async function overtaken(): Promise<{
      order: string;
      answer: ReturnType<HttpVendorStub['answerLater']>;
      before: number[][];
    }> {
      const before = [await billed('msg91'), await billed('webhook'), await spent()];
      const answer = gateway.answerLater();
      const order = await begin('Seat Held');
      await msg91Reports(order, '2');
      await until(async () => gateway.received.length === 1, 'the second call');
      await msg91Reports(order, '1');
      expect(await messagesOf(order)).toEqual(['sms sent by msg91']);
      return { order, answer, before };
    }
    const since = async (before: number[][]): Promise<number[][]> => [
      less(await billed('msg91'), before[0] as number[]),
      less(await billed('webhook'), before[1] as number[]),
      less(await spent(), before[2] as number[]),
    ];
    async function storyOf(order: string) {
      const [run] = await world.sql<{ id: string }>(`select run_id as id from run_key where key = any($1::uuid[]) limit 1`, [
        orderKeys(world, [order]),
      ]);
      const { body } = await api('GET', `/v1/runs/${run?.id}`);
      const heard = (body.timeline as { what: string; outcome: string; detail: { provider?: string } }[])
        .filter(({ what }) => what === 'heard')
        .map(({ outcome, detail }) => `${outcome} by ${detail.provider}`)
        .sort();
      const [touch] = await world.sql<{ provider: string }>(`select provider from touch where run_id = $1`, [run?.id]);
      return { heard, provider: touch?.provider };
    }

    test('is billed by both when that one takes it, and is shown as the one that arrived', async () => {
      const { order, answer, before } = await overtaken();
      answer({ status: 200, body: '{"id":"gw-2"}' });
      await becomes(order, ['sms sent by msg91, webhook']);
      await world.settled();
      expect(await since(before)).toEqual([
        [1, 0, 1, 20],
        [1, 0, 1, 30],
        [2, 50],
      ]);
      expect(await storyOf(order)).toEqual({ heard: ['delivered by msg91', 'failed by msg91'], provider: 'msg91' });
      const heard = await everything();
      await rebuildOutcomes(world.database);
      expect(await everything()).toEqual(heard);
      await world.moveTo(minutes(5));
      expect(gateway.received).toHaveLength(1);
      expect(await messagesOf(order)).toEqual(['sms sent by msg91, webhook']);
    });

    test.each([
      ['refuses it', 400, '{"code":"refused"}', 'refused'],
      ['is too busy for it', 429, '{"code":"throttled"}', 'throttled'],
    ])('is billed by the first alone when that one %s, and goes out no more', async (_case, status, body, code) => {
      const { order, answer, before } = await overtaken();
      answer({ status, body });
      await becomes(order, [`sms sent by msg91, webhook ${code}`]);
      await world.settled();
      expect(await since(before)).toEqual([
        [1, 1, 1, 20],
        [0, 0, 0, 0],
        [1, 20],
      ]);
      expect((await storyOf(order)).provider).toBe('msg91');
      await world.moveTo(minutes(5));
      expect(gateway.received).toHaveLength(1);
    });
  });

  test('counts against a cap that is set afterwards with both', async () => {
    const before = await spent();
    const order = await begin('Seat Held');
    await msg91Reports(order, '2');
    await becomes(order, ['sms sent by msg91, webhook']);
    expect(less(await spent(), before)).toEqual([2, 50]);
    const all = (await spent())[1] as number;
    await api('PUT', '/v1/operations/spend-caps/channel:sms', { amount: all + 19, currency: 'INR' });
    await world.app.get(KeepSpendCaps).look();
    await world.moveTo(0);
    const next = await begin('Seat Held');
    await becomes(next, ['sms skipped: spend_cap_of_channel']);
    await api('DELETE', '/v1/operations/spend-caps/channel:sms');
    await world.app.get(KeepSpendCaps).look();
  });
});

describe('a WhatsApp template that Meta does not know in its language (132001)', () => {
  test('is paused in that language, the message goes out in the language that is tried for everybody, and so do the next ones', async () => {
    await world.control('mode', { vendor: 'whatsapp', mode: 'error', code: '132001', count: 1 });
    const order = await begin('Seat Seen');
    await becomes(order, ['whatsapp sent by whatsapp-cloud 132001, whatsapp-cloud as tamil/hi']);
    const { body } = await api('GET', '/v1/providers');
    const listed = (body.providers as { name: string; pauses: { subject: string; code: string }[] }[]).find(
      ({ name }) => name === 'whatsapp-cloud',
    );
    expect(listed?.pauses).toMatchObject([{ code: '132001' }]);
    await world.moveTo(0);
    const next = await begin('Seat Seen');
    await becomes(next, ['whatsapp sent by whatsapp-cloud as tamil/hi']);
    expect(taken().at(-1)).toContain('"hi"');
  });

  test('in none of the languages: the next channel is brought forward', async () => {
    await world.control('mode', { vendor: 'whatsapp', mode: 'error', code: '132001' });
    const order = await begin('Seat Seen');
    await becomes(order, [
      'whatsapp rejected: bad_content by whatsapp-cloud 132001, whatsapp-cloud 132001, whatsapp-cloud 132001 as tamil/en',
    ]);
    await world.moveTo(minutes(2));
    await until(async () => (await messagesOf(order)).length === 2, 'the SMS');
  });
});

describe('a picture that Meta cannot fetch (131052, 131053)', () => {
  test.each(['131052', '131053'])('%s is tried once more', async (code) => {
    await world.control('mode', { vendor: 'whatsapp', mode: 'error', code, count: 1 });
    const order = await begin('Seat Shown');
    await becomes(order, [`whatsapp sent by whatsapp-cloud ${code}, whatsapp-cloud as picture/ta`]);
  });

  test("twice: the message goes out in its author's wording without it", async () => {
    await world.control('mode', { vendor: 'whatsapp', mode: 'error', code: '131053', count: 2 });
    const order = await begin('Seat Shown');
    await becomes(order, ['whatsapp sent by whatsapp-cloud 131053, whatsapp-cloud 131053, whatsapp-cloud as plain/ta']);
  });

  test('told by a failed status: the same, step by step', async () => {
    await world.control('mode', { vendor: 'whatsapp', mode: 'normal', receipts: 'failed', code: '131053' });
    const order = await begin('Seat Shown');
    await becomes(order, ['whatsapp rejected: refused by whatsapp-cloud, whatsapp-cloud, whatsapp-cloud as plain/ta']);
  });

  test('twice, and no other wording: the next channel is brought forward', async () => {
    await world.control('mode', { vendor: 'whatsapp', mode: 'error', code: '131053' });
    const order = await begin('Seat Viewed');
    await becomes(order, ['whatsapp rejected: refused by whatsapp-cloud 131053, whatsapp-cloud 131053 as alone/hi']);
  });
});

describe('a WhatsApp message of several attempts', () => {
  async function statusOf(order: string, fence: number, kind: 'failed' | 'delivered'): Promise<void> {
    const [message] = await world.sql<{ id: string }>(
      `select id from message where run_id in (select run_id from run_key where key = any($1::uuid[])) order by due_at limit 1`,
      [orderKeys(world, [order])],
    );
    const failure = { class: 'refused', scope: 'message', code: '131053', again: 'same' } as const;
    const billing = { category: 'utility', billable: true };
    const told = kind === 'failed' ? { kind, ...failure } : { kind, billing };
    await world.app
      .get(RecordReceipts)
      .record('whatsapp-cloud', [{ ...told, at: Date.now(), attemptId: `${message?.id}.${fence}` }]);
  }
  /** Messages, how many of them arrived and were charged for, their cost, and what of today counts against the caps. */
  async function billed(): Promise<number[]> {
    const { body } = await api('GET', '/v1/analytics/costs?from=2026-11');
    const lines = (body.lines as { channel: string; messages: number; delivered: number; units: number; cost: { amount: number } | null }[]).filter(({ channel }) => channel === 'whatsapp'); // prettier-ignore
    const { body: today } = await api('GET', '/v1/operations/spend');
    const spent = (today.channels as { channel: string; amount: number }[]).find(({ channel }) => channel === 'whatsapp');
    return [
      lines.reduce((sum, one) => sum + one.messages, 0),
      lines.reduce((sum, one) => sum + one.delivered, 0),
      lines.reduce((sum, one) => sum + one.units, 0),
      lines.reduce((sum, one) => sum + (one.cost?.amount ?? 0), 0),
      spent?.amount ?? 0,
    ];
  }
  const rows = async () => {
    await billed();
    return Promise.all(
      ['touch', 'earlier_touch', 'message_rollup', 'message_daily'].map((table) =>
        world.sql<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t order by 1`),
      ),
    );
  };
  const since = async (before: number[]) => (await billed()).map((value, index) => value - (before[index] ?? 0));

  test('costs what each of them costs that arrived, also when the first, reported as failed, did so last', async () => {
    const rate = { channel: 'whatsapp', provider: 'whatsapp-cloud', category: 'utility', country: 'IN', currency: 'INR', from: '2026-01-01', price: 12_000 }; // prettier-ignore
    expect((await api('PUT', '/v1/analytics/rates', { ...rate, source: 'contract' })).status).toBe(204);
    await world.app.get(KeepPrices).look();
    const before = await billed();
    const order = await begin('Seat Viewed');
    await becomes(order, ['whatsapp sent by whatsapp-cloud as alone/hi']);
    await statusOf(order, 1, 'failed');
    await becomes(order, ['whatsapp sent by whatsapp-cloud, whatsapp-cloud as alone/hi']);
    await statusOf(order, 2, 'delivered');
    await world.settled();
    expect(await since(before)).toEqual([2, 1, 1, 12, 12]);
    await statusOf(order, 1, 'delivered');
    await world.settled();
    expect(await since(before)).toEqual([2, 2, 2, 24, 24]);
    const heard = await rows();
    await rebuildOutcomes(world.database);
    expect(await rows()).toEqual(heard);
  });

  test('is two that were taken, and not three, when the first arrives while the third is being called and refused', async () => {
    const order = await begin('Seat Shown');
    await becomes(order, ['whatsapp sent by whatsapp-cloud as picture/ta']);
    await statusOf(order, 1, 'failed');
    await becomes(order, ['whatsapp sent by whatsapp-cloud, whatsapp-cloud as picture/ta']);
    expect((await api('PUT', '/v1/operations/stop')).status).toBe(204);
    await statusOf(order, 2, 'failed');
    const [message] = await world.sql<{ id: string; addressKey: EntityKey; runId: string }>(
      `select id, address_key as "addressKey", run_id as "runId" from message where run_id in (select run_id from run_key where key = any($1::uuid[])) order by due_at limit 1`,
      [orderKeys(world, [order])],
    );
    const { id, addressKey, runId } = message as { id: string; addressKey: EntityKey; runId: string };
    const at = (START + minutes(1)) as Instant;
    await world.database.transaction((tx) =>
      messageStore.startCalls(tx, [{ id, addressKey, record: { at }, price: null, country: null }], at),
    );
    await statusOf(order, 1, 'delivered');
    const outcome = { outcome: 'failed', failure: { class: 'refused', scope: 'message', code: '131026' } } as const;
    await world.app.get(RecordCalls).record({
      provider: 'whatsapp-cloud',
      channel: 'whatsapp',
      call: { messageId: id, fence: 3, startedAt: at, endedAt: at, parts: [{ addressKey, outcome }], outcome, after: { state: 'rejected', reason: 'refused' } },
    }); // prettier-ignore
    expect((await api('DELETE', '/v1/operations/stop')).status).toBe(204);
    await world.settled();
    const told = await world.sql<{ what: string }>(
      `select 'stands, delivered ' || (delivered_at is not null) as what from touch where run_id = $1
       union all select 'followed, delivered ' || (delivered_at is not null) from earlier_touch where run_id = $1 order by 1 desc`,
      [runId],
    );
    expect(told.map(({ what }) => what)).toEqual(['stands, delivered true', 'followed, delivered false']);
  });
});

test("a template that Meta has paused (132015) gives way to its author's other one, for the messages that follow as well", async () => {
  await world.control('mode', { vendor: 'whatsapp', mode: 'error', code: '132015', count: 1 });
  const order = await begin('Seat Shown');
  await becomes(order, ['whatsapp sent by whatsapp-cloud 132015, whatsapp-cloud as plain/ta']);
  await world.moveTo(0);
  await becomes(await begin('Seat Shown'), ['whatsapp sent by whatsapp-cloud as plain/ta']);
});
