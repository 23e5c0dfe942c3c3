import { minutes } from '@wapas/kernel';
import { Catalogue } from '../../src/journeys/catalogue';
import { apiOf } from '../support/api';
import { World } from '../support/world';

const ID = '64f0c0ffee000000000000aa';
const good = {
  language: 'en',
  category: 'service',
  entityId: '1201159160000000001',
  header: 'SHOPIN',
  dltId: '1207161700000000001',
  brand: 'Shop',
  text: 'Shop: payment for order {#alphanumeric#} is not complete.',
  variables: ['order'],
};

let world: World;
let admin: string;
beforeAll(async () => {
  world = await World.start();
  admin = await world.key(['admin']);
});
afterAll(() => world?.stop());

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${world.url}/v1/templates/sms${path}`, {
    method,
    headers: { authorization: `Bearer ${admin}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const journey = (variables: Record<string, string>) => ({
  format: 'wapas.journey/1',
  key: 'seat_by_sms',
  name: 'One SMS',
  trigger: { event: 'Seat Held' },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [{ key: 'sms', after: '1m', channel: 'sms', messages: [{ template: { id: ID, variables } }] }],
});

test('a template that the operators would refuse is refused with the number of the rule and the mend', async () => {
  const bad = { ...good, text: 'Hurry, 20% off order {#var#} at upi://pay', variables: ['order'] };
  const { status, body } = await ask('PUT', `/${ID}`, bad);
  expect(status).toBe(422);
  const details = (body as { faults: { detail: string }[] }).faults.map(({ detail }) => detail.slice(0, 7));
  expect(details.sort()).toEqual(['Rule 3.', 'Rule 6.', 'Rule 6.', 'Rule 8.']);
  expect((await ask('PUT', `/${ID}`, { ...good, category: 'transactional' })).status).toBe(422);
  expect((await ask('GET', '')).body).toEqual({ templates: [] });
});

test('G85, G86: a registered template is previewed with its parts, and guards journeys and sends that name it', async () => {
  expect((await ask('PUT', `/${ID}`, good)).status).toBe(204);
  expect((await ask('GET', '')).body).toEqual({ templates: [{ id: ID, ...good }] });

  expect((await ask('POST', `/${ID}/preview`, { variables: { order: 'order_1' } })).body).toEqual({
    text: 'Shop: payment for order order_1 is not complete.',
    encoding: 'GSM-7',
    places: 48,
    parts: 1,
    unusual: [],
  });
  expect((await ask('POST', `/${ID}/preview`, { variables: { order: '₹ 1,499' } })).body).toMatchObject({
    encoding: 'UCS-2',
    unusual: ['₹'],
  });
  expect((await ask('POST', `/${ID}/preview`, { variables: { order: 'x'.repeat(41) } })).status).toBe(422);

  // At publish: other variables than the registered ones.
  const refused = await world.app.get(Catalogue).publish(journey({ order: '{{keys.order}}', url: '{{link}}' }));
  expect(refused).toMatchObject({
    faults: [
      { at: '/steps/0/messages/0/template/variables/url', code: 'not_the_registered_variables' },
      // The header of our short links is not the one that this template is sent under.
      { at: '/steps/0/messages/0/template/variables', code: 'link_under_other_header' },
    ],
  });

  // At send: a value that the operator would refuse never leaves.
  await world.publish(journey({ order: '{{keys.order}}' }));
  for (const order of ['seat_1', `seat_${'9'.repeat(40)}`]) {
    const response = await fetch(`${world.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` },
      body: JSON.stringify({
        event: 'Seat Held',
        person: { customerId: order.slice(0, 6), phone: '+919812345678' },
        keys: { order },
      }),
    });
    expect(response.status).toBe(202);
  }
  await world.settled();
  await world.moveTo(minutes(1));
  expect(await world.sql('select state, reason from message order by state')).toEqual([
    { state: 'sent', reason: null },
    { state: 'skipped', reason: 'dlt_value_too_long' },
  ]);

  expect((await ask('DELETE', `/${ID}`)).status).toBe(204);
  expect((await ask('DELETE', `/${ID}`)).status).toBe(404);
});

test('a preview takes what a send would take, and says how to mend the rest', async () => {
  const withLink = { ...good, text: 'Shop: finish order {#numeric#} here: {#url#}', variables: ['order', 'url'] };
  expect((await ask('PUT', `/${ID}`, withLink)).status).toBe(204);
  const preview = (order: string, url: string) => ask('POST', `/${ID}/preview`, { variables: { order, url } });
  const details = async (order: string, url: string) =>
    ((await preview(order, url)).body as { faults: { detail: string }[] }).faults.map(({ detail }) => detail);
  const shop = 'https://shop.example/orders';
  expect(await details('one', shop)).toEqual([expect.stringMatching(/^Rule 5\..*digits.*\{#numeric#\}/)]);
  expect(await details('1', shop)).toEqual([expect.stringContaining('/SHOPIN/')]);
  expect(await details('1'.repeat(41), shop)).toEqual([expect.stringContaining('40 characters')]);
  expect(await details('', shop)).toEqual([expect.stringContaining('empty')]);

  expect((await ask('PUT', '-addresses', { addresses: [{ kind: 'static', address: shop }] })).status).toBe(204);
  expect((await preview('1', shop)).status).toBe(200);
  expect(await details('1', `${shop}/2`)).toEqual([expect.stringContaining('sms-addresses')]);
  expect((await ask('PUT', '-addresses', { addresses: [] })).status).toBe(204);
  expect((await ask('DELETE', `/${ID}`)).status).toBe(204);
});

test('an SMS in more parts than allowed is neither published nor sent, and the run falls forward', async () => {
  const long = {
    ...good,
    text: `Shop: payment for order {#alphanumeric#} is not complete${', please look'.repeat(6)}.`,
    mostParts: 1,
  };
  expect((await ask('PUT', `/${ID}`, { ...long, mostParts: 11 })).status).toBe(422);
  expect((await ask('PUT', `/${ID}`, { ...long, samples: { order: 'x'.repeat(41) } })).body).toMatchObject({
    faults: [{ code: 'bad_sample' }],
  });

  // At publish, by the samples: these say that order ids are written in Devanagari.
  expect((await ask('PUT', `/${ID}`, { ...long, samples: { order: 'आदेश १' } })).status).toBe(204);
  const definition = {
    ...journey({ order: '{{keys.order}}' }),
    key: 'seat_by_long_sms',
    trigger: { event: 'Seat Lost' },
  };
  expect(await world.app.get(Catalogue).publish(definition)).toMatchObject({
    faults: [
      { at: '/steps/0/messages/0/template/id', code: 'too_many_parts', detail: expect.stringContaining('UCS-2') as unknown },
    ],
  });
  expect((await ask('PUT', `/${ID}`, { ...long, samples: { order: 'seat_1' } })).status).toBe(204);
  const push = {
    key: 'push',
    after: '20m',
    minDelay: '0s',
    channel: 'push',
    messages: [{ template: { title: 'Seat', body: 'x' } }],
  };
  await world.publish({ ...definition, steps: [...definition.steps, push] });

  // The preview counts with the facts that it is given.
  const api = await apiOf(world);
  const preview = (order: string) =>
    api('POST', '/v1/templates/preview', {
      channel: 'sms',
      template: { id: ID, variables: { order: '{{keys.order}}' } },
      facts: { keys: { order } },
    });
  expect((await preview('seat_1')).body).toMatchObject({ faults: [], previews: [{ sms: { parts: 1 } }] });
  expect((await preview('सीट_2')).body).toMatchObject({
    faults: [{ code: 'too_many_parts' }],
    previews: [{ sms: { parts: 2 } }],
  });

  // At send, by what it really says.
  for (const [customerId, order] of [
    ['long1', 'seat_long_1'],
    ['long2', 'सीट_2'],
  ]) {
    const { status } = await api('POST', '/v1/events', {
      event: 'Seat Lost',
      person: {
        customerId,
        phone: customerId === 'long1' ? '+919812345671' : '+919812345672',
        pushTokens: [{ token: customerId, platform: 'android' }],
      },
      keys: { order },
    });
    expect(status).toBe(202);
  }
  await world.settled();
  await world.moveTo(minutes(2));
  const sent = await world.sql(
    `select channel, state, reason, parts from message where journey_key = 'seat_by_long_sms' order by channel, state`,
  );
  expect(sent).toEqual([
    { channel: 'push', state: 'sent', reason: null, parts: null },
    { channel: 'sms', state: 'sent', reason: null, parts: 1 },
    { channel: 'sms', state: 'skipped', reason: 'sms_too_many_parts', parts: null },
  ]);
});
