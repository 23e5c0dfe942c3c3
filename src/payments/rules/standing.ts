import { type EntityKey } from '@wapas/entity-keys';
import { type PaymentAsk, type PaymentState, type PaymentWord } from '@wapas/gateways';
import { type Instant } from '@wapas/kernel';

const PAID_EVENTS = ['Order Paid', 'Payment Captured', 'Payment Link Paid'] as const;

/** What an event says of a payment. Hearing it is as good as asking. */
const STATE_BY_EVENT: ReadonlyMap<string, PaymentState> = new Map<string, PaymentState>([
  ...PAID_EVENTS.map((name) => [name, 'paid'] as const),
  ['Payment Failed', 'open'],
  ['Payment Authorized', 'authorised'],
  ['Payment Refunded', 'refunded'],
  ['Order Cancelled', 'cancelled'],
  ['Order Expired', 'expired'],
]);
export const STATUS_EVENTS: readonly string[] = [...STATE_BY_EVENT.keys()];

/** After one of these nobody shall pay for the order or payment any more. */
const CLOSING_EVENTS = ['Payment Refunded', 'Order Cancelled', 'Order Expired'] as const;
export const OVER_EVENTS: readonly string[] = [...PAID_EVENTS, ...CLOSING_EVENTS];

/** What a message or a link is about, as its guard has it: by which events, about which keys, it ends. */
export interface Matter {
  readonly keys: readonly { readonly key: EntityKey; readonly absorbing: boolean; readonly names?: readonly string[] }[];
  readonly since: Instant;
  readonly stops: Readonly<Record<string, string>>;
}

/** `settled`: its goal was reached, whichever way. `closed`: it is not to be paid any more. Null: neither, as far as events tell. */
export type End = 'settled' | 'closed' | null;

/** Names of the events that `endOf` is told. */
export const endingNames = ({ stops }: Matter): string[] => [...Object.keys(stops), ...CLOSING_EVENTS];

/** How a matter has ended by what sources said of it: a shop knows of cash on delivery and of cancelled orders, its gateway does not. */
export function endOf(
  matter: Matter,
  marks: readonly { readonly key: EntityKey; readonly eventName: string; readonly occurredAt: Instant }[],
): End {
  if (marks.some((mark) => isGoal(matter, mark))) return 'settled';
  const own = new Set(matter.keys.filter(({ absorbing }) => absorbing).map(({ key }) => key));
  const isClosed = marks.some(({ key, eventName }) => own.has(key) && CLOSING_EVENTS.some((name) => name === eventName));
  return isClosed ? 'closed' : null;
}

function isGoal({ keys, since, stops }: Matter, { key, eventName, occurredAt }: Parameters<typeof endOf>[1][number]): boolean {
  const guarded = keys.find((one) => one.key === key);
  if (guarded === undefined || stops[eventName] !== 'goal_reached') return false;
  const countsByThisKey = guarded.names === undefined || guarded.names.includes(eventName);
  return countsByThisKey && (guarded.absorbing || occurredAt >= since);
}

/** What somebody who knows has said of a payment, and when. */
export interface LastWord {
  readonly state: PaymentState;
  readonly at: Instant;
}

/** The latest of what events and gateways said; of one moment, what stops. Undefined: nobody has said anything. */
export function latestWord(
  events: readonly { readonly eventName: string; readonly occurredAt: Instant }[],
  answers: readonly LastWord[],
): LastWord | undefined {
  const words = [
    ...events.flatMap(({ eventName, occurredAt: at }) => {
      const state = STATE_BY_EVENT.get(eventName);
      return state === undefined ? [] : [{ state, at }];
    }),
    ...answers,
  ];
  const weightOf = ({ at, state }: LastWord): number => at + (state === 'open' ? 0 : 0.5);
  return words.sort((one, other) => weightOf(other) - weightOf(one))[0];
}

/** Null for what is no payment, for a journey that does not end when it is paid, and for test keys: their orders are nobody's. */
export function askOf(
  event: {
    readonly source: string;
    readonly test: boolean;
    readonly content: {
      readonly keys?: { readonly order?: string; readonly payment?: string };
      readonly properties?: Readonly<Record<string, unknown>>;
    };
  },
  goals: readonly string[],
): PaymentAsk | null {
  const { order, payment } = event.content.keys ?? {};
  if (event.test || (order === undefined && payment === undefined)) return null;
  if (!PAID_EVENTS.some((name) => goals.includes(name))) return null;
  // A first-party event may say which gateway holds its order.
  const named = event.content.properties?.gateway;
  const source = event.source === 'api' && typeof named === 'string' ? named : event.source;
  return { source, ...(order !== undefined && { order }), ...(payment !== undefined && { payment }) };
}

/** The gateway to ask: the one whose webhook it was, else the only one there is. */
export function gatewayFor({ source }: PaymentAsk, gateways: readonly string[]): string | undefined {
  if (gateways.includes(source)) return source;
  return gateways.length === 1 ? gateways[0] : undefined;
}

/** Is the last word young enough to go by? (rule 25) */
export function isFresh(word: LastWord | undefined, now: Instant, maxAgeMs: number): word is LastWord {
  return word !== undefined && now - word.at <= maxAgeMs;
}

/** Why nothing may be sent about an order in this state (rule 20). `pending` may still fail, so it only holds messages back. */
const STOPS: Readonly<Record<Exclude<PaymentState, 'open' | 'pending'>, { event: string; reason: string }>> = {
  paid: { event: 'Order Paid', reason: 'goal_reached' },
  authorised: { event: 'Payment Authorized', reason: 'silenced' },
  refunded: { event: 'Payment Refunded', reason: 'refunded' },
  cancelled: { event: 'Order Cancelled', reason: 'order_cancelled' },
  expired: { event: 'Order Expired', reason: 'order_expired' },
};

export interface Stop {
  /** The event that says so, in the journey's own words where it knows several. */
  readonly event: string;
  /** For a journey whose guard does not know that event. */
  readonly reason: string;
}

/** What a gateway's word means for a journey that stops at these events; null when it stops nothing for good. */
export function stopOf({ state }: Pick<PaymentWord, 'state'>, stops: Readonly<Record<string, string>>): Stop | null {
  if (state === 'open' || state === 'pending') return null;
  const stop = STOPS[state];
  const known = state === 'paid' ? PAID_EVENTS.find((name) => stops[name] === 'goal_reached') : undefined;
  return { event: known ?? stop.event, reason: stops[known ?? stop.event] ?? stop.reason };
}
