import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Keyring, keyFromSecret, rotateKeys } from '@wapas/encryption';
import { hours, minutes } from '@wapas/kernel';
import { Log } from '../../src/log';
import { sealedColumns } from '../../src/rotate-keys.command';
import { apiOf, personOf } from '../support/api';
import { printFigure } from '../support/figures';
import { customer, failPayment, introduce, pay, received, treatEverybody } from '../support/stories';
import { World } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
let written = '';
beforeAll(async () => {
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  world = await World.start({ log: new Log('debug', stream) });
  api = await apiOf(world);
  await treatEverybody(world);
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
  await world.sql('checkpoint');
  const files = filesOf(world.databaseFolder);
  const inFiles = files.filter((file) => canaries.some((canary) => file.bytes.includes(canary)));
  const inLogs = canaries.filter((canary) => written.includes(canary));
  const inAnswers = canaries.filter((canary) => answers.some((answer) => answer.includes(canary)));
  printFigure('canaries', {
    'files of the database': files.length,
    'log lines': written.split('\n').length,
    hits: inFiles.length + inLogs.length + inAnswers.length,
  });
  expect(await world.sql(`select id from person where name is not null`)).toEqual([]);
  // The search itself works: what is stored in the clear is found.
  expect(files.some(({ bytes }) => bytes.includes('payment_failed'))).toBe(true);
  expect(files.length).toBeGreaterThan(500);
  expect(written).not.toBe('');
  expect({ files: inFiles.map(({ path }) => path), inLogs, inAnswers }).toEqual({ files: [], inLogs: [], inAnswers: [] });
}, 60_000);

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
  const plain = await world.sql<{ count: number }>(`select count(*)::int as count from event where content is not null`);
  expect(plain).toEqual([{ count: 0 }]);
  const [event] = await world.sql<{ sealed: Buffer }>(`select sealed from event where name = 'Payment Failed' limit 1`);
  const opened = new Keyring([keys[0] as (typeof keys)[0]]).openText('event.sealed', event?.sealed as Buffer);
  expect(JSON.parse(opened)).toMatchObject({ person: {} });
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

function filesOf(folder: string): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}
