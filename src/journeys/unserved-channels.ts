import { Inject, Injectable } from '@nestjs/common';
import { ServedChannels } from '../channels/channels.api';
import { Catalogue } from './catalogue';

/**
 * Channels of live journeys for which no provider is set up. Publishing takes them: a journey may be ready before its provider, and
 * one file serves shops with and without an app. But nobody would notice a provider that was forgotten, for its steps are
 * rejected one by one and the next ones go instead.
 */
@Injectable()
export class UnservedChannels {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(ServedChannels) private readonly served: ServedChannels,
  ) {}

  /** From memory: asked often. In the order of their names. */
  all(): { readonly channel: string; readonly journeys: readonly string[] }[] {
    const users = new Map<string, Set<string>>();
    for (const { key, steps } of this.catalogue.entered())
      for (const { channel } of steps)
        if (!this.served.isServed(channel)) users.set(channel, (users.get(channel) ?? new Set()).add(key));
    return [...users].sort().map(([channel, journeys]) => ({ channel, journeys: [...journeys].sort() }));
  }

  /** In words, for the health body. */
  lines(): string[] {
    return this.all().map(
      ({ channel, journeys }) =>
        `no provider is set up for ${channel}, over which ${journeys.join(', ')} would write: those steps are rejected (no_provider)`,
    );
  }
}
