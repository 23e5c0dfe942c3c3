import { createHmac, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Database, type Statement } from '@wapas/database';
import { Keyring, keyFromSecret, rotateKeys } from '@wapas/encryption';
import { Bus } from '@wapas/events';
import { hours, type Instant, minutes } from '@wapas/kernel';
import { contentIn } from '../../src/channels/store/sealed-message';
import { Log } from '../../src/log';
import { sealedColumns } from '../../src/rotate-keys.command';
import { apiOf, personOf } from '../support/api';
import { printFigure } from '../support/figures';
import { customer, failPayment, introduce, pay, received, treatEverybody } from '../support/stories';
import { RAZORPAY_SECRET, START, until, World } from '../support/world';

/** What an event may say of a matter, and where it says it: recognisable wherever it is copied to. */
const SAID = {
  order: 'order_canary8Kq',
  name: 'Canaryna Rao',
  property: 'canary teal 42',
  address: 'https://shop.example/carts/canary-cart-77',
  header: 'canary-header-5',
};

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
let written = '';
beforeAll(async () => {
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  world = await World.start({ log: new Log('debug', stream) });
  api = await apiOf(world);
  await treatEverybody(world);
  await world.publish(tellingJourney);
});
afterAll(() => world?.stop());

test('numbers, mails, tokens and proofs that went all the way are in no log, no answer and no file of the database', async () => {
  const answers: string[] = [];
  const everybody = [701, 702, 703].map(customer);
  const canaries = ['canary.asha@example.com', 'CANARY-PROOF-77', ...everybody.flatMap(({ phone }) => [phone.slice(3), `token-${phone.slice(1)}`])]; // prettier-ignore
  await introduce(world, everybody);
  const said = await api('POST', '/v1/consents', {
    consents: everybody.map(({ id }) => ({ person: { customerId: id, email: 'canary.asha@example.com' }, purpose: 'marketing', channel: 'sms', state: 'granted', proof: 'CANARY-PROOF-77' })), // prettier-ignore
  });
  expect(said.status).toBe(201);
  for (const one of everybody) await failPayment(world, one);
  await world.razorpay({
    entity: 'event',
    event: 'payment.failed',
    payload: { payment: { entity: { contact: everybody[0]?.phone } } },
  });
  await api('POST', '/v1/inbound-messages', { channel: 'sms', phone: everybody[2]?.phone, text: 'STOP', id: 'canary-stop' });
  await fetch(`${world.url}/v1/consents/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await world.key(['admin'])}`, 'content-type': 'text/csv' },
    body: `phone,purpose,channel,state,at\n${everybody[1]?.phone},marketing,sms,granted,2026-01-01\n${everybody[1]?.phone}9999,marketing,sms,granted,2026-01-01\n`,
  });
  await world.settled();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  await world.moveTo(hours(2));
  await pay(world, everybody[0] as (typeof everybody)[0], hours(2));
  await world.settled();
  expect(received(world, everybody[1] as (typeof everybody)[0])).toEqual(['push', 'whatsapp', 'sms']);
  const id = await personOf(api, 'cust_701');
  for (const path of [
    `/v1/people/${id}`,
    `/v1/people/${id}/consents`,
    `/v1/people/${id}/timeline`,
    `/v1/people?phoneEnding=${everybody[0]?.phone.slice(-4)}`,
    '/health/ready',
  ])
    // prettier-ignore
    answers.push(JSON.stringify((await api('GET', path)).body));
  for (const body of [
    { consents: [{ person: { phone: `${everybody[0]?.phone}000` }, purpose: 'marketing', channel: 'sms', state: 'granted' }] },
    { consents: [{ person: { email: `canary.asha@example.com ${everybody[0]?.phone}` } }] },
  ])
    // prettier-ignore
    answers.push(JSON.stringify((await api('POST', '/v1/consents', body)).body));
  const { files, inFiles, inLogs } = await searchFor(canaries);
  const inAnswers = canaries.filter((canary) => answers.some((answer) => answer.includes(canary)));
  printFigure('canaries', {
    'files of the database': files.length,
    'log lines': written.split('\n').length,
    hits: inFiles.length + inLogs.length + inAnswers.length,
  });
  // The search itself works: what is stored in the clear is found.
  expect(files.some(({ bytes }) => bytes.includes('payment_failed'))).toBe(true);
  expect(files.length).toBeGreaterThan(500);
  expect(written).not.toBe('');
  expect({ inFiles, inLogs, inAnswers }).toEqual({ inFiles: [], inLogs: [], inAnswers: [] });
});

test('what an event said of a matter is sent, and lies open in no table, log or file: no text, no copy in a run, no header', async () => {
  const one = customer(704);
  await introduce(world, [one]);
  const { status } = await api('POST', '/v1/events', {
    event: 'Canary Tried',
    person: { customerId: one.id, name: SAID.name },
    keys: { order: SAID.order },
    amount: { value: 149900, currency: 'INR' },
    properties: { shade: SAID.property, checkout_url: SAID.address },
  });
  expect(status).toBe(202);
  const refused = await fetch(`${world.url}/webhooks/sources/razorpay`, {
    method: 'POST',
    headers: { ...signedByRazorpay('{"event":"payment.failed"}'), 'x-canary': SAID.header },
    body: '{"event":"payment.failed"}',
  });
  expect(refused.status).toBe(202);
  await world.settled();
  for (const at of [minutes(1), minutes(15), hours(2)]) await world.moveTo(hours(2) + at);
  const told = world.sandbox.ledger.entries().filter(({ accepted, address }) => accepted && address.endsWith(one.phone.slice(1)));
  expect(told.map(({ channel }) => channel)).toEqual(['push', 'whatsapp', 'sms']);
  for (const { content } of told) expect(JSON.stringify(content)).toContain(SAID.property);
  const canaries = Object.values(SAID);
  const { inFiles, inLogs } = await searchFor(canaries);
  printFigure('what was said', { canaries: canaries.length, hits: inFiles.length + inLogs.length });
  expect({ inColumns: await columnsWith(canaries), inFiles, inLogs }).toEqual({ inColumns: [], inFiles: [], inLogs: [] });
});

test('what a vendor says of a call is read on the timeline and lies open nowhere', async () => {
  const one = customer(706);
  const words = 'The business account has been locked';
  const start = hours(4) + minutes(5);
  await world.moveTo(start);
  await introduce(world, [one]);
  await world.control('mode', { vendor: 'whatsapp', mode: 'refused' });
  await failPayment(world, one, start);
  await world.settled();
  for (const at of [minutes(1), minutes(15)]) await world.moveTo(start + at);
  await world.control('mode', { vendor: 'whatsapp', mode: 'normal' });
  await until(async () => (await api('POST', '/v1/providers/whatsapp-cloud/resume')).status === 204, 'the provider to resume');
  const said = async (): Promise<string[]> => {
    const { body } = await api('GET', `/v1/people/${await personOf(api, one.id)}/timeline`);
    const { timeline } = body as unknown as { timeline: { detail?: { words?: string } }[] };
    return timeline.flatMap(({ detail }) => detail?.words ?? []);
  };
  expect(await said()).toEqual([words]);
  const { inFiles, inLogs } = await searchFor([words]);
  expect({ inColumns: await columnsWith([words]), inFiles, inLogs }).toEqual({ inColumns: [], inFiles: [], inLogs: [] });

  // Of before they were sealed: read all the same, and sealed by the rotation.
  await world.sql(`update attempt set sealed = null, detail = $1 where sealed is not null`, [words]);
  expect(await said()).toEqual([words]);
});

test('a message that the version before planned goes out; one whose key is gone keeps nobody waiting but itself', async () => {
  const everybody = [711, 712, 713].map(customer);
  await introduce(world, everybody);
  await world.moveTo(hours(5));
  expect((await api('PUT', '/v1/operations/stop', { reason: 'a test' })).status).toBe(204);
  for (const one of everybody) await failPayment(world, one, hours(5));
  await world.app.get(Bus).settled();
  await world.clock.startAt((START + hours(5) + minutes(1)) as Instant, 0);
  const planned = () =>
    world.sql<{ id: string; sealed: Buffer }>(`select id, sealed from message where state = 'planned' order by id`);
  await until(async () => (await planned()).length === 3, 'three messages to be planned');
  const [before, lost] = await planned();
  const content = contentIn(world.database.seals, { content: null, sealed: before?.sealed as Buffer });
  await world.sql(`update message set sealed = null, template = null, content = $2 where id = $1`, [
    before?.id,
    JSON.stringify(content),
  ]);
  await world.sql(`update message set sealed = set_byte(sealed, 3, 33) where id = $1`, [lost?.id]);
  expect((await api('DELETE', '/v1/operations/stop')).status).toBe(204);
  const offerAgain = () => world.sql(`update message set offer_at = clock_timestamp() where state = 'planned'`);
  await offerAgain();
  const states = () =>
    world.sql(`select id = $1 as "wasLost", state from message where id = any($2::uuid[]) order by id = $1, id`, [
      lost?.id,
      [before?.id, lost?.id],
    ]);
  await until(async () => JSON.stringify(await states()).includes('sent'), 'what can be opened to be sent');
  expect(await states()).toEqual([
    { wasLost: false, state: 'sent' },
    { wasLost: true, state: 'planned' },
  ]);
  expect(everybody.filter((one) => received(world, one).length === 1)).toHaveLength(2);
  expect(written).toContain('is a key of WAPAS_ENCRYPTION_KEYS missing?');
  await world.sql(`update message set sealed = null, content = $2 where id = $1`, [lost?.id, JSON.stringify(content)]);
  await offerAgain();
  await world.settled();
});

test('somebody whose address cannot be opened keeps nobody waiting but themselves, and is written to once it can', async () => {
  const [lost, other] = [customer(721), customer(722)];
  await introduce(world, [lost, other]);
  const lostId = await personOf(api, lost.id);
  await world.moveTo(hours(7));
  expect((await api('PUT', '/v1/operations/stop', { reason: 'a test' })).status).toBe(204);
  for (const one of [lost, other]) await failPayment(world, one, hours(7));
  await world.app.get(Bus).settled();
  await world.clock.startAt((START + hours(7) + minutes(1)) as Instant, 0);
  const states = async () =>
    (
      await world.sql<{ state: string }>(
        `select state from message where due_at > to_timestamp($1) order by person_id = $2, id`,
        [(START + hours(7)) / 1_000, lostId],
      )
    ).map(({ state }) => state);
  await until(async () => (await states()).join() === 'planned,planned', 'two messages to be planned');
  // Done twice it is undone.
  const damage = () =>
    world.sql(`update person_address set sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1) where person_id = $1`, [lostId]);
  await damage();
  expect((await api('DELETE', '/v1/operations/stop')).status).toBe(204);
  const offerAgain = () => world.sql(`update message set offer_at = clock_timestamp() where state = 'planned'`);
  await offerAgain();
  await until(async () => (await states()).includes('sent'), 'what can be opened to be sent');
  expect(await states()).toEqual(['sent', 'planned']);
  expect(written).toContain('addresses not openable');
  await damage();
  await offerAgain();
  await until(async () => (await states()).join() === 'sent,sent', 'the other one to be sent');
});

test('support finds people by the last four digits of a phone', async () => {
  const one = customer(701);
  const { body } = await api('GET', `/v1/people?phoneEnding=${one.phone.slice(-4)}`);
  expect(body.people).toEqual([expect.objectContaining({ id: await personOf(api, one.id) })]);
  expect((await api('GET', '/v1/people?phoneEnding=123')).status).toBe(422);
});

test('a new key reseals every column in batches, plain rows from before too, and whatever cannot be opened stays', async () => {
  const keys = [{ id: 'next', key: randomBytes(32) }, keyFromSecret(world.env.WAPAS_SECRET as string)];
  const keyring = new Keyring(keys);
  await world.sql(`update event set content = '{"keys":{"order":"plain_1"}}', sealed = null where id = (select id from event where name = 'App Opened' limit 1)`); // prettier-ignore
  await world.sql(`update message set content = '{"template":"plain_v1","language":"en"}', guard = '{"keys":[],"asks":{"order":"plain_1"}}', sealed = null, template = null where id = (select min(id::text)::uuid from message)`); // prettier-ignore
  await world.sql(`update run set facts = '{"keys":{"order":"plain_1"},"reason":{"class":"bank_down"},"properties":{"bank":"HDFC","note":"x"},"attempts":2}', stops = stops || '{"asks":{"order":"plain_1"}}', sealed = null, reason_class = null where id = (select min(id::text)::uuid from run)`); // prettier-ignore
  await world.sql(`update link set target = 'https://shop.example/plain', guard = '{"keys":[],"asks":{"order":"plain_1"}}', sealed = null where token = (select min(token) from link)`); // prettier-ignore
  await world.sql(`update quarantine set headers = '{"x-plain":"1"}', sealed_headers = null`);
  await world.sql(`update consent_entry set proof = '\\x0103616263' where seq = (select min(seq) from consent_entry)`);
  const steps: string[] = [];
  const done = await rotateKeys(world.database, keyring, sealedColumns, ({ table, done: count, total }) => steps.push(`${table} ${count}/${total}`)); // prettier-ignore
  expect(steps.length).toBeGreaterThan(sealedColumns.length);
  expect(done.filter(({ failed }) => failed > 0)).toMatchObject([{ table: 'consent_entry', failed: 1 }]);
  expect(done.every(({ done: count, total, failed }) => count + failed === total)).toBe(true);
  for (const { table, column } of sealedColumns) {
    const rows = await world.sql<{ sealed: Buffer }>(`select ${column} as sealed from ${table} where ${column} is not null`);
    expect(rows.filter(({ sealed }) => !keyring.isCurrent(sealed)).length).toBe(table === 'consent_entry' ? 1 : 0);
  }
  const again = await rotateKeys(world.database, keyring, sealedColumns);
  expect(again.reduce((sum, { done: count }) => sum + count, 0)).toBe(0);
  const plain = await world.sql<{ count: number }>(
    `select ((select count(*) from event where content is not null) + (select count(*) from message where content is not null)
     + (select count(*) from attempt where detail is not null)
     + (select count(*) from link where target is not null) + (select count(*) from quarantine where headers <> '{}'))::int as count`,
  );
  expect(plain).toEqual([{ count: 0 }]);
  const [run] = await world.sql<{ sealed: Buffer }>(`select sealed, facts, stops ? 'asks' as open, reason_class as class, rails from run order by id limit 1`); // prettier-ignore
  expect(run).toMatchObject({ facts: null, open: false, class: 'bank_down', rails: { bank: 'hdfc' } });
  expect(JSON.parse(keyring.openText('run.sealed', run?.sealed as Buffer))).toMatchObject({
    facts: { keys: { order: 'plain_1' }, attempts: 2 },
    asks: { order: 'plain_1' },
  });
  const [message] = await world.sql<{ sealed: Buffer }>(`select sealed, guard, template from message order by id limit 1`);
  expect(message).toMatchObject({ guard: { keys: [] }, template: 'plain_v1/en' });
  expect(JSON.parse(keyring.openText('message.sealed', message?.sealed as Buffer))).toEqual({
    content: { template: 'plain_v1', language: 'en' },
    asks: { order: 'plain_1' },
  });
  const [event] = await world.sql<{ sealed: Buffer }>(`select sealed from event where name = 'Payment Failed' limit 1`);
  const opened = new Keyring([keys[0] as (typeof keys)[0]]).openText('event.sealed', event?.sealed as Buffer);
  expect(JSON.parse(opened)).toMatchObject({ person: {} });
});

test('what a container that has not heard of the new key seals behind the back of the rotation is not said to be done', async () => {
  const keyring = new Keyring([{ id: 'later', key: randomBytes(32) }, keyFromSecret(world.env.WAPAS_SECRET as string)]);
  const columns = sealedColumns.filter(({ table }) => table === 'event');
  await world.sql(`update event set sealed = null, content = '{}'`);
  const one = `(select min(id::text)::uuid from event)`;
  const sealedByOldContainer = world.database.seals.seal('event.sealed', '{}');
  let looks = 0;
  const database = {
    query: async (sql: Statement, values?: readonly unknown[]) => {
      if (sql.text.startsWith('select array') && ++looks === 2)
        await world.sql(`update event set sealed = $1, content = null where id = ${one}`, [sealedByOldContainer]);
      return world.database.query(sql, values);
    },
  } as unknown as Database;
  const [done] = await rotateKeys(database, keyring, columns);
  expect(done).toMatchObject({ failed: 0, left: 1 });
  expect(await rotateKeys(world.database, keyring, columns)).toMatchObject([{ done: 1, failed: 0, left: 0 }]);
});

test('every sealed column of the schema is known to the rotation', async () => {
  const columns = await world.sql<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public' and data_type = 'bytea' order by 1`,
  );
  const HASHES = ['api_key.hash', 'event.content_hash', 'event.raw_hash', 'quarantine.raw_hash', 'quarantine.raw_body'];
  expect(columns.map(({ name }) => name).filter((name) => !HASHES.includes(name))).toEqual(
    sealedColumns.map(({ table, column }) => `${table}.${column}`).sort(),
  );
});

/** Says on every channel what the event said. */
const tellingJourney = {
  format: 'wapas.journey/1',
  key: 'canary_tried',
  name: 'Canary tried',
  trigger: { event: 'Canary Tried' },
  correlateBy: ['order'],
  goal: { events: ['Order Paid'], by: ['order'] },
  window: '24h',
  maxMessages: 3,
  holdoutPercent: 0,
  steps: [
    { key: 'push', after: '1m', channel: 'push', messages: [{ template: { title: 'For {{name}}', body: '{{properties.shade}} of {{keys.order}}' } }] }, // prettier-ignore
    { key: 'whatsapp', after: '15m', channel: 'whatsapp', messages: [{ template: { name: 'canary_v1', language: 'en', body: ['{{properties.shade}}', '{{keys.order}}'], button: '{{link_token}}' } }] }, // prettier-ignore
    { key: 'sms', after: '2h', channel: 'sms', messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { order: '{{properties.shade}}', url: '{{link}}' } } }] }, // prettier-ignore
  ],
};

function signedByRazorpay(body: string): Record<string, string> {
  const signature = createHmac('sha256', RAZORPAY_SECRET).update(body).digest('hex');
  return { 'content-type': 'application/json', 'x-razorpay-signature': signature };
}

/** Which of these stand in the log or in a file of the database, its write-ahead log included. */
async function searchFor(canaries: readonly string[]) {
  await world.sql('checkpoint');
  const files = filesOf(world.databaseFolder);
  const inFiles = files.flatMap(({ path, bytes }) =>
    canaries.filter((canary) => bytes.includes(canary)).map((canary) => `${canary} in ${path}`),
  );
  return { files, inFiles, inLogs: canaries.filter((canary) => written.includes(canary)) };
}

/** The columns in which any of these stands: tells whoever breaks this where to look. */
async function columnsWith(canaries: readonly string[]): Promise<string[]> {
  const tables = await world.sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const columns = await world.sql<{ column: string }>(
      `select distinct f.key as column from ${name} t cross join lateral jsonb_each_text(to_jsonb(t)) f join unnest($1::text[]) c on f.value like '%' || c || '%' order by 1`,
      [canaries],
    );
    found.push(...columns.map(({ column }) => `${name}.${column}`));
  }
  return found;
}

function filesOf(folder: string): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}
