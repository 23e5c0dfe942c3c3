import { assertNever, type Duration, durationOf, minutes } from '@wapas/kernel';
import { Dice } from './dice';

export type Channel = 'push' | 'whatsapp' | 'sms';

/** What a customer would do by nature. Whether it comes to that depends on what reaches the handset. */
export type Behaviour = 'opens_push' | 'taps_whatsapp' | 'taps_sms' | 'acts_alone' | 'never';

export interface Customer {
  readonly id: string;
  readonly name: string;
  /** E.164. */
  readonly phone: string;
  readonly email: string;
  /** Absent for a customer without the app. */
  readonly pushToken?: string;
  /** When the trouble begins, from the start of the story. */
  readonly entersAfter: Duration;
  readonly behaviour: Behaviour;
  readonly matter: PaymentMatter | KycMatter | CartMatter;
  /** What a message on a channel leads to; a channel that is not here is ignored. */
  readonly reactions: Readonly<Partial<Record<Channel, Reaction>>>;
  /** Pays (or retakes the photo) of their own accord, this long after entering, whatever was sent. */
  readonly actsAloneAfter?: Duration;
}

export interface Reaction {
  readonly kind: 'open' | 'read' | 'tap';
  readonly after: Duration;
  /** From the reaction to the payment; absent for somebody who only looks. */
  readonly thenPaysAfter?: Duration;
}

export interface PaymentMatter {
  readonly kind: 'payment';
  readonly order: string;
  /** Paise. */
  readonly amount: number;
  readonly method: 'upi' | 'card' | 'netbanking';
  readonly failure: { readonly reason: string; readonly source: 'customer' | 'bank' | 'gateway' | 'business' };
  /** The gateway tells of the payment first and of the failure a minute later. */
  readonly paidBeforeFailureIsTold: boolean;
  /** The customer tries once more at once, and fails again. */
  readonly secondFailureAfter?: Duration;
  /** Webhooks of this order come twice. */
  readonly toldTwice: boolean;
  /** The payment is announced as authorised, captured and as a paid order. */
  readonly toldInThreeSteps: boolean;
}

export interface KycMatter {
  readonly kind: 'kyc';
  readonly application: string;
  readonly reason: 'blurry' | 'glare' | 'cropped';
}

export interface CartMatter {
  readonly kind: 'cart';
  readonly cart: string;
  readonly amount: number;
}

/**
 * Two hundred invented people. Every trait is a function of the seed and the customer alone, and every act keeps away from
 * the moments at which the journeys decide (T+1, T+5, T+15 and T+120 minutes): where a busy machine is two seconds late,
 * that is eight minutes of the story, and the figures stay the same.
 */
export function inventCustomers(seed: number, count = 200): Customer[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, (_, index) => inventCustomer(dice, index + 1));
}

function inventCustomer(dice: Dice, number: number): Customer {
  const id = `cust_${String(number).padStart(4, '0')}`;
  const matter = inventMatter(dice, id, number);
  const phone = `+9198765${String(number).padStart(5, '0')}`;
  const behaviour = behaviourOf(dice, id, matter);
  const pushToken = pushTokenOf(dice, id, behaviour, phone);
  const name = `${dice.oneOf(FIRST_NAMES, id, 'first name')} ${dice.oneOf(LAST_NAMES, id, 'last name')}`;
  return {
    id,
    name,
    phone,
    email: `${id}@example.com`,
    ...(pushToken && { pushToken }),
    // The third message of a KYC journey (T+3h) must lie beyond the end of the story: those begin later.
    entersAfter: spread(dice, matter.kind === 'kyc' ? [10, 20] : [1, 20], id, 'enters'),
    behaviour,
    matter,
    ...responsesOf(dice, id, behaviour),
  };
}

function inventMatter(dice: Dice, id: string, number: number): Customer['matter'] {
  const kind = dice.weighted({ payment: 76, kyc: 14, cart: 10 }, id, 'matter');
  switch (kind) {
    case 'payment':
      return inventPayment(dice, id, number);
    case 'kyc':
      return {
        kind: 'kyc',
        application: `kyc_${5_000 + number}`,
        reason: dice.oneOf(['blurry', 'glare', 'cropped'] as const, id, 'rejected'),
      };
    case 'cart':
      return { kind: 'cart', cart: `cart_${7_000 + number}`, amount: inventAmount(dice, id) };
    default:
      return assertNever(kind);
  }
}

function inventPayment(dice: Dice, id: string, number: number): PaymentMatter {
  const behaviour = paymentBehaviour(dice, id);
  return {
    kind: 'payment',
    order: `order_Demo${String(number).padStart(6, '0')}`,
    amount: inventAmount(dice, id),
    method: dice.weighted({ upi: 70, card: 22, netbanking: 8 }, id, 'method'),
    failure: inventFailure(dice, id, behaviour),
    paidBeforeFailureIsTold: behaviour === 'acts_alone' && dice.chance(0.15, id, 'paid before the failure is told'),
    ...(dice.chance(0.12, id, 'second failure') && { secondFailureAfter: spread(dice, [2, 4], id, 'second failure after') }),
    toldTwice: dice.chance(0.15, id, 'told twice'),
    toldInThreeSteps: dice.chance(0.3, id, 'told in three steps'),
  };
}

/**
 * After a timeout nobody is asked to pay again, so nobody taps anything: the bank confirms by itself, or does not. A fault
 * of the shop itself is not the customer's to repair.
 */
function inventFailure(dice: Dice, id: string, behaviour: Behaviour): PaymentMatter['failure'] {
  const isForTheBank = behaviour === 'acts_alone' || behaviour === 'never';
  if (behaviour === 'never' && dice.chance(0.08, id, 'fault of the shop'))
    return { reason: 'payment_method_not_enabled', source: 'business' };
  if (isForTheBank && dice.chance(0.25, id, 'timeout')) return { reason: 'payment_timed_out', source: 'bank' };
  return dice.oneOf(
    [
      { reason: 'incorrect_pin', source: 'customer' },
      { reason: 'insufficient_funds', source: 'customer' },
      { reason: 'incorrect_otp', source: 'customer' },
      { reason: 'card_declined', source: 'bank' },
      { reason: 'payment_cancelled', source: 'customer' },
    ] as const,
    id,
    'failure',
  );
}

const inventAmount = (dice: Dice, id: string): number => Math.round(dice.between(199, 6_999, id, 'amount')) * 100;

function behaviourOf(dice: Dice, id: string, matter: Customer['matter']): Behaviour {
  switch (matter.kind) {
    case 'payment':
      return paymentBehaviour(dice, id);
    case 'kyc':
      return dice.weighted({ opens_push: 35, taps_whatsapp: 25, acts_alone: 10, never: 30 }, id, 'behaviour');
    case 'cart':
      return 'never';
    default:
      return assertNever(matter);
  }
}

const paymentBehaviour = (dice: Dice, id: string): Behaviour =>
  dice.weighted({ opens_push: 16, taps_whatsapp: 15, taps_sms: 12, acts_alone: 24, never: 33 }, id, 'behaviour');

/** The sandbox puts a push on the handset whose number ends the token, and knows `dead-` tokens as uninstalled apps. */
function pushTokenOf(dice: Dice, id: string, behaviour: Behaviour, phone: string): string | undefined {
  const needsPush = behaviour === 'opens_push';
  if (!needsPush && !dice.chance(0.75, id, 'app')) return undefined;
  const isUninstalled = !needsPush && dice.chance(0.06, id, 'uninstalled');
  return `${isUninstalled ? 'dead-' : LIVE_TOKEN}${phone.slice(1)}`;
}

/** How the token of an app that is there begins. */
export const LIVE_TOKEN = 'demo-';

function responsesOf(dice: Dice, id: string, behaviour: Behaviour): Pick<Customer, 'reactions' | 'actsAloneAfter'> {
  const pause = (range: Range, ...names: string[]): Duration => spread(dice, range, id, ...names);
  switch (behaviour) {
    case 'opens_push':
      return {
        reactions: { push: { kind: 'open', after: pause([1, 3], 'push'), thenPaysAfter: pause([1, 3], 'push', 'pays') } },
      };
    case 'taps_whatsapp':
      return {
        reactions: {
          whatsapp: { kind: 'tap', after: pause([4, 45], 'whatsapp'), thenPaysAfter: pause([1, 4], 'whatsapp', 'pays') },
        },
      };
    case 'taps_sms':
      return { reactions: { sms: { kind: 'tap', after: pause([3, 18], 'sms'), thenPaysAfter: pause([1, 4], 'sms', 'pays') } } };
    case 'acts_alone':
      return {
        reactions: {},
        actsAloneAfter: pause(dice.oneOf(BETWEEN_STEPS, id, 'alone'), 'acts alone'),
      };
    case 'never':
      return { reactions: looksOnly(dice, id) };
    default:
      return assertNever(behaviour);
  }
}

/** Not between push (T+1) and WhatsApp (T+15): at 240 times the speed those lie three seconds apart. */
const BETWEEN_STEPS: readonly Range[] = [
  [25, 60],
  [60, 105],
  [138, 150],
];

/** Looking without paying spares the customer the next message, and earns nothing. */
function looksOnly(dice: Dice, id: string): Customer['reactions'] {
  return {
    ...(dice.chance(0.2, id, 'push', 'looks') && { push: { kind: 'open', after: spread(dice, [1, 3], id, 'push') } }),
    ...(dice.chance(0.35, id, 'whatsapp', 'looks') && {
      whatsapp: { kind: 'read', after: spread(dice, [4, 45], id, 'whatsapp') },
    }),
  };
}

/** Minutes of business time. */
type Range = readonly [least: number, most: number];

const spread = (dice: Dice, [least, most]: Range, ...names: readonly (string | number)[]): Duration =>
  durationOf(Math.round(dice.between(minutes(least), minutes(most), ...names)));

const FIRST_NAMES =
  `Aarav Aditi Ananya Arjun Asha Dev Diya Farhan Gauri Harsh Isha Kabir Kavya Meera Mohan Neha Nikhil Pooja Priya
Rahul Ravi Riya Rohan Sana Sunita Tara Vikram Zoya`.split(/\s/);
const LAST_NAMES =
  `Bose Chopra Das Desai Fernandes Ghosh Gupta Iyer Jain Joshi Kapoor Khan Kulkarni Mehta Menon Nair Patel Rao Reddy
Shah Sharma Singh Verma Yadav`.split(/\s/);
