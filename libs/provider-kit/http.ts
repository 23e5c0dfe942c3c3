/** One HTTP call of a provider to its vendor. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whole-call deadline in milliseconds; 10,000 when absent, and never more. */
  readonly timeoutMs?: number;
  /**
   * For an address that somebody typed in: https on port 443 of a host all of whose addresses are public, checked at the
   * moment of connecting. Anything else fails with `ADDRESS_NOT_PUBLIC`, `before_send`.
   */
  readonly onlyPublic?: boolean;
}

/**
 * What came of a call. `before_send`: not a byte of the request left this machine (no route, refused, TLS failed), so it
 * can be repeated freely. `after_send`: it may have been taken; only the vendor knows.
 */
export type HttpResult =
  | {
      readonly kind: 'response';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** Read up to 256 KiB; the rest is dropped. */
      readonly body: string;
    }
  | { readonly kind: 'failure'; readonly stage: 'before_send' | 'after_send'; readonly code: string };

/** The only way out of a provider. Keeps connections alive, follows no redirects, never throws. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResult>;
}

/** Reads `Retry-After` in either form (seconds, HTTP date); gives milliseconds, or undefined when absent or unreadable. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMillis: number): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMillis);
}

/** JSON as a record, or null when it is something else: vendors answer with HTML when they fall over. */
export function parseJsonObject(text: string): Record<string, unknown> | null {
  return recordOf(parseJson(text));
}

/** Any JSON value; undefined when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON: the caller decides by status alone.
  }
}

/** The value when it is an object, else null. */
export function recordOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

/** The objects of a list; nothing when the value is no list. */
export function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(recordOf).filter((record) => record !== null) : [];
}
