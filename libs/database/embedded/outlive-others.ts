import { setTimeout as delay } from 'node:timers/promises';
import { type Client } from 'pg';
import { clusterDirectory } from './cluster';
import { EmbeddedPostgresError, systemCode } from './errors';
import { connect, hasOwner, tryToOwn } from './ownership';
import { type PidFile, readPidFile, removeStalePidFile, serverProcesses } from './other-servers';

interface Place {
  readonly dataDir: string;
  readonly clusterName: string;
  readonly log: (line: string) => void;
}

// A killed owner's sessions end a moment after it, and a new owner takes its lock a moment after its server answers.
const MUST_HAVE_OWNER_FOR_MS = 1_000;
const MUST_LACK_OWNER_FOR_MS = 2_000;
const MUST_STOP_WITHIN_MS = 10_000;
const MUST_ANSWER_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 25;

/**
 * Returns when no other server runs on this cluster. One with an owner is left alone, and we are refused; one whose owner is
 * gone is usually stopping already, and is stopped otherwise. It is not adopted: nothing would stop it when we die.
 */
export async function outliveOthers(place: Place): Promise<void> {
  const cluster = clusterDirectory(place.dataDir);
  const forHow = stopwatches();
  const deadline = Date.now() + MUST_ANSWER_WITHIN_MS;
  while (await isInUse(place, cluster)) {
    const answer = await askForOwner(cluster);
    if (forHow.long('owned', answer) >= MUST_HAVE_OWNER_FOR_MS) throw alreadyRunning(place.dataDir);
    if (forHow.long('ownerless', answer) >= MUST_LACK_OWNER_FOR_MS) await stopLeftover(place, cluster);
    if (forHow.long('stopping', answer) >= MUST_STOP_WITHIN_MS) await endHangingServer(place, cluster);
    if (Date.now() > deadline) throw doesNotAnswer(place.dataDir);
    await delay(LOOK_EVERY_MS);
  }
}

/** For how long each answer has been the answer without a break. */
function stopwatches(): { long(answer: Answer, now: Answer): number } {
  const since = new Map<Answer, number>();
  return {
    long(answer, current) {
      if (answer !== current) since.delete(answer);
      else if (!since.has(answer)) since.set(answer, Date.now());
      return Date.now() - (since.get(answer) ?? Date.now());
    },
  };
}

async function isInUse({ clusterName, log }: Place, cluster: string): Promise<boolean> {
  if ((await serverProcesses(clusterName)).length > 0) return true;
  const outcome = await removeStalePidFile(cluster);
  if (outcome === 'removed') log('Removed the pid file of a server that is gone.');
  return outcome === 'in_use';
}

type Answer = 'owned' | 'ownerless' | 'stopping' | 'silent';

async function askForOwner(cluster: string): Promise<Answer> {
  const answer = await withServer(cluster, async (client) => ((await hasOwner(client)) ? 'owned' : 'ownerless'));
  if (answer !== undefined) return answer;
  return (await readPidFile(cluster))?.isStopping === true ? 'stopping' : 'silent';
}

async function stopLeftover({ dataDir, log }: Place, cluster: string): Promise<void> {
  await withServer(cluster, async (client, { pid }) => {
    if (!(await tryToOwn(client))) return;
    log('Stopping a server whose owner is gone.');
    signal(dataDir, pid, 'SIGINT');
  });
}

// Postgres 17 can wait for ever when it is told to stop while it recovers from the crash of a session. Whoever told it so is
// no longer there to insist; what was committed is in the log on disk.
async function endHangingServer({ dataDir, clusterName, log }: Place, cluster: string): Promise<void> {
  const server = await readPidFile(cluster);
  if (server === undefined || !(await serverProcesses(clusterName)).includes(server.pid)) return;
  log('Ending a server that was told to stop and hangs.');
  signal(dataDir, server.pid, 'SIGQUIT');
}

function signal(dataDir: string, pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Otherwise it ended in the meantime, which is what was wanted.
    if (systemCode(error) === 'EPERM') throw notOursToStop(dataDir, pid);
  }
}

/** What a server answers, or nothing while it is starting, stopping or gone. */
async function withServer<T>(cluster: string, ask: (client: Client, server: PidFile) => Promise<T>): Promise<T | undefined> {
  const server = await readPidFile(cluster);
  if (server === undefined || server.socketDirectory === '') return undefined;
  let client: Client | undefined;
  try {
    client = await connect({ host: server.socketDirectory, port: server.port }, 'wapas look');
    return await ask(client, server);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    // Starting up, shutting down, gone between two looks: all of it passes, and the deadline covers what does not.
    return undefined;
  } finally {
    await client?.end().catch(() => undefined);
  }
}

function alreadyRunning(dataDir: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'already_running',
    `Another Wapas process already runs the embedded database in ${dataDir}. Stop it first, give this one a directory of its own, ` +
      'or point both at one Postgres with DATABASE_URL.',
  );
}

function doesNotAnswer(dataDir: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'already_running',
    `A Postgres still runs on ${dataDir} and does not answer. Wait for it to finish, or stop it, and start again.`,
  );
}

function notOursToStop(dataDir: string, pid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'already_running',
    `A Postgres without an owner (process ${pid}) still runs on ${dataDir}, under another user. Stop it as that user, and start again.`,
  );
}
