import { cashfree } from './cashfree/cashfree.source';
import { cloudevents } from './cloudevents/cloudevents.source';
import { razorpay } from './razorpay/razorpay.source';
import { shopify } from './shopify/shopify.source';
import { stripe } from './stripe/stripe.source';
import { sumsub } from './sumsub/sumsub.source';
import { type Source } from './source';
import { standardWebhooks } from './standard-webhooks/standard-webhooks.source';

const all: readonly Source[] = [razorpay, cashfree, stripe, shopify, sumsub, standardWebhooks, cloudevents];

/** Every source of the tree that posts webhooks, by the name in its address. Adding one is its folder and its line here. */
export const sources: ReadonlyMap<string, Source> = new Map(all.map((source) => [source.name, source]));
