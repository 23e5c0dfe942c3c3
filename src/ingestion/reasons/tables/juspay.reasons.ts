import { type ReasonTable } from '../reason-classes';

/**
 * `status` of a Juspay order whose payment has not gone through. It says where it came to an end and hardly why: the bank's own code,
 * where there is one, is asked first. Declined by Juspay means that the request or the account at the gateway was not in order.
 */
export const juspayStatuses: ReasonTable = {
  name: 'juspay',
  title: 'Juspay order status',
  origin: {
    from: 'https://juspay.io/in/docs/resources/docs/common-resources/transaction-status',
    readOn: '2026-11-28',
    as: 'secondary',
  },
  codes: {
    pending: ['NEW', 'STARTED', 'PENDING_VBV', 'AUTHORIZING'],
    user_error: ['AUTHENTICATION_FAILED'],
    instrument: ['AUTHORIZATION_FAILED'],
    business: ['JUSPAY_DECLINED'],
    timeout: ['AUTO_REFUNDED'],
  },
};
