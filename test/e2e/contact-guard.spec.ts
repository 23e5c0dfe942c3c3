import { after, hours, minutes, newId } from '@wapas/kernel';
import { RequestMessages } from '../../src/channels/channels.api';
import { apiOf, personOf } from '../support/api';
import { printFigure } from '../support/figures';
import { customer, type Customer, failPayment, introduce, outcomes, received, treatEverybody } from '../support/stories';
import { until, World } from '../support/world';

const OPT_IN = [{ purpose: 'service', channel: 'whatsapp', state: 'granted' }];
const states = (world: World) =>
  world.sql<{ channel: string; outcome: string }>(
    `select channel, state || coalesce(':' || reason, '') as outcome from message order by due_at, channel`,
  );

describe('by default', () => {
  let world: World;
  let api: Awaited<ReturnType<typeof apiOf>>;
  beforeAll(async () => {
    world = await World.start({ env: { WAPAS_SERVICE_OPT_IN: '' } });
    api = await apiOf(world);
    await treatEverybody(world);
  });
  afterAll(() => world?.stop());
  beforeEach(async () => {
    await world.sql('truncate message, attempt, receipt');
    await world.moveTo(0);
  });

  test('WhatsApp is sent to who opted in; who did not gets the SMS at its earliest moment, and the step says why', async () => {
    const [with_, without] = [customer(1), customer(2)];
    await introduce(world, [with_], OPT_IN);
    await introduce(world, [without]);
    for (const one of [with_, without]) await failPayment(world, one);
    await world.settled();
    await world.moveTo(minutes(1));
    await world.moveTo(minutes(15));
    expect(received(world, with_)).toEqual(['push', 'whatsapp']);
    expect(received(world, without)).toEqual(['push', 'sms']);
    expect((await states(world)).filter(({ channel }) => channel === 'whatsapp').map(({ outcome }) => outcome).sort()).toEqual(['sent', 'skipped:no_consent']); // prettier-ignore
    expect(await outcomes(world, without)).toMatchObject({ sms: 'send' });
  });

  test.each<[string, (one: Customer) => Promise<unknown>, string]>([
    ['took the opt-in back', (one) => api('POST', '/v1/consents', { consents: [{ person: { customerId: one.id }, ...OPT_IN[0], state: 'withdrawn' }] }), 'skipped:consent_withdrawn'], // prettier-ignore
    ['wrote STOP', (one) => api('POST', '/v1/inbound-messages', { channel: 'whatsapp', phone: one.phone, text: 'रोकें', id: one.id }), 'skipped:suppressed'], // prettier-ignore
    ['was suppressed by support', async (one) => api('POST', '/v1/suppressions', { person: { customerId: one.id }, reason: 'complaint' }), 'skipped:suppressed'], // prettier-ignore
  ])('a person who %s after the push gets no WhatsApp', async (how, act, outcome) => {
    const one = customer(100 + how.length);
    await introduce(world, [one], OPT_IN);
    await failPayment(world, one);
    await world.settled();
    await world.moveTo(minutes(1));
    await act(one);
    await world.moveTo(minutes(15));
    await world.moveTo(hours(2));
    expect(received(world, one)).toEqual(outcome.endsWith('suppressed') ? ['push'] : ['push', 'sms']);
    expect(await states(world)).toContainEqual({ channel: 'whatsapp', outcome });
  });

  test('a STOP from a number silences the app on it too', async () => {
    const one = customer(200);
    await introduce(world, [one], OPT_IN);
    await failPayment(world, one);
    await world.settled();
    await api('POST', '/v1/inbound-messages', { channel: 'sms', phone: one.phone, text: 'STOP WAPAS', id: 'stop-200' });
    await world.moveTo(minutes(1));
    expect(received(world, one)).toEqual([]);
  });

  test('a number that is suppressed for one channel is written to on the others', async () => {
    const one = customer(201);
    await introduce(world, [one], OPT_IN);
    await failPayment(world, one);
    await world.settled();
    await api('POST', '/v1/suppressions', { person: { phone: one.phone }, channel: 'whatsapp', reason: 'asked' });
    await world.moveTo(minutes(1));
    await world.moveTo(minutes(15));
    expect(received(world, one)).toEqual(['push', 'sms']);
  });

  test("what WhatsApp's own name for a person is suppressed for holds at their number", async () => {
    const [one, other] = [customer(203), customer(204)];
    await introduce(world, [one, other], OPT_IN);
    const whatsappId = 'IN.203abc';
    await api('POST', '/v1/events', { event: 'App Opened', person: { customerId: one.id, whatsappId } });
    await api('POST', '/v1/suppressions', { person: { whatsappId }, channel: 'whatsapp', reason: 'asked' });
    for (const each of [one, other]) await failPayment(world, each);
    await world.settled();
    await world.moveTo(minutes(1));
    await world.moveTo(minutes(15));
    expect([received(world, one), received(world, other)]).toEqual([
      ['push', 'sms'],
      ['push', 'whatsapp'],
    ]);
  });

  test('a consent that comes with an event counts before the next send', async () => {
    const one = customer(202);
    await introduce(world, [one]);
    await failPayment(world, one);
    await world.settled();
    await world.moveTo(minutes(1));
    await introduce(world, [one], OPT_IN);
    await world.moveTo(minutes(15));
    expect(received(world, one)).toEqual(['push', 'whatsapp']);
    const { body } = await api('GET', `/v1/people/${await personOf(api, one.id)}/consents`);
    expect(body.entries).toMatchObject([{ source: 'event_api', state: 'granted' }]);
  });
});

describe('a marketing message', () => {
  let world: World;
  let api: Awaited<ReturnType<typeof apiOf>>;
  beforeAll(async () => {
    world = await World.start();
    api = await apiOf(world);
  });
  afterAll(() => world?.stop());

  /** Asks for one as a journey's step does, and gives what became of it. */
  async function send(one: Customer, channel: 'sms' | 'whatsapp'): Promise<string> {
    await introduce(world, [one]);
    const personId = await personOf(api, one.id);
    const runId = newId();
    await world.database.transaction(async (tx) => {
      const now = await tx.businessNow();
      await world.app.get(RequestMessages).request(tx, [
        {
          runId,
          lap: 1,
          step: 'offer',
          journeyKey: 'cart_abandoned',
          personId,
          channel,
          template:
            channel === 'sms' ? { id: '64f0c0ffee00000000000003', variables: {} } : { name: 'cart_v1', language: 'en', body: [] },
          facts: { keys: {}, properties: {} },
          dueAt: now,
          notAfter: after(now, minutes(30)),
          test: false,
          purpose: channel === 'sms' ? 'promotional' : 'marketing',
          guard: { keys: [], since: now, stops: {} },
          caps: null,
        },
      ]);
    });
    await world.settled();
    const [row] = await world.sql<{ outcome: string }>(`select state || coalesce(':' || reason, '') as outcome from message where run_id = $1`, [runId]); // prettier-ignore
    return row?.outcome ?? '';
  }
  const agree = (one: Customer, channel: string) =>
    api('POST', '/v1/consents', {
      consents: [{ person: { customerId: one.id }, purpose: 'marketing', channel, state: 'granted' }],
    });

  test('needs consent on every channel, and is sent with it', async () => {
    const one = customer(301);
    expect([await send(one, 'whatsapp'), await send(one, 'sms')]).toEqual(['skipped:no_consent', 'skipped:dnd_no_consent']);
    await agree(one, 'whatsapp');
    expect([await send(one, 'whatsapp'), await send(one, 'sms')]).toEqual(['sent', 'skipped:dnd_no_consent']);
    await agree(one, 'all');
    expect(await send(one, 'sms')).toBe('sent');
  });

  test('never goes to a minor, and stops at a vendor preference while service messages go on', async () => {
    const [minor, stopped] = [customer(302), customer(303)];
    for (const one of [minor, stopped]) {
      await introduce(world, [one]);
      await agree(one, 'all');
    }
    await api('PATCH', `/v1/people/${await personOf(api, minor.id)}`, { minor: true });
    await api('POST', '/v1/suppressions', { person: { phone: stopped.phone }, channel: 'whatsapp', purpose: 'marketing', reason: 'vendor_preference' }); // prettier-ignore
    expect([await send(minor, 'sms'), await send(stopped, 'whatsapp'), await send(stopped, 'sms')]).toEqual(['skipped:minor', 'skipped:suppressed', 'sent']); // prettier-ignore
  });
});

describe('a backlog behind a rate limit', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ env: { FCM_MAX_PER_SECOND: '80' } });
    await treatEverybody(world);
  });
  afterAll(() => world?.stop());

  test('of 1,500 sends waiting at 80 a second none starts for those who take their consent back meanwhile', async () => {
    const everybody = Array.from({ length: 1_500 }, (_one, index) => customer(index));
    await introduce(world, everybody);
    for (let start = 0; start < everybody.length; start += 64)
      await Promise.all(everybody.slice(start, start + 64).map((one) => failPayment(world, one)));
    await world.settled();
    const api = await apiOf(world);
    await world.run(minutes(1));
    const sent = () => new Set(world.sandbox.ledger.entries().filter(({ accepted }) => accepted).map(({ address }) => address)); // prettier-ignore
    await until(() => sent().size >= 50, 'the first sends');
    const reached = sent();
    const waiting = everybody.filter(({ phone }) => !reached.has(`token-${phone.slice(1)}`)).slice(0, -100);
    for (let start = 0; start < waiting.length; start += 200)
      await api('POST', '/v1/consents', {
        consents: waiting.slice(start, start + 200).map(({ id }) => ({ person: { customerId: id }, purpose: 'all', channel: 'all', state: 'withdrawn' })), // prettier-ignore
      });
    await world.settled();
    // Claim and withdrawal hold the same lock when they look at the database's clock, so the two times tell which came first.
    const late = await world.sql(
      `select from message m join consent_entry c on c.person_id = m.person_id and c.state = 'withdrawn' where m.called_at > c.recorded_at`,
    );
    printFigure('no send after a withdrawal', { withdrawn: waiting.length, 'sends started after their 2xx': late.length });
    expect(late).toEqual([]);
    expect(waiting.filter(({ phone }) => !sent().has(`token-${phone.slice(1)}`)).length).toBeGreaterThan(100);
  });
});
