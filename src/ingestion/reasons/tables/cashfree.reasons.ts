import { type ReasonTable } from '../reason-classes';

/**
 * `error_details.error_reason` and `error_code`. Cashfree's pages show examples and no list of them: those that are shown are here,
 * and words that can mean one thing only, in both of its spellings. Everything else is told by its source.
 */
export const cashfreeReasons: ReasonTable = {
  name: 'cashfree',
  title: 'Cashfree error_reason and error_code',
  origin: { from: 'https://www.cashfree.com/docs/api-reference/payments/errors', readOn: '2026-11-28', as: 'assumed' },
  codes: {
    timeout: ['transaction_timed_out', 'TRANSACTION_TIMED_OUT'],
    infrastructure: ['bank_unavailable', 'gateway_error', 'BANK_UNAVAILABLE', 'GATEWAY_ERROR'],
    user_error: [
      'authentication_failed',
      'incorrect_pin',
      'incorrect_otp',
      'otp_expired',
      'invalid_vpa',
      'AUTHENTICATION_FAILED',
    ],
    insufficient_funds: ['insufficient_funds', 'insufficient_balance', 'INSUFFICIENT_FUNDS'],
    limit_exceeded: ['limit_exceeded', 'transaction_limit_exceeded', 'LIMIT_EXCEEDED'],
    instrument: ['card_expired', 'card_blocked', 'account_blocked', 'CARD_EXPIRED'],
    payer_declined: ['bank_rejected', 'bank_declined', 'TRANSACTION_DECLINED'],
    payer_cancelled: ['user_dropped', 'user_cancelled', 'USER_DROPPED', 'CANCELLED'],
    risk: ['risk_declined', 'RISK_DECLINED'],
    business: ['invalid_amount'],
    revoked: ['mandate_revoked', 'mandate_paused'],
  },
};

/** `error_details.error_source`. */
export const cashfreeSources: ReasonTable = {
  name: 'cashfree_source',
  title: 'Cashfree error_source',
  origin: { from: 'https://www.cashfree.com/docs/api-reference/payments/errors', readOn: '2026-11-28', as: 'assumed' },
  codes: { user_error: ['customer'], payer_declined: ['bank'], infrastructure: ['gateway', 'cashfree'], business: ['merchant'] },
};
