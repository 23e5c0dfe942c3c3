import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fcm } from '@wapas/providers/fcm';
import { loadProviderPackages } from '../../src/config/provider-packages';
import { OutsideFolder } from '../support/packages';

interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

let outside: OutsideFolder;
beforeAll(() => (outside = new OutsideFolder()));
afterAll(() => outside.remove());

describe("a stranger's SMS provider, outside the tree", () => {
  it('is written in under 100 lines', () => {
    const lines = readFileSync(join(__dirname, '..', 'fixtures', 'acme-sms', 'index.ts'), 'utf8').split('\n').length;
    expect(lines).toBeLessThanOrEqual(100);
  });

  it("compiles against the packed contract, passes the packed kit in Node's own test runner, and is loaded by its name", () => {
    const folder = outside.installAcme();
    const { code, output } = outside.runTests(folder);
    expect(output).toMatch(/# pass [2-9]\d/);
    expect([code, output.match(/^# fail \d+/m)?.[0]]).toEqual([0, '# fail 0']);
    const { providers, problems } = loadProviderPackages(['wapas-provider-acme-sms'], outside.path);
    const found = providers.map((one) => [one.package, one.definition.name, one.definition.channel]);
    expect([problems, found]).toEqual([[], [['wapas-provider-acme-sms', 'acme-sms', 'sms']]]);
  });

  it.each([
    ['wapas-provider-nobody', /^WAPAS_PROVIDER_PACKAGES: wapas-provider-nobody is not installed in .* Run npm install wapas-/],
    ['../../somewhere', /is not the name of an npm package/],
    ['/etc/passwd', /is not the name of an npm package/],
    ['undici', /^WAPAS_PROVIDER_PACKAGES: undici exports neither "provider" nor "providers"/],
  ])('the name %s is refused at start', (name, words) =>
    expect(loadProviderPackages([name], outside.path)).toEqual({ providers: [], problems: [expect.stringMatching(words)] }),
  );
});

describe('a new provider', () => {
  const command = () => join(outside.path, 'node_modules/@wapas/provider-testing/dist/provider-testing/new-provider.command.js');

  it.each(['sms', 'push', 'whatsapp', 'in_app'])('for %s compiles, and the kit is red until it is filled in', (channel) => {
    const name = `fresh-${channel.replace('_', '-')}`;
    execFileSync(process.execPath, [command(), name, '--channel', channel], { cwd: outside.path });
    const folder = join(outside.path, name);
    expect(outside.compile(folder, 'tsconfig.json')).toBe('');
    const { code, output } = outside.runTests(folder);
    expect(code).not.toBe(0);
    expect(output).toMatch(/not ok .*reports an accepted message with the id of the vendor/);
    expect(output).toContain('does not say where it comes from');
    expect(output).toMatch(/ok .*names every missing setting at once/);
    expect(output).not.toMatch(/not ok .*(stable name|describes its own)/);
    // What was built the last time is in the author's way the next time if it is taken for a source.
    expect(outside.compile(folder, 'tsconfig.json')).toBe('');
  });

  it('says how to install a contract and a kit that no registry has, and what it packs is built', () => {
    const said = execFileSync(process.execPath, [command(), 'said', '--channel', 'sms'], { cwd: outside.path, encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(join(__dirname, '../../libs/provider-kit/package.json'), 'utf8')) as Manifest;
    expect(said).toContain(
      `npm install --no-save PATH/wapas-provider-kit-${version}.tgz PATH/wapas-provider-testing-${version}.tgz\n`,
    );
    const made = JSON.parse(readFileSync(join(outside.path, 'said/package.json'), 'utf8')) as Manifest;
    expect([made.scripts['prepack'], made.dependencies['@wapas/provider-kit']]).toEqual(['npm run build', version]);
  });

  it('in a tree goes to libs/providers and names the line that is missing', () => {
    execFileSync('mkdir', ['-p', 'tree/libs/providers'], { cwd: outside.path });
    const said = execFileSync(process.execPath, [command(), 'karix', '--channel', 'sms'], {
      cwd: join(outside.path, 'tree'),
      encoding: 'utf8',
    });
    expect(said).toContain('src/app.module.ts');
    const made = readdirSync(join(outside.path, 'tree/libs/providers/karix')).sort();
    const own = readdirSync(join(__dirname, '../../libs/providers', fcm.name));
    expect(made).toEqual(
      expect.arrayContaining(['README.md', 'fixtures', 'index.ts', 'karix.conformance.spec.ts', 'karix.provider.ts']),
    );
    expect(own).toEqual(expect.arrayContaining(['README.md', 'fixtures', 'index.ts', 'fcm.conformance.spec.ts']));
  });

  it.each([
    [['Karix', '--channel', 'sms'], 1, 'lower-case words'],
    [['karix', '--channel', 'SMS!'], 1, 'a word of your own in lower case'],
    [['karix'], 2, 'npm run new:provider'],
    [['karix', '--chanel', 'sms'], 2, "Unknown option '--chanel'"],
  ])('is refused with %j', (args, code, words) => {
    const run = spawnSync(process.execPath, [command(), ...args], { cwd: outside.path, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([code, expect.stringContaining(words)]);
  });
});
