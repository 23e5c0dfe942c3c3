import { type SourcePreset } from './preset';

export const digio: SourcePreset = {
  key: 'digio',
  title: 'Digio KYC',
  status: 'unverified',
  origin: { page: 'https://documentation.digio.in', readOn: '2026-11-23' },
  notes: [
    'Header and keyed hash are known second-hand. Try a real webhook before you rely on them.',
    'Only the outcome of a KYC request is used; reasons hold personal data and stay out.',
    'No code of a defect is mapped, and the starter journey kyc_rejected names the defect: it begins for nobody until you say under reason which codes mean what.',
  ],
  recipe: { kind: 'hmac', signature: { header: 'x-digio-checksum' }, algorithm: 'sha256', encoding: 'hex' },
  mapping: {
    id: '/id',
    event: {
      from: '/event',
      names: {
        KYC_REQUEST_APPROVED: 'KYC Approved',
        KYC_REQUEST_REJECTED: 'KYC Rejected',
        KYC_REQUEST_COMPLETED: 'KYC Submitted',
      },
    },
    occurredAt: { from: '/created_at', format: 'any', missing: 'received' },
    person: {
      customerId: '/payload/kyc_request/reference_id',
      phone: { first: ['/payload/kyc_request/customer_mobile', '/payload/kyc_request/customer_identifier'] },
    },
    keys: { kycApplication: { first: ['/payload/kyc_request/id', '/payload/id'] } },
    reason: { events: ['KYC Rejected'], by: [] },
  },
};
