import { razorpay } from './razorpay/razorpay.source';
import { type Source } from './source';

const all: readonly Source[] = [razorpay];

/** Every source of the tree that posts webhooks, by the name in its address. Adding one is its folder and its line here. */
export const sources: ReadonlyMap<string, Source> = new Map(all.map((source) => [source.name, source]));
