import { Inject, Injectable } from '@nestjs/common';
import { hours } from '@wapas/kernel';
import { type SendFailure } from '@wapas/provider-kit';
import { Log } from '../log';
import { isOurMistake } from './rules/our-mistake';

/** So long after the last of its kind a mistake counts as mended. */
const FORGOTTEN_AFTER_MS = hours(1);
/** A vendor may print anything for a code; what comes beyond so many of them is told as one. */
const MOST_CODES = 50;
const OTHERS = 'others';

/** What a vendor holds against our messages: as malformed, or with a code that stands in no table. */
export interface Mistake {
  readonly provider: string;
  readonly code: string;
  readonly isUnlisted: boolean;
  readonly count: number;
}

/**
 * Vendors that refuse a message as malformed, and codes that nobody has written down. Each such message is over and falls forward; it
 * would happen again with the next one, so a person must hear of it: one line in the log when a code begins, one in `/health/ready`
 * and a figure in `/metrics` until nothing of the kind was heard for an hour. Counted in memory, by each container for itself, in
 * real time: a vendor's complaint is no row.
 */
@Injectable()
export class NoteMistakes {
  private readonly mistakes = new Map<string, Mistake & { readonly lastAt: number }>();

  constructor(@Inject(Log) private readonly log: Log) {}

  /** A call failed, or a report said that one did. Does nothing unless a person has to look and nothing was paused for it. */
  note(provider: string, failure: SendFailure, template: string | null, isReport: boolean): void {
    if (isOurMistake(failure, { provider, template, isReport })) this.count(provider, failure.code, failure.unlisted ?? false);
  }

  /** A vendor told something under a code that stands in no table. */
  noteUnlisted(provider: string, codes: readonly string[]): void {
    for (const code of codes) this.count(provider, code, true);
  }

  lines(): string[] {
    return this.known().map(({ provider, code, isUnlisted, count }) =>
      isUnlisted
        ? `${provider} said ${count} time(s) what stands in no table (${code}); read the vendor's page, and see the attempts in the timelines of the runs`
        : `${provider} refused ${count} message(s) as our mistake (${code}); see the attempts in the timelines of their runs`,
    );
  }

  known(): Mistake[] {
    for (const [name, { lastAt }] of this.mistakes) if (Date.now() - lastAt > FORGOTTEN_AFTER_MS) this.mistakes.delete(name);
    return [...this.mistakes.values()];
  }

  private count(provider: string, given: string, isUnlisted: boolean): void {
    const ofProvider = this.known().filter((one) => one.provider === provider);
    const isKnown = ofProvider.some(({ code }) => code === given);
    const code = isKnown || ofProvider.length < MOST_CODES ? given : OTHERS;
    const before = ofProvider.find((one) => one.code === code);
    if (!before)
      this.log.warn(isUnlisted ? 'provider says what stands in no table' : 'provider refuses as our mistake', { provider, code });
    this.mistakes.set(`${provider} ${code}`, { provider, code, isUnlisted, count: (before?.count ?? 0) + 1, lastAt: Date.now() });
  }
}
