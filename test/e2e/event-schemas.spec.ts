import { answerOf, expectRefusal } from '../support/refusals';
import { World } from '../support/world';

let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['ingest', 'admin']);
});
afterAll(() => world?.stop());

const call = (method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${world.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
const set = (name: string, mode: string, schema: unknown) =>
  call('PUT', `event-schemas/${encodeURIComponent(name)}`, { mode, schema });
const needsOrder = { required: ['keys'], properties: { keys: { required: ['order'] } } };
async function nameOf(name: string): Promise<object | undefined> {
  await world.settled();
  const { names } = (await (await call('GET', 'events/names')).json()) as { names: { name: string }[] };
  return names.find((one) => one.name === name);
}

it('enforced, it refuses what breaks it over the API, one by one in a batch, and quarantines it over Segment', async () => {
  expect((await set('Order Shipped', 'enforce', needsOrder)).status).toBe(204);
  const bad = { event: 'Order Shipped', properties: { secret_9x: 1 } };
  await expectRefusal(world, async () => answerOf(await call('POST', 'events', bad)), {
    status: 422,
    code: 'schema_violated',
    unspoken: ['secret_9x'],
  });
  const good = { event: 'Order Shipped', keys: { order: 'o1' } };
  const batch = await call('POST', 'events/batch', { events: [bad, good] });
  expect({ status: batch.status, body: await batch.json() }).toMatchObject({
    status: 207,
    body: { results: [{ outcome: 'refused', problem: { code: 'schema_violated' } }, { outcome: 'recorded' }] },
  });
  const segment = await call('POST', 'track', { event: 'Order Shipped', userId: 'u1' });
  expect({ status: segment.status, body: await segment.json() }).toMatchObject({
    status: 200,
    body: { outcome: 'quarantined', reason: 'schema_violated' },
  });
  expect(await nameOf('Order Shipped')).toMatchObject({ count: 1, schema: 'enforce', violations: 3, known: true });
  expect((await call('DELETE', 'event-schemas/Order%20Shipped')).status).toBe(204);
  expect((await call('DELETE', 'event-schemas/Order%20Shipped')).status).toBe(404);
  expect((await call('POST', 'events', bad)).status).toBe(202);
});

it('as a warning, it records and counts', async () => {
  await set('Order Packed', 'warn', needsOrder);
  expect((await call('POST', 'events', { event: 'Order Packed' })).status).toBe(202);
  expect((await call('POST', 'events', { event: 'Order Packed', keys: { order: 'o2' } })).status).toBe(202);
  expect(await nameOf('Order Packed')).toMatchObject({ count: 2, schema: 'warn', violations: 1 });
  const { schemas } = (await (await call('GET', 'event-schemas')).json()) as { schemas: object[] };
  expect(schemas).toContainEqual(
    expect.objectContaining({ name: 'Order Packed', mode: 'warn', schema: needsOrder, violations: 1 }),
  );
});

it('an event that nobody expects is kept, counted and shown as such', async () => {
  for (let i = 0; i < 3; i += 1) await call('POST', 'events', { event: 'Caert Updated' });
  await call('POST', 'events', { event: 'Cart Updated' });
  expect(await nameOf('Caert Updated')).toMatchObject({ count: 3, schema: 'none', known: false });
  expect(await nameOf('Cart Updated')).toMatchObject({ count: 1, schema: 'none', known: true });
});

it('names come in pages', async () => {
  const events = Array.from({ length: 450 }, (_, i) => ({ event: `Z ${String(i).padStart(4, '0')}` }));
  expect((await call('POST', 'events/batch', { events })).status).toBe(202);
  await world.settled();
  const seen: string[] = [];
  for (let cursor: string | null = 'Y'; cursor !== null;) {
    const page = (await (await call('GET', `events/names?cursor=${encodeURIComponent(cursor)}`)).json()) as {
      names: { name: string }[];
      nextCursor: string | null;
    };
    seen.push(...page.names.map(({ name }) => name));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(events.map(({ event }) => event));
});

it.each<[string, unknown, number, string]>([
  ['72 a regular expression of a user', { mode: 'warn', schema: { properties: { a: { pattern: '(a+)+$' } } } }, 422, 'keyword_not_allowed'], // prettier-ignore
  ['a mode of its own', { mode: 'delete', schema: {} }, 422, 'bad_value'],
  ['no schema', { mode: 'warn' }, 422, 'missing_field'],
  ['an unknown field', { mode: 'warn', schema: {}, tenantId: 'mine' }, 422, 'unknown_field'],
])('%s is refused', async (_title, body, status, code) => {
  await expectRefusal(world, async () => answerOf(await call('PUT', 'event-schemas/A', body)), { status, code });
});

it('who demanded what of an event, and who took it back, stands in the audit log', async () => {
  expect((await set('Audited', 'warn', needsOrder)).status).toBe(204);
  expect((await call('DELETE', 'event-schemas/Audited')).status).toBe(204);
  expect((await call('DELETE', 'event-schemas/Audited')).status).toBe(404);
  const { entries } = (await (await call('GET', 'operations/audit')).json()) as { entries: { subject: string | null }[] };
  expect(entries.filter(({ subject }) => subject === 'Audited')).toMatchObject([
    { act: 'event_schema_removed' },
    { act: 'event_schema_set' },
  ]);
});
