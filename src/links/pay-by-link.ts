import { Inject, Injectable } from '@nestjs/common';
import { type Gateway, type HandOver, isUsableIntent, type PaymentWord, type UpiAnswer } from '@wapas/gateways';
import { type Money } from '@wapas/kernel';
import { CONFIG, type Config } from '../config/config';
import { AskGateways, Gateways, MakePaymentLink } from '../payments/payments.api';
import { viewOf } from './rules/pay-view';
import { type StoredLink } from './store/link.store';
import { UpiAttempts } from './upi-attempts';

/** What the pay page shows: read from the gateway while the customer waits. */
export type PayView =
  | {
      readonly show: 'pay';
      readonly amount: Money;
      /** The gateway's checkout on the same order. */
      readonly checkout: HandOver | null;
      /** The gateway gives out UPI addresses for this order when asked. */
      readonly upi: boolean;
      /** There is no order: the gateway makes a payment link when asked. */
      readonly paymentLink: boolean;
    }
  | { readonly show: 'upi'; readonly amount: Money; readonly intent: string; readonly checkout: HandOver | null }
  | { readonly show: 'leave'; readonly url: string }
  | { readonly show: 'paid' | 'confirming' | 'closed' | 'unavailable' };

/**
 * The pay page. Looking changes nothing at the gateway; an attempt begins only when the customer presses a button, and always
 * on the order that exists, so three open pages of one order still mean one payment (rule 27).
 */
@Injectable()
export class PayByLink {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(AskGateways) private readonly askGateways: AskGateways,
    @Inject(Gateways) private readonly gateways: Gateways,
    @Inject(UpiAttempts) private readonly attempts: UpiAttempts,
    @Inject(MakePaymentLink) private readonly makePaymentLink: MakePaymentLink,
  ) {}

  async look(link: StoredLink): Promise<PayView> {
    const { view, word } = await this.ask(link);
    if (view !== 'pay' || word?.amount === undefined) return { show: view === 'pay' ? 'closed' : view };
    const gateway = link.guard.asks && this.gateways.for(link.guard.asks);
    const checkout = this.checkoutOf(link, word);
    const upi = gateway?.checkout?.startUpi !== undefined && word.session !== undefined && word.amount.currency === 'INR';
    const paymentLink = checkout === null && word.order === undefined && gateway?.links !== undefined;
    if (checkout === null && !upi && !paymentLink) return { show: 'closed' };
    return { show: 'pay', amount: word.amount, checkout, upi, paymentLink };
  }

  /** Begins a UPI attempt on the order. An address that does not fit the order is not shown: the checkout is, instead. */
  async startUpi(link: StoredLink): Promise<PayView> {
    const { view, word } = await this.ask(link);
    if (view !== 'pay' || word?.amount === undefined) return { show: view === 'pay' ? 'closed' : view };
    const gateway = link.guard.asks && this.gateways.for(link.guard.asks);
    const checkout = this.checkoutOf(link, word);
    const started = await this.begin(gateway, word, word.amount);
    if (started?.ok && isUsableIntent(started.intent, word.amount, this.config.payments.upiPayees))
      return { show: 'upi', amount: word.amount, intent: started.intent, checkout };
    return checkout ? { show: 'pay', amount: word.amount, checkout, upi: false, paymentLink: false } : { show: 'unavailable' };
  }

  /** Where there is no order: on to the gateway's payment link, the only one of this payment. */
  async openPaymentLink(link: StoredLink): Promise<PayView> {
    const { view, word } = await this.ask(link);
    if (view !== 'pay' || word?.amount === undefined) return { show: view === 'pay' ? 'closed' : view };
    const made = await this.makePaymentLink.make(link.guard, word.amount, this.addressOf(link, '/status'));
    if (made.outcome === 'made' && this.mayLeaveFor(made.url)) return { show: 'leave', url: made.url };
    return { show: made.outcome === 'closed' ? 'closed' : 'unavailable' };
  }

  private async begin(gateway: Gateway | undefined, word: PaymentWord, amount: Money): Promise<UpiAnswer | undefined> {
    const checkout = gateway?.checkout;
    if (!gateway || !checkout?.startUpi) return undefined;
    const what = `${gateway.name} ${word.order ?? ''} ${word.session ?? ''} ${amount.amount} ${amount.currency}`;
    return this.attempts.of(
      what,
      word.failed ?? [],
      async () => (await checkout.startUpi?.(word)) ?? { ok: false, reason: 'not_offered' },
    );
  }

  private async ask(link: StoredLink): Promise<{ view: ReturnType<typeof viewOf>; word?: PaymentWord }> {
    const standing = await this.askGateways.askNow(link.guard);
    return standing.kind === 'said'
      ? { view: viewOf(standing.kind, standing.word.state), word: standing.word }
      : { view: viewOf(standing.kind) };
  }

  private checkoutOf(link: StoredLink, word: PaymentWord): HandOver | null {
    const gateway = link.guard.asks && this.gateways.for(link.guard.asks);
    const returnUrl = this.addressOf(link, '/return');
    return gateway?.checkout?.handOver(word, { returnUrl, title: this.config.payments.shopName }) ?? null;
  }

  /** The gateway's own answer, and still: a browser is sent nowhere but to a plain https address. */
  private mayLeaveFor(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname, username } = new URL(url);
    const isLoopback = protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname);
    return username === '' && (protocol === 'https:' || (this.config.mode === 'sandbox' && isLoopback));
  }

  private addressOf({ token }: StoredLink, path: string): string {
    return `${this.config.links.url}/${this.config.links.header}/${token}${path}`;
  }
}
