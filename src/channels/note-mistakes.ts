import { Inject, Injectable } from '@nestjs/common';
import { hours } from '@wapas/kernel';
import { type SendFailure } from '@wapas/provider-kit';
import { Log } from '../log';
import { isOurMistake } from './rules/our-mistake';

/** So long after the last of its kind a mistake counts as mended. */
const FORGOTTEN_AFTER_MS = hours(1);

interface Mistake {
  readonly provider: string;
  readonly code: string;
  readonly count: number;
  readonly lastAt: number;
}

/**
 * Vendors that refuse a message as malformed. Each such message is over and falls forward; the mistake would be made again with
 * the next one, so a person must hear of it: one line in the log when a code begins, and one in `/health/ready` until nothing of
 * the kind was heard for an hour. Counted in memory, by each container for itself, in real time: a vendor's complaint is no row.
 */
@Injectable()
export class NoteMistakes {
  private readonly mistakes = new Map<string, Mistake>();

  constructor(@Inject(Log) private readonly log: Log) {}

  /** A call failed, or a report said that one did. Does nothing unless it was our mistake and paused nothing. */
  note(provider: string, failure: SendFailure, template: string | null, isReport: boolean): void {
    if (!isOurMistake(failure, { provider, template, isReport })) return;
    const { code } = failure;
    const name = `${provider} ${code}`;
    const before = this.known().find((one) => one.provider === provider && one.code === code);
    if (!before) this.log.warn('provider refuses as our mistake', { provider, code });
    this.mistakes.set(name, { provider, code, count: (before?.count ?? 0) + 1, lastAt: Date.now() });
  }

  lines(): string[] {
    return this.known().map(
      ({ provider, code, count }) =>
        `${provider} refused ${count} message(s) as our mistake (${code}); see the attempts in the timelines of their runs`,
    );
  }

  private known(): Mistake[] {
    for (const [name, { lastAt }] of this.mistakes) if (Date.now() - lastAt > FORGOTTEN_AFTER_MS) this.mistakes.delete(name);
    return [...this.mistakes.values()];
  }
}
