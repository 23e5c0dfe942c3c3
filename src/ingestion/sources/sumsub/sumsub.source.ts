import { type ReasonClass } from '../../reasons/reason-classes';
import { reasons } from '../../reasons/reason-tables';
import { type EventReason, type NewEvent } from '../../rules/new-event';
import { type Mapping } from '../mapping';
import { type Amend, readWith } from '../read-mapped';
import { at, textAt } from '../read-values';
import { type Source } from '../source';

/**
 * Sumsub webhooks (docs.sumsub.com, webhooks, read 2026-11-23): hex HMAC of the raw body, the algorithm named in a header. A review is
 * approved (GREEN) or rejected (RED) with another try (RETRY) or for good (FINAL); only RETRY may be answered with "take the photo
 * again". `moderationComment` is written for the applicant; `clientComment` is not, and is never read.
 */
const mapping: Mapping = {
  body: 'json',
  id: { join: ['/correlationId', '/type', '/createdAtMs'] },
  event: {
    from: '/type',
    names: {
      applicantCreated: 'KYC Started',
      applicantPending: 'KYC Submitted',
      applicantReviewed: 'KYC Rejected',
      applicantWorkflowCompleted: 'KYC Rejected',
      applicantOnHold: 'KYC Needs Review',
      applicantAwaitingUser: 'KYC Step Completed',
      applicantReset: 'KYC Started',
      applicantDeleted: 'KYC Closed',
      applicantDeactivated: 'KYC Closed',
    },
  },
  occurredAt: { from: '/createdAtMs', format: 'local', zone: 'UTC' },
  person: { customerId: '/externalUserId' },
  keys: { kycApplication: '/applicantId' },
  properties: {
    level: '/levelName',
    review_status: '/reviewStatus',
    reject_type: '/reviewResult/reviewRejectType',
    moderation_comment: '/reviewResult/moderationComment',
  },
};

const amend: Amend = (event, { body }) => {
  const read = { ...event, test: event.test || at('/sandboxMode', body) === true };
  return event.name === 'KYC Rejected' ? reviewed(read, body) : read;
};

function reviewed(event: NewEvent, body: unknown): ReturnType<Amend> {
  const answer = textAt('/reviewResult/reviewAnswer', body);
  if (answer === 'GREEN') return { ...event, name: 'KYC Approved' };
  // A workflow that has ended without an answer, or one that we do not know.
  if (answer !== 'RED') return { kind: 'ignored', what: 'no_answer' };
  const mayTryAgain = textAt('/reviewResult/reviewRejectType', body) === 'RETRY';
  const { class: kind, code } = reasonIn(body);
  const reason: EventReason = { class: mayTryAgain ? kind : 'final', code };
  return { ...event, name: mayTryAgain ? 'KYC Rejected' : 'KYC Closed', content: { ...event.content, reason } };
}

/** Of several labels, what speaks of fraud goes first: whoever may be a fraud is not told which photo to take again. */
function reasonIn(body: unknown): { class: ReasonClass; code?: string } {
  const given = at('/reviewResult/rejectLabels', body);
  const labels = (Array.isArray(given) ? given : []).filter(
    (label): label is string => typeof label === 'string' && label.length <= 128,
  );
  const known = labels.flatMap((code) =>
    Object.hasOwn(reasons.sumsub, code) ? [{ class: reasons.sumsub[code] as ReasonClass, code }] : [],
  );
  return known.find(({ class: kind }) => kind === 'risk') ?? known[0] ?? { class: 'unknown', code: labels[0] };
}

export const sumsub: Source = {
  name: 'sumsub',
  title: 'Sumsub',
  secretSetting: 'SUMSUB_WEBHOOK_SECRET',
  recipe: {
    kind: 'hmac',
    signature: { header: 'x-payload-digest' },
    algorithm: 'sha256',
    algorithmIn: {
      header: 'x-payload-digest-alg',
      values: { HMAC_SHA1_HEX: 'sha1', HMAC_SHA256_HEX: 'sha256', HMAC_SHA512_HEX: 'sha512' },
    },
    encoding: 'hex',
  },
  example: {
    contentType: 'application/json',
    body: {
      applicantId: '5cb744200a975a67ed1798a4',
      inspectionId: '5cb744200a975a67ed1798a5',
      correlationId: 'req-fa94263f-0b23-42d7-9393-ab10b28ef42d',
      externalUserId: 'cust_8812',
      levelName: 'basic-kyc-level',
      type: 'applicantReviewed',
      reviewStatus: 'completed',
      reviewResult: {
        reviewAnswer: 'RED',
        reviewRejectType: 'RETRY',
        rejectLabels: ['UNSATISFACTORY_PHOTOS'],
        moderationComment: 'Please take a photo in which all data can be read.',
      },
      createdAtMs: '2026-11-23 05:32:09.321',
    },
  },
  read: readWith('sumsub', mapping, amend),
};
