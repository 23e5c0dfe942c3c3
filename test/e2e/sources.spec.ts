import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { presets } from '../../src/ingestion/mapped/presets/registry';
import { type Fixture, fixturesIn, postOf } from '../../src/ingestion/sources/fixtures.test-kit';
import { sources } from '../../src/ingestion/sources/registry';
import { type Post, type Signer, signers } from '../../src/ingestion/sources/sign.test-kit';
import { apiOf, personOf } from '../support/api';
import { until, World } from '../support/world';

const signerOf = (name: string): Signer => signers[name] as Signer;
const secretOf = (name: string): string => signerOf(name).secrets[0];

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  const secrets = [...sources.values()].map(({ name, secretSetting }) => [secretSetting, secretOf(name)]);
  world = await World.start({ env: Object.fromEntries(secrets) as Record<string, string> });
  api = await apiOf(world);
});
afterAll(() => world?.stop());

async function post(
  source: string,
  { headers, rawBody, query }: Post,
  url = world.url,
): Promise<{ status: number; body: Answer }> {
  const parameters = query ? `?${new URLSearchParams(query).toString()}` : '';
  const response = await fetch(`${url}/webhooks/sources/${source}${parameters}`, { method: 'POST', headers, body: rawBody });
  return { status: response.status, body: (await response.json()) as Answer };
}
interface Answer {
  readonly outcome?: string;
  readonly code?: string;
  readonly eventId?: string;
  readonly events?: readonly { outcome: string; eventId: string }[];
}

const FOLDER = join(__dirname, '..', '..', 'src', 'ingestion');
const fixturesOf = (name: string): Fixture[] =>
  fixturesIn(presets.has(name) ? join(FOLDER, 'mapped', 'presets', name) : join(FOLDER, 'sources', name, 'fixtures'));
const signed = (name: string, fixture: Fixture): Post => signerOf(name).sign(postOf(fixture), secretOf(name), Date.now());

describe('every source and every preset, over HTTP', () => {
  beforeAll(async () => {
    for (const key of presets.keys())
      expect(await api('PUT', `/v1/sources/${key}`, { preset: key, secrets: [secretOf(key)] })).toMatchObject({ status: 200 });
  });

  test.each([...sources.keys(), ...presets.keys()])(
    '%s, backwards and each three times: every event once, nothing refused',
    async (name) => {
      const fixtures = fixturesOf(name);
      const expected = fixtures.flatMap(({ reads }) => ('events' in reads ? reads.events : []));
      for (const fixture of [...fixtures].reverse())
        for (const attempt of [1, 2, 3]) {
          const { status, body } = await post(name, signed(name, fixture));
          const usable = 'events' in fixture.reads && fixture.reads.unusable === undefined && fixture.reads.events.length > 0;
          const outcome = usable
            ? attempt === 1
              ? 'recorded'
              : 'duplicate'
            : 'unusable' in fixture.reads
              ? 'quarantined'
              : 'ignored';
          expect({ file: fixture.file, status, outcome: body.outcome }).toEqual({
            file: fixture.file,
            status: outcome === 'recorded' || outcome === 'quarantined' ? 202 : 200,
            outcome,
          });
        }
      expect(await world.events('source = $1', [name])).toHaveLength(expected.length);
    },
  );

  test('what is not signed by them gets 401 and leaves nothing', async () => {
    for (const name of [...sources.keys(), ...presets.keys()]) {
      const fixture = fixturesOf(name)[0] as Fixture;
      const before = await world.events('source = $1', [name]);
      const forged = signerOf(name).sign(postOf(fixture), signerOf(name).secrets[1], Date.now());
      expect({ name, ...(await post(name, forged)) }).toMatchObject({ name, status: 401, body: { code: 'not_authentic' } });
      expect(await post(name, postOf(fixture))).toMatchObject({ status: 401 });
      expect(await world.events('source = $1', [name])).toHaveLength(before.length);
    }
  });

  test('a batch answers with one result for each of its events', async () => {
    const [batch] = fixturesOf('cloudevents').filter(({ file }) => file === 'batch.json');
    expect(await post('cloudevents', signed('cloudevents', batch as Fixture))).toMatchObject({
      status: 200,
      body: { outcome: 'duplicate', events: [{ outcome: 'duplicate' }, { outcome: 'duplicate' }] },
    });
  });

  test('a shop that tries the address before it saves it gets 200, and nothing is kept', async () => {
    const ping = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, rawBody: Buffer.from('webhook_id=15') };
    expect(await post('woocommerce', ping)).toMatchObject({ status: 200, body: { outcome: 'ignored' } });
    expect((await post('woocommerce', { ...ping, rawBody: Buffer.from('webhook_id=15&status=completed') })).status).toBe(401);
    expect((await post('juspay', ping)).status).toBe(401);
  });
});

const DESK = {
  title: 'Payments of the travel desk',
  recipe: {
    kind: 'hmac',
    signature: { header: 'x-desk-signature', separator: ',', prefix: 'v1=' },
    algorithm: 'sha256',
    encoding: 'hex',
    signed: '{timestamp}.{body}',
    timestamp: { header: 'x-desk-signature', separator: ',', prefix: 't=', unit: 's', toleranceSeconds: 300 },
  },
  mapping: {
    id: '/id',
    event: { from: '/type', names: { 'payment.failed': 'Payment Failed', 'payment.paid': 'Order Paid' } },
    occurredAt: { from: '/created', format: 'epoch_s' },
    person: { customerId: '/customer/id', phone: '/customer/phone' },
    keys: { order: '/order_id' },
    amount: { value: '/amount', currency: { value: 'INR' }, unit: 'major' },
    reason: { events: ['Payment Failed'], by: [{ from: '/error', classes: { NO_MONEY: 'insufficient_funds' } }] },
  },
};
const SECRET = 'the-first-desk-secret-8c1f';
const NEXT = 'the-second-desk-secret-77aa';
const payload = (id: string, type = 'payment.failed'): object => ({
  id,
  type,
  created: 1763873000,
  order_id: `order_${id}`,
  customer: { id: `cust_${id}`, phone: '98765 43210' },
  amount: '1499.50',
  error: 'NO_MONEY',
});
function desk(body: object | string, secret: string, at = Math.floor(Date.now() / 1_000)): Post {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const v1 = createHmac('sha256', secret).update(`${at}.${text}`).digest('hex');
  return { headers: { 'content-type': 'application/json', 'x-desk-signature': `t=${at},v1=${v1}` }, rawBody: Buffer.from(text) };
}

const PROFILES = {
  recipe: DESK.recipe,
  mapping: {
    id: '/id',
    event: { from: { value: 'Profile Updated' } },
    occurredAt: { from: '/changed_at', format: 'rfc3339' },
    person: {
      customerId: '/user/id',
      phone: '/user/mobile',
      language: '/user/locale',
      timeZone: '/user/zone',
      pushTokens: [{ each: '/user/devices', token: '/fcm', platform: { from: '/os', words: { Android: 'android' } }, permission: { from: '/on', words: { true: 'granted', false: 'denied' } }, app: '/bundle' }], // prettier-ignore
    },
    consents: [
      {
        each: '/optins',
        purpose: { from: '/topic', words: { offers: 'marketing', orders: 'service' } },
        channel: { from: '/by', words: { WA: 'whatsapp', TEXT: 'sms' } },
        state: { from: '/value', words: { yes: 'granted', no: 'withdrawn' } },
        at: { from: '/said_at', format: 'rfc3339' },
        source: { value: 'app_settings' },
        proof: { join: ['body:/id', '/topic'], separator: ' ' },
      },
    ],
  },
  secrets: [SECRET],
};

describe('a source that an operator sets up through the API alone', () => {
  test('it is set up, told where to post, and its secret is never shown again', async () => {
    const made = await api('PUT', '/v1/sources/travel-desk', { ...DESK, secrets: [SECRET] });
    expect(made).toMatchObject({
      status: 200,
      body: {
        address: `${world.url}/webhooks/sources/travel-desk`,
        mapping: DESK.mapping,
        secrets: [{ id: expect.any(String) as string }],
      },
    });
    const seen = [made, await api('GET', '/v1/sources/travel-desk'), await api('GET', '/v1/sources')];
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    const rows = await world.sql<{ definition: object; sealed: Buffer }>('select definition, sealed from mapped_source');
    expect(JSON.stringify(rows) + rows.map(({ sealed }) => sealed.toString('latin1')).join('')).not.toContain(SECRET);
  });

  test('its webhook is an event in the timeline of its person', async () => {
    expect(await post('travel-desk', desk(payload('t1'), SECRET))).toMatchObject({ status: 202, body: { outcome: 'recorded' } });
    expect(await post('travel-desk', desk(payload('t1'), SECRET))).toMatchObject({ status: 200, body: { outcome: 'duplicate' } });
    await world.settled();
    const [event] = await world.events('source = $1', ['travel-desk']);
    expect(event).toMatchObject({
      name: 'Payment Failed',
      content: {
        person: { customerId: 'cust_t1', phone: '+919876543210' },
        keys: { order: 'order_t1' },
        amount: { amount: 149_950, currency: 'INR' },
        reason: { class: 'insufficient_funds', code: 'NO_MONEY' },
      },
    });
    const { body } = await api('GET', `/v1/people/${await personOf(api, 'cust_t1')}/timeline`);
    expect(body.timeline).toContainEqual(expect.objectContaining({ what: 'event', eventId: event?.id }));
    await until(async () => {
      const { body: listed } = await api('GET', '/v1/sources');
      const own = (listed.sources as { name: string; lastHeardAt?: string }[]).find(({ name }) => name === 'travel-desk');
      return own?.lastHeardAt !== undefined;
    }, 'the list to say when the source was heard');
  });

  test('an old signature, a damaged body and another secret get 401', async () => {
    const old = desk(payload('t2'), SECRET, Math.floor(Date.now() / 1_000) - 301);
    const damaged = { ...desk(payload('t2'), SECRET), rawBody: Buffer.from(JSON.stringify(payload('t3'))) };
    for (const bad of [old, damaged, desk(payload('t2'), NEXT)])
      expect(await post('travel-desk', bad)).toMatchObject({ status: 401 });
  });

  test('while its secret is rotated both are good, afterwards only the new one', async () => {
    const added = await api('POST', '/v1/sources/travel-desk/secrets', { secret: NEXT });
    expect(added).toMatchObject({ status: 201 });
    expect((await post('travel-desk', desk(payload('r1'), NEXT))).status).toBe(202);
    expect((await post('travel-desk', desk(payload('r2'), SECRET))).status).toBe(202);
    const { body } = await api('GET', '/v1/sources/travel-desk');
    const old = (body.secrets as { id: string }[]).find(({ id }) => id !== added.body.id)?.id as string;
    expect((await api('DELETE', `/v1/sources/travel-desk/secrets/${old}`)).status).toBe(204);
    expect((await post('travel-desk', desk(payload('r3'), SECRET))).status).toBe(401);
    expect((await post('travel-desk', desk(payload('r3'), NEXT))).status).toBe(202);
    expect(await api('DELETE', `/v1/sources/travel-desk/secrets/${String(added.body.id)}`)).toMatchObject({
      status: 422,
      body: { code: 'last_secret' },
    });
    expect((await api('DELETE', `/v1/sources/travel-desk/secrets/${old}`)).status).toBe(404);
  });

  test('a mapping that leads nowhere is never a 4xx for the sender: the webhook is kept, and readable once the mapping is mended', async () => {
    const wrong = { ...DESK, mapping: { ...DESK.mapping, occurredAt: { from: '/createdAt', format: 'epoch_s' } } };
    expect((await api('PUT', '/v1/sources/travel-desk', wrong)).status).toBe(200);
    expect(await post('travel-desk', desk(payload('q1'), NEXT))).toMatchObject({ status: 202, body: { outcome: 'quarantined' } });
    const { body } = await api('GET', '/v1/quarantine?source=travel-desk');
    expect(body.bodies).toEqual([expect.objectContaining({ reason: 'no_time' })]);
    const [{ id }] = body.bodies as [{ id: string }];
    expect((await api('PUT', '/v1/sources/travel-desk', DESK)).status).toBe(200);
    expect(await api('POST', `/v1/quarantine/${id}/replay`)).toMatchObject({ status: 200, body: { outcome: 'recorded' } });
    expect(await post('travel-desk', desk(payload('q1'), NEXT))).toMatchObject({ status: 200, body: { outcome: 'duplicate' } });
  });

  test('a body can be tried before it counts, with the stored definition or another one', async () => {
    const sample = desk(payload('x1'), NEXT);
    const tried = await api('POST', '/v1/sources/travel-desk/try', { headers: sample.headers, body: sample.rawBody.toString() });
    expect(tried).toMatchObject({
      status: 200,
      body: {
        outcome: 'event',
        authentic: true,
        dropped: [],
        event: { event: 'Payment Failed', keys: { order: 'order_x1' }, amount: { value: 149_950 } },
      },
    });
    expect(
      await api('POST', '/v1/sources/travel-desk/try', { body: { ...payload('x1'), customer: { phone: '12' } } }),
    ).toMatchObject({
      body: { outcome: 'event', dropped: ['/person/phone'] },
    });
    expect(
      await api('POST', '/v1/sources/not-yet/try', { body: { event: 'KYC_REQUEST_REJECTED' }, definition: { preset: 'digio' } }),
    ).toMatchObject({
      body: { outcome: 'unusable', reason: 'no_key_or_person' },
    });
    const nothing = { headers: null, query: null, definition: null };
    const { status, body } = await api('POST', '/v1/sources/travel-desk/try', { ...nothing, body: payload('x1') });
    expect([status, (body.faults as { at: string }[]).map(({ at }) => at).sort()]).toEqual([422, ['/definition', '/headers', '/query']]); // prettier-ignore
    expect(await api('POST', '/v1/sources/not-yet/try', { body: {} })).toMatchObject({ status: 404 });
    expect(await api('POST', '/v1/sources/not-yet/try', { body: {}, definition: { mapping: {} } })).toMatchObject({
      status: 422,
      body: { faults: [{ at: '/definition/mapping/event' }] },
    });
    expect(await world.events(`source in ('travel-desk', 'not-yet') and source_event_id = 'x1'`)).toEqual([]);
  });

  test('everything that is wrong is said at once, and nothing is changed', async () => {
    const refused = await api('PUT', '/v1/sources/Travel', {
      recipe: { kind: 'token' },
      mapping: { event: { from: '/t' } },
      secrets: ['x'],
    });
    expect(refused.status).toBe(422);
    expect((refused.body.faults as { at: string }[]).map(({ at }) => at)).toEqual(['name', '/recipe', '/mapping']);
    expect(await api('PUT', '/v1/sources/razorpay', { preset: 'payu', secrets: ['a-long-secret'] })).toMatchObject({
      body: { code: 'name_taken' },
    });
    expect(await api('PUT', '/v1/sources/travel-desk', { preset: 'juspay' })).toMatchObject({
      status: 422,
      body: { code: 'bad_secret' },
    });
    expect(await api('GET', '/v1/sources/travel-desk')).toMatchObject({ body: { mapping: DESK.mapping } });
  });

  test('while its secrets cannot be opened it answers 503 and loses none of them; no other source and no start waits for it', async () => {
    expect((await api('PUT', '/v1/sources/lost-desk', { ...DESK, secrets: [SECRET] })).status).toBe(200);
    // Done twice it is undone.
    const damage = () =>
      world.sql(`update mapped_source set sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1), version = nextval('mapped_source_version')
                 where name = 'lost-desk'`);
    await damage();
    const other = await world.startAnother();
    expect((await post('travel-desk', desk(payload('l1'), NEXT), other)).status).toBe(202);
    expect(await post('lost-desk', desk(payload('l2'), SECRET), other)).toMatchObject({
      status: 503,
      body: { code: 'source_not_openable' },
    });
    expect((await api('GET', '/v1/sources')).status).toBe(200);
    for (const change of [
      () => api('PUT', '/v1/sources/lost-desk', DESK),
      () => api('POST', '/v1/sources/lost-desk/secrets', { secret: NEXT }),
    ])
      expect(await change()).toMatchObject({ status: 422, body: { code: 'secrets_not_openable' } });
    await damage();
    await until(async () => (await post('lost-desk', desk(payload('l2'), SECRET), other)).status !== 503, 'its key to be back');
    expect((await post('lost-desk', desk(payload('l3'), SECRET), other)).status).toBe(202);
  });

  test('another container knows it at once; when it is removed its address answers 404', async () => {
    const other = await world.startAnother();
    expect((await api('PUT', '/v1/sources/second-desk', { ...DESK, secrets: [SECRET] })).status).toBe(200);
    const reached = await post('second-desk', desk(payload('o1'), SECRET), other);
    // It looks for an unknown name once a second at most; by then it has found it by itself.
    expect([202, 404]).toContain(reached.status);
    expect((await api('DELETE', '/v1/sources/travel-desk')).status).toBe(204);
    expect(await post('travel-desk', desk(payload('g1'), NEXT))).toMatchObject({ status: 404, body: { code: 'unknown_source' } });
    expect((await api('DELETE', '/v1/sources/travel-desk')).status).toBe(404);
  });
});

test('who set up a mapped source, rotated its secrets and removed it stands in the audit log', async () => {
  const set = await api('PUT', '/v1/sources/audited-desk', { preset: 'payu', secrets: ['a-long-secret-1'] });
  const [first] = set.body.secrets as { id: string }[];
  const { body: second } = await api('POST', '/v1/sources/audited-desk/secrets', { secret: 'a-long-secret-2' });
  expect((await api('DELETE', `/v1/sources/audited-desk/secrets/${first?.id}`)).status).toBe(204);
  expect((await api('PUT', '/v1/sources/audited-desk', { preset: 'nobody' })).status).toBe(422);
  expect((await api('DELETE', '/v1/sources/audited-desk')).status).toBe(204);
  expect((await api('DELETE', '/v1/sources/audited-desk')).status).toBe(404);
  const { entries } = (await api('GET', '/v1/operations/audit')).body as unknown as { entries: { subject: string | null }[] };
  const by = { actor: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown, reason: null };
  expect(entries.filter(({ subject }) => subject?.startsWith('audited-desk'))).toMatchObject([
    { act: 'source_removed', subject: 'audited-desk', ...by },
    { act: 'source_secret_removed', subject: `audited-desk/${first?.id}`, ...by },
    { act: 'source_secret_added', subject: `audited-desk/${second.id as string}`, ...by },
    { act: 'source_set', subject: 'audited-desk', ...by },
  ]);
});

describe('a sender that asks whether it may post here, as CloudEvents has it', () => {
  const ask = async (source: string, headers: Record<string, string>) => {
    const response = await fetch(`${world.url}/webhooks/sources/${source}`, { method: 'OPTIONS', headers });
    const said = (name: string) => response.headers.get(name);
    return [response.status, said('allow'), said('webhook-allowed-origin'), said('webhook-allowed-rate')];
  };
  const AZURE = { 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' };

  test('may, at any rate, where a source is set up', async () => {
    expect(await ask('cloudevents', AZURE)).toEqual([200, 'POST, OPTIONS', 'eventgrid.azure.net', '*']);
  });

  test.each<[string, string, Record<string, string>, number]>([
    ['a source nobody set up', 'nobody', AZURE, 404],
    ['a sender that does not say who it is', 'cloudevents', {}, 400],
    ['an origin that is no name', 'cloudevents', { 'webhook-request-origin': 'https://eventgrid.azure.net/x' }, 400],
  ])('%s is allowed nothing', async (_case, source, headers, status) => {
    const [answered, , origin, rate] = await ask(source, headers);
    expect([answered, origin, rate]).toEqual([status, null, null]);
  });

  test('that it may proves nothing: a post without the secret is refused', async () => {
    const body = JSON.stringify({ specversion: '1.0', type: 'Order Paid', source: '/x', id: 'h1', data: {} });
    const headers = { 'content-type': 'application/cloudevents+json', origin: 'eventgrid.azure.net' };
    expect((await post('cloudevents', { headers, rawBody: Buffer.from(body) })).status).toBe(401);
  });
});

describe('a source whose webhook holds several events', () => {
  const WAREHOUSE = {
    recipe: { kind: 'hmac', signature: { header: 'x-signature' }, algorithm: 'sha256', encoding: 'hex' },
    mapping: {
      each: '/parcels',
      id: '/id',
      event: { from: '/state', names: { lost: 'Parcel Lost', back: 'Parcel Returned' } },
      occurredAt: { from: 'body:/sentAt', format: 'epoch_s' },
      person: { customerId: '/buyer', phone: '/phone' },
      keys: { order: '/order' },
    },
    secrets: ['a-secret-of-the-warehouse'],
  };
  const parcel = (id: string, more: object = {}) => ({ id, state: 'lost', order: `order_${id}`, buyer: `cust_${id}`, ...more });
  const signedBody = (body: object): Post => {
    const rawBody = Buffer.from(JSON.stringify(body));
    const signature = createHmac('sha256', WAREHOUSE.secrets[0] as string)
      .update(rawBody)
      .digest('hex');
    return { headers: { 'content-type': 'application/json', 'x-signature': signature }, rawBody };
  };
  const storedOf = async (source: string) =>
    (await world.events('source = $1', [source])).map(({ content }) => content.keys?.order).sort();
  beforeAll(async () => {
    expect((await api('PUT', '/v1/sources/warehouse', WAREHOUSE)).status).toBe(200);
  });

  test('each is recorded once, however they are put together the next time', async () => {
    const sentAt = 1_763_873_000;
    expect(await post('warehouse', signedBody({ sentAt, parcels: [parcel('p1'), parcel('p2')] }))).toMatchObject({
      status: 202,
      body: { outcome: 'recorded', events: [{ outcome: 'recorded' }, { outcome: 'recorded' }] },
    });
    expect(await post('warehouse', signedBody({ sentAt, parcels: [parcel('p2'), parcel('p3')] }))).toMatchObject({
      status: 202,
      body: { events: [{ outcome: 'duplicate' }, { outcome: 'recorded' }] },
    });
    expect(await storedOf('warehouse')).toEqual(['order_p1', 'order_p2', 'order_p3']);
    await world.settled();
    expect(await personOf(api, 'cust_p3')).toEqual(expect.any(String));
  });

  test('an entry that cannot be used costs the others nothing; the whole waits for a person and adds nothing twice', async () => {
    const body = { sentAt: 1_763_873_000, parcels: [parcel('p4'), { id: 'p5' }, parcel('p6', { state: 'on its way' })] };
    expect(await post('warehouse', signedBody(body))).toMatchObject({ status: 202, body: { outcome: 'quarantined' } });
    expect(await storedOf('warehouse')).toContain('order_p4');
    const { body: kept } = await api('GET', '/v1/quarantine?source=warehouse');
    const [{ id }] = kept.bodies as [{ id: string }];
    const mended = { ...WAREHOUSE, mapping: { ...WAREHOUSE.mapping, keys: { order: { first: ['/order', '/id'] } }, event: { from: { first: ['/state'], otherwise: 'lost' }, names: WAREHOUSE.mapping.event.names } } }; // prettier-ignore
    expect((await api('PUT', '/v1/sources/warehouse', mended)).status).toBe(200);
    expect(await api('POST', `/v1/quarantine/${id}/replay`)).toMatchObject({ status: 200, body: { outcome: 'recorded' } });
    expect(await storedOf('warehouse')).toEqual(['order_p1', 'order_p2', 'order_p3', 'order_p4', 'p5']);
  });

  test('more than a hundred are kept for a person; a try shows all that would come of a body', async () => {
    const many = { sentAt: 1_763_873_000, parcels: Array.from({ length: 101 }, (_, index) => parcel(`m${index}`)) };
    expect(await post('warehouse', signedBody(many))).toMatchObject({ status: 202, body: { outcome: 'quarantined' } });
    expect(await storedOf('warehouse')).not.toContain('order_m0');
    const sample = { sentAt: 1_763_873_000, parcels: [parcel('t1', { phone: '12' }), parcel('t2', { state: 'back' })] };
    expect(await api('POST', '/v1/sources/warehouse/try', { body: sample })).toMatchObject({
      body: {
        outcome: 'event',
        events: [{ event: 'Parcel Lost' }, { event: 'Parcel Returned', keys: { order: 'order_t2' } }],
        dropped: ['/0/person/phone'],
      },
    });
  });

  test('a list where none can be is refused', async () => {
    const fields = { kind: 'field_hash', field: '/hash', algorithm: 'sha512', encoding: 'hex', signed: '{secret}|{/id}' };
    for (const definition of [
      { ...WAREHOUSE, recipe: fields },
      { ...WAREHOUSE, mapping: { ...WAREHOUSE.mapping, body: 'form' } },
    ])
      expect(await api('PUT', '/v1/sources/warehouse', definition)).toMatchObject({
        status: 422,
        body: { faults: [{ at: '/mapping/each', code: 'no_list_here' }] },
      });
  });
});

describe('a source in test mode', () => {
  const AGENCY = {
    recipe: { kind: 'token', header: 'x-token' },
    mapping: { id: '/id', event: { from: '/type' }, person: { customerId: '/buyer' }, keys: { order: '/order' } },
    secrets: ['a-token-of-the-agency'],
  };
  const tell = (body: object) =>
    post('agency', { headers: { 'content-type': 'application/json', 'x-token': 'a-token-of-the-agency' }, rawBody: Buffer.from(JSON.stringify(body)) }); // prettier-ignore

  test('what it sends is a test: no live event, no live person, and its ids are free once it is live', async () => {
    expect(await api('PUT', '/v1/sources/agency', { ...AGENCY, test: true })).toMatchObject({
      status: 200,
      body: { test: true },
    });
    const said = { id: 'a1', type: 'Order Paid', order: 'order_a1', buyer: 'cust_a1' };
    expect(await tell(said)).toMatchObject({ status: 202, body: { outcome: 'recorded' } });
    expect(await tell({ id: 'a2', type: 'Order Paid' })).toMatchObject({ body: { outcome: 'quarantined' } });
    await world.settled();
    expect(await world.events('source = $1', ['agency-test'])).toMatchObject([{ test: true, name: 'Order Paid' }]);
    expect((await api('GET', '/v1/people?customerId=cust_a1')).body.people).toEqual([]);
    expect(await api('POST', '/v1/sources/agency/try', { body: said })).toMatchObject({ body: { event: { test: true } } });

    expect(await api('PUT', '/v1/sources/agency', AGENCY)).toMatchObject({ status: 200, body: { test: false } });
    expect(await tell(said)).toMatchObject({ status: 202, body: { outcome: 'recorded' } });
    expect(await world.events('source = $1', ['agency'])).toMatchObject([{ test: false }]);
    await world.settled();
    expect(await personOf(api, 'cust_a1')).toEqual(expect.any(String));
  });

  test('what was kept while it was in test mode stays a test, also when it is read again', async () => {
    const { body } = await api('GET', '/v1/quarantine?source=agency-test');
    const [{ id }] = body.bodies as [{ id: string }];
    const mapping = { ...AGENCY.mapping, keys: { order: { first: ['/order', '/id'] } } };
    expect((await api('PUT', '/v1/sources/agency', { ...AGENCY, mapping })).status).toBe(200);
    expect(await api('POST', `/v1/quarantine/${id}/replay`)).toMatchObject({ body: { outcome: 'recorded' } });
    expect(await world.events(`source_event_id = 'a2'`)).toMatchObject([{ source: 'agency-test', test: true }]);
  });

  test.each(['agency-test', 'razorpay-status'])('nobody else may take the name %s, which other events come under', async (name) =>
    expect(await api('PUT', `/v1/sources/${name}`, AGENCY)).toMatchObject({ status: 422, body: { code: 'name_taken' } }),
  );
});

test('presets say where they come from and whether anybody could check them', async () => {
  const { body } = await api('GET', '/v1/source-presets');
  expect((body.presets as { key: string; status: string }[]).map(({ key, status }) => `${key} ${status}`)).toEqual([
    'payu verified',
    'juspay verified',
    'woocommerce verified',
    'hyperverge unverified',
    'digio unverified',
    'onfido verified',
  ]);
});

describe('a mapped source that says who people are and what they agree to', () => {
  const profile = (id: string, optins: object[], user: object = {}): Post =>
    desk(JSON.stringify({ id, changed_at: '2026-11-23T05:30:00Z', user: { id: 'app_1', mobile: '98765 43299', ...user }, optins }), SECRET); // prettier-ignore
  const ledger = async (): Promise<unknown[]> => {
    await world.settled();
    const { body } = await api('GET', `/v1/people/${await personOf(api, 'app_1')}/consents`);
    return (body.entries as Record<string, unknown>[]).map(({ purpose, channel, state, at, source, hasProof }) => ({ purpose, channel, state, at, source, hasProof })); // prettier-ignore
  };
  const offers = { topic: 'offers', by: 'WA', value: 'yes', said_at: '2026-11-20T18:00:00+05:30' };
  const OFFERS = { purpose: 'marketing', channel: 'whatsapp', state: 'granted', at: '2026-11-20T12:30:00.000Z', source: 'app_settings', hasProof: true }; // prettier-ignore

  test('their devices, language and zone are known, and each consent is in the ledger with its own time and source', async () => {
    expect((await api('PUT', '/v1/sources/app', PROFILES)).status).toBe(200);
    const devices = [{ fcm: 'token-app-1', os: 'Android', on: true, bundle: 'in.example.shop' }, { fcm: 'token-app-2', os: 'Android', on: false }]; // prettier-ignore
    const user = { locale: 'hi_IN', zone: 'Asia/Kolkata', devices };
    expect((await post('app', profile('p1', [offers, { ...offers, topic: 'orders', said_at: undefined }], user))).status).toBe(
      202,
    );
    await world.settled();
    const { body } = await api('GET', `/v1/people/${await personOf(api, 'app_1')}`);
    expect(body).toMatchObject({ traits: { language: 'hi-IN', timeZone: 'Asia/Kolkata' } });
    const known = (body.addresses as Record<string, unknown>[]).filter(({ kind }) => kind === 'push_token');
    expect(known.map(({ permission, app, platform }) => ({ permission, app, platform }))).toEqual(
      expect.arrayContaining([
        { permission: 'granted', app: 'in.example.shop', platform: 'android' },
        { permission: 'denied', app: undefined, platform: 'android' },
      ]),
    );
    expect(await ledger()).toEqual([OFFERS, { ...OFFERS, purpose: 'service', at: '2026-11-23T05:30:00.000Z' }]);
  });

  test('one that cannot be read is kept for a person, and recorded once its word is in the mapping', async () => {
    const out = { ...offers, value: 'opt-out', said_at: '2026-11-22T00:00:00Z' };
    expect(await post('app', profile('p2', [out]))).toMatchObject({ status: 202, body: { outcome: 'quarantined' } });
    const [kept] = (await api('GET', '/v1/quarantine?source=app')).body.bodies as { id: string }[];
    expect(kept).toMatchObject({ reason: 'unreadable_consent' });
    const mended = structuredClone(PROFILES);
    Object.assign(mended.mapping.consents[0]?.state.words as object, { 'opt-out': 'withdrawn' });
    const text = profile('p2', [out]).rawBody.toString();
    expect(await api('POST', '/v1/sources/app/try', { body: text, definition: { recipe: mended.recipe, mapping: mended.mapping } })).toMatchObject({ body: { outcome: 'event', event: { consents: [{ state: 'withdrawn', at: '2026-11-22T00:00:00.000Z' }] } } }); // prettier-ignore
    expect((await api('PUT', '/v1/sources/app', mended)).status).toBe(200);
    expect(await api('POST', `/v1/quarantine/${kept?.id}/replay`)).toMatchObject({ body: { outcome: 'recorded' } });
    expect(await ledger()).toContainEqual({ ...OFFERS, state: 'withdrawn', at: '2026-11-22T00:00:00.000Z' });
    const { body } = await api('GET', `/v1/people/${await personOf(api, 'app_1')}/consents`);
    expect(body.states).toContainEqual(
      expect.objectContaining({ purpose: 'marketing', channel: 'whatsapp', state: 'withdrawn' }),
    );
  });
});
