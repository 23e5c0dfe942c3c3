import { type Duration, durationOf, minutes } from '@wapas/kernel';
import { type Rates } from '@wapas/stated-rates';
import { Dice } from '../dice';

export const MEDIA = ['push', 'whatsapp', 'sms', 'email'] as const;
export type Medium = (typeof MEDIA)[number];

/** What a message on a medium leads to; a medium that is not there leads to nothing. */
export interface Answer {
  readonly kind: 'look' | 'tap';
  readonly after: Duration;
  /** From the tap to the payment; absent for somebody who changes their mind. */
  readonly thenPaysAfter?: Duration;
}

/** Somebody invented whose payment has failed. */
export interface Person {
  readonly id: string;
  /** E.164. */
  readonly phone: string;
  readonly email: string;
  readonly pushToken?: string;
  readonly order: string;
  /** Paise. */
  readonly amount: number;
  /** Which of several ways of treating people they fall to. */
  readonly programme: string;
  readonly failsAfter: Duration;
  /** Pays of their own accord, so long after the failure, whatever is sent. */
  readonly paysAloneAfter?: Duration;
  readonly answers: Readonly<Partial<Record<Medium, Answer>>>;
}

export interface PopulationPlan {
  readonly seed: number;
  readonly count: number;
  readonly rates: Rates;
  readonly programmes: readonly string[];
  /** Over which they begin, from the start. */
  readonly enterWithin: Duration;
}

/**
 * A simulated population. Every trait is a function of the seed and the person: what somebody would do does not depend on
 * what is sent to them, so the same people can be treated in several ways, and what is true of them can be said beforehand.
 */
export function inventPopulation({ seed, count, rates, programmes, enterWithin }: PopulationPlan): Person[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, (_, index): Person => {
    const id = `sim_${seed}_${index + 1}`;
    const phone = `+9197${String(10_000_000 + ((seed % 100) * 100_000 + index)).slice(-8)}`;
    return {
      id,
      phone,
      email: `${id}@example.com`,
      ...(dice.chance(rates.hasApp, id, 'app') && { pushToken: `demo-${phone.slice(1)}` }),
      order: `order_${id}`,
      amount: Math.round(dice.between(199, 6_999, id, 'amount')) * 100,
      programme: programmes[index % programmes.length] as string,
      failsAfter: toQuarter(dice.between(0, enterWithin, id, 'fails')),
      ...(dice.chance(rates.paidAlone, id, 'alone') && { paysAloneAfter: waitOf(dice, rates, [4, 1_200], id, 'alone') }),
      answers: answersOf(dice, rates, id),
    };
  });
}

/** A reaction to the push comes before the next message, to WhatsApp before the SMS: later ones are taken for none. */
function answersOf(dice: Dice, rates: Rates, id: string): Person['answers'] {
  const answer = (
    medium: Medium,
    seen: number,
    clicked: number,
    range: readonly [number, number],
  ): Partial<Record<Medium, Answer>> => {
    const luck = dice.roll(id, medium);
    if (luck >= Math.max(seen, clicked)) return {};
    // The push goes out a minute after the rest of the grid.
    const after = durationOf(waitOf(dice, rates, range, id, medium) - (medium === 'push' ? minutes(1) : 0));
    if (luck >= clicked) return medium === 'sms' || medium === 'email' ? {} : { [medium]: { kind: 'look', after } };
    const pays = dice.chance(rates.paidAfterClick, id, medium, 'pays');
    return { [medium]: { kind: 'tap', after, ...(pays && { thenPaysAfter: STEP }) } };
  };
  const pushed = rates.pushReached * rates.pushOpened;
  return {
    ...answer('push', pushed, pushed, [2, 10]),
    ...answer('whatsapp', rates.whatsappRead, rates.whatsappClicked, [2, 85]),
    ...answer('sms', rates.smsSeen, rates.smsClicked, [2, 400]),
    ...answer('email', rates.emailOpened, rates.emailClicked, [2, 400]),
  };
}

/** What a person does under a way of treating them, if nothing goes wrong on the way. */
export interface Truth {
  readonly pays: boolean;
  /** The medium whose link they paid by; null: by themselves, or not at all. */
  readonly by: Medium | null;
}

/** Media in the order in which they are tried; whoever engages with one is left alone by the next. */
export function truthOf({ answers, paysAloneAfter, pushToken }: Person, media: readonly Medium[]): Truth {
  for (const medium of media) {
    const answer = medium === 'push' && pushToken === undefined ? undefined : answers[medium];
    if (answer?.thenPaysAfter !== undefined) return { pays: true, by: medium };
    if (answer) break;
  }
  return { pays: paysAloneAfter !== undefined, by: null };
}

/**
 * Everything happens at whole steps of the story, which saves it from moving through every second: a quarter of an hour, and
 * five minutes within the first hour of a matter.
 */
const QUARTER = minutes(15);
const STEP = minutes(5);
const toQuarter = (length: number): Duration => durationOf(Math.ceil(length / QUARTER) * QUARTER);
const toGrid = (length: number): Duration =>
  length > minutes(60) ? toQuarter(length) : durationOf(Math.max(1, Math.ceil(length / STEP)) * STEP);

/** Exponential around the stated mean, within a range of minutes. */
function waitOf(
  dice: Dice,
  { minutesUntilReturn }: Rates,
  [least, most]: readonly [number, number],
  ...names: string[]
): Duration {
  const drawn = -Math.log(1 - dice.roll(...names, 'wait')) * minutesUntilReturn;
  return toGrid(minutes(Math.min(most, Math.max(least, drawn))));
}
