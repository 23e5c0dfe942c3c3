import { appendFileSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EmbeddedPostgresError, type startEmbeddedPostgres } from '@wapas/database/embedded';
import { findBinaries, requireGlibc } from '@wapas/database/embedded/binaries';
import { canMount, serversUnder, withMounts, Workshop } from './processes';

const workshop = new Workshop();
afterAll(() => workshop.clear());

async function refusal(options: Parameters<typeof startEmbeddedPostgres>[0]): Promise<EmbeddedPostgresError> {
  const error: unknown = await workshop.start(options).then(
    (server) => server.stop(),
    (reason: unknown) => reason,
  );
  if (!(error instanceof EmbeddedPostgresError)) throw new Error('no refusal', { cause: error });
  expect(serversUnder(options.dataDir)).toEqual([]);
  return error;
}

describe('a start that cannot work says why', () => {
  it('when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const { code, message } = await refusal({ dataDir: await workshop.usedDirectory(), port });
    expect(code).toBe('port_in_use');
    expect(message).toContain(String(port));
    await new Promise((resolve) => other.close(resolve));
  });

  it('when the settings are not understood, with the last words of the server', async () => {
    const { code, message } = await refusal({ dataDir: await workshop.usedDirectory(), settings: { no_such_setting: 1 } });
    expect(code).toBe('start_failed');
    expect(message).toContain('unrecognized configuration parameter "no_such_setting"');
  });

  const damages: Array<[string, (cluster: string) => void]> = [
    ['the version is of another Postgres', (cluster) => writeFileSync(join(cluster, 'PG_VERSION'), '15\n')],
    ['PG_VERSION is missing', (cluster) => rmSync(join(cluster, 'PG_VERSION'))],
    ['pg_control is missing', (cluster) => rmSync(join(cluster, 'global', 'pg_control'))],
    ['pg_control is cut short', (cluster) => truncateSync(join(cluster, 'global', 'pg_control'), 10)],
    ['pg_control is garbage', (cluster) => writeFileSync(join(cluster, 'global', 'pg_control'), Buffer.alloc(8192, 7))],
    ['the write-ahead log is gone', (cluster) => emptyDirectory(join(cluster, 'pg_wal'))],
    ['the map of system tables is missing', (cluster) => rmSync(join(cluster, 'global', 'pg_filenode.map'))],
    ['the configuration is garbage', (cluster) => appendFileSync(join(cluster, 'postgresql.conf'), '\u0001 what is this\n')],
  ];

  it.each(damages)('when the directory is damaged: %s', async (_title, damage) => {
    const dataDir = await workshop.usedDirectory();
    damage(join(dataDir, 'pgdata'));
    const { code, message } = await refusal({ dataDir });
    expect({ code, message }).toMatchObject({ code: 'corrupt_directory' });
    expect(message).toContain(dataDir);
  });

  const strangers: Array<[string, (dataDir: string) => void]> = [
    ['a directory of something else', (dataDir) => writeFileSync(join(dataDir, 'letters.txt'), 'dear')],
    ['a Postgres cluster of somebody else', (dataDir) => writeFileSync(join(dataDir, 'PG_VERSION'), '17\n')],
  ];

  it.each(strangers)('when it is pointed at %s, which it leaves as it was', async (_title, fill) => {
    const dataDir = workshop.newDirectory();
    mkdirSync(dataDir);
    fill(dataDir);
    const before = readdirSync(dataDir);
    expect(await refusal({ dataDir })).toMatchObject({ code: 'not_a_data_directory' });
    expect(readdirSync(dataDir)).toEqual(before);
  });

  it('when it is pointed at a file', async () => {
    const dataDir = workshop.newDirectory();
    writeFileSync(dataDir, '');
    expect(await refusal({ dataDir })).toMatchObject({ code: 'not_a_data_directory' });
  });

  it('when the system has no glibc', () => {
    expect(() => requireGlibc('linux-x64', () => false)).toThrow(expect.objectContaining({ code: 'musl' }) as Error);
  });

  it('when nobody built Postgres for the platform', () => {
    expect(() => findBinaries('win32-x64')).toThrow(expect.objectContaining({ code: 'unsupported_platform' }) as Error);
  });
});

function emptyDirectory(directory: string): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
}

const how = canMount ? 'a small tmpfs' : 'a limit on the size of files; no tmpfs may be mounted here';

/** Runs a process for which the given directory has hardly any room. */
function crowded(directory: string, kilobytes: number): readonly string[] {
  if (canMount) return withMounts(`mount -t tmpfs -o size=${kilobytes}k,mode=0777 none '${directory}'`);
  return ['sh', '-c', `ulimit -f ${kilobytes / 16}; exec "$@"`, 'sh'];
}

describe(`on a full disk (${how})`, () => {
  // The disk fills at other moments: while the files are copied, in the catalogue's views, in the first checkpoints.
  it.each([2_000, 6_000, 12_000, 20_000, 30_000])('the first start says so: %d kB', async (size) => {
    const directory = workshop.newDirectory();
    mkdirSync(directory);
    const holder = workshop.hold({ dataDir: join(directory, 'database'), under: crowded(directory, size) });
    expect(await holder.refused()).toMatchObject({ code: 'disk_full' });
  });

  (canMount ? it : it.skip)('a later start says so, and works again when there is room', async () => {
    const directory = workshop.newDirectory();
    mkdirSync(directory);
    const fill = `mount -t tmpfs -o size=90m,mode=0777 none '${directory}'; cp -a '${await workshop.usedDirectory()}' '${directory}/database'; dd if=/dev/zero of='${directory}/ballast' 2>/dev/null || true`;
    const dataDir = join(directory, 'database');
    const holder = workshop.hold({ dataDir, under: withMounts(fill) });
    expect(await holder.refused()).toMatchObject({ code: 'disk_full' });
    const roomAgain = workshop.hold({ dataDir, under: withMounts(`${fill}; rm '${directory}/ballast'`) });
    await roomAgain.started();
  });
});
