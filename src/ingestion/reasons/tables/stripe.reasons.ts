import { type ReasonTable } from '../reason-classes';

/** `decline_code` of a card that was declined. */
export const stripeDeclines: ReasonTable = {
  name: 'stripe',
  title: 'Stripe decline_code',
  origin: { from: 'https://docs.stripe.com/declines/codes', readOn: '2026-11-28', as: 'assumed' },
  codes: {
    infrastructure: ['issuer_not_available', 'processing_error', 'reenter_transaction', 'try_again_later', 'approve_with_id'],
    user_error: [
      'authentication_required',
      'authentication_not_handled',
      'incorrect_address',
      'incorrect_cvc',
      'incorrect_number',
      'incorrect_pin',
      'incorrect_zip',
      'invalid_cvc',
      'invalid_expiry_month',
      'invalid_expiry_year',
      'invalid_number',
      'invalid_pin',
      'mobile_device_authentication_required',
      'offline_pin_required',
      'online_or_offline_pin_required',
      'pin_try_exceeded',
    ],
    insufficient_funds: ['insufficient_funds'],
    limit_exceeded: ['card_velocity_exceeded', 'withdrawal_count_limit_exceeded', 'invalid_amount'],
    instrument: [
      'card_not_supported',
      'currency_not_supported',
      'expired_card',
      'invalid_account',
      'new_account_information_available',
      'not_permitted',
      'restricted_card',
      'service_not_allowed',
      'transaction_not_allowed',
      'revocation_of_all_authorizations',
      'revocation_of_authorization',
      'stop_payment_order',
    ],
    payer_declined: ['call_issuer', 'do_not_honor', 'do_not_try_again', 'generic_decline', 'no_action_taken'],
    risk: ['fraudulent', 'lost_card', 'merchant_blacklist', 'pickup_card', 'security_violation', 'stolen_card', 'highest_risk_level', 'elevated_risk_level'], // prettier-ignore
    business: ['duplicate_transaction', 'testmode_decline'],
  },
};

/** `code` of an error that is no decline, or one without a decline code. */
export const stripeErrors: ReasonTable = {
  name: 'stripe_error',
  title: 'Stripe error code of a payment',
  origin: { from: 'https://docs.stripe.com/error-codes', readOn: '2026-11-28', as: 'assumed' },
  codes: {
    timeout: ['payment_intent_payment_attempt_expired'],
    infrastructure: ['processing_error', 'payment_method_provider_timeout'],
    user_error: [
      'authentication_required',
      'expired_card',
      'incorrect_address',
      'incorrect_cvc',
      'incorrect_number',
      'incorrect_zip',
      'invalid_cvc',
      'invalid_expiry_month',
      'invalid_expiry_year',
      'invalid_number',
      'payment_intent_authentication_failure',
      'setup_intent_authentication_failure',
    ],
    insufficient_funds: ['insufficient_funds'],
    instrument: [
      'account_closed',
      'bank_account_declined',
      'bank_account_restricted',
      'payment_method_not_available',
      'debit_not_authorized',
    ],
    payer_declined: ['card_declined', 'payment_method_customer_decline', 'payment_method_provider_decline'],
    business: ['amount_too_large', 'amount_too_small', 'payment_method_invalid_parameter', 'invalid_charge_amount'],
    mandate_dead: ['payment_intent_mandate_invalid'],
  },
};
