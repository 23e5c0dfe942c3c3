import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type FailureMeaning } from '@wapas/provider-kit';
import { Log } from '../log';
import { SuppressPeople } from '../profiles/profiles.api';
import { ProviderRegistry } from './provider-registry';
import { suppressesMarketing } from './rules/message-state';

/** A vendor said no about one address. */
export interface HeardRefusal {
  readonly provider: string;
  readonly addressKey: string | null;
  readonly failure: FailureMeaning;
}

/** What a suppression that a vendor asked for is stored under. */
const REASON = 'vendor_refusal';

/** A vendor that takes no marketing to an address is believed for as long as it says: the next claim asks for it. */
@Injectable()
export class SuppressMarketing {
  constructor(
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(SuppressPeople) private readonly suppressPeople: SuppressPeople,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * In a transaction of its own: it waits for the locks of people, which nobody may do who holds rows. Never rejects; the
   * vendor says it again at the next try.
   */
  async after(heard: readonly HeardRefusal[]): Promise<void> {
    const suppressions = heard.flatMap(({ provider, addressKey, failure }) => {
      const registered = this.providers.named(provider);
      if (addressKey === null || registered === undefined || !suppressesMarketing(failure)) return [];
      return {
        subject: addressKey as EntityKey,
        subjectKind: registered.addressKind,
        channel: registered.channel,
        purpose: 'marketing' as const,
        reason: REASON,
        source: provider,
        expiresAt: failure.holdsForMs === undefined ? null : ((this.clock.now() + failure.holdsForMs) as Instant),
      };
    });
    if (suppressions.length === 0) return;
    await this.suppressPeople
      .suppress(suppressions)
      .catch((error: unknown) => this.log.trouble('a refusal of marketing was not stored', error));
  }
}
