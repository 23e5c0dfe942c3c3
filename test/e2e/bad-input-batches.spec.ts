import { connect } from 'node:net';
import { answerOf, type Answer, expectRefusal, storedRows } from '../support/refusals';
import { until, World } from '../support/world';

let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['ingest', 'read']);
});
afterAll(() => world?.stop());

const post = async (body: string | object, type = 'application/json'): Promise<Answer> =>
  answerOf(
    await fetch(`${world.url}/v1/events/batch`, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${key}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
const results = ({ text }: Answer) =>
  (JSON.parse(text) as { results: { index: number; outcome: string; eventId?: string; problem?: { code: string } }[] }).results;
const event = (fields: object = {}): object => ({ event: 'Cart Updated', keys: { cart: 'c1' }, ...fields });
const stored = async (idLike: string): Promise<number> =>
  (await world.sql<{ count: number }>(`select count(*)::int as count from event where source_event_id like $1`, [idLike]))[0]
    ?.count ?? -1;

it.each<[string, string | object, number, string]>([
  ['C35 no items', { events: [] }, 400, 'empty_batch'],
  ['C35 1,001 items', { events: Array.from({ length: 1_001 }, () => ({ event: 'A' })) }, 413, 'batch_too_large'],
  ['C35 more than 1 MiB', { events: [event({ properties: { text: 'x'.repeat(1024 * 1024) } })] }, 413, 'body_too_large'],
  ['C35 no batch at all', { event: 'A' }, 400, 'not_a_batch'],
  ['C35 a batch beside something else', { events: [event()], more: 1 }, 400, 'not_a_batch'],
  ['C35 events that are no list', { events: { 0: event() } }, 400, 'not_a_batch'],
  ['C35 a bare list', [event()], 400, 'not_a_batch'],
])('%s is refused whole', (_title, body, status, code) => expectRefusal(world, () => post(body), { status, code }));

test('C36 one bad item among 500 is refused in its place; the others are committed, and the order is kept', async () => {
  const events = Array.from({ length: 500 }, (_, index) =>
    event({ eventId: `c36-${index}`, ...(index === 250 ? { event: '7' } : {}) }),
  );
  const answer = await post({ events });
  expect(answer.status).toBe(207);
  expect(results(answer).map(({ index }) => index)).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect(
    results(answer).flatMap(({ index, outcome, problem }) =>
      outcome === 'recorded' ? [] : [{ index, outcome, code: problem?.code }],
    ),
  ).toEqual([{ index: 250, outcome: 'refused', code: 'bad_format' }]);
  expect(await stored('c36-%')).toBe(499);
});

test('C37 the same id twice in one batch has one effect; with other content the second is refused', async () => {
  const answer = await post({
    events: [event({ eventId: 'c37' }), event({ eventId: 'c37' }), event({ eventId: 'c37', properties: { a: 1 } })],
  });
  const said = results(answer);
  expect(said.filter(({ outcome }) => outcome === 'recorded')).toHaveLength(1);
  expect(said.map(({ outcome, problem }) => problem?.code ?? outcome).sort()).toEqual([
    'duplicate',
    'event_id_conflict',
    'recorded',
  ]);
  expect(await stored('c37')).toBe(1);
});

test('C38 500 items about one order go through, beside another batch that has them in the opposite order', async () => {
  const events = Array.from({ length: 500 }, (_, index) => event({ eventId: `c38-${index}`, keys: { order: 'o38' } }));
  const [forth, back] = await Promise.all([post({ events }), post({ events: [...events].reverse() })]);
  expect([forth.status, back.status]).toEqual([202, 202]);
  expect(await stored('c38-%')).toBe(500);
});

test('C39 a connection that breaks in the middle of the body stores nothing', async () => {
  await world.settled();
  const before = await storedRows(world);
  const body = JSON.stringify({ events: Array.from({ length: 100 }, (_, index) => event({ eventId: `c39-${index}` })) });
  const { hostname, port } = new URL(world.url);
  await new Promise<void>((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(
        `POST /v1/events/batch HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, body.length / 2)}`,
        () => socket.destroy(),
      );
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
  await until(async () => (await fetch(`${world.url}/health/live`)).status === 200, 'an answer after the break');
  expect(await storedRows(world)).toEqual(before);
  expect((await post(body)).status).toBe(202);
});

describe('C40 events as lines (NDJSON)', () => {
  it.each(['application/x-ndjson', 'application/jsonl', 'application/json-seq'])(
    '%s is refused whole: a batch is one JSON object',
    (type) =>
      expectRefusal(world, () => post(`${JSON.stringify(event())}\n\n${JSON.stringify(event())}\n`, type), {
        status: 415,
        code: 'unsupported_media_type',
      }),
  );
  it('lines that say they are JSON are refused whole too', () =>
    expectRefusal(world, () => post(`${JSON.stringify(event())}\n${JSON.stringify(event())}\n`), {
      status: 400,
      code: 'not_json',
    }));
});
