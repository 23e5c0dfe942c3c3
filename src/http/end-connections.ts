import { type Socket } from 'node:net';
import { type FastifyInstance } from 'fastify';

/** What is being answered when the server closes may take so long; what is still open then is cut. */
const LAST_ANSWERS_MS = 5_000;

/**
 * Lets a closing server end with its last answer. Node ends the connections that are idle when `close` is called. One that is
 * being answered becomes idle later and was then kept for Fastify's 72 s, beyond every grace a container is given; and one that
 * has not said a word yet counts as busy, while the look-out for such connections ends with the call of `close`.
 */
export function endConnectionsOnClose(fastify: FastifyInstance): void {
  const { server } = fastify;
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  fastify.addHook('preClose', (done) => {
    server.keepAliveTimeout = 1; // Counted from the end of an answer; 0 would mean for ever.
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    const cut = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
    server.once('close', () => clearTimeout(cut));
    done();
  });
}
