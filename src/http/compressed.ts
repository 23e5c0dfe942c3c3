import { pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type FastifyReply, type FastifyRequest } from 'fastify';

/**
 * A long answer, compressed for a caller who takes gzip. A slow reader slows `source`; one who goes away ends it; and when `source`
 * fails the answer is cut, so that half of it does not look like the whole.
 */
export function compressedFor(request: FastifyRequest, reply: FastifyReply, source: Readable): Readable {
  void reply.header('vary', 'accept-encoding');
  if (!takesGzip(request.headers['accept-encoding'])) return source;
  void reply.header('content-encoding', 'gzip');
  // Whoever sends the result hears of the failure, as its error.
  return pipeline(source, createGzip(), () => undefined);
}

/** `header`: Accept-Encoding, as RFC 9110 has it. Nothing said: no. */
export function takesGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .map((part) => part.split(';').map((text) => text.trim().toLowerCase()))
    .some(([coding, quality]) => coding === 'gzip' && !/^q=0(\.0*)?$/.test(quality ?? ''));
}
