import { randomBytes } from 'node:crypto';
import { type FcmTokens } from './fcm-tokens';
import { readFcmMessage, type FcmMessage, type FieldViolation } from './fcm-message';
import { type Message } from './ledger';
import { bucketOf, type TokenBucket } from './rate-limits';
import { accepting, refusing, type Troubles, type Vendor, type Verdict } from './vendor';
import { type Answer, bearerOf, type Call, json } from './wire';

/** Firebase Cloud Messaging, HTTP v1 (discovery document 20250228; firebase.google.com/docs/cloud-messaging/error-codes, read 2026-11-23). */
export class Fcm implements Vendor {
  readonly name = 'fcm';
  readonly troubles = troubles;
  private readonly quota: TokenBucket | null;

  constructor(
    private readonly tokens: FcmTokens,
    private readonly projectId: string | undefined,
    ratePerSecond: number,
  ) {
    this.quota = bucketOf(ratePerSecond);
  }

  judge(call: Call): Verdict {
    const bearer = bearerOf(call.headers);
    if (bearer === null || !this.tokens.knows(bearer)) return refusing('UNAUTHENTICATED', unauthenticated);
    const project = call.params.project ?? '';
    if (this.projectId !== undefined && project !== this.projectId)
      return refusing('PERMISSION_DENIED', permissionDenied(project));
    if (this.quota?.take(call.receivedAt) === false) return refusing('QUOTA_EXCEEDED', troubles.throttled(1));
    const read = readFcmMessage(call.body);
    if (!read.ok) return refusing('INVALID_ARGUMENT', badRequest(read.violations));
    return read.message.validateOnly ? dryRun(project) : this.deliver(project, read.message);
  }

  private deliver(project: string, message: FcmMessage): Verdict {
    const refusal = TOKEN_TROUBLES.find(({ prefix }) => message.address.startsWith(prefix));
    if (refusal) return refusing(refusal.code, refusal.answer, [ledgerMessage(message, '')]);
    const name = `projects/${project}/messages/${newMessageId()}`;
    return accepting([ledgerMessage(message, name)], json(200, { name }));
  }
}

function ledgerMessage(message: FcmMessage, vendorId: string): Message {
  const { address, shown } = message;
  return {
    vendor: 'fcm',
    channel: 'push',
    address,
    reference: shown.data.wapas_attempt ?? shown.data.wapas_msg,
    messageId: shown.data.wapas_msg,
    vendorId,
    content: shown,
  };
}

/** Looks like Google's: time in microseconds, then hex. */
function newMessageId(): string {
  return `0:${Date.now()}000%${randomBytes(8).toString('hex')}`;
}

const dryRun = (project: string): Verdict => accepting([], json(200, { name: `projects/${project}/messages/fake_message_id` }));

interface GoogleError {
  readonly http: number;
  readonly status: string;
  readonly message: string;
  readonly details?: readonly unknown[];
}

function googleError({ http, status, message, details }: GoogleError, headers?: Readonly<Record<string, string>>): Answer {
  return json(http, { error: { code: http, message, status, ...(details && { details }) } }, headers);
}

const fcmError = (errorCode: string): unknown => ({ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode });

function badRequest(fieldViolations: readonly FieldViolation[]): Answer {
  const message = fieldViolations.map(({ description }) => description).join('\n');
  const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations }];
  return googleError({ http: 400, status: 'INVALID_ARGUMENT', message, details });
}

const unauthenticated = googleError({
  http: 401,
  status: 'UNAUTHENTICATED',
  message: 'Request had invalid authentication credentials. Expected OAuth 2 access token.',
});

function permissionDenied(project: string): Answer {
  const message = `Permission 'cloudmessaging.messages.create' denied on resource 'projects/${project}' (or it may not exist).`;
  return googleError({ http: 403, status: 'PERMISSION_DENIED', message });
}

/** Device tokens that stand for a trouble, by how they begin. */
const TOKEN_TROUBLES: readonly { readonly prefix: string; readonly code: string; readonly answer: Answer }[] = [
  {
    prefix: 'dead-',
    code: 'UNREGISTERED',
    answer: googleError({
      http: 404,
      status: 'NOT_FOUND',
      message: 'Requested entity was not found.',
      details: [fcmError('UNREGISTERED')],
    }),
  },
  {
    prefix: 'bad-',
    code: 'INVALID_ARGUMENT',
    answer: googleError({
      http: 400,
      status: 'INVALID_ARGUMENT',
      message: 'The registration token is not a valid FCM registration token',
      details: [fcmError('INVALID_ARGUMENT')],
    }),
  },
  {
    prefix: 'alien-',
    code: 'SENDER_ID_MISMATCH',
    answer: googleError({
      http: 403,
      status: 'PERMISSION_DENIED',
      message: 'SenderId mismatch',
      details: [fcmError('SENDER_ID_MISMATCH')],
    }),
  },
];

const internal: GoogleError = {
  http: 500,
  status: 'INTERNAL',
  message: 'Internal error encountered.',
  details: [fcmError('INTERNAL')],
};

/** HTTP status and canonical status of each `errorCode` (firebase.google.com, ErrorCode, read 2026-11-23). */
const CODES: Readonly<Record<string, Pick<GoogleError, 'http' | 'status'>>> = {
  INVALID_ARGUMENT: { http: 400, status: 'INVALID_ARGUMENT' },
  UNREGISTERED: { http: 404, status: 'NOT_FOUND' },
  SENDER_ID_MISMATCH: { http: 403, status: 'PERMISSION_DENIED' },
  QUOTA_EXCEEDED: { http: 429, status: 'RESOURCE_EXHAUSTED' },
  UNAVAILABLE: { http: 503, status: 'UNAVAILABLE' },
  INTERNAL: { http: 500, status: 'INTERNAL' },
  THIRD_PARTY_AUTH_ERROR: { http: 401, status: 'UNAUTHENTICATED' },
};
const UNHEARD_OF = { http: 400, status: 'FAILED_PRECONDITION' };

const troubles: Troubles = {
  throttled: (retryAfterSeconds) =>
    googleError(
      {
        http: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'Quota exceeded for quota metric.',
        details: [fcmError('QUOTA_EXCEEDED')],
      },
      { 'retry-after': String(retryAfterSeconds) },
    ),
  brokenDown: () => googleError(internal),
  accountRefused: () => ({ code: 'PERMISSION_DENIED', answer: permissionDenied('sandbox') }),
  // Google does not do this; a proxy in front of it may.
  errorWith200: () => ({ ...googleError(internal), status: 200 }),
  error: (code) => googleError({ ...(CODES[code] ?? UNHEARD_OF), message: `Error ${code}`, details: [fcmError(code)] }),
};
