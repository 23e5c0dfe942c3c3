import { groupBy } from '@wapas/kernel';
import { type Address, type ChannelDescription, type Provider, type ProviderDefinition } from '@wapas/provider-kit';

/** A provider at work, with what its folder says about it. */
export interface RegisteredProvider {
  readonly name: string;
  readonly channel: string;
  readonly definition: ProviderDefinition;
  readonly provider: Provider;
  /** Where its channel reaches people. */
  readonly addressKind: Address['kind'];
  /** Set when the channel is none of ours. */
  readonly opens?: ChannelDescription;
}

/** The channels that Wapas itself knows, and where they reach people. */
const OWN_CHANNELS: Readonly<Record<string, Address['kind']>> = { push: 'push_token', whatsapp: 'phone', sms: 'phone' };

/** The channel a provider serves: its own word, or the one that its configuration names. */
export function channelOf(
  definition: ProviderDefinition,
  config: unknown,
): Pick<RegisteredProvider, 'channel' | 'addressKind' | 'opens'> {
  const described = definition.opensChannel?.(config);
  const channel = described?.name ?? definition.channel;
  const own = Object.hasOwn(OWN_CHANNELS, channel) ? OWN_CHANNELS[channel] : undefined;
  if (own !== undefined) return { channel, addressKind: own };
  if (described) return { channel, addressKind: described.addressKind, opens: described };
  throw new Error(`Provider ${definition.name} serves the channel "${channel}", which it does not describe.`);
}

/** The providers that are set up, by name and by channel. A channel asks the first of its own; the others stand in for it. */
export class ProviderRegistry {
  private readonly byName: ReadonlyMap<string, RegisteredProvider>;
  private readonly byChannel: ReadonlyMap<string, readonly RegisteredProvider[]>;
  private readonly described = new Map<string, ChannelDescription>();

  /** Throws when a channel is described in two ways: a journey could not be checked against it. */
  constructor(readonly all: readonly RegisteredProvider[]) {
    this.byName = new Map(all.map((one) => [one.name, one]));
    this.byChannel = groupBy(all, ({ channel }) => channel);
    for (const { name, channel, opens } of all) {
      if (!opens) continue;
      const before = this.described.get(channel) ?? opens;
      if (before.addressKind !== opens.addressKind || JSON.stringify(before.fields) !== JSON.stringify(opens.fields))
        throw new Error(`Provider ${name} describes the channel "${channel}" otherwise than another provider does.`);
      this.described.set(channel, before);
    }
  }

  named(name: string): RegisteredProvider | undefined {
    return this.byName.get(name);
  }

  /** In the order in which the channel asks them; empty when nobody serves it. */
  ofChannel(channel: string): readonly RegisteredProvider[] {
    return this.byChannel.get(channel) ?? [];
  }

  /** What a provider says about a channel of its own; undefined for ours and for those that nobody serves. */
  describedChannel(channel: string): ChannelDescription | undefined {
    return this.described.get(channel);
  }

  /** Providers that show the customer one message for two calls. */
  resendable(): string[] {
    return this.all.filter((one) => one.provider.capabilities.resendIsSafe).map((one) => one.name);
  }
}
