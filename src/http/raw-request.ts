import { type FastifyRequest } from 'fastify';
import { Problem } from '@wapas/problems';

/** Set by our body parser: the bytes as they arrived, after decompression. */
const RAW_BODY = Symbol('rawBody');

type WithRawBody = FastifyRequest & { [RAW_BODY]?: Buffer };

export function keepRawBody(request: FastifyRequest, body: Buffer): void {
  (request as WithRawBody)[RAW_BODY] = body;
}

/** The raw bytes of the body; empty when there was none. Signatures are checked over these. */
export function rawBodyOf(request: FastifyRequest): Buffer {
  return (request as WithRawBody)[RAW_BODY] ?? Buffer.alloc(0);
}

/** Headers with one value each. A signature or credential that came twice is a request built to confuse somebody: 400. */
export function singleHeaders(request: FastifyRequest): Record<string, string | undefined> {
  const raw = request.raw.rawHeaders;
  const seen = new Set<string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    if (seen.has(name) && (name === 'authorization' || name.startsWith('x-')))
      throw new Problem(400, 'repeated_header', 'A header that must come once came twice.');
    seen.add(name);
  }
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
