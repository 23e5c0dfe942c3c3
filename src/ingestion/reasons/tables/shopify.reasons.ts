import { type ReasonTable } from '../reason-classes';

/**
 * `error_code` of an order's transaction, the same whatever gateway stands behind Shopify. The meanings of MERCHANT_RULE,
 * PAYMENT_METHOD_UNSUPPORTED, PAYMENT_PROVIDER_ERROR, RETRY_DECLINED and TRANSACTION_LIMIT_EXCEEDED were taken from their names.
 */
export const shopifyErrors: ReasonTable = {
  name: 'shopify',
  title: 'Shopify error_code of a transaction',
  origin: {
    from: 'https://shopify.dev/docs/api/admin-graphql/2026-07/enums/OrderTransactionErrorCode',
    readOn: '2026-11-28',
    as: 'verified',
  },
  codes: {
    infrastructure: ['PAYMENT_METHOD_UNAVAILABLE', 'PAYMENT_PROVIDER_ERROR', 'PROCESSING_ERROR'],
    user_error: [
      'AUTHENTICATION_FAILED',
      'AUTHENTICATION_REQUIRED',
      'INCORRECT_ADDRESS',
      'INCORRECT_CVC',
      'INCORRECT_NUMBER',
      'INCORRECT_PIN',
      'INCORRECT_ZIP',
      'INVALID_CVC',
      'INVALID_EXPIRY_DATE',
      'INVALID_NUMBER',
    ],
    insufficient_funds: ['INSUFFICIENT_FUNDS'],
    limit_exceeded: ['AMOUNT_TOO_LARGE', 'INVALID_AMOUNT', 'TRANSACTION_LIMIT_EXCEEDED'],
    instrument: [
      'AMAZON_PAYMENTS_INVALID_PAYMENT_METHOD',
      'EXPIRED_CARD',
      'INSTRUMENT_DECLINED',
      'INVALID_COUNTRY',
      'INVALID_CURRENCY',
      'INVALID_PAYMENT_METHOD',
      'INVALID_PURCHASE_TYPE',
      'PAYMENT_METHOD_UNSUPPORTED',
    ],
    payer_declined: ['CALL_ISSUER', 'CARD_DECLINED', 'DO_NOT_HONOR', 'RETRY_DECLINED'],
    payer_cancelled: ['AMAZON_PAYMENTS_STALE', 'CANCELLED_PAYMENT'],
    risk: ['CARD_TESTING', 'FRAUD_SUSPECTED', 'MERCHANT_RULE', 'PICK_UP_CARD'],
    business: [
      'AMAZON_PAYMENTS_MAX_AMOUNT_CHARGED',
      'AMAZON_PAYMENTS_MAX_AMOUNT_REFUNDED',
      'AMAZON_PAYMENTS_MAX_AUTHORIZATIONS_CAPTURED',
      'AMAZON_PAYMENTS_MAX_REFUNDS_PROCESSED',
      // The whole order was cancelled: nobody is to be asked to pay it.
      'AMAZON_PAYMENTS_ORDER_REFERENCE_CANCELED',
      'AMOUNT_TOO_SMALL',
      // The seller did not take the money in time.
      'AUTHORIZATION_EXPIRED',
      'CONFIG_ERROR',
      'MERCHANT_ACCOUNT_ERROR',
      'TEST_MODE_LIVE_CARD',
      'UNSUPPORTED_FEATURE',
    ],
  },
};
