import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

const SEND = /^\/v1\/projects\/([^/]+)\/messages:send$/;
let accepted = 0;
/** When the first message since the last look came in; 0: none yet. */
let firstAt = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => answer(request, Buffer.concat(chunks).toString('utf8'), response));
});

function answer(request: IncomingMessage, body: string, response: ServerResponse): void {
  const project = SEND.exec(request.url ?? '')?.[1];
  if (request.url === '/token')
    return json(response, 200, { access_token: 'bench-token', expires_in: 3_599, token_type: 'Bearer' });
  if (project === undefined) return json(response, 404, { error: { code: 404, status: 'NOT_FOUND' } });
  const { message } = JSON.parse(body) as { message?: { token?: string } };
  if (message?.token === undefined) return json(response, 400, { error: { code: 400, status: 'INVALID_ARGUMENT' } });
  accepted += 1;
  firstAt ||= Date.now();
  json(response, 200, { name: `projects/${project}/messages/0:${Date.now()}%${accepted.toString(16)}` });
}

function json(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

process.on('message', (ask: 'count' | 'watch') => {
  if (ask === 'watch') firstAt = 0;
  process.send?.({ accepted, firstAt });
});
// Callers keep connections open between bursts; a stub that hangs up on them would be measured instead of them.
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
