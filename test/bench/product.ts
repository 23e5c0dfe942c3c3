import { type ChildProcess, execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Started, startProgram, stopProgram } from './children';
import { CUSTOMERS } from './events';
import { query } from './database-server';
import { type Load } from './load';

export interface ProductOptions {
  readonly databaseUrl: string;
  /** Where the loopback provider listens. */
  readonly providerUrl: string;
  /** A folder of journey files; the starter journeys when absent. */
  readonly journeysDir?: string;
  /** Settings on top of the usual ones. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What keys are hashed and contents are sealed with, for whoever fills tables by hand. */
export const BENCH_SECRET = 'a-secret-for-benches-0123456789abcdef';

/** As `npm start` gives them. */
const NODE_OPTIONS = ['--max-semi-space-size=32', '--max-old-space-size=1024'];

/** The real application as its own process, with nothing switched off, and the customers it knows beforehand. */
export class Product {
  private constructor(
    readonly url: string,
    readonly key: string,
    private readonly databaseUrl: string,
    private readonly startApplication: () => Promise<ChildProcess>,
    private application: ChildProcess,
  ) {}

  /** Of the application's process. */
  get pid(): number {
    return this.application.pid ?? 0;
  }

  static async start(options: ProductOptions, load: Load, started: Started): Promise<Product> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const environment = environmentOf(options, port, url);
    const key = await createKey(environment);
    const startApplication = async (): Promise<ChildProcess> => {
      const application = startProgram('../../src/main.js', started, { environment, nodeOptions: NODE_OPTIONS });
      await ready(`${url}/health/ready`, application);
      return application;
    };
    const product = new Product(url, key, options.databaseUrl, startApplication, await startApplication());
    await load.run({
      url: `${url}/v1/events/batch`,
      key,
      batch: 100,
      inFlight: 4,
      content: 'introductions',
      until: { kind: 'events', events: CUSTOMERS },
    });
    await product.atRest();
    return product;
  }

  /** Ends the application, and starts it again when `work` is done. */
  async whileEnded(work: () => Promise<void>): Promise<void> {
    await stopProgram(this.application);
    await work();
    this.application = await this.startApplication();
  }

  /** Resolves when every bus event is delivered: what is measured next starts on a machine with nothing left to do. */
  async atRest(): Promise<void> {
    await until('the bus to come to rest', async () => {
      const [row] = await query<{ waiting: number }>(this.databaseUrl, 'select count(*)::int as waiting from bus_outbox');
      return row?.waiting === 0;
    });
  }
}

function environmentOf({ databaseUrl, providerUrl, journeysDir, environment }: ProductOptions, port: number, url: string) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    WAPAS_MODE: 'sandbox',
    PORT: String(port),
    WAPAS_PUBLIC_URL: url,
    DATABASE_URL: databaseUrl,
    WAPAS_SECRET: BENCH_SECRET,
    WAPAS_CLOCK_RATE: '1',
    WAPAS_PAY_URL: 'https://shop.example/orders/{order_id}/pay',
    LOG_LEVEL: 'warn',
    FCM_SERVICE_ACCOUNT: JSON.stringify({
      type: 'service_account',
      project_id: 'wapas-bench',
      private_key_id: 'key-1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      client_email: 'wapas@wapas-bench.example',
      token_uri: `${providerUrl}/token`,
    }),
    FCM_BASE_URL: providerUrl,
    FCM_MAX_PER_SECOND: '100000',
    ...(journeysDir === undefined ? {} : { WAPAS_JOURNEYS_DIR: journeysDir }),
    ...environment,
  };
}

/** Also brings the schema up. */
async function createKey(environment: Readonly<Record<string, string>>): Promise<string> {
  const command = join(__dirname, '../../src/access/create-key.command.js');
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--scopes', 'ingest,read,admin', '--name', 'bench'], {
    env: { PATH: process.env.PATH, ...environment },
    timeout: 30_000,
  });
  return stdout.trim();
}

async function ready(url: string, application: ChildProcess): Promise<void> {
  await until(url, async () => {
    if (application.exitCode !== null)
      throw new Error(`The application ended with ${application.exitCode} instead of listening.`);
    const response = await fetch(url).catch(() => undefined); // Not listening yet.
    return response?.ok === true;
  });
}

export async function until(what: string, condition: () => Promise<boolean>, withinMs = 60_000, everyMs = 20): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; await pause(everyMs)) if (await condition()) return;
  throw new Error(`Waited ${withinMs / 1_000} s in vain for ${what}.`);
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
