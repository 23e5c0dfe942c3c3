import { type BenchOptions } from './arguments';
import { benchChains, DELAY_MS } from './chains';
import { type Started } from './children';
import { type Report } from './report';

const JOURNEY = `format: wapas.journey/1
key: bench
name: Bench
trigger: { event: Payment Failed }
correlateBy: [order, payment]
goal: { events: [Payment Captured, Order Paid], by: [order, payment] }
exits: [{ event: Order Cancelled, reason: order_cancelled }]
silence: [Payment Authorized]
window: 24h
holdoutPercent: 0
steps:
  - key: push
    after: ${DELAY_MS / 1_000}s
    channel: push
    messages:
      - template:
          title: Payment not completed
          body: Payment of {{amount|money}} didn't go through. Your items are saved. Tap to try again.
          deepLink: shop://orders/{{keys.order}}/pay
`;

/** The same customers come again and again: a cap that bit would leave chains unfinished. It is counted all the same. */
const ENVIRONMENT = { WAPAS_CAP_PER_DAY: '1000' };

/** The whole chain with a journey of one step. */
export const benchChain = (options: BenchOptions, started: Started): Promise<Report> =>
  benchChains({ name: 'chain', journey: JOURNEY, environment: ENVIRONMENT, hasHoldout: false }, options, started);
