import { randomBytes } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { chmod, chown, lchown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged, diskFull, EmbeddedPostgresError, explainFailure, systemCode } from './errors';
import { type Launcher, ownDirectory, run } from './launcher';
import { copyForNamelessUser, NAMELESS } from './nameless-user';
import { mayHoldPrograms, publicDirectories } from './run-directory';

export const SUPERUSER = 'wapas';
const MAJOR = '17';

const CLUSTER = 'pgdata';
const UNFINISHED = /^\.initialising-/;
// What a volume or a checkout may put into an otherwise empty directory.
const HARMLESS = /^(lost\+found|\.gitkeep|\.gitignore|\.DS_Store)$/;

export function clusterDirectory(dataDir: string): string {
  return join(dataDir, CLUSTER);
}

export function clusterOwner(dataDir: string): number | undefined {
  return statSync(clusterDirectory(dataDir), { throwIfNoEntry: false })?.uid;
}

/** Makes the directory if it is not there; refuses one in which something else lives. */
export async function claimDirectory(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (!lstatSync(clusterDirectory(dataDir), { throwIfNoEntry: false })) await refuseForeign(dataDir);
  } catch (error) {
    throw explainDirectory(error, dataDir);
  }
}

async function refuseForeign(dataDir: string): Promise<void> {
  const strangers = (await readdir(dataDir)).filter((name) => !UNFINISHED.test(name) && !HARMLESS.test(name));
  // Another process may have finished its first start between the two looks.
  if (strangers.length === 0 || strangers.includes(CLUSTER)) return;
  const found = strangers.includes('PG_VERSION')
    ? 'a Postgres cluster that Wapas did not make'
    : strangers.slice(0, 3).join(', ');
  throw new EmbeddedPostgresError(
    'not_a_data_directory',
    `${dataDir} already holds something else (${found}). Nothing was changed. Choose an empty directory for the embedded database.`,
  );
}

function explainDirectory(error: unknown, dataDir: string): unknown {
  switch (systemCode(error)) {
    case 'EEXIST':
    case 'ENOTDIR':
      return new EmbeddedPostgresError(
        'not_a_data_directory',
        `${dataDir} is not a directory. Choose another path for the embedded database.`,
        {
          cause: error,
        },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(dataDir);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EmbeddedPostgresError(
        'not_permitted',
        `uid ${process.getuid?.()} may not use ${dataDir} (${systemCode(error)}). Give this user the directory, or choose another one.`,
        { cause: error },
      );
    default:
      return error;
  }
}

export interface ClusterRequest {
  readonly dataDir: string;
  readonly launcher: Launcher;
  /** Leave out the final flush to disk: only for servers that are thrown away. */
  readonly throwAway: boolean;
}

/**
 * Makes the cluster unless it is there. It is built beside its place and renamed into it when complete and on disk, so a
 * process that dies here leaves a directory to tidy up, never half a cluster. Two that do it at once: the first rename wins.
 */
export async function ensureCluster(request: ClusterRequest): Promise<void> {
  const cluster = clusterDirectory(request.dataDir);
  if (await exists(cluster)) return checkCluster(request.dataDir);
  const workplace = join(request.dataDir, `.initialising-${randomBytes(6).toString('hex')}`);
  try {
    await build(request, workplace);
    await rename(join(workplace, CLUSTER), cluster);
    await flush(request.dataDir);
  } catch (error) {
    // Whoever was faster also removes what slower ones leave behind, perhaps under our hands.
    if (!(await exists(cluster))) throw explainDirectory(error, request.dataDir);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

async function build({ dataDir, launcher, throwAway }: ClusterRequest, workplace: string): Promise<void> {
  await mkdir(workplace, { mode: 0o700 });
  const directory = join(workplace, CLUSTER);
  const make = async (native?: string): ReturnType<typeof run> => {
    await makeEmpty(directory, launcher.owner);
    return run(launcher, 'initdb', initdbArguments(launcher, directory, throwAway), directory, native);
  };
  let answer = await make();
  if (answer.code !== 0 && answer.lines.some((line) => NAMELESS.test(line))) {
    const copies = await programDirectory(launcher, workplace);
    try {
      answer = await make(await copyForNamelessUser(launcher.native, copies));
    } finally {
      await rm(copies, { recursive: true, force: true });
    }
  }
  if (answer.code !== 0) throw explainFailure('initdb', answer.outcome, answer.lines, { dataDir, port: 0 });
}

// initdb changes its working directory into nothing but itself: it is started inside the directory it is to fill.
async function makeEmpty(directory: string, owner: number | undefined): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  if (owner !== undefined) await chown(directory, owner, owner);
}

// Inside the data directory if possible: another uid cannot reach that, and a volume may forbid programs.
async function programDirectory({ owner }: Launcher, workplace: string): Promise<string> {
  const isReachable = owner === undefined || owner === 0;
  const parent = [...(isReachable ? [workplace] : []), ...publicDirectories()].find(mayHoldPrograms) ?? workplace;
  const directory = await mkdtemp(join(parent, 'wapas-initdb-'));
  await chmod(directory, 0o755);
  return directory;
}

function initdbArguments(launcher: Launcher, directory: string, throwAway: boolean): string[] {
  return [
    `--pgdata=${ownDirectory(launcher, directory)}`,
    `--username=${SUPERUSER}`,
    '--auth=trust',
    '--encoding=UTF8',
    // Postgres's own C.UTF-8: sorts and upper-cases the same on every machine. The libc's would differ between images.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--data-checksums',
    // A new segment of the log is filled with zeros and synced while every commit waits: 16 MB took 50 ms.
    '--wal-segsize=4',
    '--no-instructions',
    ...(throwAway ? ['--no-sync'] : []),
  ];
}

/** Refuses what can be seen to be wrong before the server trips over it in its own words. */
async function checkCluster(dataDir: string): Promise<void> {
  const cluster = clusterDirectory(dataDir);
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw explainDirectory(error, dataDir);
  });
  if (version === undefined) throw damaged(dataDir, 'its PG_VERSION file is missing');
  if (version.trim() !== MAJOR)
    throw damaged(dataDir, `it was made by Postgres ${version.trim().slice(0, 20)}, and this is Postgres ${MAJOR}`);
  for (const part of ['global/pg_control', 'base', 'pg_wal']) {
    if (!(await exists(join(cluster, part)))) throw damaged(dataDir, `${part} is missing from it`);
  }
}

/** Hands the cluster to another uid, for a root that found another way to run than last time. */
export async function giveCluster(dataDir: string, owner: number | undefined): Promise<void> {
  const cluster = clusterDirectory(dataDir);
  if (owner === undefined || (await stat(cluster)).uid === owner) return;
  try {
    for (const entry of await readdir(cluster, { recursive: true })) await lchown(join(cluster, entry), owner, owner);
    // Last, because it is what says that the work was done.
    await chown(cluster, owner, owner);
  } catch (error) {
    throw explainDirectory(error, dataDir);
  }
}

/** Removes what interrupted first starts left. Only for whoever owns the running cluster. */
export async function removeUnfinished(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    // Whatever cannot be removed now is in nobody's way, and the next start tries again.
    if (UNFINISHED.test(name)) await rm(join(dataDir, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function flush(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
