import { createServer } from 'node:net';

export interface Ports {
  readonly app: number;
  readonly sandbox: number;
  readonly shop: number;
}

/** Free ports; for the application the one that is wanted, or an error that says why not. */
export async function choosePorts(wanted = 0): Promise<Ports> {
  // Held together until all are known, so that no two are the same.
  const held = { app: await hold(wanted), sandbox: await hold(0), shop: await hold(0) };
  await Promise.all(Object.values(held).map(({ release }) => release()));
  return { app: held.app.port, sandbox: held.sandbox.port, shop: held.shop.port };
}

function hold(port: number): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) =>
      reject(new Error(`Port ${port} cannot be used (${error.message}). Choose another with --port.`)),
    );
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as { port: number };
      resolve({ port: address.port, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
