import { type Exchange } from './exchange';
import { type ModeSetting } from './mode-book';

/** How a vendor misbehaves on one call. A new trouble is one more line in the table. */
type Behaviour = (exchange: Exchange, setting: ModeSetting) => Promise<void>;

const asUsual = async (exchange: Exchange): Promise<void> => {
  exchange.answer(await exchange.take());
};

/**
 * What "taken" means is the point of each: a taken message is in the ledger as accepted and its receipts come, whatever
 * the caller was told. One that is not taken is in the ledger as refused, or, with `reset-before`, nowhere.
 */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  '429': async (exchange, { delayMs = 1_000 }) => {
    await exchange.turnAway('mode:429', exchange.vendor.troubles.throttled(Math.ceil(delayMs / 1_000)));
  },
  '500': async (exchange) => {
    await exchange.turnAway('mode:500', exchange.vendor.troubles.brokenDown());
  },
  '500-accepted': async (exchange) => {
    await exchange.take();
    exchange.answer(exchange.vendor.troubles.brokenDown());
  },
  hang: async (exchange) => {
    await exchange.untilClosed();
  },
  'hang-after-accept': async (exchange) => {
    await exchange.take();
    await exchange.untilClosed();
  },
  'reset-before': async (exchange) => {
    exchange.cut();
  },
  'reset-after-accept': async (exchange) => {
    await exchange.take();
    exchange.cut();
  },
  // Taken: somebody between the vendor and the caller spoilt the answer. A caller that sends again sends twice.
  'bad-json': async (exchange) => {
    await exchange.take();
    exchange.answer({ status: 200, type: 'text/html', body: '<html><body>Temporarily redirected by gateway' });
  },
  '200-with-error': async (exchange) => {
    await exchange.turnAway('mode:200-with-error', exchange.vendor.troubles.errorWith200());
  },
  refused: async (exchange) => {
    const { code, answer } = exchange.vendor.troubles.accountRefused();
    await exchange.turnAway(code, answer);
  },
  error: async (exchange, { code = '' }) => {
    await exchange.turnAway(code, exchange.vendor.troubles.error(code));
  },
  // Taken at once, answered late: what a caller with a short timeout gets wrong.
  slow: async (exchange, { delayMs = 1_000 }) => {
    const answer = await exchange.take();
    await exchange.pause(delayMs);
    exchange.answer(answer);
  },
};

export const failureModes: readonly string[] = Object.keys(BEHAVIOURS);

export function behave(exchange: Exchange, setting: ModeSetting | null): Promise<void> {
  if (setting === null) return asUsual(exchange);
  const behaviour = BEHAVIOURS[setting.mode] ?? asUsual;
  return behaviour(exchange, setting);
}
