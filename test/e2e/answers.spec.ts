import { minutes } from '@wapas/kernel';
import { startVendorStub, type VendorStub } from '@wapas/provider-testing';
import { apiOf } from '../support/api';
import { customer, failPayment, introduce, orderKeys, received } from '../support/stories';
import { metaSays } from '../support/vendors';
import { until, World } from '../support/world';

let world: World;
let team: VendorStub;
let api: Awaited<ReturnType<typeof apiOf>>;
let endpoint: string;

beforeAll(async () => {
  team = await startVendorStub();
  team.answer({ status: 204, body: '' });
  world = await World.start({ env: { WAPAS_WEBHOOKS_ALLOW_PRIVATE: 'on' } });
  api = await apiOf(world);
  const { body } = await api('POST', '/v1/webhooks', { url: `${team.url}/answers`, kinds: ['answer.received'] });
  endpoint = (body.endpoint as { id: string }).id;
});
afterAll(async () => {
  await world?.stop();
  await team?.close();
});

const words = () => world.sql('select id from webhook_delivery where content is not null');

test('an answer is handed on once, with the message that it answers, and its words are not kept', async () => {
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
  await until(async () => team.received.length > 0 && (await words()).length === 0, 'the answer');

  expect(team.received).toHaveLength(1);
  expect(JSON.parse(team.received[0]?.body ?? '{}')).toMatchObject({
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
  const { body } = await api('GET', `/v1/webhooks/${endpoint}/deliveries`);
  const [delivery] = body.deliveries as { id: string; canBeResent: boolean }[];
  expect(delivery).toMatchObject({ state: 'delivered', canBeResent: false });
  expect((await api('POST', `/v1/webhooks/${endpoint}/deliveries/${delivery?.id}/resend`)).status).toBe(410);
});

test('while the team is away an answer waits, sealed, and whoever wrote it may still be erased', async () => {
  team.answer({ status: 500, body: '' });
  const one = customer(2);
  await introduce(world, [one]);
  const text = {
    from: one.phone.slice(1),
    id: 'wamid.answer-2',
    timestamp: '1795411901',
    type: 'text',
    text: { body: 'Where is it?' },
  };
  expect(await metaSays(world, 'messages', { messages: [text] })).toBe(200);
  await until(async () => (await words()).length === 1, 'the answer to wait');
  expect(await world.sql(`select 1 from webhook_delivery where encode(content, 'escape') like '%Where%'`)).toEqual([]);
  const [person] = (await api('GET', `/v1/people?customerId=${one.id}`)).body.people as { id: string }[];
  expect((await api('POST', `/v1/people/${person?.id}/erasure`)).status).toBe(202);
  await until(async () => (await api('GET', `/v1/people/${person?.id}/erasure`)).body.state === 'done', 'the erasure');
  expect(await words()).toEqual([]);
  team.answer({ status: 204, body: '' });
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
    world.sql(
      `select state, reason from message where channel = 'whatsapp' and run_id in (select run_id from run_key where key = any($1::uuid[]))`,
      [orderKeys(world, [order])],
    );
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

test('who writes back without quoting our message has answered it all the same: no SMS follows', async () => {
  const businessSeconds = async (): Promise<number> =>
    (await world.sql<{ at: number }>('select floor(extract(epoch from business_now()))::int as at'))[0]?.at ?? 0;
  const all = [80, 81, 82, 83, 84, 85].map((number) => customer(number));
  await introduce(world, all);
  await world.moveTo(minutes(50));
  for (const one of all) await failPayment(world, one, minutes(50));
  await world.settled();
  await world.moveTo(minutes(50 + 16));
  const [writes, sendsAPicture, ...others] = all.filter((one) => received(world, one).includes('whatsapp'));
  const said = async (one: typeof writes, what: object): Promise<number> =>
    metaSays(world, 'messages', {
      messages: [
        { from: one?.phone.slice(1), id: `wamid.unquoted-${one?.id}`, timestamp: `${await businessSeconds()}`, ...what },
      ],
    });
  expect(await said(writes, { type: 'text', text: { body: 'I will pay tomorrow' } })).toBe(200);
  expect(await said(sendsAPicture, { type: 'image', image: { id: '1' } })).toBe(200);
  await world.moveTo(minutes(50 + 121));

  expect(others.length).toBeGreaterThan(0);
  for (const one of others) expect(received(world, one)).toContain('sms');
  for (const one of [writes, sendsAPicture]) expect(received(world, one as (typeof all)[number])).not.toContain('sms');
});

test("a STOP that quotes nothing stands in the person's timeline, and so does the START that takes it back", async () => {
  const one = customer(95);
  await introduce(world, [one]);
  const [person] = (await api('GET', `/v1/people?customerId=${one.id}`)).body.people as { id: string }[];
  const stops = async (): Promise<unknown[]> => {
    const { body } = await api('GET', `/v1/people/${person?.id}/timeline`);
    const entries = body.timeline as { what: string; outcome: string; channel?: string; detail?: { source: string } }[];
    return entries
      .filter(({ what }) => what === 'stopped' || what === 'resumed')
      .map(({ what, outcome, channel, detail }) => [what, outcome, channel ?? 'all', detail?.source]);
  };
  const says = (body: string): Promise<number> =>
    metaSays(world, 'messages', {
      messages: [{ from: one.phone.slice(1), id: `wamid.${body}-95`, timestamp: '1795411950', type: 'text', text: { body } }],
    });
  expect(await says('STOP')).toBe(200);
  await until(async () => (await stops()).length === 1, 'the stop');
  expect(await stops()).toEqual([['stopped', 'stop_word', 'all', 'inbound_whatsapp']]);
  await world.moveTo(minutes(200));
  await api('POST', '/v1/inbound-messages', { channel: 'sms', phone: one.phone, text: 'start', id: 'start-95' });
  await world.moveTo(minutes(201));
  await api('POST', '/v1/inbound-messages', { channel: 'sms', phone: one.phone, text: 'stop', id: 'stop-95' });
  expect(await stops()).toEqual([
    ['stopped', 'stop_word', 'all', 'inbound_whatsapp'],
    ['resumed', 'stop_word', 'all', 'inbound_whatsapp'],
    ['stopped', 'stop_word', 'all', 'inbound_sms'],
  ]);
});
