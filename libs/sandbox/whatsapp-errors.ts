import { randomBytes } from 'node:crypto';
import { type Troubles } from './vendor';
import { type Answer, json } from './wire';

export interface WhatsAppProblem {
  readonly code: number;
  readonly details: string;
}

export const problem = (code: number, details: string): WhatsAppProblem => ({ code, details });

interface KnownError {
  readonly http: number;
  readonly title: string;
  readonly type?: string;
}

/**
 * Titles and HTTP statuses as Meta lists them (error codes page of 15 May 2026, read 2026-11-23; the statuses partly from
 * memory). Senders are told to decide on the code alone, so a wrong status here misleads nobody who listens.
 */
const ERRORS: Readonly<Record<number, KnownError>> = {
  1: { http: 400, title: 'API Unknown' },
  2: { http: 503, title: 'Service temporarily unavailable' },
  4: { http: 429, title: 'API Too Many Calls' },
  33: { http: 400, title: 'Parameter value is not valid', type: 'GraphMethodException' },
  100: { http: 400, title: 'Invalid parameter' },
  190: { http: 401, title: 'Access token has expired' },
  2500: { http: 400, title: 'Unknown path components' },
  80007: { http: 429, title: 'Rate limit issues' },
  130429: { http: 429, title: 'Rate limit hit' },
  131008: { http: 400, title: 'Required parameter is missing' },
  131009: { http: 400, title: 'Parameter value is not valid' },
  131016: { http: 500, title: 'Service unavailable' },
  131021: { http: 400, title: 'Recipient cannot be sender' },
  131026: { http: 400, title: 'Message undeliverable' },
  131031: { http: 403, title: 'Account has been locked' },
  131047: { http: 400, title: 'Re-engagement message' },
  131048: { http: 400, title: 'Spam rate limit hit' },
  131049: { http: 400, title: 'This message was not delivered to maintain healthy ecosystem engagement' },
  131050: { http: 400, title: 'User has stopped marketing messages from this business' },
  131051: { http: 501, title: 'Unsupported message type' },
  131052: { http: 400, title: 'Media download error' },
  131053: { http: 400, title: 'Media upload error' },
  131056: { http: 400, title: '(Business Account, Consumer Account) pair rate limit hit' },
  132000: { http: 400, title: 'Template Param Count Mismatch' },
  132001: { http: 404, title: 'Template does not exist' },
  132005: { http: 400, title: 'Template Hydrated Text Too Long' },
  132012: { http: 400, title: 'Template Parameter Format Mismatch' },
  132015: { http: 400, title: 'Template is Paused' },
  132016: { http: 400, title: 'Template is Disabled' },
  132018: { http: 400, title: 'Template parameters are not valid' },
};

export function titleOf(code: number): string {
  return ERRORS[code]?.title ?? 'Unknown error';
}

export function graphError({ code, details }: WhatsAppProblem, headers?: Readonly<Record<string, string>>): Answer {
  const known = ERRORS[code] ?? { http: 400, title: titleOf(code) };
  const error = {
    message: `(#${code}) ${known.title}`,
    type: known.type ?? 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
    fbtrace_id: `A${randomBytes(11).toString('base64url')}`,
  };
  return json(known.http, { error }, headers);
}

export const troubles: Troubles = {
  throttled: (retryAfterSeconds) =>
    graphError(problem(130429, 'Too many messages were sent from this phone number in a short time'), {
      'retry-after': String(retryAfterSeconds),
    }),
  brokenDown: () => graphError(problem(131016, 'A service is temporarily unavailable')),
  accountRefused: () => ({
    code: '131031',
    answer: graphError(problem(131031, 'The business account has been locked')),
  }),
  errorWith200: () => ({ ...graphError(problem(131016, 'A service is temporarily unavailable')), status: 200 }),
  error: (code) => graphError(problem(Number(code), titleOf(Number(code)))),
};
