import { type ReasonTable } from '../reason-classes';

/** Why the customer's bank returned a NACH debit (NPCI circular 274 of 8 March 2018, and lists that were made after it). */
export const nachReturns: ReasonTable = {
  name: 'nach',
  title: 'NACH return reasons',
  origin: { from: 'https://onefin.readme.io/reference/nach-autodebit-response-status', readOn: '2026-11-28', as: 'secondary' },
  codes: {
    pending: ['98'],
    infrastructure: ['59'],
    insufficient_funds: ['04'],
    limit_exceeded: ['05', '57', '58'],
    instrument: ['02', '03', '51', '52', '53', '54', '55', '56', '71'],
    mandate_dead: ['01', '08', '21'],
    revoked: ['06'],
    account_holder: ['07', '60'],
  },
};
