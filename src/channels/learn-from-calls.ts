import { Inject, Injectable } from '@nestjs/common';
import { type SendOutcome } from '@wapas/provider-kit';
import { Log } from '../log';
import { type ClaimedMessage } from './claim-messages';
import { KeepBreakers } from './keep-breakers';
import { KeepPace } from './keep-pace';
import { KeepPauses } from './keep-pauses';
import { NoteMistakes } from './note-mistakes';
import { templateOf } from './rules/pauses';
import { type CallPart } from './store/message.store';
import { SuppressMarketing } from './suppress-marketing';
import { WatchAccounts } from './watch-accounts';

/** How the calls of one claim ended. */
export interface EndedCalls {
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
  readonly parts: readonly CallPart[];
  /** What all of them together came to. */
  readonly outcome: SendOutcome;
}

/** What a call says beyond its own message: about the provider, the account, the template and the address. */
@Injectable()
export class LearnFromCalls {
  constructor(
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(KeepPace) private readonly keepPace: KeepPace,
    @Inject(WatchAccounts) private readonly watchAccounts: WatchAccounts,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(SuppressMarketing) private readonly suppressMarketing: SuppressMarketing,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Never rejects. */
  async from(provider: string, { message: { content } }: ClaimedMessage, calls: EndedCalls): Promise<void> {
    await this.aboutTheProvider(provider, content, calls);
    const failures = calls.parts.flatMap(({ addressKey, outcome }) =>
      outcome.outcome === 'failed' ? [{ provider, addressKey, failure: outcome.failure }] : [],
    );
    for (const { failure } of failures) this.noteMistakes.note(provider, failure, templateOf(content), false);
    await this.suppressMarketing.after(failures);
  }

  /** Pauses and breakers are worth keeping, not worth failing for: the next failure of the kind says it again. */
  private async aboutTheProvider(
    provider: string,
    content: ClaimedMessage['message']['content'],
    { outcome, parts, startedAt }: EndedCalls,
  ): Promise<void> {
    try {
      await this.keepBreakers.note(provider, outcome, startedAt);
      await this.keepPace.note(provider, parts, startedAt);
      if (outcome.outcome === 'failed') await this.keepPauses.noteCall(provider, content, outcome.failure);
      for (const part of parts) await this.watchAccounts.note(provider, part.outcome);
    } catch (error) {
      this.log.trouble('what a call says about its provider was not stored', error, { provider });
    }
  }
}
