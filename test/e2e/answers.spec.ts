import { minutes } from '@wapas/kernel';
import { faultOfStandardWebhook, standardWebhookKey } from '@wapas/provider-kit';
import { startVendorStub, type VendorStub } from '@wapas/provider-testing';
import { customer, failPayment, introduce, received } from '../support/stories';
import { metaSays } from '../support/vendors';
import { until, World } from '../support/world';

jest.setTimeout(60_000);

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
let world: World;
let team: VendorStub;

beforeAll(async () => {
  team = await startVendorStub();
  team.answer({ status: 204, body: '' });
  world = await World.start({
    env: { WAPAS_REPLIES_URL: `${team.url}/answers`, WAPAS_REPLIES_SECRET: SECRET, WAPAS_REPLIES_ALLOW_PRIVATE: 'on' },
  });
});
afterAll(async () => {
  await world?.stop();
  await team?.close();
});

test('an answer is handed on once, signed, with the message that it answers, and its words are not kept', async () => {
  const one = customer(1);
  await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(15));
  const [sent] = await world.sql<{ id: string; runId: string; vendorId: string }>(
    `select m.id, m.run_id as "runId", t.vendor_id as "vendorId" from message m
     join attempt t on t.message_id = m.id where m.channel = 'whatsapp' and m.state = 'sent'`,
  );
  const answer = {
    from: one.phone.slice(1),
    id: 'wamid.answer-1',
    timestamp: '1795411900',
    type: 'button',
    button: { payload: 'help', text: 'I need help' },
    context: { from: '1000', id: sent?.vendorId },
  };
  for (let time = 0; time < 3; time++) expect(await metaSays(world, 'messages', { messages: [answer] })).toBe(200);
  await until(async () => (await world.sql('select 1 from answer where handed_at is not null')).length === 1, 'the answer');

  expect(team.received).toHaveLength(1);
  const [post] = team.received;
  const headers = post?.headers as Record<string, string>;
  expect(
    faultOfStandardWebhook(headers, Buffer.from(post?.body ?? ''), standardWebhookKey(SECRET) as Buffer, Date.now()),
  ).toBeNull();
  expect(JSON.parse(post?.body ?? '{}')).toMatchObject({
    type: 'answer.received',
    data: {
      channel: 'whatsapp',
      provider: 'whatsapp-cloud',
      kind: 'button',
      text: 'I need help',
      payload: 'help',
      phone: one.phone,
      messageId: sent?.id,
      runId: sent?.runId,
    },
  });
  expect(await world.sql('select text, payload, phone from answer')).toEqual([{ text: null, payload: null, phone: null }]);
});

test('while the team is away its answer waits, and is given up with its words in the end', async () => {
  team.answer({ status: 500, body: '' });
  const text = {
    from: '919812345678',
    id: 'wamid.answer-2',
    timestamp: '1795411901',
    type: 'text',
    text: { body: 'Where is it?' },
  };
  expect(await metaSays(world, 'messages', { messages: [text] })).toBe(200);
  const row = async () =>
    (
      await world.sql<{ tries: number; text: string | null; due: boolean }>(
        `select tries, text, offer_at is not null as due from answer where vendor_id = 'wamid.answer-2'`,
      )
    )[0];
  await until(async () => (await row())?.tries === 1, 'the first try');
  expect(await row()).toMatchObject({ text: 'Where is it?', due: true });
  for (let tries = 2; tries <= 10; tries++) {
    await until(async () => {
      // Its pause is over at once; a try that is under way sets a new one, so say it until it was heard.
      await world.sql(
        `update answer set offer_at = clock_timestamp() where vendor_id = 'wamid.answer-2' and offer_at is not null`,
      );
      return (await row())?.tries === tries;
    }, `try ${tries}`);
  }
  await until(async () => (await row())?.text === null, 'the end');
  expect(await row()).toEqual({ tries: 10, text: null, due: false });
});

test('a template that Meta paused is not sent: SMS goes ahead; once it is approved again it is', async () => {
  const news = (event: string) =>
    metaSays(world, 'message_template_status_update', {
      event,
      message_template_id: 1,
      message_template_name: 'payment_failed_v1',
      message_template_language: 'en',
    });
  const whatsappOf = (order: string) =>
    world.sql(`select m.state, m.reason from message m where m.channel = 'whatsapp' and m.content::text like '%' || $1 || '%'`, [
      order,
    ]);
  const treated = async (from: number): Promise<ReturnType<typeof customer>> => {
    for (let number = from; ; number++) {
      const one = customer(number);
      await introduce(world, [one]);
      await failPayment(world, one, minutes(15));
      await world.settled();
      const [run] = await world.sql<{ arm: string }>(`select arm from run order by started_at desc, id desc limit 1`);
      if (run?.arm === 'treated') return one;
    }
  };
  expect(await news('PAUSED')).toBe(200);
  const first = await treated(10);
  await world.moveTo(minutes(31));
  expect(await whatsappOf(first.order)).toEqual([{ state: 'rejected', reason: 'template_paused' }]);
  expect(received(world, first)).not.toContain('whatsapp');

  expect(await news('APPROVED')).toBe(200);
  const second = await treated(50);
  await world.moveTo(minutes(48));
  expect(await whatsappOf(second.order)).toEqual([{ state: 'sent', reason: null }]);
});

test('preferences and news that nobody can use are taken and answered 200', async () => {
  const stop = { wa_id: '919812345678', category: 'marketing_messages', value: 'stop', timestamp: 1_795_411_900 };
  expect(await metaSays(world, 'user_preferences', { user_preferences: [stop] })).toBe(200);
  expect(await metaSays(world, 'account_alerts', { anything: true })).toBe(200);
});
