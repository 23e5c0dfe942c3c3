import { type SourcePreset } from './preset';

export const hyperverge: SourcePreset = {
  key: 'hyperverge',
  title: 'HyperVerge KYC',
  status: 'unverified',
  origin: { page: 'https://documentation.hyperverge.co', readOn: '2026-11-23' },
  notes: [
    'No signature is documented. Give the subscription this address with ?token=SECRET, or change the recipe to a header of your own.',
    'The names of the statuses are documented; where they stand in the payload is not. Try a real webhook and change the mapping.',
    'What needs review is let be: only declined and cancelled applications are worth a message.',
    'No code of a defect is mapped, and the starter journey kyc_rejected names the defect: it begins for nobody until you say under reason which codes mean what.',
  ],
  recipe: { kind: 'token', query: 'token' },
  mapping: {
    id: { join: ['/transactionId', '/status'] },
    event: {
      from: { first: ['/status', '/applicationStatus'] },
      names: {
        auto_approved: 'KYC Approved',
        manually_approved: 'KYC Approved',
        auto_declined: 'KYC Rejected',
        manually_declined: 'KYC Rejected',
        user_cancelled: 'KYC Incomplete',
        started: 'KYC Started',
      },
    },
    occurredAt: { from: { first: ['/eventTime', '/timestamp'] }, format: 'any', missing: 'received' },
    person: { customerId: { first: ['/customerId', '/userId'] }, phone: { first: ['/mobile', '/phone'] }, email: '/email' },
    keys: { kycApplication: '/transactionId' },
    reason: { events: ['KYC Rejected', 'KYC Incomplete'], by: [{ from: { first: ['/reasonCode', '/errorCode'] }, classes: {} }] },
    properties: { status: { first: ['/status', '/applicationStatus'] } },
  },
};
