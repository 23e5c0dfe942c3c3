import { connect } from 'node:net';
import { type World } from './world';

/** An answer, however it was asked for. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

export interface Expected {
  readonly status: number;
  /** The machine code. */
  readonly code: string;
  /** What was sent and must not come back: hostile or personal. */
  readonly unspoken?: readonly string[];
}

/** Checks what holds for every refusal: a problem body that echoes nothing, nothing stored, and a server that still answers. */
export async function expectRefusal(world: World, ask: () => Promise<Answer>, expected: Expected): Promise<Answer> {
  await world.settled();
  const before = await storedRows(world);
  const answer = await ask();
  expectProblem(answer, expected);
  expect(await storedRows(world)).toEqual(before);
  expect((await fetch(`${world.url}/health/live`)).status).toBe(200);
  return answer;
}

/** A problem body (RFC 9457) with a machine code that says nothing of our insides and repeats nothing of what came. */
export function expectProblem(answer: Answer, { status, code, unspoken = [] }: Expected): void {
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/);
  expect(JSON.parse(answer.text)).toEqual({
    type: `urn:wapas:problem:${code}`,
    title: expect.stringMatching(/^[A-Z][a-z ]+$/) as string,
    status,
    code,
    detail: expect.stringMatching(/^[^\n]{10,300}$/) as string,
    ...(answer.text.includes('"faults"') ? { faults: expect.any(Array) as unknown[] } : {}),
  });
  expect(answer.text).not.toMatch(/node_modules|\.ts:|\.js:|\bat [\w.]+ \(|select |insert into/i);
  for (const text of unspoken) expect(answer.text).not.toContain(text);
}

function codeOf({ text }: Answer): unknown {
  try {
    return (JSON.parse(text) as { code?: unknown }).code;
  } catch {
    return text.slice(0, 200); // The comparison then shows what came instead of a problem.
  }
}

/** Rows of everything that a request may leave behind. */
export async function storedRows(world: World): Promise<unknown> {
  const [row] = await world.sql(
    `select (select count(*) from event)::int as events, (select count(*) from event_mark)::int as marks,
            (select count(*) from quarantine)::int as quarantined, (select count(*) from run)::int as runs`,
  );
  return row;
}

export async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
}

/** Writes these bytes to the server's socket and reads until it hangs up: for requests no HTTP client would send. */
export async function sendBytes(world: World, chunks: readonly (string | Buffer)[], hangUp = false): Promise<Answer> {
  const { hostname, port } = new URL(world.url);
  const received = await new Promise<Buffer>((resolve, reject) => {
    const parts: Buffer[] = [];
    // The other direction stays open after ours has ended, as for a client that has said all it has to say.
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.setTimeout(8_000, () =>
      reject(new Error(`The server said nothing more for 8 s after: ${Buffer.concat(parts).toString()}`)),
    );
    socket.on('data', (part) => parts.push(part));
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(Buffer.concat(parts)));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The server may hang up before it has read everything; what it said before counts.
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    for (const chunk of chunks) socket.write(chunk);
    if (hangUp) socket.end();
  });
  return parseAnswer(received.toString('utf8'));
}

function parseAnswer(text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, text: rest.join('\r\n\r\n') };
}
