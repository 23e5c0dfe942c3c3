import { type SourcePreset } from './preset';

export const onfido: SourcePreset = {
  key: 'onfido',
  title: 'Onfido (Entrust)',
  status: 'verified',
  origin: { page: 'https://github.com/onfido/onfido-node (webhook-event-verifier, webhook events)', readOn: '2026-11-23' },
  notes: [
    'The secret is the webhook token.',
    'Webhooks are thin: they name the run and its status. Whom it concerns is known when your own event brought the same kycApplication before, or where the payload carries customer_user_id.',
    'Why a run was declined is not in the webhook: fetch it from Onfido and post your own event for messages that name the defect, such as those of the starter journey kyc_rejected.',
  ],
  recipe: { kind: 'hmac', signature: { header: 'x-sha2-signature' }, algorithm: 'sha256', encoding: 'hex' },
  mapping: {
    id: { join: ['/payload/resource_type', '/payload/object/id', '/payload/action'] },
    event: {
      from: { join: ['/payload/action', '/payload/object/status'] },
      names: {
        'workflow_run.completed:approved': 'KYC Approved',
        'workflow_run.completed:declined': 'KYC Rejected',
        'workflow_run.completed:abandoned': 'KYC Incomplete',
        'workflow_run.completed:review': 'KYC Submitted',
        'check.completed:complete': 'KYC Check Completed',
      },
    },
    occurredAt: { from: '/payload/object/completed_at_iso8601', format: 'rfc3339' },
    person: { customerId: '/payload/resource/customer_user_id' },
    keys: { kycApplication: '/payload/object/id' },
    reason: { events: ['KYC Rejected', 'KYC Incomplete'], by: [] },
    properties: { status: '/payload/object/status' },
  },
};
