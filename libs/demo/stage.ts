import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Child, type Environment } from './child';
import { type DemoDatabase, openDatabase, withClient } from './database';
import { type Keys, makeAdminKey, makeKeys } from './keys';
import { choosePorts, type Ports } from './ports';
import { applicationSettings, newFcmKeys, plainEnvironment, RAZORPAY_SECRET, sandboxSettings } from './settings';
import { type ClockAnchor, StoryClock } from './story-clock';
import { type Teardown } from './teardown';

export interface StageOptions {
  /** Of the application; absent: a free one. */
  readonly port?: number;
  readonly noProviders: boolean;
  /** Settings of the application beside the demo's own. */
  readonly application?: Environment;
  /** Settings of the sandbox beside the demo's own. */
  readonly sandbox?: Environment;
}

/** Everything that runs, and how to reach it. */
export interface Stage {
  readonly appUrl: string;
  readonly sandboxUrl: string;
  readonly shopPort: number;
  readonly ledgerFile: string;
  readonly databaseUrl: string;
  readonly clock: StoryClock;
  readonly keys: Keys;
  readonly razorpaySecret: string;
  /** Rejects when a part ends by itself. Never resolves. */
  readonly broken: Promise<never>;
}

/**
 * Database, application, keys, sandbox, in this order: the key on the sandbox's handset comes from the application, which
 * needs the sandbox only once something is sent. Everybody's business clock is the database's.
 */
export async function setStage(options: StageOptions, teardown: Teardown): Promise<Stage> {
  const ports = await choosePorts(options.port);
  const folder = makeFolder(teardown);
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;
  const database = await openDatabase(join(folder, 'database'), { databaseUrl, redisUrl });
  teardown.add(() => database.close());
  const fcm = newFcmKeys();
  const { app, adminKey } = await startApplication(
    database,
    { ports, fcmPrivateKey: fcm.privateKey, redisUrl, settings: options.application },
    teardown,
  );
  const keys = await makeKeys(urlOf(ports.app), adminKey);
  const url = await database.url();
  const anchor = await readClock(url);
  const ledgerFile = join(folder, 'ledger.jsonl');
  const sandbox = await startSandbox(
    {
      ...sandboxSettings(ports, {
        ledgerFile,
        anchor,
        fcmPublicKey: fcm.publicKey,
        publishableKey: keys.app,
        refuseAll: options.noProviders,
      }),
      ...options.sandbox,
    },
    ports,
    teardown,
  );
  return {
    appUrl: urlOf(ports.app),
    sandboxUrl: urlOf(ports.sandbox),
    shopPort: ports.shop,
    ledgerFile,
    databaseUrl: url,
    clock: new StoryClock(anchor),
    keys,
    razorpaySecret: RAZORPAY_SECRET,
    broken: Promise.race([app.broken, sandbox.broken]),
  };
}

const BUILD = join(__dirname, '..', '..');
const END_WITH_PARENT = join(__dirname, 'end-with-parent.main.js');

function makeFolder(teardown: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'wapas-demo-'));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface ApplicationWishes {
  readonly ports: Ports;
  readonly fcmPrivateKey: string;
  readonly redisUrl: string | undefined;
  readonly settings: Environment | undefined;
}

/** The first key is made as on every new installation: by the command, before the application starts. */
async function startApplication(
  database: DemoDatabase,
  { ports, fcmPrivateKey, redisUrl, settings }: ApplicationWishes,
  teardown: Teardown,
): Promise<{ app: Child; adminKey: string }> {
  const env: Environment = {
    ...plainEnvironment(),
    ...applicationSettings(ports, fcmPrivateKey),
    ...settings,
    ...database.environment,
    ...(redisUrl && { REDIS_URL: redisUrl }),
  };
  const adminKey = await makeAdminKey(env, teardown);
  const app = Child.start('The application', join(BUILD, 'src', 'main.js'), env, [
    '--max-semi-space-size=32',
    '--max-old-space-size=1024',
    '--require',
    END_WITH_PARENT,
  ]);
  teardown.add(() => app.stop());
  await untilAnswers(app, `${urlOf(ports.app)}/health/ready`);
  return { app, adminKey };
}

async function startSandbox(settings: Environment, ports: Ports, teardown: Teardown): Promise<Child> {
  const env = { ...plainEnvironment(), ...settings };
  const sandbox = Child.start('The sandbox', join(BUILD, 'libs', 'sandbox', 'main.js'), env);
  teardown.add(() => sandbox.stop());
  await untilAnswers(sandbox, `${urlOf(ports.sandbox)}/sandbox/health`);
  return sandbox;
}

const readClock = (url: string): Promise<ClockAnchor> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<ClockAnchor>(
      `select extract(epoch from anchor_real)::float8 * 1000 as real, extract(epoch from anchor_business)::float8 * 1000 as business, rate
       from business_clock`,
    );
    if (!rows[0]) throw new Error('The application has set no business clock.');
    return rows[0];
  });

const STARTS_WITHIN_MS = 60_000;

async function untilAnswers(child: Child, url: string): Promise<void> {
  for (const end = Date.now() + STARTS_WITHIN_MS; Date.now() < end;) {
    // Refused connections are what waiting is for; a child that ended is reported by the race.
    const answer = fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (await Promise.race([answer, child.broken])) return;
    await Promise.race([pause(30), child.broken]);
  }
  throw child.failure(`did not answer within ${STARTS_WITHIN_MS / 1_000} s`);
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;
