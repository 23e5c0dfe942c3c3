/**
 * Failures that come before a request could be written: no name, no route, no connection, no trust. Checked one by one
 * against undici 7 and Node's error codes. Everything that is not on this list counts as `after_send`.
 */
const BEFORE_THE_FIRST_BYTE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL', // this machine has no port left to connect from
  'ETIMEDOUT', // the operating system gave up connecting
  'EPROTO', // the other side does not speak TLS
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG', // refused by undici itself
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'DEADLINE_IN_QUEUE', // ours: no connection became free in time
  'INVALID_REQUEST', // ours: not a URL
  'ADDRESS_NOT_PUBLIC', // ours: refused before a connection was made
]);

/** OpenSSL's and Node's names for a handshake or certificate that failed. */
const TLS = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|ERR_OSSL_)/;

/** Over TLS nothing of a request can leave before the handshake is over. Over plain HTTP a reset proves nothing to us. */
const CUT_IN_THE_HANDSHAKE = new Set(['ECONNRESET', 'EPIPE']);

export interface CallProgress {
  /** undici says so just before it writes the first byte. */
  readonly started: boolean;
  readonly overTls: boolean;
}

/**
 * The code alone proves nothing: an established connection can also end with EHOSTUNREACH, and TLS 1.3 servers refuse a
 * client after its first request. So a call that was started is always `after_send`.
 */
export function stageOf(code: string, { started, overTls }: CallProgress): 'before_send' | 'after_send' {
  if (started) return 'after_send';
  const isProof = BEFORE_THE_FIRST_BYTE.has(code) || TLS.test(code) || (overTls && CUT_IN_THE_HANDSHAKE.has(code));
  return isProof ? 'before_send' : 'after_send';
}

/** Node's or undici's code; never the message, which may carry an address. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'UNKNOWN';
}
