import { Inject, Injectable } from '@nestjs/common';
import { TOKEN_BUCKET, type TokenBucket } from '@wapas/work-queue';
import { Log } from '../log';
import { ProviderRegistry } from './provider-registry';
import { isTooMuch } from './rules/too-much';
import { type CallPart } from './store/message.store';

/**
 * Sends more slowly through an account or a number of which the vendor said that it was too much (FCM 429, WhatsApp 130429 and 80007), and
 * faster again by and by. The rate lies with the tokens, so that all containers share it; losing Redis forgets it, and the vendor says
 * it again.
 */
@Injectable()
export class KeepPace {
  constructor(
    @Inject(TOKEN_BUCKET) private readonly bucket: TokenBucket,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** The calls of one claim have ended. `startedAt`: wall-clock milliseconds. */
  async note(provider: string, parts: readonly CallPart[], startedAt: number): Promise<void> {
    const refused = parts.flatMap(({ outcome }) =>
      outcome.outcome === 'failed' && isTooMuch(outcome.failure) ? outcome.failure : [],
    )[0];
    const perSecond = this.providers.named(provider)?.provider.maxPerSecond;
    if (refused === undefined || perSecond === undefined) return;
    const slowedTo = await this.bucket.slowDown(provider, perSecond, Math.max(0, Date.now() - startedAt));
    if (slowedTo !== null) this.log.warn('provider slowed', { provider, code: refused.code, perSecond: slowedTo, of: perSecond });
  }

  /** Calls per second that are let through at present, by provider. */
  present(): Promise<{ readonly provider: string; readonly perSecond: number }[]> {
    return Promise.all(
      this.providers.all.map(async ({ name, provider }) => ({
        provider: name,
        perSecond: await this.bucket.paceOf(name, provider.maxPerSecond),
      })),
    );
  }
}
