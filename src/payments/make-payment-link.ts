import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Money } from '@wapas/kernel';
import { type Guard } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { Gateways } from './gateways';
import { gatewayLinkStore } from './store/gateway-link.store';

export type MadeLink =
  | { readonly outcome: 'made'; readonly url: string }
  /** Paid, cancelled or expired: nothing is left to pay there. */
  | { readonly outcome: 'closed' }
  | { readonly outcome: 'failed' };

const LIFETIME_MS = 24 * 3_600_000;

/** Has the gateway make a payment link where a payment has no order. However often it is asked for, there is one a payment. */
@Injectable()
export class MakePaymentLink {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Gateways) private readonly gateways: Gateways,
  ) {}

  /** The key of the payment is the link's reference, so two who ask at once are given the same one by the gateway. */
  async make(guard: Guard, amount: Money, returnUrl: string): Promise<MadeLink> {
    const gateway = guard.asks && this.gateways.for(guard.asks);
    const key = paymentKeyOf(guard);
    if (!gateway?.links || key === undefined || guard.asks?.payment === undefined) return { outcome: 'failed' };
    const made = await gateway.links.makeLink({
      reference: key,
      amount,
      title: this.config.payments.shopName,
      returnUrl,
      notes: { wapas_payment: guard.asks.payment },
      expiresAt: Date.now() + LIFETIME_MS,
    });
    if (!made.ok) return { outcome: 'failed' };
    const { keys, since, stops } = guard;
    await gatewayLinkStore.add(this.database, { key, gateway: gateway.name, linkId: made.id, matter: { keys, since, stops } });
    return made.state === 'open' ? { outcome: 'made', url: made.url } : { outcome: 'closed' };
  }
}

/** A link is for a payment without order, so its guard has one absorbing key. */
export const paymentKeyOf = ({ keys, asks }: Guard): EntityKey | undefined =>
  asks?.order === undefined ? keys.find(({ absorbing }) => absorbing)?.key : undefined;
