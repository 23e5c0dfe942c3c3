import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createHttpClient } from '@wapas/egress';
import { type Gateway, type PaymentAsk, type StatusAnswer } from '@wapas/gateways';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { gatewayFor } from './rules/standing';

/** After so many failures in a row a gateway is left alone for a while: thousands of orders must not queue up behind its time-outs. */
const FAILURES_IN_A_ROW = 3;
const LEAVE_ALONE_MS = 5_000;
const LONGEST_REST_MS = 60_000;
/** Calls of one gateway at the same time. */
const AT_ONCE = 32;

/** The gateways that are set up. Makes the calls, bounded in number, one for all who ask about the same order at the same time. */
@Injectable()
export class Gateways implements OnApplicationShutdown {
  private readonly http = createHttpClient({ connectionsPerOrigin: AT_ONCE });
  private readonly byName: ReadonlyMap<string, Gateway>;
  private readonly asking = new Map<string, Promise<StatusAnswer>>();
  private readonly failures = new Map<string, number>();
  private readonly resting = new Map<string, { until: number; answer: StatusAnswer }>();

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(Log) private readonly log: Log,
  ) {
    this.byName = new Map(config.gateways.map(({ name, create }) => [name, create(this.http)]));
  }

  get isAny(): boolean {
    return this.byName.size > 0;
  }

  /** The names of those that can take a payment up again. */
  get whereToPay(): string[] {
    return [...this.byName].flatMap(([name, gateway]) => (takesUp(gateway) ? [name] : []));
  }

  for(ask: PaymentAsk): Gateway | undefined {
    return this.byName.get(gatewayFor(ask, [...this.byName.keys()]) ?? '');
  }

  named(name: string): Gateway | undefined {
    return this.byName.get(name);
  }

  /** Asks now. Never throws. */
  async ask(gateway: Gateway, { order, payment }: PaymentAsk): Promise<StatusAnswer> {
    const resting = this.resting.get(gateway.name);
    if (resting && resting.until > performance.now()) return resting.answer;
    const what = `${gateway.name} ${order ?? ''} ${payment ?? ''}`;
    const open = this.asking.get(what);
    if (open) return open;
    const asked = gateway.status
      .ask({ order, payment })
      .then((answer) => this.heard(gateway.name, answer))
      .finally(() => this.asking.delete(what));
    this.asking.set(what, asked);
    return asked;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.http.close();
  }

  private heard(name: string, answer: StatusAnswer): StatusAnswer {
    if (answer.known || answer.reason === 'not_found') {
      this.failures.delete(name);
      return answer;
    }
    this.log.warn('gateway did not say how an order stands', { gateway: name, reason: answer.reason, code: answer.code ?? '' });
    // An answer that cannot be read may be about one order only.
    const failures = answer.reason === 'unreadable' ? 0 : (this.failures.get(name) ?? 0) + 1;
    this.failures.set(name, failures);
    if (failures >= FAILURES_IN_A_ROW || answer.reason === 'throttled') {
      const restMs = Math.min(answer.retryAfterMs ?? LEAVE_ALONE_MS, LONGEST_REST_MS);
      this.resting.set(name, { until: performance.now() + restMs, answer: { ...answer, retryAfterMs: restMs } });
    }
    return answer;
  }
}

/** It has a checkout to hand over to, or makes payment links. */
export const takesUp = ({ checkout, links }: Gateway): boolean => checkout !== undefined || links !== undefined;
