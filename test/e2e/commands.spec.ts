import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '../..');

const COMMANDS = [
  ['npm run key', 'dist/src/access/create-key.command.js'],
  ['npm run rotate-keys', 'dist/src/rotate-keys.command.js'],
  ['npm run rebuild:outcomes', 'dist/src/analytics/rebuild-outcomes.command.js'],
  ['npm run simulate:experiments', 'dist/src/analytics/simulate-experiments.command.js'],
] as const;

describe('a command', () => {
  it.each(COMMANDS)('that is given a word it does not know does nothing, and says what it takes: %s', (name, file) => {
    const { status, stdout, stderr } = run(file, '--nonsense');
    expect(stderr).toContain("'--nonsense'");
    expect(stderr).toContain(name);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('says on --help what it is for, and does nothing else', () => {
    const { status, stdout, stderr } = run('dist/src/analytics/rebuild-outcomes.command.js', '--help');
    expect(stdout).toContain('npm run rebuild:outcomes');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.each(COMMANDS.filter(([name]) => name !== 'npm run simulate:experiments'))(
    'says what is missing in its environment, all of it at once and without a stack: %s',
    (_name, file) => {
      const { status, stdout, stderr } = run(file);
      expect(stderr).toContain('DATABASE_URL');
      expect(stderr).not.toMatch(/^\s+at /m);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    },
  );

  it('that reaches no database says so in a sentence, without a stack', () => {
    const env = {
      DATABASE_URL: 'postgres://wapas:hunter2@127.0.0.1:1/wapas',
      WAPAS_SECRET: 'a-secret-for-tests-0123456789abcdef',
    };
    const { status, stdout, stderr } = runWith(env, 'dist/src/access/create-key.command.js');
    expect(stderr).toMatch(/No database can be reached at DATABASE_URL: connect ECONNREFUSED 127\.0\.0\.1:1\./);
    expect(stderr).not.toMatch(/^\s+at |hunter2/m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('that plays experiments prints one line of JSON when asked to, and nothing else there', () => {
    const { status, stdout } = run('dist/src/analytics/simulate-experiments.command.js', '--experiments', '20', '--json');
    const { simulation, plans } = JSON.parse(stdout) as { simulation: boolean; plans: object[] };
    expect({ status, simulation, plans: plans.length }).toEqual({ status: 0, simulation: true, plans: 8 });
    expect(plans[0]).toMatchObject({ experiments: 20, perDay: 200, uplift: 0 });
    expect(Object.keys(plans[0] ?? {})).toEqual(expect.arrayContaining(['flaggedAtEnd', 'flaggedAtAnyPeek', 'covered']));
  });
});

const run = (file: string, ...args: string[]) => runWith({}, file, ...args);

function runWith(env: Readonly<Record<string, string>>, file: string, ...args: string[]) {
  return spawnSync(process.execPath, [join(REPOSITORY, file), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
}
