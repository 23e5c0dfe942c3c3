import { accessSync, chownSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './errors';

/** Longest path a socket may have on every system we run on (macOS: 104 bytes), less `/.s.PGSQL.65535` and some room. */
const LONGEST_DIRECTORY = 85;

/**
 * A private directory (0700) for the socket of one server's life. Each start gets a new one, so nothing in it is ever stale,
 * and nobody waits on the socket of a server that is gone.
 */
export function createRunDirectory(clusterName: string): string {
  const example = `/${clusterName}-XXXXXX`;
  const parent = publicDirectories().find((directory) => Buffer.byteLength(directory + example) <= LONGEST_DIRECTORY);
  if (parent !== undefined) return mkdtempSync(join(parent, `${clusterName}-`));
  throw new EmbeddedPostgresError(
    'no_socket_directory',
    `The embedded database needs a writable directory with a short path for its socket; none of ${CANDIDATES().join(', ')} is one. ` +
      `Mount a small tmpfs on /tmp (docker run --tmpfs /tmp), ${OR_ANOTHER_DATABASE}.`,
  );
}

export function giveDirectory(directory: string, owner: number | undefined): void {
  if (owner !== undefined && statSync(directory).uid !== owner) chownSync(directory, owner, owner);
}

export function removeRunDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Removes the sockets of a server that has died, and their lock files. Only while none runs there. */
export function removeSockets(directory: string): void {
  for (const name of readdirSync(directory)) if (name.startsWith('.s.PGSQL.')) rmSync(join(directory, name), { force: true });
}

/** Removes what servers that were killed left behind. Only for whoever owns the cluster: then no other directory is in use. */
export async function removeOldRunDirectories(current: string, clusterName: string): Promise<void> {
  const parent = dirname(current);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${clusterName}-`) || name === basename(current)) continue;
    // Someone else's directory of that name in a shared /tmp is not ours to remove, and harmless.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

const CANDIDATES = (): string[] => [...new Set([tmpdir(), '/tmp', '/var/tmp', '/dev/shm', '/run'])];

/** Directories for temporary files that any uid can reach, best first. */
export function publicDirectories(): string[] {
  return CANDIDATES().filter((directory) => isWritable(directory) && everybodyMayEnter(directory));
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // Missing or read-only: the next candidate.
    return false;
  }
}

// Only root hands a directory to another uid; everybody else has to reach it only himself.
function everybodyMayEnter(directory: string): boolean {
  if (process.getuid?.() !== 0) return true;
  const mayEnter = (statSync(directory).mode & 0o001) !== 0;
  return mayEnter && (directory === dirname(directory) || everybodyMayEnter(dirname(directory)));
}

/** False where the file system is mounted noexec, as Docker does with --tmpfs. */
export function mayHoldPrograms(directory: string): boolean {
  const mount = mounts()
    .filter(({ point }) => directory === point || directory.startsWith(point === '/' ? point : `${point}/`))
    .reduce((deepest, candidate) => (candidate.point.length >= deepest.point.length ? candidate : deepest), {
      point: '',
      noexec: false,
    });
  return !mount.noexec;
}

function mounts(): Array<{ point: string; noexec: boolean }> {
  try {
    return readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .map(([, point = '', , flags = '']) => ({ point, noexec: flags.split(',').includes('noexec') }));
  } catch {
    // No /proc: macOS, where a noexec mount is so rare that finding out by failing is good enough.
    return [];
  }
}
