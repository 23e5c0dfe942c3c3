import { after, type Duration, type Instant } from '@wapas/kernel';
import { type LedgerEntry } from '@wapas/sandbox';
import { type Letter } from './mailbox';
import { type MovedClock } from './moved-clock';
import { type Answer, type Medium, type Person } from './population';

/** Wapas from outside, and the handsets. */
export interface Outside {
  /** Posts events as a source does; they happen when they are posted. */
  record(events: readonly object[]): Promise<void>;
  /** As the shop's app does when a push is tapped. */
  pushOpened(messageId: string): Promise<void>;
  /** Follows a link as a browser does. */
  follow(link: string): Promise<unknown>;
  /** What the vendors accepted or refused after this entry. */
  received(afterSeq: number): Promise<readonly LedgerEntry[]>;
  read(entry: LedgerEntry): Promise<void>;
  /** Gives the link behind the button or in the text. */
  tap(entry: LedgerEntry): Promise<string | null>;
  /** E-mails since the last time. */
  letters(): readonly Letter[];
}

type Act = () => Promise<unknown>;

const AT_ONCE = 16;

/**
 * Lives a population's day through the real application. People know nothing of journeys and arms: their payment fails, they
 * answer what reached their handset or their mailbox, some pay by themselves. All goes in through the public API.
 */
export class Simulation {
  private readonly acts = new Map<Instant, Act[]>();
  private readonly byAddress: ReadonlyMap<string, Person>;
  private readonly paid = new Set<string>();
  private events: object[] = [];
  private seen = 0;

  constructor(
    private readonly outside: Outside,
    private readonly clock: MovedClock,
    people: readonly Person[],
    private readonly onMoment: (now: Instant) => void = () => undefined,
  ) {
    this.byAddress = new Map(people.flatMap((one) => addressesOf(one).map((address) => [address, one])));
    const start = clock.now();
    for (const person of people) this.at(after(start, person.failsAfter), async () => this.fail(person));
  }

  /** Introduces everybody, then plays until `length` after now. */
  async play(people: readonly Person[], length: Duration): Promise<void> {
    const end = after(this.clock.now(), length);
    await this.post(people.map(introductionOf));
    await this.clock.rest();
    for (;;) {
      const due = await this.clock.nextDue();
      const next = Math.min(due ?? end, ...this.acts.keys(), end) as Instant;
      await this.clock.moveTo(next);
      await this.happen();
      this.onMoment(next);
      if (next >= end) return;
    }
  }

  /** First what is due at this moment, then what people do in it. */
  private async happen(): Promise<void> {
    await this.clock.rest();
    await this.hear();
    const acts = this.acts.get(this.clock.now()) ?? [];
    this.acts.delete(this.clock.now());
    if (acts.length === 0) return;
    for (let start = 0; start < acts.length; start += AT_ONCE)
      await Promise.all(acts.slice(start, start + AT_ONCE).map((act) => act()));
    await this.post(this.events.splice(0));
    await this.clock.rest();
    await this.hear();
  }

  private async post(events: readonly object[]): Promise<void> {
    for (let start = 0; start < events.length; start += EVENTS_A_POST)
      await this.outside.record(events.slice(start, start + EVENTS_A_POST));
  }

  private async hear(): Promise<void> {
    for (const entry of await this.outside.received(this.seen)) {
      this.seen = entry.seq;
      const person = this.byAddress.get(entry.address);
      if (person && entry.accepted) this.react(person, entry.channel, () => this.answer(person, entry));
    }
    for (const { to, link } of this.outside.letters()) {
      const person = this.byAddress.get(to);
      if (person && link !== null) this.react(person, 'email', () => this.click(person, 'email', link));
    }
  }

  private react(person: Person, medium: Medium, act: Act): void {
    const answer = person.answers[medium];
    if (answer) this.at(after(this.clock.now(), answer.after), act);
  }

  private async answer(person: Person, entry: LedgerEntry): Promise<void> {
    const { kind } = person.answers[entry.channel] as Answer;
    if (entry.channel === 'whatsapp') await this.outside.read(entry);
    if (entry.channel === 'push') {
      await this.outside.pushOpened(entry.content.data.wapas_msg ?? '');
      return this.decidesToPay(person, 'push');
    }
    const link = kind === 'tap' ? await this.outside.tap(entry) : null;
    if (link !== null) await this.click(person, entry.channel, link);
  }

  private async click(person: Person, medium: Medium, link: string): Promise<void> {
    await this.outside.follow(link);
    this.decidesToPay(person, medium);
  }

  private decidesToPay(person: Person, medium: Medium): void {
    const pause = person.answers[medium]?.thenPaysAfter;
    if (pause !== undefined) this.at(after(this.clock.now(), pause), async () => this.pay(person));
  }

  private fail(person: Person): void {
    this.events.push({ ...eventOf('Payment Failed', person), reason: { class: 'customer_action' } });
    if (person.paysAloneAfter) this.at(after(this.clock.now(), person.paysAloneAfter), async () => this.pay(person));
  }

  private pay(person: Person): void {
    if (this.paid.has(person.id)) return;
    this.paid.add(person.id);
    this.events.push(eventOf('Payment Captured', person));
  }

  private at(moment: Instant, act: Act): void {
    this.acts.set(moment, [...(this.acts.get(moment) ?? []), act]);
  }
}

const EVENTS_A_POST = 500;

/** The application may send to either spelling of a number. */
const addressesOf = ({ phone, email, pushToken }: Person): string[] => [phone.slice(1), email, ...(pushToken ? [pushToken] : [])];

const introductionOf = ({ id, phone, email, pushToken }: Person): object => ({
  event: 'App Opened',
  eventId: `opened-${id}`,
  person: { customerId: id, phone, email, ...(pushToken && { pushTokens: [{ token: pushToken, platform: 'android' }] }) },
  // A switch in the shop's app: without an opt-in nothing goes out on WhatsApp.
  consents: [{ purpose: 'service', channel: 'whatsapp', state: 'granted', noticeVersion: 'simulation-1', noticeLanguage: 'en' }],
});

const eventOf = (event: string, { id, phone, email, order, amount, programme }: Person): object => ({
  event,
  eventId: `${event === 'Payment Failed' ? 'failed' : 'paid'}-${id}`,
  person: { customerId: id, phone, email },
  keys: { order, payment: `pay_${id}` },
  amount: { value: amount, currency: 'INR' },
  properties: { programme, simulation: true },
});
