import { type Instant } from '@wapas/kernel';
import { type NewEvent } from '../../src/ingestion/rules/new-event';
import { type JourneyDefinition } from '../../src/journeys/rules/journey-definition';
import { type Turn } from './gateway';
import { type PromisedHours, type PromisedJourney, type Visit } from './oracle';
import { Random } from './random';
import { PLAIN, VENDORS } from './vendors';

/** What an event of the scenario means, in the oracle's words. */
export type Meaning =
  | {
      readonly kind: 'trigger';
      readonly visit: string;
      readonly attempt: number;
      /** Whether it has failed at all is not known yet. */
      readonly isUncertain: boolean;
    }
  /** It has failed: what T of its visit may have waited for. */
  | { readonly kind: 'confirmation'; readonly visit: string }
  | { readonly kind: 'goal' | 'exit'; readonly matter: string }
  /** What somebody who knows has said of an order; it ends nothing. */
  | { readonly kind: 'word'; readonly order: string; readonly said: 'authorised' }
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

/** Somebody stops a journey, a provider or all sending, and sets it going again. */
export interface Stop {
  readonly of: 'journey' | 'everything' | 'provider';
  /** The journey's key or the provider's name. */
  readonly subject: string;
  readonly from: number;
  readonly to: number;
}

export interface Scenario {
  readonly journeys: readonly JourneyDefinition[];
  readonly told: readonly Told[];
  readonly stops: readonly Stop[];
  readonly visits: ReadonlyMap<string, Visit>;
  readonly personByAddress: ReadonlyMap<string, string>;
  /** How orders stand at the gateway; null: nobody can be asked. */
  readonly orders: ReadonlyMap<string, readonly Turn[]> | null;
  /** From then on the shop's webhook says nothing any more: only its gateway knows. Null: it never falls silent. */
  readonly quietFrom: number | null;
  /** Vendors refuse what is worth a further attempt, and say so late. */
  readonly hasFurther: boolean;
  /** A second provider serves SMS. */
  readonly hasSpare: boolean;
  /** When every window has closed. */
  readonly over: number;
}

const MINUTE = 60_000;
/** India has one zone and no summer time. */
const IST_MINUTES = 330;
const DAY_MINUTES = 24 * 60;

const text = { push: { title: 'push', body: '{{properties.visit}}' } };
const whatsapp = { name: 'whatsapp', language: 'en', body: ['{{properties.visit}}'] };
const picture = { image: 'https://cdn.example/order.png' };
const sms = { id: '64f0c0ffee00000000000001', variables: { step: 'sms', visit: '{{properties.visit}}' } };

/** The hours of the promotional rule, which bind what names them and every SMS that is marketing. */
const PROMOTIONAL: PromisedHours = { from: 600, to: 1_245, isLaw: true };
const ALWAYS: Omit<Habits, 'wording'> = { attempts: 'attach', hours: {}, isPromotional: false, hold: null };

/** How often several things of one person are due in one moment. */
const AT_ONCE = 0.5;
/** How often a stop comes while what was due before it may still wait: for another try, or because the job that spoke of it was lost. */
const STOPS_WHAT_WAITS = 0.6;

/** What authors choose, drawn for each seed. */
interface Habits {
  readonly attempts: 'attach' | 'restart' | 'restart_when_engaged';
  /** Hours that the author sets for a step. */
  readonly hours: Readonly<Record<string, PromisedHours>>;
  /** The author has named the promotional hours for every step. */
  readonly isPromotional: boolean;
  /** What is pending waits for certainty before T begins. */
  readonly hold: PromisedJourney['hold'];
  readonly wording: Wording;
}

/** Whether the message by WhatsApp shows a picture, and whether its author has given a plain one to go out instead. */
interface Wording {
  readonly hasPicture: boolean;
  readonly hasPlain: boolean;
}

const inWords = ({ hasPicture, hasPlain }: Wording) => ({
  ...whatsapp,
  ...(hasPicture && { header: picture }),
  ...(hasPlain && { instead: [{ ...whatsapp, name: `${whatsapp.name}${PLAIN}` }] }),
});

interface Journey {
  readonly definition: JourneyDefinition;
  /** The same, as the oracle knows it. */
  readonly promised: PromisedJourney;
}

/** The playbook, with its times drawn together so that a seed does not take a day. */
function paymentFailed({ attempts, hours, isPromotional, hold, wording }: Habits): Journey {
  const bound = (step: string): PromisedHours[] => [hours[step] ?? [], isPromotional ? PROMOTIONAL : []].flat();
  return {
    definition: {
      format: 'wapas.journey/1',
      key: 'payment_failed',
      name: 'Payment failed',
      trigger: { event: 'Payment Failed', maxAge: '30m' },
      correlateBy: ['order'],
      goal: { events: ['Payment Captured'], by: ['order'] },
      exits: [{ event: 'Order Cancelled', reason: 'order_cancelled' }],
      window: '70m',
      attempts,
      maxMessages: 6,
      holdoutPercent: 15,
      ...(isPromotional ? { legalHours: ['promotional_sms_in' as const] } : {}),
      ...(hold && {
        hold: {
          when: [{ field: 'reason.class', is: 'pending' }],
          for: `${hold.for}m`,
          confirmedBy: ['Payment Declined'],
          onUnknown: hold.onUnknown,
        },
      }),
      steps: [
        { key: 'push', after: '1m', maxDelay: '8m', channel: 'push', messages: [{ template: text.push }] },
        {
          key: 'whatsapp',
          after: '15m',
          minDelay: '3m',
          maxDelay: '10m',
          channel: 'whatsapp',
          unless: [{ step: 'push', signal: 'engaged' }],
          ...hoursOf(hours.whatsapp),
          messages: [{ template: inWords(wording) }],
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
          ...hoursOf(hours.sms),
          messages: [{ template: sms }],
        },
      ],
    },
    promised: {
      key: 'payment_failed',
      window: 70,
      isMarketing: false,
      attempts,
      hold,
      steps: [
        { step: 'push', channel: 'push', after: 1, minDelay: 1, maxDelay: 8, hours: bound('push'), unlessAnswered: [] },
        {
          step: 'whatsapp',
          channel: 'whatsapp',
          after: 15,
          minDelay: 3,
          maxDelay: 10,
          hours: bound('whatsapp'),
          unlessAnswered: ['push'],
        },
        {
          step: 'sms',
          channel: 'sms',
          after: 40,
          minDelay: 20,
          maxDelay: 20,
          hours: bound('sms'),
          unlessAnswered: ['push', 'whatsapp'],
        },
      ],
    },
  };
}

/** Marketing about something that is used again: a cart may be left, paid for and left once more. */
function cartLeft(): Journey {
  return {
    definition: {
      format: 'wapas.journey/1',
      key: 'cart_left',
      name: 'Cart left',
      trigger: { event: 'Cart Left', maxAge: '30m' },
      correlateBy: ['cart'],
      goal: { events: ['Order Placed'], by: ['cart'] },
      window: '40m',
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
        {
          key: 'sms',
          after: '22m',
          minDelay: '8m',
          maxDelay: '15m',
          channel: 'sms',
          purpose: 'marketing',
          unless: [
            { step: 'push', signal: 'engaged' },
            { step: 'whatsapp', signal: 'engaged' },
          ],
          messages: [{ template: sms }],
        },
      ],
    },
    promised: {
      key: 'cart_left',
      window: 40,
      isMarketing: true,
      attempts: 'attach',
      hold: null,
      steps: [
        { step: 'push', channel: 'push', after: 2, minDelay: 2, maxDelay: 5, hours: [], unlessAnswered: [] },
        { step: 'whatsapp', channel: 'whatsapp', after: 12, minDelay: 4, maxDelay: 10, hours: [], unlessAnswered: ['push'] },
        {
          step: 'sms',
          channel: 'sms',
          after: 22,
          minDelay: 8,
          maxDelay: 15,
          hours: [PROMOTIONAL],
          unlessAnswered: ['push', 'whatsapp'],
        },
      ],
    },
  };
}

function hoursOf(hours: PromisedHours | undefined): Pick<JourneyDefinition['steps'][number], 'hours'> {
  if (hours === undefined) return {};
  const clock = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const { from, to, outside, exceptWithin = 0 } = hours;
  return { hours: { from: clock(from), to: clock(to), outside, exceptWithin: `${exceptWithin}m` } };
}

/** When it all begins: at ten in the morning as a rule; now and then so that hours open or close meanwhile. */
export function drawStart(random: Random, seed: number): number {
  // Any day of November.
  const day = Date.UTC(2026, 10, 2 + (seed % 20)) - IST_MINUTES * MINUTE;
  const [from, to] = { day: [600, 660], morning: [530, 590], evening: [1_170, 1_230] }[
    random.weighed({ day: 4, morning: 1, evening: 1 })
  ] as [number, number];
  return day + random.between(from, to) * MINUTE;
}

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
  if (random.chance(0.4)) drawing.stop();
  if (random.chance(0.1)) drawing.stop();
  drawing.atOnce(people);
  return drawing.done();
}

function drawHabits(random: Random, start: number): Omit<Habits, 'wording'> {
  if (random.chance(0.3)) return ALWAYS;
  const minute = (Math.floor(start / MINUTE) + IST_MINUTES) % DAY_MINUTES;
  const hours = ['whatsapp', 'sms']
    .filter(() => random.chance(0.4))
    .map((step): [string, PromisedHours] => {
      const turn = minute + random.whole(8, 75);
      const [from, to] = random.chance(0.6) ? [turn, Math.min(turn + 300, DAY_MINUTES - 1)] : [minute - 240, turn];
      const outside = random.pick(['hold', 'hold', 'expire'] as const);
      return [step, { from, to, isLaw: false, outside, exceptWithin: random.pick([0, 0, 16]) }];
    });
  return {
    attempts: random.pick(['attach', 'restart', 'restart', 'restart_when_engaged']),
    hours: Object.fromEntries(hours),
    isPromotional: random.chance(0.2),
    hold: null,
  };
}

/** Drawn aside, so that worlds without any of it stay what they were. */
interface Aside {
  readonly random: Random;
  readonly hold: PromisedJourney['hold'];
  readonly fallsSilent: boolean;
  /** Of things of one person that are due in one moment. */
  readonly atOnce: Random;
  readonly stops: Random;
  readonly hasFurther: boolean;
  readonly hasSpare: boolean;
  readonly wording: Wording;
}

function drawAside(start: number): Aside {
  const random = new Random(Math.floor(start * 997) % 2 ** 31);
  const hold = random.chance(0.3)
    ? { for: random.whole(3, 9), onUnknown: random.pick(['enter', 'enter', 'skip'] as const) }
    : null;
  const fallsSilent = random.chance(0.3);
  const further = new Random(Math.floor(start * 977) % 2 ** 31);
  const hasFurther = further.chance(0.5);
  return {
    random,
    hold,
    fallsSilent,
    atOnce: new Random(Math.floor(start * 991) % 2 ** 31),
    stops: new Random(Math.floor(start * 983) % 2 ** 31),
    hasFurther,
    hasSpare: hasFurther && further.chance(0.6),
    wording: { hasPicture: hasFurther && further.chance(0.6), hasPlain: hasFurther && further.chance(0.6) },
  };
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
  private readonly orders: Map<string, Turn[]> | null;
  private readonly journeys: Readonly<Record<'payment_failed' | 'cart_left', Journey>>;
  private readonly aside: Aside;
  private count = 0;

  constructor(
    private readonly random: Random,
    private readonly start: number,
  ) {
    this.orders = random.chance(0.6) ? new Map<string, Turn[]>() : null;
    this.aside = drawAside(start);
    const habits = { ...drawHabits(random, start), hold: this.aside.hold, wording: this.aside.wording };
    this.journeys = { payment_failed: paymentFailed(habits), cart_left: cartLeft() };
  }

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

  /** Several things of one person, one of them due for a push in the moment in which another is for WhatsApp: each leaves room for the other. */
  atOnce(people: readonly Person[]): void {
    const random = this.aside.atOnce;
    if (!random.chance(AT_ONCE)) return;
    const person = random.pick(people);
    const moment = this.start + random.between(41, 60) * MINUTE;
    const count = random.chance(0.7) ? 2 : 3;
    for (let step = 0; step < count; step += 1) {
      const isCart = random.chance(0.5);
      const { steps } = this.journeys[isCart ? 'cart_left' : 'payment_failed'].promised;
      const at = moment - (steps[step]?.after ?? 0) * MINUTE + random.between(0, 3);
      if (isCart) this.cart(person, at);
      else this.payment(person, at);
    }
  }

  payment(person: Person, at = this.beginning(this.journeys.payment_failed.promised)): void {
    const { random } = this;
    const order = `order_${(this.count += 1)}`;
    const visit = `visit-${order}`;
    const { promised } = this.journeys.payment_failed;
    this.visit(visit, promised, person, order, true, at);
    const amount = { amount: 149_900, currency: 'INR' };
    const fail = (attempt: number, when: number): void => {
      const isUncertain = this.aside.hold !== null && this.aside.random.chance(attempt === 1 ? 0.8 : 0.5);
      const reason = isUncertain ? { reason: { class: 'pending' } } : {};
      this.tell(
        'Payment Failed',
        when,
        { person, keys: { order }, amount, ...reason, properties: { visit, attempt } },
        { kind: 'trigger', visit, attempt, isUncertain },
      );
    };
    fail(1, at);
    this.confirm(visit, order, at);
    const attempts = { once: 1, twice: 2, often: 4 }[random.weighed({ once: 5, twice: 3, often: 2 })];
    for (let attempt = 2; attempt <= attempts; attempt += 1) {
      const when = Math.max(at + 10, random.chance(0.5) ? this.momentAfter(at, 50) : at + random.between(0.01, 50) * MINUTE);
      fail(attempt, when);
      for (const step of promised.steps) this.moments.push(when + step.after * MINUTE);
    }
    this.settle(order, at);
  }

  /** The bank says no: before anybody had asked, while T waits for it, or too late. */
  private confirm(visit: string, order: string, at: number): void {
    const { random, hold } = this.aside;
    if (hold === null) return;
    const over = at + hold.for * MINUTE;
    for (const step of this.journeys.payment_failed.promised.steps) this.moments.push(over + step.after * MINUTE);
    if (!random.chance(0.6)) return;
    const when = {
      before: at - random.between(0.01, 3) * MINUTE,
      meanwhile: at + random.between(0.01, hold.for) * MINUTE,
      over: over + random.between(-100, 200),
    }[random.weighed({ before: 2, meanwhile: 5, over: 3 })];
    this.tell('Payment Declined', when, { keys: { order } }, { kind: 'confirmation', visit });
  }

  /** The order is paid, cancelled or neither; at its gateway it may stand otherwise than any webhook says. */
  private settle(order: string, at: number): void {
    const { random } = this;
    const turns: Turn[] = [];
    // A webhook may be lost for good: then only the gateway knows.
    const isHeard = (): boolean => this.orders === null || random.chance(0.75);
    if (random.chance(0.65)) {
      const paidAt = this.momentAfter(at, 60);
      turns.push({ at: paidAt, state: 'paid' });
      if (isHeard()) this.tell('Payment Captured', paidAt, { keys: { order } }, { kind: 'goal', matter: order });
      if (random.chance(0.1)) turns.push({ at: paidAt + random.between(1, 10) * MINUTE, state: 'refunded' });
    }
    if (random.chance(0.15)) {
      const cancelledAt = this.momentAfter(at, 60);
      turns.push({ at: cancelledAt, state: 'cancelled' });
      if (isHeard()) this.tell('Order Cancelled', cancelledAt, { keys: { order } }, { kind: 'exit', matter: order });
    }
    if (this.orders !== null && random.chance(0.25)) {
      const reservedAt = this.momentAfter(at, 60);
      turns.push({ at: reservedAt, state: 'authorised' });
      if (random.chance(0.4))
        this.tell('Payment Authorized', reservedAt, { keys: { order } }, { kind: 'word', order, said: 'authorised' });
    }
    if (random.chance(0.2)) {
      const pendingAt = this.momentAfter(at, 60);
      turns.push({ at: pendingAt, state: 'pending' }, { at: pendingAt + random.between(0.5, 6) * MINUTE, state: 'open' });
    }
    this.orders?.set(order, turns);
  }

  cart(person: Person, first = this.beginning(this.journeys.cart_left.promised)): void {
    const cart = `cart_${(this.count += 1)}`;
    const { promised } = this.journeys.cart_left;
    let at = first;
    for (let round = this.random.whole(1, 2); round > 0; round -= 1) {
      const visit = `visit-${cart}-${round}`;
      this.visit(visit, promised, person, cart, false, at);
      this.tell(
        'Cart Left',
        at,
        { person, keys: { cart }, properties: { visit } },
        { kind: 'trigger', visit, attempt: 1, isUncertain: false },
      );
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
    const { random } = this;
    const of = random.weighed({ journey: 5, everything: 3, provider: 3 });
    const subject =
      of === 'journey'
        ? random.pick(['payment_failed', 'payment_failed', 'cart_left'])
        : of === 'provider'
          ? random.pick(VENDORS).name
          : '';
    const due = this.moments.length > 0 ? this.near(random.pick(this.moments)) : this.start;
    const { stops } = this.aside;
    const from = stops.chance(STOPS_WHAT_WAITS) ? due + stops.between(0, 20_000) : due;
    this.stops.push({ of, subject, from, to: from + random.between(0.5, random.chance(0.3) ? 45 : 12) * MINUTE });
  }

  done(): Scenario {
    const last = Math.max(...this.told.map(({ at }) => at), ...this.stops.map(({ to }) => to));
    return {
      journeys: Object.values(this.journeys).map(({ definition }) => definition),
      told: this.told,
      stops: this.stops,
      visits: this.visits,
      personByAddress: this.personByAddress,
      orders: this.orders,
      quietFrom: this.orders !== null && this.aside.fallsSilent ? this.start + this.aside.random.between(5, 35) * MINUTE : null,
      hasFurther: this.aside.hasFurther,
      hasSpare: this.aside.hasSpare,
      over: last + 75 * MINUTE,
    };
  }

  private visit(visit: string, promised: PromisedJourney, person: Person, matter: string, isOrder: boolean, at: number): void {
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
