import { hours, minutes } from '@wapas/kernel';
import { peopleLimitStore } from '../../src/channels/store/people-limit.store';
import { apiOf } from '../support/api';
import { orderKeys } from '../support/stories';
import { until, World } from '../support/world';

/** A WhatsApp message, and an SMS half an hour later unless there is a reason to send it sooner. */
const journey = (key: string, event: string, purpose: string) => ({
  format: 'wapas.journey/1',
  key,
  name: key,
  trigger: { event },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    {
      key: 'whatsapp',
      after: '1m',
      channel: 'whatsapp',
      purpose,
      messages: [{ template: { name: key, language: 'en', body: ['{{keys.order}}'] } }],
    },
    {
      key: 'sms',
      after: '30m',
      minDelay: '2m',
      channel: 'sms',
      messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}' } } }],
    },
  ],
});

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_CAP_MARKETING_PER_DAY: '10' } });
  api = await apiOf(world);
  await world.publish(journey('seat', 'Seat Held', 'service'));
  await world.publish(journey('offer', 'Seat Seen', 'marketing'));
});
afterAll(() => world?.stop());

const hold = async (customer: number, event: string, day = 0): Promise<string> => {
  const order = `${event.slice(5)}_${customer}_${++orders}`;
  await world.moveTo(day);
  const { status } = await api('POST', '/v1/events', {
    event,
    person: { customerId: `c${customer}`, phone: `+919812300${String(customer).padStart(3, '0')}` },
    consents: [{ purpose: 'marketing', channel: 'whatsapp', state: 'granted', noticeVersion: 'v1' }],
    keys: { order },
  });
  expect(status).toBe(202);
  await world.settled();
  for (const at of [1, 2]) await world.moveTo(day + minutes(at));
  return order;
};
let orders = 0;

/** What became of the messages of an order, with the codes of their calls. */
const messagesOf = async (order: string): Promise<string[]> => {
  const rows = await world.sql<{ what: string }>(
    `select m.step || ' ' || m.state || coalesce(': ' || m.reason, '') || coalesce(' ' || (select string_agg(a.code, ',') from attempt a where a.message_id = m.id), '') as what
     from message m where m.run_id in (select run_id from run_key where key = any($1::uuid[])) order by m.due_at`,
    [orderKeys(world, [order])],
  );
  return rows.map(({ what }) => what);
};
const pauses = async () => {
  const { body } = await api('GET', '/v1/providers');
  const listed = body.providers as { name: string; pauses: { code: string; marketingOnly: boolean }[] }[];
  return listed.find(({ name }) => name === 'whatsapp-cloud')?.pauses.map(({ code, marketingOnly }) => ({ code, marketingOnly }));
};

const people = async () => {
  const { body } = await api('GET', '/v1/providers');
  return (body.providers as { name: string; people: unknown }[]).find(({ name }) => name === 'whatsapp-cloud')?.people;
};
/** Meta says how many different people may be written to; -1: any number. */
async function metaSaysAtMost(most: number): Promise<void> {
  const value = { max_daily_conversations_per_business: most };
  await world.control('whatsapp/account', { field: 'business_capability_update', value });
  const known = most === -1 ? undefined : most;
  await until(async () => ((await people()) as { most?: number } | null)?.most === known, 'the limit to be known');
}
/** Meta refuses beyond `most` different people, but has said that there is no limit: another system writes from the same portfolio. */
async function limitIsLowerThanTold(most: number, overLimit: object = {}): Promise<void> {
  await world.control('whatsapp/portfolio', { limit: most, ...overLimit });
  await metaSaysAtMost(-1);
}
const attention = async () => ((await api('GET', '/health/ready')).body as unknown as { attention: string[] }).attention;

test('over the portfolio limit a customer is reached by SMS at once, those who were reached before stay reachable, and marketing waits for an operator', async () => {
  await limitIsLowerThanTold(1);
  await world.sql('delete from provider_pause');
  expect(await messagesOf(await hold(1, 'Seat Held'))).toEqual(['whatsapp sent']);
  expect(await messagesOf(await hold(2, 'Seat Held'))).toEqual(['whatsapp rejected: refused 131048', 'sms sent']);
  await until(async () => (await pauses())?.length === 1, 'the pause');
  expect(await pauses()).toEqual([{ code: '131048', marketingOnly: true }]);

  // A service message goes out all the same: the number is restricted, not shut.
  expect(await messagesOf(await hold(1, 'Seat Held'))).toEqual(['whatsapp sent']);
  // Marketing asks nobody any more: what is left of the limit is for those whose payment failed.
  const before = world.sandbox.ledger.entries().length;
  expect(await messagesOf(await hold(1, 'Seat Seen'))).toEqual(['whatsapp rejected: provider_paused', 'sms sent']);
  expect(
    world.sandbox.ledger
      .entries()
      .slice(before)
      .map(({ channel }) => channel),
  ).toEqual(['sms']);

  // Meta raises the limit, an operator resumes: everybody is reached again.
  await world.control('whatsapp/portfolio', { limit: 2_000 });
  expect((await api('POST', '/v1/providers/whatsapp-cloud/resume')).status).toBe(204);
  expect(await messagesOf(await hold(3, 'Seat Seen'))).toEqual(['whatsapp sent']);
});

test('of another channel whoever was written to within a day is counted too, and once', async () => {
  const reached = (channel: string) => peopleLimitStore.reached(world.database, { name: 'msg91', channel });
  await limitIsLowerThanTold(1);
  const day = hours(24 * 20);
  const bySms = new Set<number>();
  for (const customer of [30, 31, 32, 31])
    if ((await messagesOf(await hold(customer, 'Seat Held', day))).includes('sms sent')) bySms.add(customer);
  expect([bySms.has(31), await reached('sms'), await reached('whatsapp')]).toEqual([true, bySms.size, 0]);
  await world.moveTo(day + hours(24));
  expect(await reached('sms')).toBe(bySms.size);
  await world.moveTo(day + hours(25));
  expect(await reached('sms')).toBe(0);
});

test('told by webhook after the message was taken, it falls forward as well', async () => {
  await limitIsLowerThanTold(1, { told: 'webhook' });
  const order = await hold(4, 'Seat Held');
  const heard = () => world.sql(`select 1 from receipt r join message m on m.id = r.message_id where r.kind = 'failed'`);
  await until(async () => (await heard()).length === 1, 'the receipt');
  await world.settled();
  await world.moveTo(minutes(3));
  expect(await messagesOf(order)).toEqual(['whatsapp rejected: refused', 'sms sent']);
});

test('the limit that Meta tells is kept before Meta is asked: who finds no room is reached by SMS at once, who was reached before has room, and so has everybody a day later, when nothing is said of it any more', async () => {
  const day = hours(48);
  await world.control('whatsapp/portfolio', { limit: 0 });
  await api('POST', '/v1/providers/whatsapp-cloud/resume');
  await metaSaysAtMost(2);
  for (const customer of [11, 12]) expect(await messagesOf(await hold(customer, 'Seat Held', day))).toEqual(['whatsapp sent']);
  expect(await people()).toEqual({ most: 2, reached: 2 });
  const before = world.sandbox.ledger.entries().length;
  expect(await messagesOf(await hold(13, 'Seat Held', day))).toEqual(['whatsapp skipped: messaging_limit', 'sms sent']);
  const calls = world.sandbox.ledger.entries().slice(before);
  expect(calls.map(({ channel }) => channel)).toEqual(['sms']);
  expect(await messagesOf(await hold(11, 'Seat Held', day))).toEqual(['whatsapp sent']);
  const nearly = (await attention()).filter((line) => line.includes('different people'));
  expect(nearly).toEqual([
    'whatsapp-cloud has written to 2 of the 2 different people that its vendor allows in 24 hours; the others are reached by the next channel',
  ]);
  await world.moveTo(day + hours(25));
  await until(async () => !(await attention()).some((line) => line.includes('different people')), 'the line to go');
  expect(await messagesOf(await hold(14, 'Seat Held', day + hours(25)))).toEqual(['whatsapp sent']);
  await metaSaysAtMost(2_000);
  expect(await messagesOf(await hold(15, 'Seat Held', day + hours(25)))).toEqual(['whatsapp sent']);
  expect((await attention()).filter((line) => line.includes('different people'))).toEqual([]);
  await metaSaysAtMost(-1);
});

describe('what Meta says of the account and of its number', () => {
  const says = (field: string, value: object, time?: number) => world.control('whatsapp/account', { field, value, time });
  const ban = (state: string, time?: number) =>
    says('account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: state } }, time);
  const quality = (event: string, time?: number) =>
    says('phone_number_quality_update', { display_phone_number: '15550783881', event, current_limit: 'TIER_10K' }, time);
  const now = () => Math.floor(Date.now() / 1_000);
  beforeEach(async () => {
    await world.control('whatsapp/portfolio', { limit: 0 });
    await api('POST', '/v1/providers/whatsapp-cloud/resume');
  });

  test('disabled: nobody asks any more and everybody falls forward, until it is reinstated; what is told again late changes nothing', async () => {
    const before = world.sandbox.ledger.entries().length;
    await ban('DISABLE', now() - 60);
    expect(await pauses()).toEqual([{ code: 'DISABLE', marketingOnly: false }]);
    expect(await attention()).toContainEqual('whatsapp-cloud is paused (DISABLE)');
    expect(await messagesOf(await hold(5, 'Seat Held'))).toEqual(['whatsapp rejected: provider_paused', 'sms sent']);
    const calls = world.sandbox.ledger.entries().slice(before);
    expect(calls.map(({ channel }) => channel)).toEqual(['sms']);

    await ban('REINSTATE', now() - 30);
    await ban('DISABLE', now() - 60);
    expect(await pauses()).toEqual([]);
    expect(await messagesOf(await hold(5, 'Seat Held'))).toEqual(['whatsapp sent']);
  });

  test("an operator's pause is not lifted by Meta, and an operator lifts what Meta restricted", async () => {
    await api('POST', '/v1/providers/whatsapp-cloud/pause');
    await ban('DISABLE', now() - 20);
    await ban('REINSTATE', now() - 10);
    expect(await pauses()).toEqual([{ code: 'operator', marketingOnly: false }]);
    const restriction = { restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration: now() + 3_600 };
    await says('account_update', { event: 'ACCOUNT_RESTRICTION', restriction_info: [restriction] });
    expect((await pauses())?.map(({ code }) => code).sort()).toEqual(['RESTRICTED_BIZ_INITIATED_MESSAGING', 'operator']);
    await api('POST', '/v1/providers/whatsapp-cloud/resume');
    expect(await pauses()).toEqual([]);
  });

  test('a flagged number sends no marketing, and what it still sends is for whose payment failed', async () => {
    await quality('FLAGGED', now() - 20);
    expect(await pauses()).toEqual([{ code: 'FLAGGED', marketingOnly: true }]);
    expect(await messagesOf(await hold(6, 'Seat Seen'))).toEqual(['whatsapp rejected: provider_paused', 'sms sent']);
    expect(await messagesOf(await hold(6, 'Seat Held'))).toEqual(['whatsapp sent']);
    await quality('UNFLAGGED', now() - 10);
    expect(await messagesOf(await hold(7, 'Seat Seen'))).toEqual(['whatsapp sent']);
  });

  test('what nobody but a person can do something about is shown for a day', async () => {
    await ban('SCHEDULE_FOR_DISABLE');
    await world.control('whatsapp/portfolio', { limit: 250 });
    expect(await pauses()).toEqual([]);
    expect(await attention()).toEqual(
      expect.arrayContaining([
        'whatsapp-cloud says of its account: SCHEDULE_FOR_DISABLE',
        'whatsapp-cloud says of its account: MESSAGING_LIMIT (250 different customers in 24 hours)',
      ]),
    );
  });
});
