import { type Gateway, type PaymentState, type PaymentSubject, type StatusAnswer } from '@wapas/gateways';
import { type Instant } from '@wapas/kernel';
import { type Random } from './random';
import { type Process, type Timeline } from './timeline';

/** From when on an order stands so, at its gateway. */
export interface Turn {
  readonly at: number;
  readonly state: PaymentState;
}

/** What may become of a question to the gateway. */
export type AnswerFate = 'fine' | 'slow' | 'timed_out' | 'unreachable' | 'throttled' | 'unreadable' | 'not_found';

/** What somebody who asked was told, and how old that was by then. */
export interface Answer {
  readonly order: string;
  /** `failed`: nothing was learnt. */
  readonly said: PaymentState | 'not_found' | 'failed';
  readonly seenAt: number;
  readonly process: Process;
}

export interface GatewayLedger {
  fateOf(order: string): AnswerFate;
  answered(answer: Answer): void;
}

export const GATEWAY = 'played-gateway';
/** The product's connectors give up then. */
const DEADLINE_MS = 4_000;

/** A payment gateway that can be asked how an order stands. What it says is true of the moment in which it looked, not of the one in which it is heard. */
export class PlayedGateway {
  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly orders: ReadonlyMap<string, readonly Turn[]>,
    private readonly ledger: GatewayLedger,
  ) {}

  for(process: Process): Gateway {
    return { name: GATEWAY, status: { ask: (subject) => this.ask(process, subject) } };
  }

  private ask(process: Process, { order = '' }: PaymentSubject): Promise<StatusAnswer> {
    const fate = this.ledger.fateOf(order);
    const seenAt = this.timeline.now + this.random.between(1, fate === 'slow' ? DEADLINE_MS - 100 : 60);
    const heardAt = fate === 'timed_out' ? this.timeline.now + DEADLINE_MS : seenAt + this.random.between(1, 60);
    return new Promise((resolve) => {
      this.timeline.at(heardAt, process, 'gateway', () => {
        const answer = this.answerOf(fate, order, seenAt);
        const said = answer.known ? answer.word.state : answer.reason === 'not_found' ? 'not_found' : 'failed';
        this.ledger.answered({ order, said, seenAt, process });
        resolve(answer);
      });
    });
  }

  private answerOf(fate: AnswerFate, order: string, seenAt: number): StatusAnswer {
    const turn = turnAt(this.orders.get(order) ?? [], seenAt);
    switch (fate) {
      case 'fine':
      case 'slow':
        if (turn === undefined) return { known: true, word: { state: 'open', order } };
        return { known: true, word: { state: turn.state, order, at: Math.floor(turn.at) as Instant } };
      case 'throttled':
        return { known: false, reason: 'throttled', code: '429', retryAfterMs: this.random.whole(500, 30_000) };
      case 'timed_out':
      case 'unreachable':
      case 'unreadable':
      case 'not_found':
        return { known: false, reason: fate };
    }
  }
}

/** What has been paid stays paid, unless it is given back; what has been cancelled or given back stays so; what is reserved is taken or not. */
export function turnAt(turns: readonly Turn[], at: number): Turn | undefined {
  let now: Turn | undefined;
  for (const turn of [...turns].sort((a, b) => a.at - b.at)) {
    if (turn.at > at) break;
    const isFinal =
      now?.state === 'cancelled' || now?.state === 'refunded' || (now?.state === 'paid' && turn.state !== 'refunded');
    const isStep = now?.state !== 'authorised' || (turn.state !== 'open' && turn.state !== 'pending');
    if (!isFinal && isStep) now = turn;
  }
  return now;
}
