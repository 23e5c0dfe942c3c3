import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { hours } from '@wapas/kernel';
import { type Guard, type TemplateFacts } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { Gateways, takesUp } from '../payments/payments.api';
import { LinksToNowhere } from './links-to-nowhere';
import { allowedTarget } from './rules/target';
import { newToken } from './rules/token';
import { linkStore } from './store/link.store';

export interface NewLink {
  readonly messageId: string;
  readonly runId: string;
  readonly facts: TemplateFacts;
  readonly guard: Guard;
  /** No gateway is asked about what a test key reports. */
  readonly isTest?: boolean;
}

export interface ShortLink {
  readonly url: string;
  readonly token: string;
}

/** Customers come back late, and a link that died is a support call: it outlives its journey and then says so kindly. */
const LIFETIME = hours(24 * 7);

/** Makes short links `https://host/HEADER/token`: 66 random bits, nothing that tells phone, order or amount (rule 8). */
@Injectable()
export class CreateLinks {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Gateways) private readonly gateways: Gateways,
    @Inject(LinksToNowhere) private readonly linksToNowhere: LinksToNowhere,
  ) {}

  /** One link for each message that has somewhere to lead; the others are absent, and their templates miss `link`. */
  async create(tx: Transaction, links: readonly NewLink[]): Promise<Map<string, ShortLink>> {
    const led = links.map((link) => ({
      ...link,
      target: this.targetOf(link.facts) ?? (this.isPayable(link) ? null : undefined),
    }));
    this.linksToNowhere.note(led.filter(({ target, isTest }) => target === undefined && isTest !== true).length);
    const made = led.flatMap(({ messageId, runId, guard, target }) =>
      target === undefined ? [] : [{ token: newToken(), messageId, runId, target, guard }],
    );
    if (made.length > 0) await linkStore.add(tx, made, LIFETIME);
    return new Map(
      made.map(({ messageId, token }) => [
        messageId,
        { token, url: `${this.config.links.url}/${this.config.links.header}/${token}` },
      ]),
    );
  }

  /**
   * Without an address of the shop, our own pay page: where a gateway can take the payment up again. The link of a test leads to that page too,
   * which then has nothing to take up and says so: a template is tried out with a link as long as a real one.
   */
  private isPayable({ guard: { asks }, isTest = false }: NewLink): boolean {
    if (isTest) return this.gateways.whereToPay.length > 0;
    const gateway = asks && this.gateways.for(asks);
    return gateway !== undefined && takesUp(gateway);
  }

  /** The matter's own address when the event brought one, else the configured one for its order. */
  private targetOf({ keys, properties }: TemplateFacts): string | undefined {
    const { payUrl, hosts } = this.config.links;
    const own = properties.checkout_url;
    const configured = keys.order === undefined ? undefined : payUrl?.replaceAll('{order_id}', encodeURIComponent(keys.order));
    const isSandbox = this.config.mode === 'sandbox';
    return [own, configured]
      .map((target) => (typeof target === 'string' ? allowedTarget(target, hosts, isSandbox) : null))
      .find((target) => target !== null);
  }
}
