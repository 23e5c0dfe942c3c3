import { type Provider, type ProviderDefinition } from '@wapas/provider-kit';

/** A provider at work, with what its folder says about it. */
export interface RegisteredProvider {
  readonly name: string;
  readonly channel: string;
  readonly definition: ProviderDefinition;
  readonly provider: Provider;
}

/** The providers that are set up, by name and by channel. The first of a channel is the one that is asked. */
export class ProviderRegistry {
  private readonly byName: ReadonlyMap<string, RegisteredProvider>;

  constructor(readonly all: readonly RegisteredProvider[]) {
    this.byName = new Map(all.map((one) => [one.name, one]));
  }

  named(name: string): RegisteredProvider | undefined {
    return this.byName.get(name);
  }

  forChannel(channel: string): RegisteredProvider | undefined {
    return this.all.find((one) => one.channel === channel);
  }

  /** Providers that show the customer one message for two calls. */
  resendable(): string[] {
    return this.all.filter((one) => one.provider.capabilities.resendIsSafe).map((one) => one.name);
  }
}

/** Which kind of address a channel sends to. */
export function addressKindOf(channel: string): 'push_token' | 'email' | 'phone' {
  return channel === 'push' ? 'push_token' : channel === 'email' ? 'email' : 'phone';
}
