import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { Problem } from '@wapas/problems';

/** Routes that read a body of any size as it arrives. */
export const STREAMED: ReadonlySet<string> = new Set(['/v1/consents/imports']);

/** CSV reaches the routes that take it as a stream of bytes; everywhere else it is no JSON. */
export function installStreamBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('text/csv', async (request: FastifyRequest, body: AsyncIterable<Buffer>) => {
    if (!STREAMED.has(request.url.split('?')[0] as string))
      throw new Problem(415, 'unsupported_media_type', 'Send `Content-Type: application/json` in UTF-8.');
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new Problem(415, 'unsupported_encoding', 'Send the file plain.');
    return body;
  });
}
