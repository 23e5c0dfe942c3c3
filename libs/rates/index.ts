export { ASSUMED_CATEGORY, bookOf, CHARGED_FOR_FAILURES, GST_PERCENT, LIST_RATES } from './list-rates';
export { type PricedMessage, type Rate, type RateBook, rateFor, type RateKey } from './rate';
