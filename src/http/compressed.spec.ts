import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import { compressedFor, takesGzip } from './compressed';

test.each([
  ['gzip', true],
  ['gzip, deflate, br', true],
  ['br;q=1.0, GZIP;q=0.5', true],
  [undefined, false],
  ['', false],
  ['identity', false],
  ['br', false],
  ['gzip;q=0', false],
  ['gzip;q=0.000, *', false],
])('Accept-Encoding %p is taken for gzip: %p', (header, taken) => {
  expect(takesGzip(header)).toBe(taken);
});

describe('a long answer', () => {
  let app: FastifyInstance;
  let url: string;
  let source: () => Readable;
  beforeAll(async () => {
    app = Fastify({ forceCloseConnections: true });
    app.get('/', (request, reply) => reply.send(compressedFor(request, reply, source())));
    url = await app.listen({ port: 0 });
  });
  afterAll(() => app.close());

  const LINES = Array.from({ length: 20_000 }, (_, line) => `run-${line},sent\r\n`);
  const asked = (encoding: string) => fetch(url, { headers: { 'accept-encoding': encoding } });

  it('is the same compressed and plain, and says which of both it is', async () => {
    source = () => Readable.from(LINES);
    const [plain, compressed] = [await asked('identity'), await asked('gzip')];
    expect([plain.headers.get('content-encoding'), compressed.headers.get('content-encoding')]).toEqual([null, 'gzip']);
    expect([plain.headers.get('vary'), compressed.headers.get('vary')]).toEqual(['accept-encoding', 'accept-encoding']);
    expect([await plain.text(), await compressed.text()]).toEqual([LINES.join(''), LINES.join('')]);
  });

  it.each(['identity', 'gzip'])('that breaks off is cut, also with Accept-Encoding %s', async (encoding) => {
    source = () => Readable.from(breakingOff());
    const answer = await asked(encoding);
    await expect(answer.text()).rejects.toThrow();
  });

  it.each(['identity', 'gzip'])('whose reader goes away is read no further, also with Accept-Encoding %s', async (encoding) => {
    let ended: () => void;
    const wasEnded = new Promise<void>((resolve) => (ended = resolve));
    source = () => Readable.from(endless(() => ended()));
    const leaving = new AbortController();
    const answer = await fetch(url, { headers: { 'accept-encoding': encoding }, signal: leaving.signal });
    expect(answer.status).toBe(200);
    leaving.abort();
    await wasEnded;
  });

  async function* breakingOff(): AsyncGenerator<string> {
    yield* LINES;
    throw new Error('the database went away');
  }

  async function* endless(onEnd: () => void): AsyncGenerator<string> {
    try {
      for (let line = 0; ; line += 1) yield `${line} ${Math.random()}\r\n`.repeat(100);
    } finally {
      onEnd();
    }
  }
});
