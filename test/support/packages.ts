import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
/** What a package of somebody else would get from a registry. */
const FROM_THE_TREE = ['undici', 'undici-types', '@types/node', 'typescript'];

/**
 * A folder outside the tree in which the contract and the kit are installed from their packed form, as an author or an
 * operator has them. Nothing is fetched: what they depend on is linked from this tree.
 */
export class OutsideFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'wapas-outside-'));

  constructor() {
    const modules = join(this.path, 'node_modules');
    mkdirSync(join(modules, '@types'), { recursive: true });
    for (const name of FROM_THE_TREE) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    for (const name of ['provider-kit', 'provider-testing']) {
      const packed = mkdtempSync(join(this.path, 'packed-'));
      execFileSync('npm', ['pack', '--silent', '--offline', '--pack-destination', packed], { cwd: join(ROOT, 'libs', name) });
      const target = join(modules, '@wapas', name);
      mkdirSync(target, { recursive: true });
      execFileSync('tar', ['-xzf', readdirSync(packed)[0] as string, '-C', target, '--strip-components=1'], { cwd: packed });
    }
  }

  /** Compiles a package with its own settings; gives what the compiler complains of. */
  compile(folder: string, project: string): string {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    return spawnSync(process.execPath, [tsc, '-p', join(folder, project)], { encoding: 'utf8' }).stdout;
  }

  /** Runs the compiled tests of a package with Node's own runner, as its own `test` script says, in a process of their own. */
  runTests(folder: string): { code: number | null; output: string } {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: { test: string } };
    const files = scripts.test.slice(scripts.test.indexOf('node --test ') + 'node --test '.length).split(' ');
    const env = { PATH: process.env.PATH };
    const run = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...files], { encoding: 'utf8', env, cwd: folder });
    return { code: run.status, output: `${run.stdout}${run.stderr}` };
  }

  /** Puts the sample provider of a stranger here, compiled and installed under its package name. */
  installAcme(): string {
    const folder = join(this.path, 'node_modules', 'wapas-provider-acme-sms');
    cpSync(join(ROOT, 'test', 'fixtures', 'acme-sms'), folder, { recursive: true });
    const complaints = this.compile(folder, 'tsconfig.package.json');
    if (complaints !== '') throw new Error(complaints);
    return folder;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
