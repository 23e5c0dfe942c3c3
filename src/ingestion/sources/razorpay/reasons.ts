/**
 * Razorpay's `error_reason` to our reason classes (domain E1). Razorpay publishes the strings with its error codes; these
 * are the ones of UPI, cards and netbanking that decide what a customer should be told. Read 2026-11-23. A reason that is
 * not here falls back to `error_source`.
 */
const BY_REASON = table({
  payment_timed_out: 'timeout',
  payment_pending: 'timeout',
  payment_session_expired: 'timeout',
  gateway_technical_error: 'infrastructure',
  bank_technical_error: 'infrastructure',
  server_error: 'infrastructure',
  payment_cancelled: 'payer_cancelled',
  payment_declined: 'payer_declined',
  payment_collect_request_expired: 'payer_declined',
  incorrect_pin: 'user_error',
  incorrect_otp: 'user_error',
  incorrect_cvv: 'user_error',
  incorrect_card_details: 'user_error',
  invalid_vpa: 'user_error',
  authentication_failed: 'user_error',
  otp_expired: 'user_error',
  otp_attempts_exceeded: 'user_error',
  pin_attempts_exceeded: 'user_error',
  insufficient_funds: 'insufficient_funds',
  transaction_limit_exceeded: 'limit_exceeded',
  transaction_daily_limit_exceeded: 'limit_exceeded',
  card_expired: 'instrument',
  card_declined: 'instrument',
  card_not_enrolled: 'instrument',
  bank_account_blocked: 'instrument',
  debit_instrument_inactive: 'instrument',
  debit_instrument_blocked: 'instrument',
});

const BY_SOURCE = table({
  customer: 'user_error',
  bank: 'instrument',
  gateway: 'infrastructure',
  internal: 'infrastructure',
  business: 'business',
});

export function reasonClass(errorReason: string | undefined, errorSource: string | undefined): string {
  return BY_REASON.get(errorReason ?? '') ?? BY_SOURCE.get(errorSource ?? '') ?? 'unknown';
}

/** A map: looking a vendor's word up in an object would also find `constructor`. */
function table(classes: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(classes));
}
