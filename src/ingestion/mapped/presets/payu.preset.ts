import { reasons } from '../../reasons/reason-tables';
import { type SourcePreset } from './preset';

const FIELDS =
  '{secret}|{/status}||||||{/udf5}|{/udf4}|{/udf3}|{/udf2}|{/udf1}|{/email}|{/firstname}|{/productinfo}|{/amount}|{/txnid}|{/key}';

export const payu: SourcePreset = {
  key: 'payu',
  title: 'PayU India',
  status: 'verified',
  origin: { page: 'https://docs.payu.in/docs/webhook-events-and-sample-payloads', readOn: '2026-11-28' },
  notes: [
    'The secret is the salt of the merchant account.',
    'The hash covers status, amount, txnid, email, firstname, productinfo and udf1 to udf5. Phone, mihpayid and error stand outside it, so an event is known by txnid and status: what was heard once cannot be sent again with another phone.',
    'PayU signs no time. Amounts are rupees, times are Indian.',
  ],
  recipe: {
    kind: 'field_hash',
    field: '/hash',
    algorithm: 'sha512',
    encoding: 'hex',
    signed: FIELDS,
    signedWhen: [
      { present: '/additional_charges', signed: `{/additional_charges}|${FIELDS}` },
      { present: '/additionalCharges', signed: `{/additionalCharges}|${FIELDS}` },
    ],
  },
  mapping: {
    id: { join: ['/txnid', '/status'] },
    event: { from: '/status', names: { success: 'Payment Captured', failure: 'Payment Failed', failed: 'Payment Failed' } },
    occurredAt: { from: '/addedon', format: 'local', zone: 'Asia/Kolkata', missing: 'received' },
    person: { phone: '/phone', email: '/email', name: '/firstname' },
    keys: { order: '/txnid', payment: '/mihpayid' },
    amount: { value: '/amount', currency: { value: 'INR' }, unit: 'major' },
    reason: {
      events: ['Payment Failed'],
      by: [
        { from: { first: ['/error', '/error_code'] }, classes: reasons.payu },
        {
          from: '/unmappedstatus',
          classes: {
            userCancelled: 'payer_cancelled',
            usercancelled: 'payer_cancelled',
            dropped: 'payer_cancelled',
            bounced: 'payer_cancelled',
          },
        },
      ],
    },
    properties: { method: '/mode', status: '/unmappedstatus', bank: '/bankcode', gateway: { value: 'payu' } },
  },
};
