export { bookOf, CHARGED_FOR_FAILURES, GST_PERCENT, LIST_RATES } from './list-rates';
export { type PricedMessage, type Rate, type RateBook, rateFor } from './rate';
