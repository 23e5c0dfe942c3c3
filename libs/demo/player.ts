import { after, assertNever, type Duration, type Instant, instantFromMillis, minutes } from '@wapas/kernel';
import { type LedgerEntry } from '@wapas/sandbox';
import { type Customer, type PaymentMatter, type Reaction } from './customers';
import { type Handsets } from './handsets';
import { type Shop } from './shop';
import { type StoryClock } from './story-clock';
import { type Wapas } from './wapas';

/** What everybody in the story has to do with. */
export interface Surroundings {
  readonly wapas: Wapas;
  readonly handsets: Handsets;
  readonly shop: Shop;
  readonly clock: StoryClock;
}

/**
 * Plays the customers. Trouble begins when their hour comes; everything after that is an answer to a message that the
 * sandbox has accepted, or their own idea. Nobody knows what Wapas has planned, not even their arm.
 */
export class Player {
  private readonly byAddress: ReadonlyMap<string, Customer>;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly acting = new Set<Promise<void>>();
  private failure: Error | undefined;
  private endPlay: () => void = () => undefined;

  constructor(
    private readonly around: Surroundings,
    private readonly customers: readonly Customer[],
    private readonly onReceived: (entry: LedgerEntry, customer: Customer) => void,
  ) {
    this.byAddress = new Map(customers.flatMap((one) => addressesOf(one).map((address) => [address, one])));
  }

  /** Plays from `start` until `end`. Rejects when somebody was answered in a way they should not be. */
  async play(start: Instant, end: Instant): Promise<void> {
    const over = new AbortController();
    const following = this.follow(over.signal).catch((error: unknown) => this.fail(error));
    for (const customer of this.customers) this.at(after(start, customer.entersAfter), () => this.enter(customer));
    await new Promise<void>((resolve) => {
      this.endPlay = resolve;
      this.at(end, async () => resolve());
    });
    over.abort();
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all([following, ...this.acting]);
    if (this.failure) throw this.failure;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for await (const entry of this.around.handsets.received(signal)) {
      const customer = this.byAddress.get(entry.address);
      if (!customer) continue;
      this.onReceived(entry, customer);
      if (entry.accepted) this.react(customer, entry);
    }
  }

  private async enter(customer: Customer): Promise<void> {
    const { wapas, shop } = this.around;
    const { matter } = customer;
    switch (matter.kind) {
      case 'cart':
        return wapas.cartUpdated(customer, matter);
      case 'kyc':
        this.actAlone(customer);
        return wapas.kycRejected(customer, matter, shop.retakeUrl(matter.application));
      case 'payment':
        return matter.paidBeforeFailureIsTold ? this.payEarly(customer, matter) : this.failPayment(customer, matter);
      default:
        return assertNever(matter);
    }
  }

  private async failPayment(customer: Customer, matter: PaymentMatter): Promise<void> {
    const { secondFailureAfter: again } = matter;
    this.actAlone(customer);
    if (again)
      this.in(again, () => this.around.wapas.gatewayTells('payment.failed', customer, matter, { payment: idOf(customer, 2) }));
    await this.around.wapas.gatewayTells('payment.failed', customer, matter, { payment: idOf(customer, 1) });
  }

  /** The failure is told a minute after the payment that followed it. */
  private async payEarly(customer: Customer, matter: PaymentMatter): Promise<void> {
    await this.around.shop.pay(customer);
    const late = { payment: idOf(customer, 1), since: minutes(2) };
    this.in(minutes(1), () => this.around.wapas.gatewayTells('payment.failed', customer, matter, late));
  }

  private actAlone(customer: Customer): void {
    const { actsAloneAfter } = customer;
    if (actsAloneAfter) this.in(actsAloneAfter, () => this.around.shop.pay(customer));
  }

  private react(customer: Customer, entry: LedgerEntry): void {
    const reaction = customer.reactions[entry.channel];
    if (!reaction) return;
    const arrivedAt = entry.businessAt === undefined ? this.around.clock.now() : instantFromMillis(Date.parse(entry.businessAt));
    this.at(after(arrivedAt, reaction.after), () => this.perform(customer, reaction, entry));
  }

  private async perform(customer: Customer, { kind, thenPaysAfter }: Reaction, entry: LedgerEntry): Promise<void> {
    const wantsToPay = kind === 'tap' ? await this.tap(entry) : await this.look(entry);
    if (wantsToPay && thenPaysAfter) this.in(thenPaysAfter, () => this.around.shop.pay(customer));
  }

  private async look(entry: LedgerEntry): Promise<boolean> {
    if (entry.channel === 'push') await this.around.wapas.pushOpened(entry.content.data.wapas_msg ?? '');
    else await this.around.handsets.read(entry);
    return true;
  }

  /** Follows the link as a browser would, as far as the shop's door. A link that leads elsewhere sells nothing. */
  private async tap(entry: LedgerEntry): Promise<boolean> {
    const { handsets, wapas, shop } = this.around;
    if (entry.channel === 'whatsapp') await handsets.read(entry);
    const link = await handsets.tap(entry);
    const leadsTo = link === null ? undefined : await wapas.follow(link);
    return leadsTo?.startsWith(shop.url) ?? false;
  }

  private in(delay: Duration, act: () => Promise<void>): void {
    this.at(after(this.around.clock.now(), delay), act);
  }

  private at(moment: Instant, act: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const done = act()
        .catch((error: unknown) => this.fail(error))
        .finally(() => this.acting.delete(done));
      this.acting.add(done);
    }, this.around.clock.msUntil(moment));
    this.timers.add(timer);
  }

  /** The first failure ends the play: what follows it is a consequence. */
  private fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
    this.endPlay();
  }
}

/** The gateway's id of the customer's n-th attempt. */
const idOf = (customer: Customer, attempt: number): string => `pay_${customer.id.replace('cust_', 'Demo')}${attempt}`;

const addressesOf = ({ phone, pushToken }: Customer): string[] => [phone.slice(1), ...(pushToken ? [pushToken] : [])];
