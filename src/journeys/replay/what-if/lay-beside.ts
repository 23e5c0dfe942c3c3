import { type Instant, toIso } from '@wapas/kernel';
import { type PastMessage } from '../../../channels/past-messages.api';
import { compareSends, type SendDifference, type Sent, type WhyNot } from '../rules/compare-sends';
import { type ForesightCounts } from './foresight-counts';
import { type RealRun } from './period-page';
import { dayOf, type Tally } from './tally';

/** Lays what would have been sent beside what really was, trigger by trigger: counts, and a line for every difference. */
export class LayBeside {
  private lines: object[] = [];
  private listed = 0;
  /** Differences that are counted and not listed. */
  leftOut = 0;

  constructor(
    private readonly counts: Pick<ForesightCounts, 'was' | 'same' | 'different'>,
    private readonly tally: Tally,
    /** What really happened later is not looked at. */
    private readonly horizon: Instant,
    private readonly mostLines: number,
    private readonly sameTimeMs: number,
  ) {}

  /** Takes the differences that were found since the last time. */
  takeLines(): readonly object[] {
    const taken = this.lines;
    this.lines = [];
    return taken;
  }

  /** What the run of a trigger really sent is counted beside what would have been. */
  countReal(real: RealRun): void {
    for (const message of sentOf(real, this.horizon)) {
      this.counts.was += 1;
      const { step, channel, provider, category: told, sentAs, country, parts, calledAt, dueAt } = message;
      const category = told ?? sentAs;
      this.tally.addBilled(
        { day: dayOf(calledAt ?? dueAt), step, channel, outcome: 'really_sent', reason: '', provider, category, country },
        { parts, categoryIsTold: told !== null },
      );
    }
  }

  /** Nothing would have been sent. `reason` says why. */
  nothing(triggerId: string, real: RealRun | null, reason: string): void {
    if (real) this.compare({ triggerId, personId: real.personId, real }, [], () => `not_entered:${reason}`);
  }

  compare(
    { triggerId, personId, real }: { readonly triggerId: string; readonly personId: string; readonly real: RealRun | null },
    would: readonly Sent[],
    whyWouldNot: WhyNot,
  ): void {
    const was = real
      ? sentOf(real, this.horizon).map(({ step, lap, channel, calledAt, dueAt }) => ({
          step,
          lap,
          channel,
          at: calledAt ?? dueAt,
        }))
      : NOTHING;
    const { same, differences } = compareSends(
      would,
      was,
      whyWouldNot,
      (step, lap) => whyWasNot(real, step, lap),
      this.sameTimeMs,
    );
    this.counts.same += same;
    for (const difference of differences) {
      this.counts.different[difference.what] += 1;
      this.list(triggerId, personId, real, difference);
    }
  }

  private list(triggerId: string, personId: string, real: RealRun | null, difference: SendDifference): void {
    if (this.listed >= this.mostLines) {
      this.leftOut += 1;
      return;
    }
    this.listed += 1;
    this.lines.push(lineOf(triggerId, personId, real, difference));
  }
}

const NOTHING: readonly Sent[] = [];

/** What really went out until the what-if ends. */
const sentOf = ({ messages }: RealRun, horizon: Instant): readonly PastMessage[] =>
  messages.filter(({ state, calledAt }) => (state === 'sent' || state === 'unknown') && (calledAt ?? 0) <= horizon);

function whyWasNot(real: RealRun | null, step: string, lap: number): string | null {
  if (!real) return 'no_run';
  const message = real.messages.find((one) => one.step === step && one.lap === lap);
  if (message) return message.reason ?? message.state;
  return real.arm === 'holdout' ? 'holdout' : null;
}

function lineOf(triggerId: string, personId: string, real: RealRun | null, { what, would, was, reason }: SendDifference): object {
  const { step, lap } = would ?? was;
  return {
    what,
    triggerId,
    personId,
    runId: real?.id ?? null,
    step,
    lap,
    would: would && { channel: would.channel, at: toIso(would.at) },
    was: was && { channel: was.channel, at: toIso(was.at) },
    reason,
  };
}
