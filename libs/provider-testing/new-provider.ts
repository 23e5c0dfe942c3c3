/** What a new provider is to be called, and where it will live. */
export interface NewProvider {
  /** `acme-sms`: lower case, digits, hyphens. */
  readonly name: string;
  readonly channel: string;
  /** A package of its own instead of a folder of the tree. */
  readonly outside: boolean;
}

export interface NewFile {
  /** From the provider's folder, with slashes. */
  readonly path: string;
  readonly text: string;
}

const OWN_CHANNELS: Readonly<Record<string, { content: string; sample: string; address: string }>> = {
  push: {
    content: 'PushContent',
    address: `{ kind: 'push_token', value: 'token-of-the-handset-0001' }`,
    sample: `{ title: 'Payment not completed', body: 'Your basket is saved, Asha.', deepLink: 'myshop://basket/42' }`,
  },
  whatsapp: {
    content: 'WhatsAppContent',
    address: `{ kind: 'phone', value: '+919812345678' }`,
    sample: `{ template: 'payment_failed_v1', language: 'en', body: ['Asha', 'Rs 1,499'], buttonSuffix: 'abc123' }`,
  },
  sms: {
    content: 'SmsContent',
    address: `{ kind: 'phone', value: '+919812345678' }`,
    sample: `{
      template: 'template-1',
      variables: { name: 'Asha Rao', link: 'https://pay.example/SHOPIN/abc' },
      // Absent where nobody registered the template; a vendor that is given the text then refuses with bad_content.
      registered: {
        text: 'Dear Asha Rao, pay here: https://pay.example/SHOPIN/abc - Shop',
        dltId: '1107160000000000001',
        entityId: '1101160000000000001',
        header: 'SHOPIN',
      },
    }`,
  },
};

/** Of the contract and of this kit, which are packed together. */
export const KIT_VERSION = '1.0.0';

/** What an author does first in a package of its own; neither the contract nor the kit need be in a registry. */
export function firstStepsIn(folder: string): string {
  const kit = ['provider-kit', 'provider-testing'].map((name) => `PATH/wapas-${name}-${KIT_VERSION}.tgz`).join(' ');
  return `${folder} is there. Next:

  cd ${folder}
  npm install --no-save ${kit}
  npm test

PATH is where they were packed; npm install alone is enough where a registry of yours has them. The tests are red until it is filled in:
the README of @wapas/provider-kit says what with.
`;
}

/** Everything that is wrong with a wish for a provider; empty when it can be made. */
export function faultsOfNewProvider({ name, channel }: NewProvider): string[] {
  const faults: string[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40)
    faults.push(`The name must be lower-case words with hyphens, such as acme-sms; it is "${name}".`);
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(channel))
    faults.push(`The channel must be push, whatsapp, sms, or a word of your own in lower case; it is "${channel}".`);
  return faults;
}

/** The files of a provider that compiles, does nothing yet, and fails the conformance kit until it does. */
export function filesOfNewProvider(wish: NewProvider): NewFile[] {
  const { name, outside } = wish;
  const files = [
    { path: 'index.ts', text: `export { ${camel(name)}${outside ? ' as provider' : ''} } from './${name}.provider';\n` },
    { path: `${name}.config.ts`, text: configText(name) },
    { path: `${name}.errors.json`, text: json({ vendor: `${name}: name the product and version here`, sources: {}, rows: [] }) },
    { path: `${name}.errors.ts`, text: errorsText(name) },
    { path: `${name}.provider.ts`, text: providerText(wish) },
    { path: `${name}.conformance.${outside ? 'test' : 'spec'}.ts`, text: specText(wish) },
    { path: 'fixtures/accepted.json', text: json({ origin: '', accepted: [], healthy: { status: 0, body: '' } }) },
    { path: 'fixtures/errors.json', text: json({ origin: '', errors: [] }) },
    { path: 'README.md', text: readmeText(wish) },
  ];
  return outside ? [...files, ...packageFiles(name)] : files;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const camel = (name: string): string => name.replace(/-(.)/g, (_hyphen, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`-${name}`);
const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');

function configText(name: string): string {
  return `import { SettingsReader, type ConfigResult, type ProviderSetting } from '@wapas/provider-kit';

export interface ${pascal(name)}Config {
  readonly apiKey: string;
  readonly baseUrl: string;
}

export const ${camel(name)}Settings: readonly ProviderSetting[] = [
  { name: '${upper(name)}_API_KEY', required: true, secret: true, description: 'The key of the account.' },
  { name: '${upper(name)}_BASE_URL', required: true, secret: false, description: 'Where the vendor is reached.' },
];

export function read${pascal(name)}Config(settings: Readonly<Record<string, string | undefined>>): ConfigResult<${pascal(name)}Config> {
  const read = new SettingsReader(settings);
  const apiKey = read.requiredToken('${upper(name)}_API_KEY', 'copy it from the panel of the vendor');
  const baseUrl = read.requiredUrl('${upper(name)}_BASE_URL', 'give the https address of the vendor');
  return read.result(() => ({ apiKey, baseUrl }));
}
`;
}

function errorsText(name: string): string {
  return `import {
  cleanCode,
  failureFrom,
  lineFailure,
  parseJsonObject,
  readErrorTable,
  type HttpResult,
  type SendFailure,
} from '@wapas/provider-kit';
import data from './${name}.errors.json';

/** The vendor's codes: one row each in the data file, with its class, scope, follow-up, source and date. */
export const ${camel(name)}Errors = readErrorTable(data);

/** What an answer means that is no success. Pure; \`nowMillis\` only reads an HTTP date. */
export function classify(result: HttpResult, nowMillis: number): SendFailure {
  if (result.kind === 'failure') return lineFailure(result);
  const given = parseJsonObject(result.body)?.['code'];
  const code = given === undefined ? '' : cleanCode(given);
  const row = ${camel(name)}Errors.get(code);
  return failureFrom(result, { code, ...(row === undefined ? {} : { row }) }, nowMillis);
}
`;
}

function providerText({ name, channel }: NewProvider): string {
  const own = OWN_CHANNELS[channel];
  const content = own?.content ?? 'FieldsContent';
  const opens =
    own === undefined
      ? `  opensChannel: () => ({
    name: '${channel}',
    addressKind: 'phone',
    fields: [{ name: 'text', required: true, description: 'What the person reads.' }],
  }),
`
      : '';
  return `import {
  failed,
  PROVIDER_API_VERSION,
  type ${content},
  type Provider,
  type ProviderContext,
  type ProviderDefinition,
} from '@wapas/provider-kit';
import { read${pascal(name)}Config, ${camel(name)}Settings, type ${pascal(name)}Config } from './${name}.config';
import { classify } from './${name}.errors';

export const ${camel(name)}: ProviderDefinition<${pascal(name)}Config, ${content}> = {
  apiVersion: PROVIDER_API_VERSION,
  name: '${name}',
  channel: '${channel}',
${opens}  settings: ${camel(name)}Settings,
  readConfig: read${pascal(name)}Config,
  create: (config, context) => make(config, context),
};

function make(config: ${pascal(name)}Config, context: ProviderContext): Provider<${content}> {
  const call = (path: string, body: unknown) =>
    context.http.request({
      method: 'POST',
      url: \`\${config.baseUrl}\${path}\`,
      headers: { authorization: \`Bearer \${config.apiKey}\`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    capabilities: { resendIsSafe: false, echoesReference: false, receipts: [] },
    maxPerSecond: 10,
    maxConcurrent: 10,
    // Write the call: what the vendor wants to read, and what it answers when it took the message.
    send: async (request) => failed(classify(await call('/', { reference: request.attemptId }), context.clock.now())),
    // Write the question that proves the credentials and sends nothing.
    health: async () => ({ healthy: false, detail: 'not asked' }),
  };
}
`;
}

function specText({ name, channel, outside }: NewProvider): string {
  const own = OWN_CHANNELS[channel];
  return `${outside ? `import { after as afterAll, before as beforeAll, describe, it } from 'node:test';\n` : ''}import { join } from 'node:path';
import { describeProvider } from '@wapas/provider-testing';
import { ${outside ? 'provider' : camel(name)} } from '${outside ? './index' : '.'}';
import { ${camel(name)}Errors } from './${name}.errors';

describeProvider(
  {
    definition: ${outside ? 'provider' : camel(name)},
    fixtures: join(__dirname, 'fixtures'),
    settings: (vendorUrl) => ({ ${upper(name)}_API_KEY: 'key-for-tests-0001', ${upper(name)}_BASE_URL: vendorUrl }),
    address: ${own?.address ?? `{ kind: 'phone', value: '+919812345678' }`},
    content: ${own?.sample ?? `{ fields: { text: 'Payment not completed, Asha.' } }`},
    errorTable: ${camel(name)}Errors,
    quoting: (words) => ({ status: 400, body: { code: 'none', message: words } }),
    checkRequest: (received, sent) => {
      throw new Error(\`Say what the vendor must have received for \${sent.attemptId}: \${received.path}\`);
    },
  },
  { describe, it, beforeAll, afterAll },
);
`;
}

function readmeText({ name, outside }: NewProvider): string {
  return `# ${name}

## Settings
| setting | required | meaning |
|---|---|---|
| \`${upper(name)}_API_KEY\` | yes, secret | the key of the account |
| \`${upper(name)}_BASE_URL\` | yes | where the vendor is reached |

## Set up
${outside ? installText(name) : ''}1. What to switch on at the vendor, and what to copy from there.

## What it can and cannot know
- What "accepted" means here, which receipts come, and whether the vendor repeats our reference.
`;
}

function installText(name: string): string {
  return `In a folder of their own (\`WAPAS_PROVIDER_PACKAGES_DIR\`), the contract and this package in one command; then name it to Wapas:
\`\`\`
npm install ./wapas-provider-kit-${KIT_VERSION}.tgz ./wapas-provider-${name}-0.1.0.tgz
WAPAS_PROVIDER_PACKAGES=wapas-provider-${name}
\`\`\`
`;
}

function packageFiles(name: string): NewFile[] {
  const kit = { '@wapas/provider-kit': KIT_VERSION };
  return [
    {
      path: 'package.json',
      text: json({
        name: `wapas-provider-${name}`,
        version: '0.1.0',
        main: 'dist/index.js',
        files: ['dist', 'README.md'],
        engines: { node: '>=20.19' },
        scripts: {
          build: 'tsc',
          prepack: 'npm run build',
          test: `npm run build && node --test dist/${name}.conformance.test.js`,
        },
        dependencies: kit,
        devDependencies: { '@wapas/provider-testing': KIT_VERSION, '@types/node': '^20.19.0', typescript: '^6.0.0' },
      }),
    },
    {
      path: 'tsconfig.json',
      text: json({
        compilerOptions: {
          target: 'es2023',
          module: 'node20',
          strict: true,
          rootDir: '.',
          outDir: 'dist',
          declaration: true,
          skipLibCheck: true,
          resolveJsonModule: true,
          types: ['node'],
        },
        include: ['*.ts', '*.json', 'fixtures/*.json'],
        exclude: ['package.json', 'package-lock.json', 'tsconfig.json', 'dist'],
      }),
    },
  ];
}
