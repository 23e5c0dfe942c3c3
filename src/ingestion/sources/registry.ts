import { razorpay } from './razorpay/razorpay.source';
import { type Source } from './source';

/** Every source that posts webhooks, by the name in its address. */
export const sources: ReadonlyMap<string, Source> = new Map([razorpay].map((source) => [source.name, source]));
