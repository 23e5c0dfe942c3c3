import { isIP } from 'node:net';
import { type HttpClient, type HttpRequest, type HttpResult } from '@wapas/provider-kit';
import { Pool } from 'undici';
import { OneCall } from './one-call';
import { isPublicAddress, publicLookup, type Lookup } from './public-address';

export const LONGEST_CALL_MS = 10_000;

export interface HttpClientOptions {
  /** Open connections per origin; each carries one call at a time. 256 when absent. */
  readonly connectionsPerOrigin?: number;
  /** Deadline of a call that names none, in milliseconds; 10,000 when absent, and never more. */
  readonly timeoutMs?: number;
  /** Time for connecting, TLS included; 5,000 when absent. Shorter than a call, so that a dead host reads as "nothing left". */
  readonly connectTimeoutMs?: number;
  /** How names are resolved for calls that may only reach public addresses; the system's resolver when absent. */
  readonly lookup?: Lookup;
}

/**
 * The providers' way out. One pool of kept-alive connections per origin; a call is written once and never again, follows
 * no redirect, and resolves before its deadline whatever the other side does.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient & { close(): Promise<void> } {
  const pools = new Map<string, Pool>();
  let closed = false;

  return {
    request(request: HttpRequest): Promise<HttpResult> {
      const call = new OneCall(deadlineOf(request.timeoutMs ?? options.timeoutMs), request.url.startsWith('https:'));
      if (closed) call.fail('UND_ERR_CLOSED');
      else dispatch(request, call);
      return call.result;
    },

    /** Lets open calls finish (their deadlines bound this) and closes every connection. */
    async close(): Promise<void> {
      closed = true;
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      pools.clear();
    },
  };

  function dispatch(request: HttpRequest, call: OneCall): void {
    const target = targetOf(request.url);
    if (target === null) return call.fail('INVALID_REQUEST');
    const { method, headers, body, onlyPublic = false } = request;
    if (onlyPublic && !isPublicOrigin(target.origin)) return call.fail('ADDRESS_NOT_PUBLIC');
    try {
      poolFor(target.origin, onlyPublic).dispatch({ method, path: target.path, headers, body: body ?? null }, call);
    } catch {
      call.fail('INVALID_REQUEST'); // undici reports through the call; what it throws is an argument it did not even look at.
    }
  }

  function poolFor(origin: string, onlyPublic: boolean): Pool {
    // A connection that was opened without looking must not serve a call that wants its address looked at.
    const name = onlyPublic ? `public ${origin}` : origin;
    let pool = pools.get(name);
    if (pool === undefined) {
      pool = openPool(origin, options, onlyPublic);
      pools.set(name, pool);
    }
    return pool;
  }
}

function openPool(origin: string, options: HttpClientOptions, onlyPublic: boolean): Pool {
  const timeout = options.connectTimeoutMs ?? 5_000;
  return new Pool(origin, {
    connections: options.connectionsPerOrigin ?? 256,
    pipelining: 1, // A second call behind a first one could not tell whether it was read.
    // Idle connections go early: a POST written while the vendor is closing would be "perhaps sent", and an SMS is then lost.
    keepAliveTimeout: 4_000,
    headersTimeout: 0, // The call's own deadline covers both; two clocks would give two answers.
    bodyTimeout: 0,
    // undici hands these on to Node's connect, which knows a lookup; undici's own types do not list it.
    connect: (onlyPublic ? { timeout, lookup: publicLookup(options.lookup) } : { timeout }) as { timeout: number },
  });
}

/** Names are looked at when they are resolved; a host that is an address already never is, so it is looked at here. */
function isPublicOrigin(origin: string): boolean {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  return protocol === 'https:' && port === '' && (isIP(host) === 0 || isPublicAddress(host));
}

/** Could a call to this address be let out at all? Where its name leads is looked at when the connection is opened. */
export function isPublicUrl(url: string): boolean {
  const target = targetOf(url);
  return target !== null && isPublicOrigin(target.origin);
}

function deadlineOf(asked: number | undefined): number {
  if (asked === undefined || Number.isNaN(asked)) return LONGEST_CALL_MS;
  return Math.min(Math.max(1, asked), LONGEST_CALL_MS);
}

/** Splitting by hand spares the URL parser on every call for the addresses that providers build; it gets the odd ones. */
function targetOf(url: string): { origin: string; path: string } | null {
  const match = /^(https?:\/\/[a-z0-9.-]+(?::\d{1,5})?)(\/[\w\-.~:/?&=%!$'()*+,;@]*)?$/.exec(url);
  if (match !== null) return { origin: match[1] as string, path: match[2] ?? '/' };
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  return /^https?:$/.test(parsed.protocol) ? { origin: parsed.origin, path: parsed.pathname + parsed.search } : null;
}
