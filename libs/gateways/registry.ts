import { cashfree } from './cashfree';
import { type GatewayDefinition } from './contract';
import { razorpay } from './razorpay';
import { stripe } from './stripe';

/** Every gateway there is, by the name of its event source. Adding one is its file and its line here. */
export const gatewayDefinitions: readonly GatewayDefinition[] = [razorpay, cashfree, stripe];
