import { Inject, Injectable } from '@nestjs/common';
import { TOKEN_BUCKET, type TokenBucket } from '@wapas/work-queue';
import { KeepBreakers } from './keep-breakers';
import { KeepPauses } from './keep-pauses';
import { type RegisteredProvider } from './provider-registry';

/** How many calls a provider may get now: what its breaker lets through and what its account's rate allows, shared by all containers. */
@Injectable()
export class AdmitCalls {
  constructor(
    @Inject(TOKEN_BUCKET) private readonly bucket: TokenBucket,
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
  ) {}

  /**
   * Waits until the rate allows at least one of `wanted` calls, as long as `isWorth` says so. None when it no longer does, or when the
   * provider is or was shut meanwhile. Nothing is claimed during the wait, so nothing waits with its goal already checked.
   */
  async admit({ name, provider }: RegisteredProvider, wanted: number, isWorth: () => boolean): Promise<number> {
    const admitted = await this.keepBreakers.admit(name, wanted);
    while (admitted > 0 && isWorth()) {
      const { granted, retryInMs } = await this.bucket.take(name, admitted, provider.maxPerSecond);
      if (granted > 0) return granted;
      await new Promise((resolve) => setTimeout(resolve, retryInMs));
      if (this.keepPauses.heldForMs(name) > 0) return 0;
    }
    return 0;
  }
}
