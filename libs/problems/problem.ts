/** One thing that is wrong with a request, where, and what to do. Never holds what the caller sent. */
export interface Fault {
  /** JSON pointer into the body, or the name of a header or parameter. */
  readonly at: string;
  readonly code: string;
  readonly detail: string;
}

/** The body of every error answer: RFC 9457 with a machine code. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Stable; branch on this one. */
  readonly code: string;
  readonly detail: string;
  readonly faults?: readonly Fault[];
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Unprocessable',
  429: 'Too many requests',
  431: 'Header too large',
  500: 'Internal error',
  503: 'Unavailable',
};

/** A refusal with its HTTP status. Thrown by the edge; its text is for the caller and holds nothing personal. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly extra: { faults?: readonly Fault[]; retryAfterSeconds?: number; allow?: string; challenge?: string } = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = 'Problem';
  }

  toBody(): ProblemBody {
    const { faults } = this.extra;
    const body = {
      type: `urn:wapas:problem:${this.code}`,
      title: TITLES[this.status] ?? 'Error',
      status: this.status,
      code: this.code,
      detail: this.detail,
    };
    return faults ? { ...body, faults } : body;
  }
}

const BEARER = 'Bearer realm="Wapas"';
export const notAuthenticated = (): Problem =>
  new Problem(401, 'not_authenticated', 'Send a valid API key as `Authorization: Bearer <key>`. `npm run key` makes one.', {
    challenge: BEARER,
  });
/** Of a route that Segment's SDKs call: they send the key as a user name without a password. */
export const noWriteKey = (): Problem =>
  new Problem(
    401,
    'not_authenticated',
    'Send a valid API key as the write key: the user name of `Authorization: Basic`, as SDKs do, or `Authorization: Bearer <key>`. `npm run key` makes one.',
    { challenge: `Basic realm="Wapas", ${BEARER}` },
  );
/** A body of nothing but faults is not answered with a longer one. */
const MOST_FAULTS = 100;

export const unprocessable = (faults: readonly Fault[]): Problem =>
  new Problem(
    422,
    faults[0]?.code ?? 'unprocessable',
    `${faults.length === 1 ? 'One thing is' : `${faults.length} things are`} wrong; see faults${faults.length > MOST_FAULTS ? `, which are the first ${MOST_FAULTS}` : ''}.`,
    { faults: faults.slice(0, MOST_FAULTS) },
  );
export const notFound = (what: string): Problem => new Problem(404, 'not_found', `There is no such ${what}.`);
export const unavailable = (code: string, detail: string, retryAfterSeconds: number): Problem =>
  new Problem(503, code, detail, { retryAfterSeconds });
