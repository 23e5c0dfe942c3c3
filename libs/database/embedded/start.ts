import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, DatabaseError } from 'pg';
import { type Binaries, findBinaries, linkLibraries, linkLibrariesInto } from './binaries';
import {
  claimDirectory,
  clusterDirectory,
  clusterOwner,
  ensureCluster,
  giveCluster,
  removeUnfinished,
  SUPERUSER,
} from './cluster';
import { DATABASE, type EmbeddedPostgresConnection, urlOf } from './connection';
import { EmbeddedPostgresError, explainFailure } from './errors';
import { chooseLauncher, launch, type Launcher, ownDirectory } from './launcher';
import { outliveOthers } from './outlive-others';
import { type Owned, OwnedServer } from './owned-server';
import { connect, tryToOwn } from './ownership';
import { createRunDirectory, giveDirectory, removeOldRunDirectories, removeRunDirectory, removeSockets } from './run-directory';
import { ServerProcess } from './server-process';
import { settingArguments, type Settings } from './settings';

export interface EmbeddedPostgresOptions {
  /** Where the database lives. Made when missing; refused when something else is in it. */
  readonly dataDir: string;
  /** Also listen on 127.0.0.1 at this port, with a password. Without it there is only a private socket. */
  readonly port?: number;
  /** Postgres settings on top of ours. */
  readonly settings?: Settings;
  /** What the server writes, and what we do about other servers. */
  readonly log?: (line: string) => void;
  /** Start another server in the place of one that dies, at the same address, as often as it takes. */
  readonly startAgain?: boolean;
}

export interface EmbeddedPostgres {
  readonly connection: EmbeddedPostgresConnection;
  /** The same as one address, as `pg` and libpq read it. */
  readonly url: string;
  /** Stops the server and waits until it is gone. May be called again. */
  stop(): Promise<void>;
  /** Called when the server dies, or is taken from us, without `stop` having been called; once, or each time with `startAgain`. */
  onExit(listener: (why: string) => void): void;
}

const SOCKET_PORT = 5432;

/** Starts the Postgres that came with npm on a directory of its own, and owns it until `stop` or the end of this process. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = findBinaries();
  await claimDirectory(options.dataDir);
  const dataDir = realpathSync(options.dataDir);
  const clusterName = nameOf(dataDir);
  const runDirectory = createRunDirectory(clusterName);
  const log = options.log ?? (() => undefined);
  try {
    const launcher = await chooseLauncher({
      binaries,
      tryIn: runDirectory,
      give: (owner) => giveDirectory(runDirectory, owner),
      libraryPath: makeLibraryPath(runDirectory, binaries),
      clusterOwner: clusterOwner(dataDir),
    });
    await ensureCluster({ dataDir, launcher, throwAway: options.settings?.['fsync'] === 'off' });
    const start: Start = {
      dataDir,
      clusterName,
      runDirectory,
      launcher,
      log,
      port: options.port,
      settings: options.settings ?? {},
    };
    const owned = await startOwned(start);
    const password = start.port === undefined ? undefined : await setPassword(owned.client);
    return kept(start, owned, password, options.startAgain ?? false);
  } catch (error) {
    removeRunDirectory(runDirectory);
    throw error;
  }
}

interface Start {
  readonly dataDir: string;
  readonly clusterName: string;
  readonly runDirectory: string;
  readonly launcher: Launcher;
  readonly log: (line: string) => void;
  readonly port: number | undefined;
  readonly settings: Settings;
}

function nameOf(dataDir: string): string {
  return `wapas-pg-${createHash('sha256').update(dataDir).digest('hex').slice(0, 10)}`;
}

// The package's own directory as well: a library that is loaded through a link looks for others beside the link.
function makeLibraryPath(runDirectory: string, binaries: Binaries): string | undefined {
  const missing = linkLibraries(binaries);
  if (missing.length === 0) return undefined;
  const directory = join(runDirectory, 'lib');
  mkdirSync(directory, { mode: 0o755 });
  linkLibrariesInto(directory, missing);
  return `${directory}:${join(binaries.native, 'lib')}`;
}

/** Losing a race against another starter, or against the end of an old server, leads to another look, a few times. */
async function startOwned(start: Start): Promise<Owned> {
  let launcher = start.launcher;
  for (let attempt = 1; ; attempt++) {
    await outliveOthers(start);
    await giveCluster(start.dataDir, launcher.owner);
    const server = spawnServer(start, launcher);
    const connection = await waitUntilReady(server, start);
    if (connection !== undefined) return takeCharge(start, server, connection);
    if (server.lockFailed) launcher = withoutDirectoryLock(launcher);
    else if (!server.lostRace || attempt === 20) throw whyNot(server, start);
    // Whoever won needs a moment to be seen as the owner.
    else await delay(100);
  }
}

function spawnServer(start: Start, launcher: Launcher): ServerProcess {
  const cluster = clusterDirectory(start.dataDir);
  writeAccessRules(start);
  const own: Settings = {
    cluster_name: start.clusterName,
    unix_socket_directories: start.runDirectory,
    unix_socket_permissions: '0700',
    listen_addresses: start.port === undefined ? '' : '127.0.0.1',
    port: start.port ?? SOCKET_PORT,
    hba_file: join(start.runDirectory, 'access'),
  };
  const args = ['-D', ownDirectory(launcher, cluster), ...settingArguments(own, start.settings)];
  return new ServerProcess(launch(launcher, 'postgres', args, cluster), launcher, start.log);
}

// The socket lies in a directory only we may enter, so it needs no password. A TCP port is open to everybody on this machine.
function writeAccessRules({ runDirectory, launcher }: Start): void {
  const file = join(runDirectory, 'access');
  writeFileSync(file, 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n', { mode: 0o644 });
  giveDirectory(file, launcher.owner);
}

const SERVER_MAY_TAKE_MS = 10 * 60_000;
const LONGEST_PAUSE_MS = 200;
// Postgres begins again after a crash as often as it takes. What crashes it three times before anyone got in will not stop.
const CRASHES_ACCEPTED = 3;

/** The first session, or undefined when the server ended instead. Recovery after a hard stop may take its time. */
async function waitUntilReady(server: ServerProcess, start: Start): Promise<Client | undefined> {
  const deadline = Date.now() + SERVER_MAY_TAKE_MS;
  const crashes = server.restarts + CRASHES_ACCEPTED;
  let refusal = 'no answer';
  for (let pause = 8; !server.hasEnded && Date.now() < deadline; pause = Math.min(pause * 1.3, LONGEST_PAUSE_MS)) {
    try {
      return await connect({ host: start.runDirectory, port: start.port ?? SOCKET_PORT }, 'wapas owner');
    } catch (error) {
      refusal = String(error);
      if (!mayPass(error) || server.restarts >= crashes) break;
      await delay(pause);
    }
  }
  if (!server.hasEnded) await server.giveUp(refusal);
  return undefined;
}

// Starting, recovering, restarting its sessions, or not listening yet. What else a server says, it will say again: damaged
// catalogues, for one, let it start and turn every session away.
const CANNOT_CONNECT_NOW = '57P03';
const CRASH_SHUTDOWN = '57P02';
// Whoever filled its places while its sessions restarted will leave some again.
const TOO_MANY_CONNECTIONS = '53300';
const PASSING: ReadonlySet<string | undefined> = new Set([CANNOT_CONNECT_NOW, CRASH_SHUTDOWN, TOO_MANY_CONNECTIONS]);

function mayPass(error: unknown): boolean {
  return !(error instanceof DatabaseError) || PASSING.has(error.code);
}

function withoutDirectoryLock(launcher: Launcher): Launcher {
  const at = launcher.wrapper.indexOf('flock');
  return { ...launcher, wrapper: launcher.wrapper.slice(0, at), locksDirectory: false };
}

function whyNot(server: ServerProcess, { dataDir, port }: Start): EmbeddedPostgresError {
  if (!server.lostRace)
    return explainFailure('postgres', server.outcome, server.lastWords, { dataDir, port: port ?? SOCKET_PORT });
  return new EmbeddedPostgresError(
    'already_running',
    `Another server uses ${dataDir}, and it cannot be seen from here (another container on the same volume?). ` +
      'Stop it, or give each process a directory of its own.',
  );
}

async function takeCharge(start: Start, server: ServerProcess, client: Client): Promise<Owned> {
  try {
    if (!(await tryToOwn(client))) throw alreadyTaken(start.dataDir);
    await createDatabase(client);
    await removeUnfinished(start.dataDir);
    await removeOldRunDirectories(start.runDirectory, start.clusterName);
    return { server, client };
  } catch (error) {
    await client.end().catch(() => undefined);
    await server.stop();
    throw error;
  }
}

function alreadyTaken(dataDir: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'already_running',
    `Another process took over the database in ${dataDir} while this one was starting it.`,
  );
}

async function createDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`create database ${DATABASE}`);
}

// A new one for every life of the server: it needs no safe place to be kept, and an old one is worth nothing.
async function setPassword(client: Client): Promise<string> {
  const password = randomBytes(24).toString('hex');
  await client.query(`alter role ${SUPERUSER} password '${password}'`);
  return password;
}

function kept(start: Start, owned: Owned, password: string | undefined, startsAgain: boolean): EmbeddedPostgres {
  const connection: EmbeddedPostgresConnection = {
    host: password === undefined ? start.runDirectory : '127.0.0.1',
    port: start.port ?? SOCKET_PORT,
    user: SUPERUSER,
    database: DATABASE,
    ...(password === undefined ? {} : { password }),
  };
  const startAgain = (): Promise<Owned> => {
    // What a server that was killed left there: the number in its lock file may be anybody's by now.
    removeSockets(start.runDirectory);
    return startOwned(start);
  };
  const server = new OwnedServer(owned, {
    reconnect: (one) => waitUntilReady(one, start),
    log: start.log,
    ...(startsAgain && { startAgain }),
  });
  return {
    connection,
    url: urlOf(connection),
    stop: async () => {
      await server.stop();
      removeRunDirectory(start.runDirectory);
    },
    onExit: (listener) => server.onExit(listener),
  };
}
