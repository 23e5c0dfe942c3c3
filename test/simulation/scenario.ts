import { type Instant } from '@wapas/kernel';
import { type NewEvent } from '../../src/ingestion/rules/new-event';
import { type JourneyDefinition } from '../../src/journeys/rules/journey-definition';
import { type PromisedJourney, type Visit } from './oracle';
import { type Random } from './random';

/** What an event of the scenario means, in the oracle's words. */
export type Meaning =
  | { readonly kind: 'trigger'; readonly visit: string }
  | { readonly kind: 'goal' | 'exit'; readonly matter: string }
  | { readonly kind: 'consent'; readonly person: string; readonly channels: readonly string[]; readonly isOut: boolean };

/** An event that a source has to tell, and when it first tries. */
export interface Told {
  readonly id: string;
  readonly at: number;
  readonly event: NewEvent;
  readonly meaning: Meaning;
  /** How often it is told although it was acknowledged. */
  readonly again: number;
}

export interface Stop {
  readonly journey: string;
  readonly from: number;
  readonly to: number;
}

export interface Scenario {
  readonly told: readonly Told[];
  readonly stops: readonly Stop[];
  readonly visits: ReadonlyMap<string, Visit>;
  readonly personByAddress: ReadonlyMap<string, string>;
  /** When every window has closed. */
  readonly over: number;
}

const MINUTE = 60_000;

const text = { push: { title: 'push', body: '{{properties.visit}}' } };
const whatsapp = { name: 'whatsapp', language: 'en', body: ['{{properties.visit}}'] };
const sms = { id: '64f0c0ffee00000000000001', variables: { step: 'sms', visit: '{{properties.visit}}' } };

/** The playbook, with its times drawn together so that a seed does not take a day. */
export const PAYMENT_FAILED: JourneyDefinition = {
  format: 'wapas.journey/1',
  key: 'payment_failed',
  name: 'Payment failed',
  trigger: { event: 'Payment Failed', maxAge: '30m' },
  correlateBy: ['order'],
  goal: { events: ['Payment Captured'], by: ['order'] },
  exits: [{ event: 'Order Cancelled', reason: 'order_cancelled' }],
  window: '70m',
  holdoutPercent: 15,
  steps: [
    { key: 'push', after: '1m', maxDelay: '8m', channel: 'push', messages: [{ template: text.push }] },
    {
      key: 'whatsapp',
      after: '15m',
      minDelay: '3m',
      maxDelay: '10m',
      channel: 'whatsapp',
      unless: [{ step: 'push', signal: 'engaged' }],
      messages: [{ template: whatsapp }],
    },
    {
      key: 'sms',
      after: '40m',
      minDelay: '20m',
      maxDelay: '20m',
      channel: 'sms',
      unless: [
        { step: 'push', signal: 'engaged' },
        { step: 'whatsapp', signal: 'engaged' },
      ],
      messages: [{ template: sms }],
    },
  ],
};

/** Marketing about something that is used again: a cart may be left, paid for and left once more. */
export const CART_LEFT: JourneyDefinition = {
  format: 'wapas.journey/1',
  key: 'cart_left',
  name: 'Cart left',
  trigger: { event: 'Cart Left', maxAge: '30m' },
  correlateBy: ['cart'],
  goal: { events: ['Order Placed'], by: ['cart'] },
  window: '30m',
  holdoutPercent: 15,
  steps: [
    {
      key: 'push',
      after: '2m',
      maxDelay: '5m',
      channel: 'push',
      purpose: 'marketing',
      messages: [{ template: text.push }],
    },
    {
      key: 'whatsapp',
      after: '12m',
      minDelay: '4m',
      maxDelay: '10m',
      channel: 'whatsapp',
      purpose: 'marketing',
      unless: [{ step: 'push', signal: 'engaged' }],
      messages: [{ template: whatsapp }],
    },
  ],
};

/** The same, as the oracle knows it. */
const PROMISES: Readonly<Record<'payment_failed' | 'cart_left', PromisedJourney>> = {
  payment_failed: {
    key: 'payment_failed',
    window: 70,
    isMarketing: false,
    steps: [
      { step: 'push', channel: 'push', after: 1, minDelay: 1, maxDelay: 8, unlessAnswered: [] },
      { step: 'whatsapp', channel: 'whatsapp', after: 15, minDelay: 3, maxDelay: 10, unlessAnswered: ['push'] },
      { step: 'sms', channel: 'sms', after: 40, minDelay: 20, maxDelay: 20, unlessAnswered: ['push', 'whatsapp'] },
    ],
  },
  cart_left: {
    key: 'cart_left',
    window: 30,
    isMarketing: true,
    steps: [
      { step: 'push', channel: 'push', after: 2, minDelay: 2, maxDelay: 5, unlessAnswered: [] },
      { step: 'whatsapp', channel: 'whatsapp', after: 12, minDelay: 4, maxDelay: 10, unlessAnswered: ['push'] },
    ],
  },
};

/** People who fall off, come back, pay at the worst moment, change their minds, and sources that repeat and reorder all of it. */
export function drawScenario(random: Random, start: number): Scenario {
  const drawing = new Drawing(random, start);
  const people = Array.from({ length: random.whole(1, 3) }, (_one, index) => drawing.person(index));
  for (let stories = random.whole(2, 4); stories > 0; stories -= 1) {
    const person = random.pick(people);
    if (random.chance(0.65)) drawing.payment(person);
    else drawing.cart(person);
  }
  if (random.chance(0.25)) drawing.optOut(random.pick(people));
  if (random.chance(0.25)) drawing.stop();
  return drawing.done();
}

interface Person {
  readonly customerId: string;
  readonly phone: string;
  readonly pushTokens: readonly { readonly token: string; readonly platform: 'android' }[];
}

class Drawing {
  private readonly told: Told[] = [];
  private readonly stops: Stop[] = [];
  private readonly visits = new Map<string, Visit>();
  private readonly personByAddress = new Map<string, string>();
  /** Moments at which a step of somebody's is due: the worst ones for anything to happen. */
  private readonly moments: number[] = [];
  private count = 0;

  constructor(
    private readonly random: Random,
    private readonly start: number,
  ) {}

  person(index: number): Person {
    const { random } = this;
    // Arms are drawn by who somebody is: every seed has people of its own.
    const customerId = `cust_${Math.floor(this.start / 1_000) % 1_000_000}_${index}`;
    const tokens = Array.from({ length: random.whole(0, 2) }, (_one, device) => `token-${index}-${device}`);
    const phone = `+9198765000${index}0`;
    for (const address of [...tokens, phone]) this.personByAddress.set(address, customerId);
    const person = { customerId, phone, pushTokens: tokens.map((token) => ({ token, platform: 'android' as const })) };
    const granted = ['push', 'whatsapp', 'sms'].filter(() => random.chance(0.85));
    this.tell(
      'Signed Up',
      this.start - 5 * MINUTE,
      { person, consents: granted.map((channel) => consent(channel, 'granted')) },
      {
        kind: 'consent',
        person: customerId,
        channels: granted,
        isOut: false,
      },
    );
    return person;
  }

  payment(person: Person): void {
    const order = `order_${(this.count += 1)}`;
    const visit = `visit-${order}`;
    const at = this.beginning(PROMISES.payment_failed);
    this.visit(visit, 'payment_failed', person, order, true, at);
    const content = { person, keys: { order }, amount: { amount: 149_900, currency: 'INR' }, properties: { visit } };
    this.tell('Payment Failed', at, content, { kind: 'trigger', visit });
    if (this.random.chance(0.3))
      this.tell('Payment Failed', at + this.random.between(0.01, 40) * MINUTE, content, { kind: 'trigger', visit });
    if (this.random.chance(0.65))
      this.tell('Payment Captured', this.momentAfter(at, 60), { keys: { order } }, { kind: 'goal', matter: order });
    if (this.random.chance(0.15))
      this.tell('Order Cancelled', this.momentAfter(at, 60), { keys: { order } }, { kind: 'exit', matter: order });
  }

  cart(person: Person): void {
    const cart = `cart_${(this.count += 1)}`;
    let at = this.beginning(PROMISES.cart_left);
    for (let round = this.random.whole(1, 2); round > 0; round -= 1) {
      const visit = `visit-${cart}-${round}`;
      this.visit(visit, 'cart_left', person, cart, false, at);
      this.tell('Cart Left', at, { person, keys: { cart }, properties: { visit } }, { kind: 'trigger', visit });
      if (this.random.chance(0.6))
        this.tell('Order Placed', this.momentAfter(at, 25), { keys: { cart } }, { kind: 'goal', matter: cart });
      at += this.random.between(5, 45) * MINUTE;
    }
  }

  optOut(person: Person): void {
    const channels = ['push', 'whatsapp', 'sms'].filter(() => this.random.chance(0.6));
    const at =
      this.random.chance(0.7) && this.moments.length > 0 ? this.near(this.random.pick(this.moments)) : this.start + 10 * MINUTE;
    const { customerId } = person;
    this.tell(
      'Preferences Changed',
      at,
      { person: { customerId }, consents: channels.map((channel) => consent(channel, 'withdrawn')) },
      {
        kind: 'consent',
        person: customerId,
        channels,
        isOut: true,
      },
    );
  }

  stop(): void {
    const journey = this.random.pick(['payment_failed', 'cart_left']);
    const from = this.moments.length > 0 ? this.near(this.random.pick(this.moments)) : this.start;
    this.stops.push({ journey, from, to: from + this.random.between(0.5, 12) * MINUTE });
  }

  done(): Scenario {
    const last = Math.max(...this.told.map(({ at }) => at));
    return {
      told: this.told,
      stops: this.stops,
      visits: this.visits,
      personByAddress: this.personByAddress,
      over: last + 75 * MINUTE,
    };
  }

  private visit(
    visit: string,
    journey: keyof typeof PROMISES,
    person: Person,
    matter: string,
    isOrder: boolean,
    at: number,
  ): void {
    const promised = PROMISES[journey];
    this.visits.set(visit, { visit, journey: promised, person: person.customerId, matter, isOrder });
    for (const step of promised.steps) this.moments.push(at + step.after * MINUTE);
  }

  /** Whenever; or so that one of its steps is due in the very moment in which another one is. */
  private beginning({ steps }: PromisedJourney): number {
    if (this.moments.length === 0 || this.random.chance(0.5)) return this.start + this.random.between(0, 25) * MINUTE;
    const at = this.random.pick(this.moments) - this.random.pick(steps).after * MINUTE + this.random.between(-30, 30);
    return at > this.start ? at : this.start + this.random.between(0, 25) * MINUTE;
  }

  /** Before it, just when something is due, or whenever. */
  private momentAfter(at: number, withinMinutes: number): number {
    const own = this.moments.filter((moment) => moment >= at);
    switch (this.random.weighed({ before: 1, due: 6, whenever: 3 })) {
      case 'before':
        return at - this.random.between(0.001, 2) * MINUTE;
      case 'due':
        return this.near(this.random.pick(own));
      case 'whenever':
        return at + this.random.between(0.001, withinMinutes) * MINUTE;
    }
  }

  private near(moment: number): number {
    return moment + this.random.between(-60, 160);
  }

  private tell(name: string, at: number, content: NewEvent['content'], meaning: Meaning): void {
    const id = `evt_${this.told.length}`;
    // What happened is told at once, late, or long after.
    const delay = this.random.weighed({ soon: 8, late: 1, later: 1 });
    const lateBy = delay === 'soon' ? this.random.between(5, 80) : this.random.between(1, delay === 'late' ? 60 : 600) * 1_000;
    const event: NewEvent = {
      source: 'shop',
      sourceEventId: id,
      name,
      occurredAt: Math.floor(at) as Instant,
      test: false,
      content,
    };
    this.told.push({ id, at: at + lateBy, event, meaning, again: this.random.chance(0.2) ? this.random.whole(1, 2) : 0 });
  }
}

const consent = (channel: string, state: 'granted' | 'withdrawn') => ({ purpose: 'all' as const, channel, state });
