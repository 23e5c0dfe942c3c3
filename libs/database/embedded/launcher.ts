import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Binaries } from './binaries';
import { copyForOtherUsers } from './copy-for-other-users';
import { EmbeddedPostgresError, OR_ANOTHER_DATABASE } from './errors';

/** As whom, and through which programs, initdb and postgres are started on this machine. */
export interface Launcher {
  readonly description: string;
  /** The uid that has to own the cluster and the run directory; nothing has to change hands when undefined. */
  readonly owner: number | undefined;
  readonly native: string;
  /** The kernel stops the server when we die. Otherwise a watchdog has to. */
  readonly diesWithUs: boolean;
  /** The server holds a kernel lock on its directory for as long as it lives. */
  readonly locksDirectory: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly wrapper: readonly string[];
  readonly root: boolean;
}

/** The exit code by which we recognise that another server holds the kernel lock on the directory. */
export const DIRECTORY_IS_LOCKED = 75;

const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
// Nobody else's: `nobody` is shared by whatever else an image runs, and a file of its would be ours to read.
const UNPRIVILEGED_UID = 55432;

const WITH_PARENT = ['setpriv', '--pdeathsig', 'SIGINT', '--'];
const LOCKED = ['flock', '--nonblock', '--conflict-exit-code', String(DIRECTORY_IS_LOCKED), '--no-fork', '.'];

interface Situation {
  readonly binaries: Binaries;
  /** A directory the launched programs may enter, to try them in; its owner is changed as needed by `give`. */
  readonly tryIn: string;
  readonly give: (owner: number | undefined) => void;
  readonly libraryPath: string | undefined;
  /** Who owns the cluster that is already there. */
  readonly clusterOwner: number | undefined;
}

/**
 * Tries the ways to start Postgres, best first, by asking it for its version: that proves in one go that the user may be
 * taken on, that the wrapping programs know their options, and that the binaries can be reached and find their libraries.
 */
export async function chooseLauncher(situation: Situation): Promise<Launcher> {
  const refusals: string[] = [];
  for (const user of users(situation)) {
    situation.give(user.owner);
    for (const wrapping of WRAPPINGS) {
      const launcher = await compose(user, wrapping, situation);
      const answer = await run(launcher, 'postgres', ['-V'], situation.tryIn);
      if (answer.code === 0) return launcher;
      refusals.push(`${launcher.description}: ${answer.lines.at(-1) ?? answer.outcome}`);
    }
  }
  throw nothingWorks(situation, refusals);
}

interface RunningUser {
  readonly description: string;
  readonly owner: number | undefined;
  readonly prefix: readonly string[];
  readonly copied: boolean;
}

interface Wrapping {
  readonly description: string;
  readonly words: readonly string[];
  readonly diesWithUs: boolean;
  readonly locksDirectory: boolean;
}

const WRAPPINGS: readonly Wrapping[] = [
  { description: 'setpriv and flock', words: [...WITH_PARENT, ...LOCKED], diesWithUs: true, locksDirectory: true },
  { description: 'setpriv', words: WITH_PARENT, diesWithUs: true, locksDirectory: false },
  { description: 'a watchdog', words: [], diesWithUs: false, locksDirectory: false },
];

function users({ clusterOwner }: Situation): RunningUser[] {
  if (process.getuid?.() !== 0) return [{ description: 'as we are', owner: undefined, prefix: [], copied: false }];
  const other = (owner: number): RunningUser[] => [
    { description: `as uid ${owner}`, owner, prefix: [], copied: false },
    { description: `as uid ${owner} with a copy of the binaries`, owner, prefix: [], copied: true },
  ];
  // A cluster that already has an unprivileged owner keeps it: no files change hands back and forth between two kinds of host.
  if (clusterOwner !== undefined && clusterOwner !== 0) return other(clusterOwner);
  return [userNamespace(), ...other(UNPRIVILEGED_UID)];
}

// Postgres refuses uid 0 as it sees it; inside a user namespace of its own it sees another number, and files stay ours.
function userNamespace(): RunningUser {
  const inner = someNamedUid() ?? 1000;
  const prefix = ['unshare', '--user', `--map-user=${inner}`, `--map-group=${inner}`, '--'];
  return { description: 'in a user namespace', owner: 0, prefix, copied: false };
}

function someNamedUid(): number | undefined {
  try {
    const uids = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => Number(line.split(':')[2]));
    return uids.find((uid) => Number.isInteger(uid) && uid > 0 && uid < 65534);
  } catch {
    // Images without /etc/passwd exist; any number does then, and initdb is helped along (see nameless-user.ts).
    return undefined;
  }
}

async function compose(user: RunningUser, wrapping: Wrapping, { binaries, libraryPath }: Situation): Promise<Launcher> {
  const copy = user.copied ? await copyForOtherUsers(binaries.native) : undefined;
  return {
    description: `${user.description}, through ${wrapping.description}`,
    owner: user.owner,
    native: copy ?? binaries.native,
    diesWithUs: wrapping.diesWithUs,
    locksDirectory: wrapping.locksDirectory,
    environment: environment(copy === undefined ? libraryPath : undefined),
    wrapper: [...user.prefix, ...wrapping.words],
    root: user.owner !== undefined,
  };
}

// Ours, not inherited: PGPORT, PGDATA or a LANG that this system does not have would change how the server starts.
function environment(libraryPath: string | undefined): Record<string, string> {
  const base = { PATH: SEARCH_PATH, LC_ALL: 'C', TZ: 'UTC' };
  return libraryPath === undefined ? base : { ...base, LD_LIBRARY_PATH: libraryPath, DYLD_LIBRARY_PATH: libraryPath };
}

/** The name under which the started program finds its working directory, whatever the directories above it allow. */
export function ownDirectory(launcher: Launcher, path: string): string {
  return launcher.root && process.platform === 'linux' ? '/proc/self/cwd' : path;
}

export function launch(
  launcher: Launcher,
  program: 'initdb' | 'postgres',
  args: readonly string[],
  directory: string,
  native = launcher.native,
): ChildProcess {
  const words = [...launcher.wrapper, join(native, 'bin', program), ...args];
  const uid = launcher.owner === 0 ? undefined : launcher.owner;
  return spawn(words[0] ?? program, words.slice(1), {
    cwd: directory,
    env: { ...launcher.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C reaches us, and we stop the server after draining. It must not stop first.
    detached: true,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
}

export interface Finished {
  readonly code: number | null;
  readonly outcome: string;
  readonly lines: readonly string[];
}

export async function run(
  launcher: Launcher,
  program: 'initdb' | 'postgres',
  args: readonly string[],
  directory: string,
  native?: string,
): Promise<Finished> {
  let child: ChildProcess;
  try {
    child = launch(launcher, program, args, directory, native);
  } catch (error) {
    // Node throws here, not later, when it may not take on the uid.
    return { code: null, outcome: String(error), lines: [] };
  }
  const lines = collectLines(child);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, outcome: error.message, lines }));
    child.once('close', (code, signal) => resolve({ code, outcome: outcomeOf(code, signal), lines }));
  });
}

export function outcomeOf(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

const LINES_KEPT = 60;
// Postgres indents what belongs to the line before: a statement of a hundred lines would push out why it failed.
const CONTINUATION = /^\t/;

/** What the program writes, line by line; only the last lines are kept, and of a message of several lines the first. */
export function collectLines(child: ChildProcess, onLine?: (line: string) => void): readonly string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) keep(line);
    });
    stream?.on('end', () => keep(rest));
  }
  function keep(line: string): void {
    if (line.trim() === '' || CONTINUATION.test(line)) return;
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    onLine?.(line);
  }
  return lines;
}

function nothingWorks(situation: Situation, refusals: readonly string[]): EmbeddedPostgresError {
  const said = refusals.join('\n  ');
  if (/Error relocating|symbol not found/.test(said)) {
    return new EmbeddedPostgresError(
      'musl',
      `The embedded database needs glibc. Use a Debian-based image, ${OR_ANOTHER_DATABASE}.\n  ${said}`,
    );
  }
  if (process.getuid?.() === 0) {
    return new EmbeddedPostgresError(
      'root_not_possible',
      `Postgres does not run as root, and no way to run it as somebody else worked here. ` +
        `Start as an ordinary user (docker run --user 1000), ${OR_ANOTHER_DATABASE}.\n  ${said}`,
    );
  }
  return new EmbeddedPostgresError('start_failed', `The Postgres in ${situation.binaries.native} cannot be run here:\n  ${said}`);
}
