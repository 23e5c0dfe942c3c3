export { rateStore } from './rate.store';
export { Rates1764000000162 } from './rates-1764000000162';
