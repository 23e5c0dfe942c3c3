import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { endConnectionsOnClose } from './end-connections';

/** A server with one route, whose answer waits until `answer` is called. */
async function started(): Promise<{ app: FastifyInstance; port: number; asked: Promise<void>; answer: () => void }> {
  const app = fastify({ forceCloseConnections: 'idle' });
  endConnectionsOnClose(app);
  let answer = (): void => undefined;
  let heard = (): void => undefined;
  const asked = new Promise<void>((resolve) => (heard = resolve));
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
  app.get('/slow', async () => {
    heard();
    await mayAnswer;
    return 'x'.repeat(100_000);
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, port: (app.server.address() as AddressInfo).port, asked, answer };
}

test('a request that is being answered when the server closes gets its whole answer, and its kept connection holds nobody up', async () => {
  const { app, port, asked, answer } = await started();
  const agent = new Agent({ keepAlive: true });
  const response = new Promise<IncomingMessage>((resolve) => get({ port, path: '/slow', agent }, resolve));
  await asked;
  const closed = app.close();
  while (app.server.listening) await new Promise((resolve) => setImmediate(resolve)); // What is idle has been ended by then.
  answer();
  const chunks: Buffer[] = [];
  for await (const chunk of await response) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks)).toHaveLength(100_000);
  await closed;
  agent.destroy();
});

test('a connection on which nothing was said yet holds nobody up', async () => {
  const { app, port } = await started();
  const accepted = once(app.server, 'connection');
  const silent = connect(port, '127.0.0.1');
  silent.on('error', () => undefined);
  await accepted;
  await app.close();
  silent.destroy();
});
