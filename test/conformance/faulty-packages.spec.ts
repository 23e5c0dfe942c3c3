import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A provider of somebody else, as code, with one thing done otherwise. */
const good = (change = '', name = 'pigeon'): string => `{
  apiVersion: 1, name: '${name}', channel: 'sms',
  settings: [{ name: 'PIGEON_KEY', required: true, secret: true, description: 'The key of the account.' }],
  readConfig: ({ PIGEON_KEY: key }) => key ? { ok: true, config: { key } } : { ok: false, problems: ['PIGEON_KEY is missing'] },
  create: () => (${made()}),
  ${change}
}`;
const made = (change = ''): string => `{
  capabilities: { resendIsSafe: false, echoesReference: true, receipts: [] }, maxPerSecond: 5, maxConcurrent: 2,
  send: async () => ({ outcome: 'accepted' }), health: async () => ({ healthy: true, detail: '' }), ${change}
}`;
const cjs = (change?: string): Files => ({ 'index.js': `exports.provider = ${good(change)};` });
const creating = (change: string): Files => cjs(`create: () => (${made(change)}),`);
const esm = (code: string, more: object = {}): Files => ({
  'package.json': JSON.stringify({ version: '1.0.0', type: 'module', main: 'index.js', ...more }),
  'index.js': code,
});

type Files = Readonly<Record<string, string>>;
type Env = Readonly<Record<string, string>>;
type Row = readonly [name: string, files: Files, words: RegExp, env?: Env];
const KEY = 'sk-0123-of-pigeon';

/** What is refused when the configuration is read: files of the package, what is said of it, and further settings. */
const REFUSED: readonly Row[] = [
  ['is made for another contract', cjs('apiVersion: 2,'), /faulty is made for version 2 of the provider contract; this Wapas has version 1: build it/],
  ['exports a class', { 'index.js': 'exports.provider = class Pigeon {};' }, /faulty exports as its provider what is none/],
  ['throws when it is loaded', { 'index.js': 'throw new Error("no licence");' }, /faulty cannot be loaded \(no licence\)/],
  ['misses what it needs', { 'index.js': 'require("nobody-has-this");' }, /faulty cannot be loaded \(Cannot find module .*installed beside it/],
  ['was packed unbuilt', { 'package.json': '{"main":"dist/index.js"}' }, /faulty cannot be loaded .*packed before it was built/],
  ['exports by default', { 'index.js': `module.exports = ${good()};` }, /faulty exports neither .* the default export, and has to/],
  ['exports by default, as a module', esm(`export default ${good()};`), /faulty exports neither .* the default export, and has to/],
  ['awaits at its top level', esm(`await 1; export const provider = ${good()};`), /faulty cannot be loaded: it awaits at its top level/],
  ['hides its exports', esm(`export const provider = ${good()};`, { exports: { './send': './index.js' } }), /faulty cannot be loaded: "exports" in its/],
  ['exports an empty list', { 'index.js': 'exports.providers = [];' }, /faulty exports neither "provider" nor "providers" \(a list\)/],
  ['has a name of its own kind', cjs("name: 'Pigeon Post',"), /faulty exports a provider without a proper name/],
  ['has settings that are none', cjs('settings: [null],'), /faulty exports a provider "pigeon" with a setting whose name is none/],
  ['opens a channel that it does not describe', cjs("channel: 'rcs',"), /faulty .* for the channel "rcs", which is none of Wapas' own/],
  ['cannot be made', cjs('create: undefined,'), /faulty exports a provider "pigeon" without create/],
  ['bears a name of the tree', cjs("name: 'msg91',"), /faulty brings a provider "msg91", as Wapas itself does/],
  ['throws when it reads its settings', cjs('readConfig: ({ PIGEON_KEY }) => JSON.parse(PIGEON_KEY),'), /^pigeon \(package faulty\): readConfig threw a SyntaxError at .*faulty/],
  ['answers with nothing', cjs('readConfig: () => undefined,'), /^pigeon \(package faulty\): readConfig gives neither \{ ok: true/],
  ['answers with a promise', cjs('readConfig: async () => ({ ok: true, config: {} }),'), /^pigeon \(package faulty\): readConfig gives neither/],
  ['lacks its settings', cjs(), /^pigeon \(package faulty\): PIGEON_KEY is missing$/, { PIGEON_KEY: '' }],
  [
    'brings several, none of which is set up',
    { 'index.js': `exports.providers = [${good('', 'pigeon')}, ${good('', 'parrot')}];` },
    /faulty is named and none of its providers is set up\. Set PIGEON_KEY; or PIGEON_KEY\.$/,
    { PIGEON_KEY: '' },
  ],
]; // prettier-ignore

/** What is refused when the providers are made. */
const UNMADE: readonly Row[] = [
  ['throws', cjs('create: ({ key }) => { throw new Error(key); },'), /create threw a Error at .*faulty/],
  ['gives nothing', cjs('create: () => undefined,'), /create gives no provider/],
  ['gives a promise', cjs('create: async () => ({}),'), /create gives a promise: give the provider at once/],
  ['cannot send', creating('send: undefined,'), /create gives a provider without send/],
  ['has no limits', creating('maxPerSecond: NaN,'), /create gives a provider whose maxPerSecond is no whole number from 1 on/],
  ['says nothing of itself', creating('capabilities: undefined,'), /create gives a provider whose capabilities do not say/],
  ['describes no channel', cjs("channel: 'rcs', opensChannel: () => ({ name: 'RCS!' }),"), /opensChannel describes a channel without a proper name/],
  ['throws when it describes its channel', cjs("channel: 'rcs', opensChannel: () => { throw new TypeError('no'); },"), /opensChannel threw a TypeError/],
]; // prettier-ignore

const GOOD: readonly Row[] = [
  ['is CommonJS', cjs(), /none/],
  ['is a module', esm(`export const provider = ${good()};`), /none/],
  ['brings several', { 'index.js': `exports.providers = [${good()}, ${good('', 'parrot')}];` }, /none/],
  ['needs no setting', cjs('settings: [], readConfig: () => ({ ok: true, config: {} }),'), /none/],
];

const folder = mkdtempSync(join(tmpdir(), 'wapas-faulty-'));
const problems = new Map<string, string[]>();
beforeAll(() => {
  const all = [...GOOD, ...REFUSED, ...UNMADE];
  const input = JSON.stringify(
    all.map(([, files, , env], index) => environmentOf(install(join(folder, `${index}`), files), env)),
  );
  const run = execFileSync(process.execPath, [join(__dirname, '../support/problems-of-starts.cjs')], { input, encoding: 'utf8' });
  (JSON.parse(run) as string[][]).forEach((found, index) => problems.set((all[index] as Row)[0], found));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts the package where npm would; gives the folder in which it is installed. */
function install(where: string, files: Files): string {
  for (const [path, text] of Object.entries({ 'package.json': '{"version":"1.0.0"}', ...files })) {
    const file = join(where, 'node_modules', 'faulty', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return where;
}

const namesOf = (rows: readonly Row[]) => rows.map(([name, , words]) => [name, words] as const);

const environmentOf = (where: string, more: Env = {}): Env => ({
  WAPAS_MODE: 'sandbox',
  DATABASE_URL: 'postgres://localhost/none',
  WAPAS_SECRET: 's'.repeat(32),
  WAPAS_PROVIDER_PACKAGES: 'faulty',
  WAPAS_PROVIDER_PACKAGES_DIR: where,
  PIGEON_KEY: KEY,
  ...more,
});

it.each(namesOf(GOOD))('a package that %s has no problems', (name) => expect(problems.get(name)).toEqual([]));

it.each(namesOf(REFUSED))(
  'a package that %s is the one problem of a start, by its name and without its secret',
  (name, words) => {
    expect(problems.get(name)).toEqual([expect.stringMatching(words)]);
    expect(problems.get(name)?.[0]).not.toContain(KEY);
  },
);

it.each(namesOf(UNMADE))(
  'a package whose provider %s is the one problem of a start, by its name and without its secret',
  (name, words) => {
    expect(problems.get(name)).toEqual([expect.stringMatching(words)]);
    expect(problems.get(name)?.[0]).toMatch(/^pigeon \(package faulty\): /);
    expect(problems.get(name)?.[0]).not.toContain(KEY);
  },
);
