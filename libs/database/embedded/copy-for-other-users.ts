import { constants } from 'node:fs';
import { chmod, cp, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mayHoldPrograms, publicDirectories } from './run-directory';
import { systemCode } from './errors';

/**
 * A copy of the binaries where any uid may run them, for a root whose node_modules lies under a private home.
 * It stays for the next start. A directory of that name which is not ours alone is never used: /tmp belongs to everybody.
 */
export async function copyForOtherUsers(native: string): Promise<string> {
  const name = `wapas-postgres-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`;
  const parent = publicDirectories().find(mayHoldPrograms);
  if (parent === undefined) return native;
  const finished = join(parent, name);
  if (await isOursAlone(finished)) return finished;
  const unfinished = `${finished}.${randomBytes(6).toString('hex')}`;
  try {
    await copyTree(native, unfinished);
    await rename(unfinished, finished);
    return finished;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (['EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '') && (await isOursAlone(finished))) return finished;
    throw error;
  }
}

async function isOursAlone(directory: string): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const part of ['bin', 'lib', 'share']) {
    await cp(join(from, part), join(to, part), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => !path.endsWith('.a'),
    });
  }
}
