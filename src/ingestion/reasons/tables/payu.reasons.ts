import { type ReasonTable } from '../reason-classes';

/** `error` of a PayU response. The page lists hundreds; these are the ones whose meaning was read. */
export const payuErrors: ReasonTable = {
  name: 'payu',
  title: 'PayU error codes',
  origin: { from: 'https://docs.payu.in/docs/error-codes', readOn: '2026-11-28', as: 'secondary' },
  codes: {
    user_error: ['E907'],
    instrument: ['E4684'],
    business: ['E1620'],
    account_holder: ['E4316', 'E4317', 'E4318'],
  },
};
