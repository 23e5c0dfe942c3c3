import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './errors';

/** What initdb says when its uid has no name, as with `docker run --user 12345`. */
export const NAMELESS = /could not look up effective user ID/;

const ASKED = Buffer.from('\0getpwuid\0');
const INSTEAD = Buffer.from('\0getpwent\0');

/**
 * Copies of initdb and postgres that ask the C library for *some* user where the originals insist on a name for their uid.
 *
 * Only the creation of a cluster asks, and it does not use the answer: the superuser is named on the command line. The usual
 * remedy is to preload libnss_wrapper, which few images carry. Two functions of glibc with names of the same length, the same
 * return type and the same symbol version make it a matter of one word in the table of imports.
 */
export async function copyForNamelessUser(native: string, into: string): Promise<string> {
  await mkdir(join(into, 'bin'), { recursive: true });
  await symlink(join(native, 'lib'), join(into, 'lib'));
  await symlink(join(native, 'share'), join(into, 'share'));
  for (const program of ['initdb', 'postgres']) {
    const copy = join(into, 'bin', program);
    await writeFile(copy, askForAnyUser(await readFile(join(native, 'bin', program)), program));
    await chmod(copy, 0o755);
  }
  return into;
}

function askForAnyUser(program: Buffer, name: string): Buffer {
  const at = program.indexOf(ASKED);
  if (at === -1 || program.indexOf(ASKED, at + 1) !== -1) {
    throw new EmbeddedPostgresError(
      'start_failed',
      `The uid ${process.getuid?.()} has no entry in /etc/passwd and this build of ${name} insists on one. Add an entry, or run as a user that has one.`,
    );
  }
  const changed = Buffer.from(program);
  INSTEAD.copy(changed, at);
  return changed;
}
