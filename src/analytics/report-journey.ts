import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type Instant, toDate } from '@wapas/kernel';
import { type ArmSummary, outcomeStore } from './store/outcome.store';

/** What a journey came to over a range of entries. The holdout stands beside the treated and is never mixed in. */
export interface JourneyReport {
  readonly treated: ArmReport;
  readonly holdout: ArmReport;
  readonly messages: readonly { channel: string; state: string; count: number }[];
}

export interface ArmReport {
  readonly entered: number;
  readonly messaged: number;
  readonly recovered: number;
  /** Recoveries by the channel of the last message that was accepted before the goal. */
  readonly recoveredByChannel: Readonly<Record<string, number>>;
  /** Recoveries before any message. */
  readonly recoveredUntouched: number;
  readonly revenue: readonly { currency: string; amount: number }[];
  readonly timeToRecoverySeconds: { median: number; p90: number } | null;
}

@Injectable()
export class ReportJourney {
  constructor(@Inject(Database) private readonly database: Database) {}

  async report(key: string, from: Instant, to: Instant): Promise<JourneyReport> {
    const range = [key, toDate(from), toDate(to)] as const;
    const [summary, byChannel, revenue, messages] = await Promise.all([
      outcomeStore.summary(this.database, ...range),
      outcomeStore.byChannel(this.database, ...range),
      outcomeStore.revenue(this.database, ...range),
      outcomeStore.messages(this.database, ...range),
    ]);
    const armOf = (arm: string): ArmReport =>
      toArm(
        summary.find((one) => one.arm === arm),
        byChannel.filter((one) => one.arm === arm),
        revenue.filter((one) => one.arm === arm),
      );
    return { treated: armOf('treated'), holdout: armOf('holdout'), messages };
  }
}

function toArm(
  summary: ArmSummary | undefined,
  byChannel: readonly { channel: string; recovered: number }[],
  revenue: readonly { currency: string; amount: string }[],
): ArmReport {
  const [median, p90] = summary?.timeToRecovery ?? [null, null];
  return {
    entered: summary?.entered ?? 0,
    messaged: summary?.messaged ?? 0,
    recovered: summary?.recovered ?? 0,
    recoveredByChannel: Object.fromEntries(byChannel.map(({ channel, recovered }) => [channel, recovered])),
    recoveredUntouched: summary?.untouched ?? 0,
    revenue: revenue.map(({ currency, amount }) => ({ currency, amount: Number(amount) })),
    timeToRecoverySeconds: median === null || p90 === null ? null : { median: Math.round(median), p90: Math.round(p90) },
  };
}
