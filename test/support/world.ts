import 'reflect-metadata';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { BusinessClock, Database, statement } from '@wapas/database';
import { type EmbeddedPostgres } from '@wapas/database/embedded';
import { Bus } from '@wapas/events';
import { type Instant, parseInstant } from '@wapas/kernel';
import { type Sandbox, startSandbox } from '@wapas/sandbox';
import { Authenticate, type Scope } from '../../src/access/access.api';
import { providerDefinitions } from '../../src/app.module';
import { readConfig } from '../../src/config/config';
import { contentIn, type StoredContent } from '../../src/channels/store/sealed-message';
import { SweepMessages } from '../../src/channels/sweep-messages';
import { createApp } from '../../src/create-app';
import { eventReader, type StoredEvent } from '../../src/ingestion/ingestion.api';
import { DeriveEvents } from '../../src/ingestion/derived/derive-events';
import { AdvanceDueRuns } from '../../src/journeys/advance-due-runs';
import { Catalogue } from '../../src/journeys/catalogue';
import { type RunFacts } from '../../src/journeys/rules/run';
import { secretIn, type StoredSecret } from '../../src/journeys/store/sealed-run';
import { Log } from '../../src/log';
import { ImportConsents } from '../../src/profiles/import-consents';
import { layDatabase, startPostgres } from './template';

export const RAZORPAY_SECRET = 'razorpay-test-secret';
const WHATSAPP_SECRET = 'whatsapp-app-secret';
const MSG91_TOKEN = '8f3a61d2c94b7e05a1d6f0938b2c47e5';
/** 11:00 in India on a Monday. */
export const START = parseInstant('2026-11-23T11:00:00+05:30') as Instant;

export interface WorldOptions {
  readonly redisUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly sandbox?: Parameters<typeof startSandbox>[0];
  /** The payment gateways can be asked: the sandbox plays them. */
  readonly gateways?: boolean;
  /** Settings of its Postgres, until that is started again. */
  readonly postgres?: Parameters<typeof startPostgres>[1];
  /** Where logs go; silent when absent. */
  readonly log?: Log;
}

/**
 * The whole product in this process, on a real Postgres of its own and over HTTP, with the sandbox playing the vendors.
 * Business time stands still until a test moves it.
 */
export class World {
  private readonly others: NestFastifyApplication[] = [];

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly sandbox: Sandbox,
    private postgres: EmbeddedPostgres,
    private readonly dataDir: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly log: Log | undefined,
  ) {}

  static async start(options: WorldOptions = {}): Promise<World> {
    const dataDir = mkdtempSync(join(tmpdir(), 'wapas-test-'));
    await layDatabase(dataDir);
    const postgres = await startPostgres(dataDir, options.postgres);
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const sandbox = await startSandbox({
      fcmPublicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      whatsappToken: 'whatsapp-token',
      whatsappAppSecret: WHATSAPP_SECRET,
      whatsappPhoneNumberId: '1000',
      whatsappWebhookUrl: `${url}/webhooks/providers/whatsapp-cloud`,
      whatsappButtonPrefix: { '*': `${url}/WAPAS/` },
      msg91AuthKey: 'msg91-key',
      receiptsSentAfterMs: 5,
      receiptsDeliveredAfterMs: 15,
      msg91WebhookUrl: `${url}/webhooks/providers/msg91/${MSG91_TOKEN}`,
      razorpayKeyId: 'rzp_test_1',
      razorpayKeySecret: 'razorpay-key-secret',
      razorpayWebhookUrl: `${url}/webhooks/sources/razorpay`,
      razorpayWebhookSecret: RAZORPAY_SECRET,
      cashfreeClientId: 'cf-app',
      cashfreeClientSecret: 'cashfree-secret',
      stripeSecretKey: 'rk_test_1',
      ...options.sandbox,
    });
    const environment = {
      WAPAS_MODE: 'sandbox',
      PORT: String(port),
      WAPAS_PUBLIC_URL: url,
      DATABASE_URL: lastingUrl(postgres, dataDir),
      WAPAS_SECRET: 'a-secret-for-tests-0123456789abcdef',
      WAPAS_CLOCK_START: new Date(START).toISOString(),
      WAPAS_CLOCK_RATE: '0',
      WAPAS_PAY_URL: 'https://shop.example/orders/{order_id}/pay',
      // Most tests are not about consent; those that are ask for the product's default.
      WAPAS_SERVICE_OPT_IN: 'none',
      // Many customers fail at once in these stories: who tells of a mass incident says so.
      WAPAS_INCIDENT_LEAST: '1000000',
      RAZORPAY_WEBHOOK_SECRET: RAZORPAY_SECRET,
      FCM_SERVICE_ACCOUNT: JSON.stringify({
        type: 'service_account',
        project_id: 'wapas-demo',
        private_key_id: 'key-1',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        client_email: 'wapas@wapas-demo.example',
        token_uri: `${sandbox.url}/fcm/token`,
      }),
      FCM_BASE_URL: `${sandbox.url}/fcm`,
      WHATSAPP_ACCESS_TOKEN: 'whatsapp-token',
      WHATSAPP_PHONE_NUMBER_ID: '1000',
      WHATSAPP_APP_SECRET: WHATSAPP_SECRET,
      WHATSAPP_VERIFY_TOKEN: 'verify-me-please-0123456789',
      WHATSAPP_BASE_URL: `${sandbox.url}/whatsapp`,
      // Tests move business time by hours; Meta's six seconds are real ones.
      WHATSAPP_PAIR_EVERY_MS: '1',
      MSG91_AUTH_KEY: 'msg91-key',
      MSG91_BASE_URL: `${sandbox.url}/msg91`,
      MSG91_WEBHOOK_TOKEN: MSG91_TOKEN,
      ...(options.gateways ? gatewaySettings(sandbox.url) : {}),
      ...(options.redisUrl ? { REDIS_URL: options.redisUrl } : {}),
      ...options.env,
    };
    const app = await startApp(environment, options.log).catch(async (error: unknown) => {
      await sandbox.close();
      await postgres.stop();
      removeAll(dataDir);
      throw error;
    });
    return new World(app, url, sandbox, postgres, dataDir, environment, options.log);
  }

  /** Every container: ours, then those that were started beside it. */
  get apps(): readonly NestFastifyApplication[] {
    return [this.app, ...this.others];
  }

  get database(): Database {
    return this.app.get(Database);
  }

  get clock(): BusinessClock {
    return this.app.get(BusinessClock);
  }

  /** Where the files of its Postgres lie. */
  get databaseFolder(): string {
    return this.dataDir;
  }

  get databaseUrl(): string {
    return this.environment.DATABASE_URL as string;
  }

  /** The settings the application runs with. */
  get env(): Readonly<Record<string, string>> {
    return this.environment;
  }

  async key(scopes: Scope[], test = false): Promise<string> {
    return (await this.app.get(Authenticate).createKey({ name: 'test', scopes, test, expiresAt: null }, 'test')).text;
  }

  /** Sets business time to `at` after the start and lets everything that is due then happen. */
  async moveTo(at: number): Promise<void> {
    await this.clock.startAt((START + at) as Instant, 0);
    await this.settled();
  }

  /** Sets business time to `at` after the start and lets it run as real time does. */
  async run(at: number): Promise<void> {
    await this.clock.startAt((START + at) as Instant, 1);
  }

  /** Publishes a journey definition as a file would be, and waits until it is in force. */
  async publish(definition: unknown): Promise<void> {
    const result = await this.app.get(Catalogue).publish(definition);
    if ('faults' in result) throw new Error(`Journey refused: ${JSON.stringify(result.faults)}`);
    await this.app.get(Catalogue).reload();
  }

  /** Stops the loops of this process, so that another one does the work. HTTP stays up. */
  async pause(): Promise<void> {
    await this.app.get(DeriveEvents).stop();
    await this.app.get(AdvanceDueRuns).stop();
    await this.app.get(SweepMessages).stop();
    await this.app.get(Bus).stop();
  }

  /** Takes the work up again. */
  resume(): void {
    this.app.get(Bus).start();
    this.app.get(SweepMessages).start();
    this.app.get(AdvanceDueRuns).start();
    this.app.get(DeriveEvents).start();
  }

  /** Consent files are stored, but not worked off. */
  async pauseImports(): Promise<void> {
    await this.app.get(ImportConsents).stop();
  }

  resumeImports(): void {
    this.app.get(ImportConsents).start();
  }

  /** Tells the sandbox how to behave. */
  async control(what: string, body: unknown): Promise<void> {
    const response = await fetch(`${this.sandbox.url}/sandbox/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The sandbox refused: ${await response.text()}`);
  }

  /** Resolves when no bus event waits, no run is due, no message is on its way and no receipt is outstanding or parked. */
  async settled(): Promise<void> {
    try {
      await until(async () => {
        // A handler that hangs must not keep us from saying so.
        await Promise.race([this.app.get(Bus).settled(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
        const [row] = await this.database.query<{ busy: number }>(BUSY);
        return row?.busy === 0 && this.sandbox.pendingReceipts() === 0;
      }, 'the world to come to rest');
    } catch (error) {
      throw new Error(`What keeps it from resting: ${JSON.stringify(await this.unrest())}`, { cause: error });
    }
  }

  /** What is not done yet, and what the connections of the application are at, for whoever reads a failure. */
  private async unrest(): Promise<Record<string, unknown>> {
    return {
      bus: await this.app.get(Bus).state(),
      messages: await this.sql(`select state, reason, count(*)::int as count from message where state in ('planned', 'calling', 'retryable') group by 1, 2`),
      dueRuns: await this.sql(`select count(*)::int as count from run where due_at <= business_now()`),
      parkedReceipts: await this.sql(`select count(*)::int as count from receipt where message_id is null`),
      receiptsToCome: this.sandbox.pendingReceipts(),
      connections: await this.sql(
        `select state, wait_event_type, wait_event, left(query, 60) as query, extract(epoch from clock_timestamp() - state_change)::int as seconds
         from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
      ),
    }; // prettier-ignore
  }

  sql<Row extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.database.pool.query<Row>(text, values as unknown[]).then((result) => result.rows);
  }

  /** Stored events, opened, in the order of their times. The condition is over columns of `event`. */
  async events(condition: string, values: readonly unknown[] = []): Promise<StoredEvent[]> {
    const found = await this.sql<{ id: string }>(`select id from event where ${condition}`, values);
    const events = await eventReader.byIds(
      this.database,
      found.map(({ id }) => id),
    );
    return events.sort((a, b) => a.occurredAt - b.occurredAt);
  }

  /** Stored messages with what they say, opened. The condition is over columns of `message`. */
  async messages(
    condition: string,
  ): Promise<{ channel: string; locale: string | null; content: Record<string, unknown> | null }[]> {
    const found = await this.sql<Pick<StoredContent, keyof StoredContent> & { channel: string; locale: string | null }>(
      `select channel, locale, content, sealed from message where ${condition} order by due_at, id`,
    );
    return found.map(({ channel, locale, ...stored }) => ({
      channel,
      locale,
      content: contentIn(this.database.seals, stored) as Record<string, unknown> | null,
    }));
  }

  /** All runs with what they know, opened. */
  async runs(): Promise<{ id: string; arm: string; isLive: boolean; facts: RunFacts }[]> {
    const found = await this.sql<Pick<StoredSecret, keyof StoredSecret> & { id: string; arm: string; isLive: boolean }>(
      `select id, arm, ended_at is null as "isLive", facts, stops, sealed from run order by id`,
    );
    return found.map(({ id, arm, isLive, ...stored }) => ({
      id,
      arm,
      isLive,
      facts: secretIn(this.database.seals, stored).facts,
    }));
  }

  /** Posts a webhook as Razorpay does, signed over its bytes. */
  async razorpay(body: unknown, options: { eventId?: string; secret?: string } = {}): Promise<Response> {
    const raw = JSON.stringify(body);
    return fetch(`${this.url}/webhooks/sources/razorpay`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-razorpay-signature': createHmac('sha256', options.secret ?? RAZORPAY_SECRET)
          .update(raw)
          .digest('hex'),
        'x-razorpay-event-id': options.eventId ?? `evt_${randomBytes(8).toString('hex')}`,
      },
      body: raw,
    });
  }

  /**
   * Another container of the same deployment: its own process memory, the same database. Gives its address. `env`: what it is set
   * otherwise, as while a setting is being rolled out.
   */
  async startAnother(env: Readonly<Record<string, string>> = {}): Promise<string> {
    const port = await freePort();
    // Without clock settings of its own: it would set the shared clock back to the start.
    this.others.push(
      await startApp({ ...this.environment, ...env, PORT: String(port), WAPAS_CLOCK_START: '', WAPAS_CLOCK_RATE: '' }, this.log),
    );
    return `http://127.0.0.1:${port}`;
  }

  /** Takes the database away; `startDatabase` brings it back at the same address with what was committed. */
  async stopDatabase(): Promise<void> {
    await this.postgres.stop();
  }

  async startDatabase(): Promise<void> {
    this.postgres = await startPostgres(this.dataDir);
    lastingUrl(this.postgres, this.dataDir);
  }

  /** Ends the further containers: from then on only ours works off what is due. */
  async stopOthers(): Promise<void> {
    for (const app of this.others.splice(0)) await app.close();
  }

  async stop(): Promise<void> {
    await this.stopOthers();
    await this.app.close();
    await this.sandbox.close();
    await this.postgres.stop();
    removeAll(this.dataDir);
  }
}

const gatewaySettings = (sandbox: string): Record<string, string> => ({
  RAZORPAY_KEY_ID: 'rzp_test_1',
  RAZORPAY_KEY_SECRET: 'razorpay-key-secret',
  RAZORPAY_BASE_URL: `${sandbox}/razorpay/v1`,
  CASHFREE_CLIENT_ID: 'cf-app',
  CASHFREE_CLIENT_SECRET: 'cashfree-secret',
  CASHFREE_BASE_URL: `${sandbox}/cashfree/pg`,
  STRIPE_SECRET_KEY: 'rk_test_1',
  STRIPE_BASE_URL: `${sandbox}/stripe/v1`,
});

const BUSY = statement(
  'test_busy',
  `select ((select count(*) from derived_wait where due_at <= business_now()) + (select count(*) from run where due_at <= business_now())
         + (select count(*) from message where state = 'calling' or (state in ('planned', 'retryable') and held_by is null and (not_before is null or not_before <= clock_timestamp())))
         + (select count(*) from bus_outbox where parked_at is null)
         -- A receipt that beat our own commit changes its message later, when the sweep finds it.
         + (select count(*) from receipt r where r.message_id is null and r.received_at > business_now() - interval '1 day'
              and exists (select from attempt a where a.provider = r.provider and a.vendor_id = r.vendor_id)))::int as busy`,
);

/** Every start of Postgres has a socket directory of its own; a link to the newest gives the application one address for all of them. */
function lastingUrl({ url, connection }: EmbeddedPostgres, dataDir: string): string {
  const link = linkOf(dataDir);
  rmSync(link, { force: true });
  symlinkSync(connection.host, link);
  return url.replace(encodeURIComponent(connection.host), encodeURIComponent(link));
}

const linkOf = (dataDir: string): string => `${dataDir}-socket`;

function removeAll(dataDir: string): void {
  rmSync(linkOf(dataDir), { force: true });
  rmSync(dataDir, { recursive: true, force: true });
}

async function startApp(environment: Readonly<Record<string, string>>, log?: Log): Promise<NestFastifyApplication> {
  const config = readConfig(environment, providerDefinitions);
  const app = await createApp(config, environment.DATABASE_URL as string, log ?? new Log(process.env.TEST_LOG ?? 'silent'));
  await app.listen(config.port, config.host);
  return app;
}

export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Polls until `condition` holds; fails after a generous while, naming what it waited for. */
export async function until(condition: () => Promise<boolean> | boolean, what: string, withinMs = 45_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Waited ${withinMs} ms in vain for ${what}.`);
}

/** A Razorpay webhook body about a payment. `at` counts from the start of the world. */
export function paymentEvent(
  event: string,
  fields: { order: string; payment?: string; at?: number; phone?: string; customer?: string; amount?: number; reason?: string },
): unknown {
  const { order, at = 0, phone = '+919812345678', customer = 'cust_1', amount = 149_900, reason = 'incorrect_pin' } = fields;
  const isFailed = event === 'payment.failed';
  return {
    entity: 'event',
    account_id: 'acc_1',
    event,
    contains: ['payment'],
    payload: {
      payment: {
        entity: {
          id: fields.payment ?? `pay_${order}`,
          entity: 'payment',
          amount,
          currency: 'INR',
          status: isFailed ? 'failed' : event.split('.')[1],
          order_id: order,
          method: 'upi',
          contact: phone,
          email: 'asha@example.com',
          notes: { customer_id: customer, customer_name: 'Asha Rao' },
          ...(isFailed ? { error_code: 'BAD_REQUEST_ERROR', error_source: 'customer', error_reason: reason } : {}),
        },
      },
    },
    created_at: Math.floor((START + at) / 1_000),
  };
}
