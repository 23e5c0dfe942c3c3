export type EmbeddedPostgresErrorCode =
  | 'unsupported_platform'
  | 'musl'
  | 'binaries_missing'
  | 'root_not_possible'
  | 'not_permitted'
  | 'no_socket_directory'
  | 'not_a_data_directory'
  | 'corrupt_directory'
  | 'already_running'
  | 'port_in_use'
  | 'disk_full'
  | 'start_failed';

/** Why the embedded database could not be started. The message is for the person at the terminal: what is wrong, and what to do. */
export class EmbeddedPostgresError extends Error {
  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}

export const OR_ANOTHER_DATABASE = 'or set DATABASE_URL to use a Postgres of your own';

interface Symptom {
  readonly pattern: RegExp;
  readonly explain: (where: Where, said: string) => EmbeddedPostgresError;
}

interface Where {
  readonly dataDir: string;
  readonly port: number;
}

// The first match wins: a full disk also produces the lines that look like damage.
const SYMPTOMS: readonly Symptom[] = [
  {
    // The last write of a disk that fills may go in by half, and then nothing names the error.
    pattern: /No space left on device|Disk quota exceeded|File too large|wrote only \d+ of \d+ bytes/,
    explain: ({ dataDir }) => diskFull(dataDir),
  },
  {
    pattern: /could not bind .*: Address already in use|Address already in use/,
    explain: ({ port }) =>
      new EmbeddedPostgresError(
        'port_in_use',
        `Port ${port} on 127.0.0.1 is taken by another program. Choose another port, or leave the port out: ` +
          'the embedded database then listens on a private socket only.',
      ),
  },
  {
    pattern:
      /could not locate (a valid|required) checkpoint record|invalid (primary )?checkpoint (record|link)|incorrect checksum in control file|database files are incompatible with server|calculated CRC checksum does not match|is not a valid data directory|could not open (file|directory) "(global|base|pg_\w+)[^"]*": No such file|could not (open|read) (control )?file "global\/|could not open control file|could not find the database system|invalid page in block|relation mapping file .* (contains|incorrect)|syntax error in file "[^"]*postgresql(\.auto)?\.conf"|could not access (file|directory) "[^"]*": No such file/,
    explain: ({ dataDir }, said) => damaged(dataDir, said),
  },
  {
    pattern: /Permission denied|Operation not permitted|has wrong ownership|Read-only file system/,
    explain: ({ dataDir }, said) =>
      new EmbeddedPostgresError(
        'not_permitted',
        `The embedded database may not use ${dataDir} (${said}). Give this user the directory, choose another one, ${OR_ANOTHER_DATABASE}.`,
      ),
  },
];

/** Turns what initdb or postgres wrote before it gave up into one error. */
export function explainFailure(program: string, outcome: string, log: readonly string[], where: Where): EmbeddedPostgresError {
  for (const { pattern, explain } of SYMPTOMS) {
    const line = log.find((candidate) => pattern.test(candidate));
    if (line !== undefined) return explain(where, withoutPrefix(line));
  }
  const lastWords = log.slice(-15).join('\n  ') || '(it wrote nothing)';
  return new EmbeddedPostgresError(
    'start_failed',
    `The embedded database in ${where.dataDir} did not start: ${program} ${outcome}. Its last words:\n  ${lastWords}`,
  );
}

export function diskFull(dataDir: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'disk_full',
    `There is no space left for the embedded database in ${dataDir}. Free some and start again; what was acknowledged is kept.`,
  );
}

export function damaged(dataDir: string, what: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'corrupt_directory',
    `The embedded database in ${dataDir} cannot be used: ${what}. Restore the directory from a backup, or move it away to begin with an empty one.`,
  );
}

function withoutPrefix(line: string): string {
  return line.replace(/^.*?\b(FATAL|PANIC|ERROR|LOG|error|fatal):\s*/, '').trim();
}

/** The code of a system error such as ENOENT, for errors that come as `unknown`. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
