import { Client } from 'pg';
import { minutes } from '@wapas/kernel';
import { SyncTemplates } from '../../src/channels/sync-templates';
import { ReadBySomebodyElse, vendorTemplateStore } from '../../src/channels/store/vendor-template.store';
import { Catalogue } from '../../src/journeys/catalogue';
import { apiOf } from '../support/api';
import { until, World } from '../support/world';

const ACCOUNT = '102290129340398';
const approved = {
  name: 'seat_held_v1',
  language: 'en',
  body: 'Seat {{1}} is held for you.',
  button: 'Pay',
  category: 'UTILITY',
  ttlSeconds: 600,
};

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({
    env: { WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT },
    sandbox: {
      whatsappBusinessAccountId: ACCOUNT,
      whatsappTemplates: [
        approved,
        { ...approved, name: 'seat_offer_v1', category: 'MARKETING' },
        // More than one page of them.
        ...Array.from({ length: 60 }, (_, index) => ({ name: `other_${index}`, language: 'en', body: 'Hello.' })),
      ],
    },
  });
  api = await apiOf(world);
});
afterAll(() => world?.stop());

const journey = (template: object, step: object = {}) => ({
  format: 'wapas.journey/1',
  key: 'seat_by_whatsapp',
  name: 'One WhatsApp',
  trigger: { event: 'Seat Held' },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    {
      key: 'whatsapp',
      after: '1m',
      channel: 'whatsapp',
      ...step,
      messages: [
        { template: { name: approved.name, language: 'en', body: ['{{keys.order}}'], button: '{{link_token}}', ...template } },
      ],
    },
  ],
});
const faultsOf = async (definition: unknown): Promise<string[]> => {
  const result = await world.app.get(Catalogue).publish(definition);
  return 'faults' in result ? result.faults.map(({ code, detail }) => `${code}: ${detail}`) : [];
};
interface Synced {
  readonly provider: string;
  readonly trouble: string | null;
  readonly templates: readonly { name: string; status: string; code: string; category: string; validForSeconds: number | null }[];
}
const synced = async (name = approved.name) => {
  const [list] = (await api('GET', '/v1/templates/synced')).body.providers as Synced[];
  return list?.templates.find((one) => one.name === name);
};
let seats = 0;
async function holdSeat(): Promise<string> {
  const order = `seat_${++seats}`;
  await world.moveTo(0);
  const { status } = await api('POST', '/v1/events', {
    event: 'Seat Held',
    person: { customerId: `cust_${seats}`, phone: `+9198123456${10 + seats}` },
    keys: { order },
  });
  expect(status).toBe(202);
  await world.settled();
  await world.moveTo(minutes(1));
  const [row] = await world.sql<{ what: string }>(
    `select state || coalesce(': ' || reason, '') as what from message order by created_at desc, id desc limit 1`,
  );
  return row?.what ?? 'none';
}
const says = (change: object) => world.control('whatsapp/templates', { ...approved, ...change });

test('templates are read at start, page after page, and shown as their vendor holds them', async () => {
  const [list] = (await api('GET', '/v1/templates/synced')).body.providers as Synced[];
  expect([list?.provider, list?.trouble, list?.templates.length]).toEqual(['whatsapp-cloud', null, 62]);
  expect(await synced()).toMatchObject({ status: 'usable', code: 'APPROVED', category: 'utility', validForSeconds: 600 });
});

test('a journey is checked against them: name, language, parameters, button, category, lifetime', async () => {
  expect(await faultsOf(journey({ name: 'nobody_v1' }))).toEqual([expect.stringContaining('no_such_template: Rule 13.')]);
  expect(await faultsOf(journey({ language: 'en_US' }))).toEqual([expect.stringContaining('no_such_template: Rule 13.')]);
  expect(await faultsOf(journey({ body: [] }))).toEqual([expect.stringContaining('parameters_do_not_fit: Rule 13.')]);
  expect(await faultsOf(journey({ button: undefined }))).toEqual([expect.stringContaining('button_does_not_fit: Rule 13.')]);
  expect(await faultsOf(journey({ name: 'seat_offer_v1' }))).toEqual([expect.stringContaining('category_differs: Rule 13.')]);
  expect(await faultsOf({ ...journey({}), window: '5m' })).toEqual([expect.stringContaining('lives_too_long: Rule 14.')]);
  expect(await faultsOf(journey({ name: 'seat_offer_v1' }, { purpose: 'marketing' }))).toEqual([]);
  expect(await faultsOf(journey({}))).toEqual([]);
  await world.app.get(Catalogue).reload();
  expect(await holdSeat()).toBe('sent');
});

test('what a webhook says of a template counts for the next send at once, and for the next journey', async () => {
  await says({ category: 'MARKETING' });
  expect(await synced()).toMatchObject({ category: 'marketing' });
  expect(await holdSeat()).toMatch(/^rejected: template_(category_differs|paused)$/);
  await says({ category: 'UTILITY' });
  await says({ status: 'PAUSED' });
  expect(await holdSeat()).toMatch(/^rejected: template_(not_approved|paused)$/);
  expect((await faultsOf(journey({})))[0]).toContain('template_not_approved: Rule 13. The vendor says PAUSED');
  await says({ status: 'APPROVED' });
  expect(await holdSeat()).toBe('sent');
});

test('a template that loses its lifetime is sent no more: it would arrive next week', async () => {
  await says({ ttlSeconds: 0 });
  expect(await sync()).toMatchObject({ provider: 'whatsapp-cloud', outcome: 'synced', gone: 0 });
  expect(await holdSeat()).toBe('rejected: template_lives_too_long');
  await says({ ttlSeconds: 600 });
  await sync('?provider=whatsapp-cloud');
  expect(await holdSeat()).toBe('sent');
  expect((await api('POST', '/v1/templates/sync?provider=msg91')).status).toBe(404);
});

test('a pause whose end was told by a webhook that got lost ends with the next list that calls the template approved', async () => {
  await says({ status: 'PAUSED' });
  expect(await holdSeat()).toMatch(/^rejected: template_(not_approved|paused)$/);
  await sync();
  expect(await holdSeat()).toMatch(/^rejected: template_(not_approved|paused)$/);
  await says({ status: 'APPROVED', webhook: 'lost' });
  await sync();
  const [provider] = ((await api('GET', '/v1/providers')).body.providers as { name: string; pauses: object[] }[]).filter(
    ({ name }) => name === 'whatsapp-cloud',
  );
  expect(provider?.pauses).toEqual([]);
  expect(await holdSeat()).toBe('sent');
});

test('what a webhook says while the list is being read outweighs the list, which is read once more', async () => {
  const holder = new Client({ connectionString: world.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from vendor_template where name = $1 for update', [approved.name]);
  const reading = sync();
  const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%into vendor_template%'`;
  await until(async () => (await world.sql(waits)).length === 1, 'the list that was read to be kept');
  const other = { name: 'other_5', language: 'en' };
  await says({ ...other, status: 'PAUSED', quality: 'RED' });
  expect(await synced(other.name)).toMatchObject({ status: 'paused', quality: 'RED' });
  await says({ ...other, status: 'APPROVED', webhook: 'lost' });
  await holder.query('commit');
  await holder.end();
  expect(await reading).toMatchObject({ outcome: 'synced' });
  expect(await synced(other.name)).toMatchObject({ quality: 'RED' });
  await until(async () => (await synced(other.name))?.status === 'usable', 'the list to be read once more');
});

test('a reader that was overtaken by another one writes nothing, and leaves it its turn', async () => {
  const provider = 'whatsapp-cloud';
  const begin = async () => (await vendorTemplateStore.take(world.database, provider, true)) as string;
  const slow = await begin();
  await world.sql(`update template_sync set lease_until = lease_until - interval '1 hour'`);
  const quick = await begin();
  const state = () =>
    world.sql(
      `select (select count(*)::int from vendor_template) as templates, revision, trouble, lease_until, next_at from template_sync`,
    );
  const before = await state();
  await world.database
    .transaction((tx) => vendorTemplateStore.replace(tx, provider, [], { beganAt: slow, nextInMs: 0 }))
    .catch((error: unknown) => expect(error).toBeInstanceOf(ReadBySomebodyElse));
  await vendorTemplateStore.failed(world.database, provider, '190', { beganAt: slow, nextInMs: 0 });
  expect(await state()).toEqual(before);
  expect(await world.app.get(SyncTemplates).sync(provider)).toEqual({ outcome: 'under_way' });
  await vendorTemplateStore.failed(world.database, provider, '190', { beganAt: quick, nextInMs: 0 });
  expect(await state()).toMatchObject([{ trouble: '190', lease_until: null }]);
  expect(await sync()).toMatchObject({ outcome: 'synced' });
});

test('other words of a template are noted with their time, another standing or lifetime is not', async () => {
  const noted = async () => (await world.sql<{ template: string }>('select template from copy_change order by id')).map(({ template }) => template); // prettier-ignore
  await says({ quality: 'YELLOW' });
  await says({ ttlSeconds: 540 });
  await sync();
  expect(await noted()).not.toContain('whatsapp/seat_held_v1/en');
  await says({ body: 'Your seat {{1}} is still held.' });
  await sync();
  await sync();
  expect((await noted()).filter((one) => one === 'whatsapp/seat_held_v1/en')).toHaveLength(1);
  await says({});
  await sync();
  const sms = { language: 'en', category: 'service', entityId: '1201159160000000001', header: 'SHOPIN', dltId: '1207161700000000009', brand: 'Shop', text: 'Shop: seat {#alphanumeric#} is held.', variables: ['order'] }; // prettier-ignore
  const keep = async (change: object): Promise<number> =>
    (await api('PUT', '/v1/templates/sms/64f0c0ffee000000000000cc', { ...sms, ...change })).status;
  expect([await keep({}), await keep({ brand: 'Shop' })]).toEqual([204, 204]);
  expect(await noted()).not.toContain('sms/64f0c0ffee000000000000cc');
  expect(await keep({ text: 'Shop: seat {#alphanumeric#} is still held.' })).toBe(204);
  expect((await noted()).filter((one) => one === 'sms/64f0c0ffee000000000000cc')).toHaveLength(1);
});

test('a webhook that was lost is made up for: the list is read again by itself', async () => {
  await world.control('mode', { vendor: 'whatsapp', receipts: 'none' });
  await says({ name: 'brand_new_v1' });
  await world.sql(`update template_sync set next_at = clock_timestamp()`);
  await until(async () => (await synced('brand_new_v1')) !== undefined, 'the list to be read again');
});

test('addresses are listed as the operators take them, and refused with the reason otherwise', async () => {
  const bad = { addresses: [{ kind: 'static', address: 'https://shop.example/a?b' }] };
  const refused = await api('PUT', '/v1/templates/sms-addresses', bad);
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([422, expect.stringContaining('Rule 7.')]);
  expect((await api('PUT', '/v1/templates/sms-addresses', { addresses: [[]] })).status).toBe(422);
  const good = { addresses: [{ kind: 'dynamic', address: 'https://shop.example/a?' }] };
  expect((await api('PUT', '/v1/templates/sms-addresses', good)).status).toBe(204);
  expect((await api('GET', '/v1/templates/sms-addresses')).body).toEqual(good);
  expect((await api('PUT', '/v1/templates/sms-addresses', { addresses: [] })).status).toBe(204);
});

/** Reads the list by command; where the last webhook is still being followed, after that. */
async function sync(query = ''): Promise<{ outcome: string } | undefined> {
  let result: { outcome: string } | undefined;
  await until(async () => {
    [result] = (await api('POST', `/v1/templates/sync${query}`)).body.results as { outcome: string }[];
    return result?.outcome !== 'under_way';
  }, 'the list to be free');
  return result;
}
