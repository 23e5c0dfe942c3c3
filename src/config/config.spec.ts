import { type ProviderDefinition } from '@wapas/provider-kit';
import { ConfigError, readConfig } from './config';

/** A provider that wants a token and may be told where its vendor is. */
const pigeons: ProviderDefinition = {
  apiVersion: 1,
  name: 'pigeons',
  channel: 'pigeon',
  settings: [
    { name: 'PIGEONS_TOKEN', required: true, secret: true, description: 'x' },
    { name: 'PIGEONS_BASE_URL', required: false, secret: false, description: 'x' },
  ],
  readConfig: ({ PIGEONS_TOKEN: token = '' }) =>
    token.length < 5 ? { ok: false, problems: ['PIGEONS_TOKEN is too short'] } : { ok: true, config: { token } },
  create: () => {
    throw new Error('Reading a configuration makes no provider.');
  },
};
const cats: ProviderDefinition = {
  ...pigeons,
  name: 'cats',
  settings: [{ name: 'CATS_KEY', required: true, secret: true, description: 'x' }],
  readConfig: ({ CATS_KEY: key = '' }) => ({ ok: true, config: { key } }),
};
const providerDefinitions = [pigeons, cats];
const production = {
  WAPAS_PUBLIC_URL: 'https://wapas.example/',
  DATABASE_URL: 'postgres://wapas:db-password@db.example/wapas',
  WAPAS_SECRET: 'a-secret-for-tests-0123456789abcdef',
  WAPAS_ENCRYPTION_KEYS: `2026-11:${Buffer.alloc(32, 1).toString('base64')}`,
  PIGEONS_TOKEN: 'token-1',
};
type Change = Readonly<Record<string, string | undefined>>;
function problemsOf(change: Change, base: Change = production): readonly string[] {
  try {
    readConfig({ ...base, ...change }, providerDefinitions);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) expect(error.message).toContain(problem);
    return error.problems;
  }
}

it('reads a production environment, and nothing of it can be changed afterwards', () => {
  const config = readConfig(production, providerDefinitions);
  expect(config).toMatchObject({
    mode: 'production',
    host: '0.0.0.0',
    port: 8080,
    publicUrl: 'https://wapas.example',
    database: { kind: 'url' },
    allowedCountries: ['IN'],
    sources: {},
    sandboxClock: undefined,
  });
  expect(Object.keys(config.providers)).toEqual(['pigeons']);
  expect(Object.isFrozen(config)).toBe(true);
});

it('the host of the pay page is one that links may lead to', () => {
  const env = { ...production, WAPAS_PAY_URL: 'https://shop.example/orders/{order_id}/pay', WAPAS_LINK_HOSTS: 'app.example, ' };
  expect(readConfig(env, providerDefinitions).links).toMatchObject({ header: 'WAPAS', hosts: ['app.example', 'shop.example'] });
});

it('hosts of links are told apart as addresses are: without capitals, and the port only where it is not the usual one', () => {
  const env = { ...production, WAPAS_LINK_HOSTS: 'Shop.Example:443, app.example:8443' };
  expect(readConfig(env, providerDefinitions).links.hosts).toEqual(['shop.example', 'app.example:8443']);
});

it.each(['postgres://wapas@/wapas?host=/var/run/postgresql', 'postgres://wapas:100%@db.example/wapas'])(
  'a database that pg can reach is not refused: %s',
  (url) => expect(problemsOf({ DATABASE_URL: url })).toEqual([]),
);

it.each([
  [undefined, ['whatsapp']],
  ['none', []],
  ['whatsapp, sms', ['whatsapp', 'sms']],
])('an opt-in for service messages is asked for on: %s', (given, channels) =>
  expect(readConfig({ ...production, WAPAS_SERVICE_OPT_IN: given }, providerDefinitions).contact.serviceOptIn).toEqual(channels),
);

it('links may begin with a shorter address than the public one', () => {
  const env = { ...production, WAPAS_PUBLIC_URL: 'https://messages.wapas.example', WAPAS_LINK_URL: 'https://wps.example/' };
  expect(readConfig(env, providerDefinitions).links.url).toBe('https://wps.example');
  expect(readConfig(production, providerDefinitions).links.url).toBe('https://wapas.example');
});

it('gateways that are set up are known by name, the others are not', () => {
  const env = { ...production, CASHFREE_CLIENT_ID: 'app', CASHFREE_CLIENT_SECRET: 'secret-1', STRIPE_SECRET_KEY: 'rk_live_1' };
  expect(readConfig(env, providerDefinitions).gateways.map(({ name }) => name)).toEqual(['cashfree', 'stripe']);
});

it('two secrets of a source are both known while one is being rotated', () =>
  expect(
    readConfig({ ...production, RAZORPAY_WEBHOOK_SECRET: 'secret-one, secret-two' }, providerDefinitions).sources,
  ).toMatchObject({ razorpay: { secrets: ['secret-one', 'secret-two'] } }));

it('in the sandbox values are sealed with a key made of the secret, unless one is given', () => {
  const sandbox = { ...production, WAPAS_MODE: 'sandbox', WAPAS_ENCRYPTION_KEYS: undefined };
  expect(readConfig(sandbox, providerDefinitions).encryptionKeys).toMatchObject([{ id: 'from-secret' }]);
  expect(readConfig(production, providerDefinitions).encryptionKeys).toEqual([{ id: '2026-11', key: Buffer.alloc(32, 1) }]);
});

it.each<[string, Change, RegExp]>([
  ['no database', { DATABASE_URL: undefined }, /^No database: set DATABASE_URL .* or WAPAS_DATA_DIR/],
  ['two databases', { WAPAS_DATA_DIR: './data' }, /^DATABASE_URL and WAPAS_DATA_DIR are both set/],
  ['Redis without a shared database', { DATABASE_URL: undefined, WAPAS_DATA_DIR: './data', REDIS_URL: 'redis://r' }, /^REDIS_URL is set but DATABASE_URL is not/], // prettier-ignore
  ['a database of another kind', { DATABASE_URL: 'mysql://u:p@db.example/x' }, /^DATABASE_URL must begin with postgres:\/\/ or postgresql:\/\/\.$/], // prettier-ignore
  ['a database by its host alone', { DATABASE_URL: 'db.example:5432' }, /^DATABASE_URL must begin with postgres:/],
  ['a database whose password was not encoded', { DATABASE_URL: 'postgres://wapas:p#ss@db.example/x' }, /^DATABASE_URL cannot be read as an address\. .* %23/], // prettier-ignore
  ['a Redis at a port in words', { REDIS_URL: 'redis://redis:default' }, /^REDIS_URL cannot be read as an address/],
  ['a Redis by its host alone', { REDIS_URL: 'redis:6379' }, /^REDIS_URL must begin with redis:\/\/ or rediss:\/\/\.$/],
  ['no provider', { PIGEONS_TOKEN: undefined }, /^No provider is set up.*PIGEONS_TOKEN; or CATS_KEY/],
  ['a provider that is set up wrong', { PIGEONS_TOKEN: 'x' }, /^pigeons: PIGEONS_TOKEN is too short/],
  ['half a gateway', { RAZORPAY_KEY_ID: 'rzp_live_1' }, /^razorpay: RAZORPAY_KEY_SECRET is missing or empty/],
  ['a gateway over plain http', { STRIPE_SECRET_KEY: 'rk_1', STRIPE_BASE_URL: 'http://127.0.0.1:9' }, /^STRIPE_BASE_URL is a plain http address/], // prettier-ignore
  ['links too long for an SMS', { WAPAS_PUBLIC_URL: 'https://messages.wapas.example' }, /^Short links would be 48 characters long; an SMS variable takes 40\. Set WAPAS_LINK_URL/], // prettier-ignore
  ['a plain address for links', { WAPAS_LINK_URL: 'http://wps.example' }, /^WAPAS_LINK_URL must be an https address/],
  [
    'a word that may be older than a day',
    { WAPAS_STATUS_MAX_AGE_S: '100000' },
    /^WAPAS_STATUS_MAX_AGE_S must be a whole number from 1/,
  ],
  ['no secret', { WAPAS_SECRET: undefined }, /^WAPAS_SECRET is not set\. Make one with/],
  ['an empty secret', { WAPAS_SECRET: '' }, /^WAPAS_SECRET is not set/],
  ['a short secret', { WAPAS_SECRET: 'hunter2' }, /^WAPAS_SECRET is shorter than 32 characters/],
  ['no encryption key', { WAPAS_ENCRYPTION_KEYS: undefined }, /^WAPAS_ENCRYPTION_KEYS is not set\. Make a key with/],
  ['an encryption key that is none', { WAPAS_ENCRYPTION_KEYS: '2026-11:hunter2' }, /^WAPAS_ENCRYPTION_KEYS must be id:key pairs/],
  ['no public address', { WAPAS_PUBLIC_URL: undefined }, /^WAPAS_PUBLIC_URL is not set/],
  ['a plain public address', { WAPAS_PUBLIC_URL: 'http://wapas.example' }, /^WAPAS_PUBLIC_URL must be an https address/],
  ['an empty webhook secret', { RAZORPAY_WEBHOOK_SECRET: '' }, /^RAZORPAY_WEBHOOK_SECRET is set but holds an empty/],
  ['an empty webhook secret beside a good one', { RAZORPAY_WEBHOOK_SECRET: 'secret-one,' }, /^RAZORPAY_WEBHOOK_SECRET/],
  ['a moving clock in production', { WAPAS_CLOCK_START: '2026-11-23T11:00:00+05:30' }, /work with WAPAS_MODE=sandbox only/],
  ['a running clock in production', { WAPAS_CLOCK_RATE: '60' }, /work with WAPAS_MODE=sandbox only/],
  [
    'a provider on plain http in production',
    { PIGEONS_BASE_URL: 'http://127.0.0.1:9' },
    /^PIGEONS_BASE_URL is a plain http address/,
  ],
  ['a mode nobody knows', { WAPAS_MODE: 'staging' }, /^WAPAS_MODE must be one of production, sandbox/],
  ['a port in words', { PORT: 'http' }, /^PORT must be a whole number from 0 to 65535/],
  ['a port too far', { PORT: '65536' }, /^PORT must be/],
  ['half a connection', { WAPAS_DATABASE_CONNECTIONS: '16.5' }, /^WAPAS_DATABASE_CONNECTIONS must be a whole number/],
  ['a header with digits', { WAPAS_LINK_HEADER: 'ABC123' }, /^WAPAS_LINK_HEADER must be the 3 to 6 letters/],
  ['a plain pay page', { WAPAS_PAY_URL: 'http://shop.example/{order_id}' }, /^WAPAS_PAY_URL must be an https address/],
  ['a pay page with a name of its own for the order', { WAPAS_PAY_URL: 'https://shop.example/{orderId}' }, /^WAPAS_PAY_URL holds \{orderId\}: \{order_id\}/], // prettier-ignore
  ['a host of links that is an address', { WAPAS_LINK_HOSTS: 'app.example,https://shop.example' }, /^WAPAS_LINK_HOSTS: "https:\/\/shop\.example" is no host/], // prettier-ignore
  ['a host of links for all below it', { WAPAS_LINK_HOSTS: '*.shop.example' }, /^WAPAS_LINK_HOSTS: .* is meant exactly/],
  ['a folder of journeys that is not there', { WAPAS_JOURNEYS_DIR: '/no/such' }, /^WAPAS_JOURNEYS_DIR: \/no\/such is no folder that can be read \(ENOENT\)/], // prettier-ignore
  ['a file for a folder of journeys', { WAPAS_JOURNEYS_DIR: __filename }, /^WAPAS_JOURNEYS_DIR: .*config\.spec\.ts is no folder/],
  ['a country that is none', { WAPAS_ALLOWED_COUNTRIES: 'IN,UK' }, /^WAPAS_ALLOWED_COUNTRIES: UK is no country .* is GB\)/],
  ['two countries for numbers without a code', { WAPAS_DEFAULT_COUNTRY: 'IN,AE' }, /^WAPAS_DEFAULT_COUNTRY is one country/],
  ['a default country that may not be messaged', { WAPAS_DEFAULT_COUNTRY: 'AE' }, /^WAPAS_ALLOWED_COUNTRIES leaves out AE/],
  [
    'a test number without its country code',
    { WAPAS_TEST_ADDRESSES: 'a-token:x1, 98123 45678' },
    /^WAPAS_TEST_ADDRESSES: numbers are/,
  ],
  ['a UPI payee that is a name', { WAPAS_UPI_PAYEES: 'shop@bank,Asha & Sons' }, /^WAPAS_UPI_PAYEES must be UPI ids/],
  ['a country in words', { WAPAS_DEFAULT_COUNTRY: 'india' }, /^WAPAS_DEFAULT_COUNTRY must be ISO 3166/],
  ['a log kept for less than a year', { WAPAS_LOG_DAYS: '364' }, /^WAPAS_LOG_DAYS must be a whole number from 365/],
  [
    'contents kept longer than the log',
    { WAPAS_PAYLOAD_DAYS: '500' },
    /^WAPAS_PAYLOAD_DAYS must not be longer than WAPAS_LOG_DAYS/,
  ],
  [
    'reports that forget what the log still tells',
    { WAPAS_LOG_DAYS: '800', WAPAS_REPORT_DAYS: '799' },
    /^WAPAS_REPORT_DAYS must not be shorter than WAPAS_LOG_DAYS/,
  ],
  ['a channel with a space', { WAPAS_SERVICE_OPT_IN: 'whats app' }, /^WAPAS_SERVICE_OPT_IN must be channels/],
  ['none beside a channel', { WAPAS_SERVICE_OPT_IN: 'none,sms' }, /^WAPAS_SERVICE_OPT_IN must be channels/],
  [
    'an order that names nobody',
    { WAPAS_PROVIDER_ORDER: 'pigeons,owls' },
    /^WAPAS_PROVIDER_ORDER names owls, which is not set up/,
  ],
  ['no country at all', { WAPAS_ALLOWED_COUNTRIES: ' , ' }, /^WAPAS_ALLOWED_COUNTRIES must be ISO 3166/],
])('%s is refused, and the setting is named', (_case, change, problem) => {
  const problems = problemsOf(change);
  expect(problems.join('\n')).toMatch(new RegExp(problem.source, 'm'));
});

it('providers stand in the order that is asked for, then as they come', () => {
  const both = { ...production, CATS_KEY: 'key-1' };
  const orderOf = (change: Change): string[] =>
    readConfig({ ...both, ...change }, providerDefinitions).providerDefinitions.map(({ name }) => name);
  expect(orderOf({})).toEqual(['pigeons', 'cats']);
  expect(orderOf({ WAPAS_PROVIDER_ORDER: 'cats' })).toEqual(['cats', 'pigeons']);
});

it('an empty variable counts as absent: that is how compose files leave one out', () =>
  expect(problemsOf({ PORT: '', REDIS_URL: ' ', WAPAS_CLOCK_START: '', WAPAS_LINK_HOSTS: '' })).toEqual([]));

describe('the sandbox', () => {
  const sandbox = { ...production, WAPAS_MODE: 'sandbox', WAPAS_PUBLIC_URL: undefined };
  it('needs no public address and stays on this machine', () =>
    expect(readConfig({ ...sandbox, PORT: '4000' }, providerDefinitions)).toMatchObject({
      host: '127.0.0.1',
      publicUrl: 'http://127.0.0.1:4000',
    }));
  it('may move its clock', () => {
    const env = { ...sandbox, WAPAS_CLOCK_START: '2026-11-23T11:00:00+05:30', WAPAS_CLOCK_RATE: '60' };
    expect(readConfig(env, providerDefinitions).sandboxClock).toEqual({ start: Date.parse('2026-11-23T05:30:00Z'), rate: 60 });
  });
  it.each([
    { WAPAS_CLOCK_START: 'noon' },
    { WAPAS_CLOCK_START: '2026-11-23T11:00:00' },
    { WAPAS_CLOCK_RATE: '-1' },
    { WAPAS_CLOCK_RATE: 'fast' },
  ])('but not by %j', (change) => expect(problemsOf(change, sandbox)).toHaveLength(1));
});

it('a misspelt setting keeps nothing from starting, and is told; beside what is missing as well', () => {
  const line = 'WAPAS_SECRT is no setting and changes nothing: WAPAS_SECRET may be meant';
  expect(readConfig({ ...production, WAPAS_SECRT: 'hunter2' }, providerDefinitions).unknownSettings).toEqual([line]);
  expect(readConfig({ ...production, HOSTNAME: 'a', WAPAS_SECRT: ' ' }, providerDefinitions).unknownSettings).toEqual([]);
  expect(problemsOf({ WAPAS_SECRET: undefined, WAPAS_SECRT: 'hunter2' })).toEqual([
    expect.stringMatching(/^WAPAS_SECRET is not set/),
    `${line}.`,
  ]);
});

it('says everything at once', () =>
  expect(
    problemsOf({ PORT: 'x', LOG_LEVEL: 'loud', RAZORPAY_WEBHOOK_SECRET: '', PIGEONS_TOKEN: 'x' }, {}).map(
      (one) => one.split(' ')[0],
    ),
  ).toEqual([
    'PORT',
    'WAPAS_PUBLIC_URL',
    'No',
    'WAPAS_SECRET',
    'WAPAS_ENCRYPTION_KEYS',
    'LOG_LEVEL',
    'RAZORPAY_WEBHOOK_SECRET',
    'pigeons:',
  ]));

it('never prints what is secret, however wrong it is', () => {
  const canary = 'canary-4f9a';
  const problems = problemsOf({
    WAPAS_SECRET: canary,
    WAPAS_ENCRYPTION_KEYS: `a:${canary}`,
    RAZORPAY_WEBHOOK_SECRET: `${canary},`,
    DATABASE_URL: `postgres://u:${canary}@db/x`,
    WAPAS_DATA_DIR: './data',
    REDIS_URL: `http://:${canary}@redis`,
  });
  expect(problems).toHaveLength(5);
  expect(problems.join('\n')).not.toContain(canary);
});
