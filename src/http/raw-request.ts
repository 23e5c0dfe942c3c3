import { type FastifyRequest } from 'fastify';

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

/**
 * Headers with one text each. One that came twice has both values in it, separated by a comma, so a doubled signature fits
 * nothing; refusing every repetition would refuse whatever several proxies in a row have written into `X-Forwarded-For`.
 */
export function singleHeaders(request: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}

/** Parameters of the address with one text each; one that came twice is left out. */
export function singleQuery(request: FastifyRequest): Record<string, string> {
  const query = (request.query ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
