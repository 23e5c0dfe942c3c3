import { type EncryptionKey, keyFromSecret, parseKeys } from '@wapas/encryption';
import { type Instant, isZone, parseInstant } from '@wapas/kernel';
import { type ProviderDefinition } from '@wapas/provider-kit';
import { type ConfiguredGateway, readGateways } from './read-gateways';
import { type LinkSettings, readLinks } from './read-links';
import { type ConfiguredProviders, readProviders } from './read-providers';
import { readSources, type SourceAccess } from './read-sources';
import { type Environment, SettingReader } from './setting-reader';

/** Everything the environment says, checked once and frozen. Nobody else reads `process.env`. */
export interface Config extends ConfiguredProviders {
  readonly mode: 'production' | 'sandbox';
  readonly host: string;
  readonly port: number;
  /** Where customers and vendors reach us, without a trailing slash. */
  readonly publicUrl: string;
  readonly database: { readonly kind: 'url'; readonly url: string } | { readonly kind: 'embedded'; readonly dataDir: string };
  readonly databaseConnections: number;
  readonly redisUrl?: string;
  /** Entity keys and tokens are hashed with it. Changing it makes every stored key unknown. */
  readonly secret: string;
  /** Contact values, raw bodies and event contents are sealed with the first and opened with whichever they name. */
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly logLevel: string;
  readonly docs: boolean;
  /** Trust `X-Forwarded-For` of this many proxies in front of us. */
  readonly trustedProxies: number;
  readonly ingestMaxPerSecond: number;
  /** A request has to arrive whole within this time; it is looked at every second. `WAPAS_REQUEST_TIMEOUT_MS`, 10 s unless set. */
  readonly requestTimeoutMs: number;
  readonly defaultCountry: string;
  readonly allowedCountries: readonly string[];
  /** Where the day begins that spend caps count: an IANA name. */
  readonly businessZone: string;
  /** Numbers (E.164) and push tokens that messages of test keys may reach in production. */
  readonly testAddresses: readonly string[];
  /** Who may read `/metrics`: whoever has a key with the scope `read`, anybody, or nobody. */
  readonly metrics: 'key' | 'open' | 'off';
  /** When failures of a method, bank or gateway hold the runs that went over it. */
  readonly incidents: { readonly least: number; readonly factor: number };
  /** Most messages to one person, over all journeys: in 24 hours, and of marketing in 24 hours and seven days. */
  readonly caps: { readonly perDay: number; readonly marketingPerDay: number; readonly marketingPerWeek: number };
  readonly journeysDir?: string;
  /** No SMS leaves whose template was not registered here as DLT approved it. */
  readonly dltRequired: boolean;
  /** Most parts of an SMS whose registered template says nothing else. */
  readonly smsMostParts: number;
  /** Languages of texts that are tried, in this order, for somebody whose own there is not. */
  readonly locales: readonly string[];
  /** Whom messages may go to. */
  readonly contact: {
    /** Channels on which a service message needs a recorded opt-in. */
    readonly serviceOptIn: readonly string[];
    /** What an inbound STOP forbids: every message, or marketing on the channel it came by. */
    readonly stopScope: 'all' | 'marketing';
  };
  readonly retention: {
    /** Contents that identify people: events, texts, raw bodies. */
    readonly payloadDays: number;
    /** Rows that prove what was done. */
    readonly logDays: number;
    /** Rows behind the figures of reports, which are kept themselves. */
    readonly reportDays: number;
  };
  readonly links: LinkSettings;
  /** Payment gateways that can be asked; empty when none is set up. */
  readonly gateways: readonly ConfiguredGateway[];
  readonly payments: {
    /** A message on a paid channel needs a word about its order that is no older; milliseconds of business time (rule 25). */
    readonly statusMaxAgeMs: number;
    /** A source that has said nothing for so long may have been switched off; milliseconds of business time. */
    readonly sourceQuietAfterMs: number;
    /** Whom a customer pays, as the pay page and the gateway's checkout show it. */
    readonly shopName: string;
    /** UPI payees that may be shown, in lower case; empty: any that the gateway names. */
    readonly upiPayees: readonly string[];
  };
  readonly webhooks: {
    /** Endpoints may lie inside our own network, on any port and without TLS. */
    readonly allowPrivate: boolean;
  };
  /** By name, the sources that are set up: how their webhooks are proven, and several secrets at once while one is being rotated. */
  readonly sources: Readonly<Record<string, SourceAccess>>;
  /** Business time for the sandbox: where it starts and how many business seconds pass in a second. */
  readonly sandboxClock?: { readonly start: Instant; readonly rate: number };
  /** Variables that seem to be meant for us and are no settings, a sentence each. They keep nothing from working. */
  readonly unknownSettings: readonly string[];
}

/** Injection token of the one Config. */
export const CONFIG = Symbol('config');

/** Start-up is refused. Lists every problem, each with the setting's name and what to do. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Wapas cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads and checks the environment. Throws a ConfigError with all problems at once. Documented in src/config/README.md. */
export function readConfig(env: Environment, definitions: readonly ProviderDefinition[]): Config {
  const reader = new SettingReader(env);
  const mode = reader.choice('WAPAS_MODE', MODES, 'production');
  const port = reader.integer('PORT', 8080, 0, 65_535);
  const publicUrl = reader.url('WAPAS_PUBLIC_URL', mode === 'sandbox' ? `http://127.0.0.1:${port}` : undefined, mode);
  const database = readDatabase(reader);
  const config: Config = {
    mode,
    host: reader.text('HOST') ?? (mode === 'sandbox' ? '127.0.0.1' : '0.0.0.0'),
    port,
    publicUrl,
    database,
    databaseConnections: reader.integer('WAPAS_DATABASE_CONNECTIONS', 16, 4, 200),
    redisUrl: reader.serverUrl('REDIS_URL', ['redis://', 'rediss://']),
    secret: reader.secret('WAPAS_SECRET', SECRET_LENGTH),
    encryptionKeys: readEncryptionKeys(reader, mode),
    logLevel: reader.choice('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'silent'], 'info'),
    docs: reader.choice('WAPAS_DOCS', ['on', 'off'], 'on') === 'on',
    trustedProxies: reader.integer('WAPAS_TRUSTED_PROXIES', 0, 0, 10),
    ingestMaxPerSecond: reader.integer('WAPAS_INGEST_MAX_PER_SECOND', 50_000, 1, 10_000_000),
    requestTimeoutMs: reader.integer('WAPAS_REQUEST_TIMEOUT_MS', 10_000, 100, 600_000),
    ...readCountries(reader),
    businessZone: readZone(reader),
    testAddresses: readTestAddresses(reader),
    metrics: reader.choice('WAPAS_METRICS', ['key', 'open', 'off'], 'key'),
    incidents: {
      least: reader.integer('WAPAS_INCIDENT_LEAST', 20, 1, 1_000_000),
      factor: reader.integer('WAPAS_INCIDENT_FACTOR', 5, 2, 1_000),
    },
    caps: {
      perDay: reader.integer('WAPAS_CAP_PER_DAY', 4, 1, 1_000),
      marketingPerDay: reader.integer('WAPAS_CAP_MARKETING_PER_DAY', 1, 0, 1_000),
      marketingPerWeek: reader.integer('WAPAS_CAP_MARKETING_PER_WEEK', 3, 0, 1_000),
    },
    journeysDir: reader.folder('WAPAS_JOURNEYS_DIR'),
    locales: readLocales(reader),
    dltRequired: reader.choice('WAPAS_DLT_REQUIRED', ['on', 'off'], mode === 'sandbox' ? 'off' : 'on') === 'on',
    // An English text with two long variables takes two, the same in Hindi three; more is a mistake or a letter.
    smsMostParts: reader.integer('WAPAS_SMS_MOST_PARTS', 3, 1, 10),
    contact: readContact(reader),
    retention: readRetention(reader),
    links: readLinks(reader, mode, publicUrl),
    gateways: readGateways(reader, mode),
    payments: readPayments(reader),
    webhooks: { allowPrivate: reader.choice('WAPAS_WEBHOOKS_ALLOW_PRIVATE', ['on', 'off'], 'off') === 'on' },
    sources: readSources(reader),
    ...readProviders(reader, definitions, mode),
    sandboxClock: readSandboxClock(reader, mode),
    // The last one: what nobody has asked for by now nobody reads.
    unknownSettings: reader.unknown(),
  };
  if (config.redisUrl && database?.kind === 'embedded') {
    reader.problem(
      'REDIS_URL is set but DATABASE_URL is not: several containers cannot share an embedded database. Set DATABASE_URL, or leave REDIS_URL out.',
    );
  }
  // What is missing may be what was misspelt.
  const asides = config.unknownSettings.map((line) => `${line}.`);
  if (reader.problems.length > 0) throw new ConfigError([...reader.problems, ...asides]);
  return Object.freeze(config);
}

/** What a command needs that only looks into the database. Throws a ConfigError with all problems at once. */
export function readDatabaseConfig(env: Environment): Pick<Config, 'database' | 'secret'> {
  const reader = new SettingReader(env);
  const config = { database: readDatabase(reader), secret: reader.secret('WAPAS_SECRET', SECRET_LENGTH) };
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return config;
}

/** What the rotation of encryption keys needs. Throws a ConfigError with all problems at once. */
export function readRotationConfig(env: Environment): Pick<Config, 'database' | 'encryptionKeys'> {
  const reader = new SettingReader(env);
  const mode = reader.choice('WAPAS_MODE', MODES, 'production');
  const config = { database: readDatabase(reader), encryptionKeys: readEncryptionKeys(reader, mode) };
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return config;
}

const MODES = ['production', 'sandbox'] as const;
const SECRET_LENGTH = 32;

/** The sandbox may do without: it keeps nothing real, and one setting less stands between a newcomer and the demo. */
function readEncryptionKeys(reader: SettingReader, mode: Config['mode']): Config['encryptionKeys'] {
  const text = reader.text('WAPAS_ENCRYPTION_KEYS');
  if (text === undefined) {
    const secret = reader.text('WAPAS_SECRET');
    if (mode === 'sandbox') return secret === undefined ? [] : [keyFromSecret(secret)];
    reader.problem(
      'WAPAS_ENCRYPTION_KEYS is not set. Make a key with: openssl rand -base64 32, and give it as 2026-11:THE_KEY. Keep it: what is stored cannot be read without it.',
    );
    return [];
  }
  const parsed = parseKeys(text);
  if ('keys' in parsed) return parsed.keys;
  reader.problem(`WAPAS_ENCRYPTION_KEYS ${parsed.problem}.`);
  return [];
}

function readDatabase(reader: SettingReader): Config['database'] {
  const url = reader.serverUrl('DATABASE_URL', ['postgres://', 'postgresql://']);
  const dataDir = reader.text('WAPAS_DATA_DIR');
  if (url && dataDir) reader.problem('DATABASE_URL and WAPAS_DATA_DIR are both set. Keep the one that is meant.');
  if (url) return { kind: 'url', url };
  if (!dataDir)
    reader.problem('No database: set DATABASE_URL (postgres://…), or WAPAS_DATA_DIR to a folder for the embedded Postgres.');
  return { kind: 'embedded', dataDir: dataDir ?? '' };
}

/** The log is kept a year at the least: DPDP Rules 2025, rule 8(3). */
function readRetention(reader: SettingReader): Config['retention'] {
  const payloadDays = reader.integer('WAPAS_PAYLOAD_DAYS', 90, 31, 3_650);
  const logDays = reader.integer('WAPAS_LOG_DAYS', 400, 365, 3_650);
  if (payloadDays > logDays) reader.problem('WAPAS_PAYLOAD_DAYS must not be longer than WAPAS_LOG_DAYS.');
  // Three years: an upgrade takes nobody's last year away. A rebuild makes the rows of stored runs again, so they are not let go of before those.
  const reportDays = reader.integer('WAPAS_REPORT_DAYS', Math.max(1_100, logDays), 365, 3_650);
  if (reportDays < logDays) reader.problem('WAPAS_REPORT_DAYS must not be shorter than WAPAS_LOG_DAYS.');
  return { payloadDays, logDays, reportDays };
}

function readZone(reader: SettingReader): string {
  const zone = reader.text('WAPAS_BUSINESS_ZONE') ?? 'Asia/Kolkata';
  if (!isZone(zone)) reader.problem('WAPAS_BUSINESS_ZONE must be the IANA name of a time zone, such as Asia/Kolkata.');
  return zone;
}

function readCountries(reader: SettingReader): Pick<Config, 'defaultCountry' | 'allowedCountries'> {
  const [defaultCountry = 'IN', ...others] = reader.countries('WAPAS_DEFAULT_COUNTRY', ['IN']);
  const allowedCountries = reader.countries('WAPAS_ALLOWED_COUNTRIES', ['IN']);
  if (others.length > 0) reader.problem('WAPAS_DEFAULT_COUNTRY is one country: that of numbers without a code.');
  // Left alone it stays India's, also where every number comes with its code.
  if (reader.text('WAPAS_DEFAULT_COUNTRY') !== undefined && !allowedCountries.includes(defaultCountry))
    reader.problem(
      `WAPAS_ALLOWED_COUNTRIES leaves out ${defaultCountry}, the WAPAS_DEFAULT_COUNTRY: every number without a code would be refused.`,
    );
  return { defaultCountry, allowedCountries };
}

/** What is written otherwise is nobody's address, and test messages would reach nobody. Push tokens hold letters. */
function readTestAddresses(reader: SettingReader): Config['testAddresses'] {
  const given = reader.list('WAPAS_TEST_ADDRESSES') ?? [];
  if (given.some((one) => /^[+\d\s().-]+$/.test(one) && !/^\+[1-9]\d{6,14}$/.test(one)))
    reader.problem(
      'WAPAS_TEST_ADDRESSES: numbers are written with their country code and nothing between, such as +919812345678.',
    );
  return given;
}

function readLocales(reader: SettingReader): Config['locales'] {
  const given = reader.list('WAPAS_LOCALES') ?? ['en'];
  if (!given.every((one) => /^[a-z]{2,3}(_[A-Z]{2})?$/.test(one)))
    reader.problem('WAPAS_LOCALES must be languages separated by commas, such as en,hi or en_IN.');
  return given;
}

function readContact(reader: SettingReader): Config['contact'] {
  const given = reader.list('WAPAS_SERVICE_OPT_IN') ?? ['whatsapp'];
  const serviceOptIn = given.filter((channel) => channel !== 'none');
  if (
    !given.every((channel) => /^[a-z][a-z0-9_]{0,63}$/.test(channel)) ||
    (given.length > 1 && serviceOptIn.length < given.length)
  )
    reader.problem('WAPAS_SERVICE_OPT_IN must be channels separated by commas, such as whatsapp,sms, or none.');
  return { serviceOptIn, stopScope: reader.choice('WAPAS_STOP_SCOPE', ['all', 'marketing'], 'all') };
}

function readPayments(reader: SettingReader): Config['payments'] {
  const shopName = reader.text('WAPAS_SHOP_NAME') ?? 'Your order';
  const upiPayees = (reader.list('WAPAS_UPI_PAYEES') ?? []).map((payee) => payee.toLowerCase());
  if (shopName.length > 60) reader.problem('WAPAS_SHOP_NAME is longer than 60 characters.');
  if (!upiPayees.every((payee) => /^[^\s@]+@[^\s@]+$/.test(payee)))
    reader.problem('WAPAS_UPI_PAYEES must be UPI ids separated by commas, such as shop@examplebank.');
  return {
    statusMaxAgeMs: reader.integer('WAPAS_STATUS_MAX_AGE_S', 60, 1, 86_400) * 1_000,
    sourceQuietAfterMs: reader.integer('WAPAS_SOURCE_QUIET_AFTER_S', 900, 60, 7 * 86_400) * 1_000,
    shopName,
    upiPayees,
  };
}

function readSandboxClock(reader: SettingReader, mode: Config['mode']): Config['sandboxClock'] {
  const start = reader.text('WAPAS_CLOCK_START');
  const rate = reader.text('WAPAS_CLOCK_RATE');
  if (start === undefined && rate === undefined) return undefined;
  if (mode !== 'sandbox')
    reader.problem('WAPAS_CLOCK_START and WAPAS_CLOCK_RATE move business time. They work with WAPAS_MODE=sandbox only.');
  const instant = start === undefined ? (Date.now() as Instant) : parseInstant(start);
  if (instant === null) reader.problem('WAPAS_CLOCK_START must be a time with zone, such as 2026-11-23T11:00:00+05:30.');
  const factor = Number(rate ?? '1');
  if (!(factor >= 0 && factor <= 100_000)) reader.problem('WAPAS_CLOCK_RATE must be a number from 0 to 100000.');
  return { start: instant ?? (0 as Instant), rate: factor };
}
