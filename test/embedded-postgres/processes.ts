import { transformFileSync } from '@swc/core';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '@wapas/database/embedded';
import { Client } from 'pg';

// A test here starts several servers; on a busy machine the default limit would cut it short.
jest.setTimeout(90_000);

const REPOSITORY = join(__dirname, '..', '..');
const SOURCE = join(REPOSITORY, 'libs', 'database', 'embedded');

export const isRoot = process.getuid?.() === 0;
export const uid = process.getuid?.() ?? -1;
const gid = process.getgid?.() ?? -1;

export interface Started {
  readonly url: string;
  readonly connection: { host: string; port: number; password?: string };
  readonly uid: number;
  readonly home: string | null;
}

export interface Refused {
  readonly code: string;
  readonly message: string;
}

export interface HolderOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly asUid?: number;
  /** The built `index.js` to run, when it is not the one all tests share. */
  readonly entry?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A command to run the process under. */
  readonly under?: readonly string[];
}

/** Everything one test file starts and makes; `clear` ends and removes all of it. */
export class Workshop {
  readonly root = mkdtempSync(join(tmpdir(), 'wapas-test-'));
  private readonly temporary = join(this.root, 'tmp');
  private readonly entry = join(this.root, 'built', 'index.js');
  private readonly holders: Holder[] = [];
  private readonly servers: EmbeddedPostgres[] = [];
  private used: Promise<string> | undefined;
  private directories = 0;

  constructor() {
    chmodSync(this.root, 0o755);
    // What a killed process leaves in the directory for temporary files is removed with the rest.
    mkdirSync(this.temporary);
    chmodSync(this.temporary, 0o1777);
    process.env['TMPDIR'] = this.temporary;
    build(join(this.root, 'built'));
  }

  /** Starts a database in this process. */
  async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres(options);
    this.servers.push(server);
    return server;
  }

  /** A path that does not exist yet, in a directory its owner alone may enter when asked for. */
  newDirectory(options: { privateHome?: boolean; owner?: number } = {}): string {
    const home = join(this.root, `home-${this.directories++}`);
    mkdirSync(home);
    chmodSync(home, options.privateHome === true ? 0o700 : 0o755);
    if (options.owner !== undefined) chownSync(home, options.owner, options.owner);
    return join(home, 'database');
  }

  /** A database that was started once and stopped: a copy of one that is made once per test file. */
  async usedDirectory(): Promise<string> {
    this.used ??= this.makeUsed();
    const dataDir = this.newDirectory();
    cpSync(await this.used, dataDir, { recursive: true });
    // Node 24 copies directories without their modes, and Postgres refuses a cluster that others may read.
    chmodSync(join(dataDir, 'pgdata'), 0o700);
    return dataDir;
  }

  private async makeUsed(): Promise<string> {
    const dataDir = this.newDirectory();
    await (await this.start({ dataDir })).stop();
    return dataDir;
  }

  hold(options: HolderOptions): Holder {
    const holder = new Holder({ entry: this.entry, ...options });
    this.holders.push(holder);
    return holder;
  }

  // A small answer of a system program.
  read(program: string, args: readonly string[]): { stdout: string } {
    return spawnSync(program, args, { encoding: 'utf8' });
  }

  async freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  async clear(): Promise<void> {
    for (const holder of this.holders) await holder.kill();
    for (const server of this.servers) await server.stop();
    await until('all servers of this test file have ended', () => serversUnder(this.root).length === 0);
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** One Node process that runs the embedded database. */
export class Holder {
  readonly child: ChildProcess;
  readonly answer: Promise<Started | Refused>;
  private readonly closed: Promise<void>;
  private log = '';

  constructor({ entry, dataDir, port, asUid, env, under = [] }: HolderOptions & { entry: string }) {
    const words = [...under, process.execPath, join(__dirname, 'holder.cjs'), entry, JSON.stringify({ dataDir, port })];
    this.child = spawn(words[0] ?? '', words.slice(1), {
      stdio: 'pipe',
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...env },
      ...(asUid === undefined ? {} : { uid: asUid, gid: asUid }),
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.closed = new Promise((resolve) => this.child.once('close', () => resolve()));
    this.answer = new Promise((resolve, reject) => {
      let said = '';
      this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [line, rest] = said.split('\n', 2);
        if (rest !== undefined) resolve(JSON.parse(line ?? '') as Started | Refused);
      });
      this.child.once('error', reject);
      this.child.once('close', () => reject(new Error(`the process said nothing:\n${this.log}`)));
    });
    this.answer.catch(() => undefined);
  }

  async started(): Promise<Started> {
    const answer = await this.answer;
    if ('url' in answer) return answer;
    throw new Error(`${answer.code}: ${answer.message}\n${this.log}`);
  }

  async refused(): Promise<Refused> {
    const answer = await this.answer;
    if ('code' in answer) return answer;
    throw new Error('the server started');
  }

  async stop(): Promise<void> {
    this.child.stdin?.write('stop\n');
    await this.closed;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.closed;
  }
}

// Once per test file: the child processes then need no compiler, and may run as a uid that cannot write here.
function build(into: string): void {
  mkdirSync(into);
  for (const name of readdirSync(SOURCE).filter((file) => file.endsWith('.ts'))) {
    const { code } = transformFileSync(join(SOURCE, name), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    writeFileSync(join(into, `${basename(name, '.ts')}.js`), code);
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(into, 'node_modules'));
}

const PATIENCE_MS = 30_000;

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await delay(5);
  }
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function ask(url: string, sql: string): Promise<unknown> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] === undefined ? undefined : Object.values(rows[0])[0];
  });
}

export interface ServerSeen {
  readonly pid: number;
  readonly directory: string;
}

/** Postgres servers, found by the directory they work in, below a directory of ours. */
export function serversUnder(root: string): readonly ServerSeen[] {
  if (process.platform !== 'linux') return serversByPidFile(root);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && nameOfProcess(name) === 'postgres')
    .map((name) => ({ pid: Number(name), directory: workingDirectory(name) }))
    .filter(({ directory }) => directory.startsWith(root));
}

function nameOfProcess(pid: string): string {
  const [, name = '', state = ''] = /^\d+ \((.*)\) (\S)/s.exec(readIfThere(`/proc/${pid}/stat`)) ?? [];
  return state === 'Z' ? 'zombie' : name;
}

function workingDirectory(pid: string): string {
  return ifThere(() => readlinkSync(`/proc/${pid}/cwd`));
}

function readIfThere(file: string): string {
  return ifThere(() => readFileSync(file, 'utf8'));
}

function ifThere(read: () => string): string {
  try {
    return read();
  } catch {
    // The process, and its entry with it, ended between two looks.
    return '';
  }
}

function serversByPidFile(root: string): readonly ServerSeen[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('/postmaster.pid'))
    .map((name) => ({ pid: Number(readIfThere(join(root, name)).split('\n')[0]), directory: join(root, name, '..') }))
    .filter(({ pid }) => spawnSync('kill', ['-0', String(pid)]).status === 0);
}

export function serverPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/**
 * A command under which `commands` have changed what is mounted where, for one process and its children alone; it needs root or
 * user namespaces. The process runs as the user the tests run as.
 */
export function withMounts(commands: string): readonly string[] {
  const inside = (last: string): string[] => ['sh', '-ec', `${commands}; exec ${last} "$@"`, 'sh'];
  if (isRoot) return ['unshare', '--mount', ...inside('')];
  return ['unshare', '--map-root-user', '--mount', ...inside(`unshare --user --map-user=${uid} --map-group=${gid} --`)];
}

export const canMount = spawnSync('unshare', [...withMounts('true').slice(1), 'true']).status === 0;

/** A command under which the named programs cannot be run, as in images that do not have them. */
export function without(...programs: readonly string[]): readonly string[] {
  const present = programs
    .flatMap((program) => ['/usr/bin', '/bin', '/usr/sbin'].map((directory) => `${directory}/${program}`))
    .filter((path) => existsSync(path));
  const real = [...new Map(present.map((path) => [statSync(path).ino, path])).values()];
  return withMounts(real.map((path) => `mount --bind /dev/null ${path}`).join('; ') || 'true');
}
