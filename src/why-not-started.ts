import { EmbeddedPostgresError } from '@wapas/database/embedded';
import { ConfigError } from './config/config';

/** What errors of machines and of Postgres have beside their message. Of several addresses of one host each has an error of its own. */
interface Failure {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly message?: string;
  readonly errors?: readonly Failure[];
}

/**
 * The same error, or, where it is the operator who can mend what failed, a ConfigError with a sentence that names the setting. A stack
 * says nothing to somebody who mistyped a password.
 */
export function inOperatorsWords(error: unknown): unknown {
  if (error instanceof EmbeddedPostgresError) return new ConfigError([error.message]);
  const several = (error ?? {}) as Failure;
  const sentence = sentenceOf(several.errors?.[0] ?? several);
  return sentence === undefined ? error : new ConfigError([sentence]);
}

/** Login, a database that is not there, a right that is missing, no place left, not yet started. In Postgres's own words, which hold no password. */
const REFUSED_BY_SERVER = /^(28\w{3}|3D000|42501|53300|57P03)$/;

function sentenceOf({ code = '', syscall, address, port, message = '' }: Failure): string | undefined {
  if (REFUSED_BY_SERVER.test(code)) return `The server of DATABASE_URL refuses: ${message}.`;
  if (
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    /^(timeout expired|Connection terminated due to connection timeout)$/.test(message)
  )
    return `No database can be reached at DATABASE_URL: ${message}. Is the server running, and are its host and port right?`;
  if (syscall !== 'listen') return undefined;
  if (code === 'EADDRINUSE') return `PORT ${port} is taken by another program (${address}). End it, or set PORT to another one.`;
  if (code === 'EACCES') return `PORT ${port} is not for this user: ports below 1024 often are not. Set PORT to a higher one.`;
  return `HOST ${address} is no address of this machine that can be listened on (${code}).`;
}
