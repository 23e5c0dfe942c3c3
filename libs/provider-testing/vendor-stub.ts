import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface StubAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

type Behaviour = (received: ReceivedRequest, request: IncomingMessage, response: ServerResponse) => void;

/** A vendor on loopback: writes down what it receives, and answers (or fails) as it was told. */
export interface VendorStub {
  readonly url: string;
  /** Everything since the last `forget`, the fixed routes left out. */
  readonly received: ReceivedRequest[];
  answer(answer: StubAnswer | ((received: ReceivedRequest) => StubAnswer)): void;
  /** Reads the whole request, then cuts the connection. */
  resetAfterReading(): void;
  /** Reads the whole request and says nothing. */
  hang(): void;
  /** A path that answers the same whatever the rest is told, such as a token service. */
  fixed(path: string, answer: StubAnswer): void;
  forget(): void;
  close(): Promise<void>;
}

export interface HttpVendorStub extends VendorStub {
  /** Reads whole requests and keeps them waiting. Gives how to answer those that wait; later ones are answered at once. */
  answerLater(): (answer: StubAnswer) => void;
}

export async function startVendorStub(): Promise<HttpVendorStub> {
  const received: ReceivedRequest[] = [];
  const fixed = new Map<string, StubAnswer>();
  let behave: Behaviour = (_received, _request, response) => reply(response, { status: 404, body: '' });

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const path = request.url ?? '';
      const route = fixed.get(path);
      if (route !== undefined) return reply(response, route);
      const entry = { method: request.method ?? '', path, headers: request.headers, body };
      received.push(entry);
      behave(entry, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (answer) => {
      behave = (entry, _request, response) => reply(response, typeof answer === 'function' ? answer(entry) : answer);
    },
    answerLater: () => {
      const waiting: ServerResponse[] = [];
      behave = (_entry, _request, response) => void waiting.push(response);
      return (answer) => {
        behave = (_entry, _request, response) => reply(response, answer);
        for (const response of waiting) reply(response, answer);
      };
    },
    resetAfterReading: () => {
      behave = (_entry, request) => void request.socket.resetAndDestroy();
    },
    hang: () => {
      behave = () => undefined;
    },
    fixed: (path, answer) => void fixed.set(path, answer),
    forget: () => void received.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The address of a port on which nobody listens. */
export async function refusedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}`;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, { status, headers, body }: StubAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}
