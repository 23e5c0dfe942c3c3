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
  const lines = (...values: (object | string)[]) =>
    values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n');
  const saidOf = (answer: Answer) => results(answer).map(({ outcome, problem }) => problem?.code ?? outcome);

  it.each(['application/x-ndjson', 'application/jsonl', 'Application/X-NDJSON; charset=utf-8'])(
    '%s is one event a line, each recorded once',
    async (type) => {
      const id = `c40-${type.length}`;
      const body = `${lines(event({ eventId: `${id}-0` }), event({ eventId: `${id}-1` }))}\n`;
      const answer = await post(body, type);
      expect({ status: answer.status, said: saidOf(answer) }).toEqual({ status: 202, said: ['recorded', 'recorded'] });
      expect(saidOf(await post(body, type))).toEqual(['duplicate', 'duplicate']);
      expect(await stored(`${id}-%`)).toBe(2);
    },
  );

  test('a line that is blank, cut, of 1 MB or no event is refused in its place; the others are committed', async () => {
    const megabyte = event({ properties: { text: 'x'.repeat(1_000_000) } });
    const good = (number: number) => event({ eventId: `c40-good-${number}` });
    const answer = await post(lines(good(0), '', '{"event":', megabyte, '[]', event({ event: '7' }), '"x"', good(1)), 'application/x-ndjson'); // prettier-ignore
    expect(answer.status).toBe(207);
    expect(saidOf(answer)).toEqual(['recorded', 'blank_line', 'not_json', 'line_too_large', 'bad_type', 'bad_format', 'bad_type', 'recorded']); // prettier-ignore
    expect(results(answer).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(answer.text).not.toContain('xxxx');
    expect(await stored('c40-good-%')).toBe(2);
  });

  it.each<[string, string, string, number, string]>([
    ['nothing', '', 'application/x-ndjson', 400, 'empty_batch'],
    ['1,001 lines', lines(...Array.from({ length: 1_001 }, () => event())), 'application/x-ndjson', 413, 'batch_too_large'],
    ['a million blank lines', '\n'.repeat(1_000_000), 'application/x-ndjson', 413, 'batch_too_large'],
    ['more than 1 MiB', lines(event(), 'x'.repeat(1024 * 1024)), 'application/x-ndjson', 413, 'body_too_large'],
    ['UTF-16', lines(event()), 'application/x-ndjson; charset=utf-16', 415, 'unsupported_media_type'],
    ['a JSON sequence', lines(event()), 'application/json-seq', 415, 'unsupported_media_type'],
    ['lines that say they are JSON', lines(event(), event()), 'application/json', 400, 'not_json'],
  ])('%s is refused whole', (_title, body, type, status, code) => expectRefusal(world, () => post(body, type), { status, code }));

  test('lines are for batches: one event is JSON', () =>
    expectRefusal(
      world,
      async () =>
        answerOf(
          await fetch(`${world.url}/v1/events`, {
            method: 'POST',
            headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${key}` },
            body: lines(event()),
          }),
        ),
      { status: 415, code: 'unsupported_media_type' },
    ));
});
