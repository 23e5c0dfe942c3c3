import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { Problem } from '@wapas/problems';
import { readLines } from './json-lines';
import { keepRawBody } from './raw-request';
import { STREAMED } from './stream-bodies';

const unzip = promisify(gunzip);

const ONE_EVENT = 64 * 1024;
const BATCH = '/v1/events/batch';
/** Bodies as they arrive, compressed or not, by route: one event, a batch, a webhook. Bytes. */
const LIMITS: readonly [prefix: string, bytes: number][] = [
  [BATCH, 1024 * 1024],
  ['/v1/events', ONE_EVENT],
  ['/v1/consents', 1024 * 1024],
  ['/webhooks/', 3 * 1024 * 1024],
];
const DEFAULT_LIMIT = 64 * 1024;
/** A line is an event, and as long as one may be. */
const LINES = { longest: ONE_EVENT, most: 1_000 };
/** Routes that read the bytes themselves. */
const READ_RAW = ['/webhooks/', '/preferences/'];
export const LARGEST_BODY = 3 * 1024 * 1024;
/**
 * Routes that speak Segment's tracking API: 32 KB a call, 500 KB a batch, 400 beyond (segment.com/docs/connections/sources/
 * catalog/libraries/server/http-api, read 2026-11-23). Browsers name JSON `text/plain`, which needs no preflight.
 */
const SEGMENT_LIMITS: ReadonlyMap<string, number> = new Map([
  ...['track', 'identify', 'page', 'screen', 'group', 'alias'].map((call): [string, number] => [`/v1/${call}`, 32 * 1024]),
  ['/v1/batch', 500 * 1024],
  ['/v1/import', 500 * 1024],
]);

/**
 * Reads bodies as bytes and keeps them: signatures are checked over what arrived. JSON in UTF-8 for everybody; webhooks may
 * send anything and are parsed by whoever knows the vendor. Decompression stops at the limit, so a bomb stays small.
 */
export function installBodyParser(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: LARGEST_BODY },
    async (request: FastifyRequest, received: Buffer) => {
      const path = request.url.split('?', 1)[0] as string;
      const segmentLimit = SEGMENT_LIMITS.get(path);
      const limit = segmentLimit ?? limitOf(path);
      const body = await inflated(request, received, limit);
      if (body === undefined || body.length > limit) throw tooLarge(limit, segmentLimit === undefined ? 413 : 400);
      keepRawBody(request, body);
      if (READ_RAW.some((prefix) => path.startsWith(prefix)) || isPageForm(request)) return undefined;
      if (path === BATCH && isLines(request)) return readLines(body, LINES);
      if (segmentLimit === undefined) expectJson(request, path);
      // Clients name JSON where they send nothing ("pause this journey"): that is no body, and a route without one takes it.
      if (body.length === 0 && segmentLimit === undefined && !path.startsWith('/v1/events')) return undefined;
      return parseJson(body);
    },
  );
}

/** Forms of our own pages, posted by browsers without JavaScript. What is in them proves nothing and is read by nobody. */
function isPageForm(request: FastifyRequest): boolean {
  const type = request.headers['content-type'] ?? '';
  return !request.url.startsWith('/v1/') && /^application\/x-www-form-urlencoded\b/i.test(type);
}

function limitOf(path: string): number {
  return LIMITS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? DEFAULT_LIMIT;
}

/** Undefined: it would be larger than the limit. */
async function inflated(request: FastifyRequest, body: Buffer, limit: number): Promise<Buffer | undefined> {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw new Problem(415, 'unsupported_encoding', 'Send the body plain or with Content-Encoding: gzip.');
  try {
    return await unzip(body, { maxOutputLength: limit + 1 });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw new Problem(400, 'bad_gzip', 'The body is not valid gzip.');
  }
}

const tooLarge = (limit: number, status: number): Problem =>
  new Problem(status, 'body_too_large', `This route takes at most ${limit / 1024} KiB.`);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const isLines = (request: FastifyRequest): boolean =>
  /^application\/(x-ndjson|jsonl)\s*(;\s*charset="?utf-8"?\s*)?$/i.test(request.headers['content-type'] ?? '');

function expectJson(request: FastifyRequest, path: string): void {
  const type = (request.headers['content-type'] ?? '').toLowerCase();
  if (!/^application\/([a-z0-9.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/.test(type)) {
    const taken = STREAMED.has(path) ? 'text/csv' : 'application/json';
    throw new Problem(415, 'unsupported_media_type', `Send \`Content-Type: ${taken}\` in UTF-8.`);
  }
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new Problem(400, 'empty_body', 'The body is empty.');
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new Problem(415, 'not_utf8', 'The body is not UTF-8.');
  }
  if (text.charCodeAt(0) === 0xfeff)
    throw new Problem(415, 'byte_order_mark', 'The body begins with a byte order mark. Send UTF-8 without one.');
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'not_json', 'The body is not valid JSON.');
  }
}
