import { cloudevents } from './cloudevents/cloudevents.source';
import { razorpay } from './razorpay/razorpay.source';
import { type Source } from './source';
import { standardWebhooks } from './standard-webhooks/standard-webhooks.source';

const all: readonly Source[] = [razorpay, standardWebhooks, cloudevents];

/** Every source of the tree that posts webhooks, by the name in its address. Adding one is its folder and its line here. */
export const sources: ReadonlyMap<string, Source> = new Map(all.map((source) => [source.name, source]));
