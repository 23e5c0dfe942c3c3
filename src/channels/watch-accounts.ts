import { Inject, Injectable } from '@nestjs/common';
import { hours } from '@wapas/kernel';
import { type SendOutcome } from '@wapas/provider-kit';
import { KeepPauses } from './keep-pauses';
import { isWrongAccount } from './rules/wrong-account';

interface Hour {
  readonly since: number;
  calls: number;
  readonly refused: Map<string, number>;
}

/**
 * Counts, for codes that blame an address, how many calls of an hour ended so: above a share it is the account, and the provider is
 * paused until an operator resumes it. In memory, by each container for itself, in real time.
 */
@Injectable()
export class WatchAccounts {
  private readonly hours = new Map<string, Hour>();

  constructor(@Inject(KeepPauses) private readonly keepPauses: KeepPauses) {}

  /** A call to one address has ended. */
  async note(provider: string, outcome: SendOutcome): Promise<void> {
    const hour = this.hourOf(provider);
    hour.calls += 1;
    if (outcome.outcome === 'accepted' || outcome.failure.accountAbove === undefined) return;
    const { code, class: reason, accountAbove } = outcome.failure;
    const refused = (hour.refused.get(code) ?? 0) + 1;
    hour.refused.set(code, refused);
    if (!isWrongAccount({ calls: hour.calls, refused }, accountAbove)) return;
    // Whoever resumes the provider has looked: it is counted anew.
    this.hours.delete(provider);
    const pause = {
      provider,
      scope: 'provider',
      subject: '',
      marketingOnly: false,
      isHold: false,
      reason,
      code,
      needed: 1,
    } as const;
    await this.keepPauses.pauseFor(pause);
  }

  private hourOf(provider: string): Hour {
    const known = this.hours.get(provider);
    if (known && Date.now() - known.since < hours(1)) return known;
    const hour: Hour = { since: Date.now(), calls: 0, refused: new Map() };
    this.hours.set(provider, hour);
    return hour;
  }
}
