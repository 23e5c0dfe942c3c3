import { type ReasonTable } from '../reason-classes';

/**
 * `error` of a PayU response. PayU's pages list hundreds, in several tables; these are the ones whose meaning was read there: of the
 * general page (docs.payu.in/docs/error-codes) and of the first part of the issuers' declines of cards, by ISO response code.
 */
export const payuErrors: ReasonTable = {
  name: 'payu',
  title: 'PayU error codes',
  origin: { from: 'https://docs.payu.in/reference/issuer-decline-error-codes', readOn: '2026-11-28', as: 'secondary' },
  codes: {
    infrastructure: ['E308', 'E345', 'E9207', 'E9208'],
    user_error: ['E907', 'E305', 'E1632'],
    instrument: ['E4684', 'E207'],
    payer_declined: ['E307', 'E348', 'E1903', 'E9206'],
    payer_cancelled: ['E9205'],
    risk: ['E310'],
    business: ['E1620', 'E341', 'E715'],
    account_holder: ['E4316', 'E4317', 'E4318'],
  },
};
