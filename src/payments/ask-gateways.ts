import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, isOutOfReach } from '@wapas/database';
import {
  type Gateway,
  PAYMENT_STATES,
  type PaymentAsk,
  type PaymentState,
  type PaymentWord,
  type StatusAnswer,
} from '@wapas/gateways';
import { groupBy, type Instant } from '@wapas/kernel';
import { type Guard } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { eventReader, type Mark, RecordEvents } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { Gateways } from './gateways';
import { paymentKeyOf } from './make-payment-link';
import { isFresh, type LastWord, latestWord, STATUS_EVENTS, type Stop, stopOf } from './rules/standing';
import { gatewayLinkStore } from './store/gateway-link.store';
import { paymentWordStore } from './store/payment-word.store';

/** How a payment stands, as far as somebody can know. */
export type Standing =
  /** Nobody to ask, the gateway knows no such order, or a word that is young enough and stops nothing. */
  | { readonly kind: 'trusted' }
  /** The gateway was asked just now, or somebody has said so lately. What stops the journey has been recorded as an event before this is given. */
  | { readonly kind: 'said'; readonly word: PaymentWord; readonly stop: Stop | null }
  /** A gateway is set up for it and failed. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly retryAfterMs?: number };

const TRUSTED: Standing = { kind: 'trusted' };
/** Calls open at once for one batch: what a gateway's default limits bear. */
const AT_ONCE = 16;

/**
 * Asks gateways how orders stand. What they say is recorded as the event that their webhook should have brought, so runs end
 * by their goal and the marks are there for the claim. Asks and records before any transaction of its caller (D7).
 */
@Injectable()
export class AskGateways {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Gateways) private readonly gateways: Gateways,
    @Inject(RecordEvents) private readonly recordEvents: RecordEvents,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Is there anybody to ask at all? */
  get isUsed(): boolean {
    return this.gateways.isAny;
  }

  canAsk(ask: PaymentAsk | undefined): ask is PaymentAsk {
    return ask !== undefined && this.gateways.for(ask) !== undefined;
  }

  /** For each guard in its place: asks where the last word is older than the policy allows. Rejects when the marks cannot be read. */
  async freshen(guards: readonly Guard[], maxAgeMs = this.config.payments.statusMaxAgeMs): Promise<Standing[]> {
    const now = this.clock.now();
    const lastWords = await this.lastWords(guards);
    const standings = guards.map((guard, position) => {
      const word = lastWords[position];
      return isFresh(word, now, maxAgeMs) ? believed(word, guard) : null;
    });
    const stale = guards.flatMap((guard, position) => (standings[position] === null ? [{ guard, position }] : []));
    await inTurns(stale, AT_ONCE, async ({ guard, position }) => {
      standings[position] = await this.askNow(guard);
    });
    return standings.map((standing) => standing ?? TRUSTED);
  }

  /** A word is worth something for minutes. */
  async forgetOldWords(): Promise<void> {
    await paymentWordStore.forget(this.database, 1_000);
  }

  /** Asks whatever was heard before: a customer looks at the answer. Never rejects: what cannot be recorded is not said. */
  async askNow(guard: Guard): Promise<Standing> {
    const gateway = guard.asks && this.gateways.for(guard.asks);
    if (!guard.asks || !gateway) return TRUSTED;
    try {
      return await this.ask(gateway, guard, guard.asks);
    } catch (error) {
      this.log.trouble('word of a gateway not recorded', error, { gateway: gateway.name });
      return { kind: 'unknown', reason: 'not_recorded' };
    }
  }

  private async ask(gateway: Gateway, guard: Guard, ask: PaymentAsk): Promise<Standing> {
    const answer = await this.withItsLink(gateway, guard, await this.gateways.ask(gateway, ask));
    if (!answer.known && answer.reason !== 'not_found')
      return {
        kind: 'unknown',
        reason: answer.reason,
        ...(answer.retryAfterMs !== undefined && { retryAfterMs: answer.retryAfterMs }),
      };
    const stop = answer.known ? stopOf(answer.word, guard.stops) : null;
    if (answer.known && stop) await this.record(gateway, guard, ask, answer.word, stop);
    await this.keep(gateway, guard, answer);
    return answer.known ? { kind: 'said', word: answer.word, stop } : TRUSTED;
  }

  /** A payment that failed stays failed; what was paid instead is the link that was made for it. */
  private async withItsLink(gateway: Gateway, guard: Guard, answer: StatusAnswer): Promise<StatusAnswer> {
    const key = paymentKeyOf(guard);
    if (!answer.known || answer.word.state !== 'open' || key === undefined || !gateway.links) return answer;
    const link = await gatewayLinkStore.find(this.database, key);
    if (!link) return answer;
    const asked = await gateway.links.askLink(link.linkId);
    if (!asked.ok) return { known: false, reason: asked.reason };
    return asked.state === 'paid' ? { known: true, word: { ...answer.word, state: 'paid' } } : answer;
  }

  /** Once for each state of an order: asking again records nothing new. */
  private async record(gateway: Gateway, { since }: Guard, ask: PaymentAsk, word: PaymentWord, { event }: Stop): Promise<void> {
    const matter = ask.order ?? ask.payment ?? '';
    const recorded = await this.recordEvents.record({
      source: `${gateway.name}-status`,
      sourceEventId: `${event}:${matter}`,
      name: event,
      // A payment begun before the trigger may have come through after it.
      ...(word.at !== undefined && { occurredAt: Math.max(word.at, since) as Instant }),
      test: false,
      content: {
        keys: { order: ask.order ?? word.order, payment: (ask.order === undefined ? ask.payment : undefined) ?? word.payment },
        ...(word.amount && { amount: word.amount }),
        properties: { heard: 'asked' },
      },
    });
    if (recorded.outcome === 'recorded') this.log.info('gateway knew what no webhook had said', { gateway: gateway.name, event });
  }

  /** Kept after the event is committed: whoever finds this word fresh finds the event too. */
  private async keep(gateway: Gateway, { keys }: Guard, answer: StatusAnswer): Promise<void> {
    const state = answer.known ? answer.word.state : 'not_found';
    // What may change by the minute is asked again at the next step.
    if (state === 'pending') return;
    const words = keys.filter(({ absorbing }) => absorbing).map(({ key }) => ({ key, gateway: gateway.name, state }));
    // Lost, it is only asked for once more; a customer who looks on while the database is away is answered.
    await paymentWordStore.keep(this.database, words).catch((error: unknown) => {
      if (!isOutOfReach(error)) throw error;
    });
  }

  /** The latest of what sources said and of what gateways answered, about any of a guard's orders and payments. */
  private async lastWords(guards: readonly Guard[]): Promise<(LastWord | undefined)[]> {
    const keysOf = ({ keys }: Guard) => keys.filter(({ absorbing }) => absorbing).map(({ key }) => key);
    const keys = [...new Set(guards.flatMap(keysOf))];
    if (keys.length === 0) return guards.map(() => undefined);
    const [marks, answers] = await Promise.all([
      eventReader
        .marks(
          this.database,
          keys.map((key) => ({ key, since: null })),
          STATUS_EVENTS,
        )
        .then((found) => groupBy(found, (mark: Mark) => mark.key)),
      paymentWordStore.ofKeys(this.database, keys),
    ]);
    return guards.map((guard) =>
      latestWord(
        keysOf(guard).flatMap((key) => marks.get(key) ?? []),
        keysOf(guard).flatMap((key) => {
          const answer = answers.get(key);
          return answer ? [{ at: answer.at, state: isPaymentState(answer.state) ? answer.state : 'open' }] : [];
        }),
      ),
    );
  }
}

/**
 * A word that is young enough is believed whatever it says: between a gateway's answer and what follows from it a process may
 * have died, and whoever takes the message up next must not take "authorised a moment ago" for leave to send.
 */
function believed({ state, at }: LastWord, { stops }: Guard): Standing {
  const stop = stopOf({ state }, stops);
  return stop === null ? TRUSTED : { kind: 'said', word: { state, at }, stop };
}

const isPaymentState = (state: string): state is PaymentState => (PAYMENT_STATES as readonly string[]).includes(state);

/** Works a list off with so many at a time, in order of the list. */
async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
