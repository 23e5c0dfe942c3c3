import { groupBy } from '@wapas/kernel';
import {
  type Address,
  type ChannelDescription,
  KNOWN_CHANNELS,
  type Provider,
  type ProviderDefinition,
} from '@wapas/provider-kit';
import { ConfigError } from '../config/config';

/** A provider at work, with what its folder says about it. */
export interface RegisteredProvider {
  readonly name: string;
  readonly channel: string;
  readonly definition: ProviderDefinition;
  /** The npm package that brought it; absent: it is of the tree. */
  readonly package?: string;
  readonly provider: Provider;
  /** Where its channel reaches people. */
  readonly addressKind: Address['kind'];
  /** Set when the channel is none of ours. */
  readonly opens?: ChannelDescription;
}

/** The channel a provider serves: its own word, or the one that it describes. */
export function channelOf(
  { name, channel: own }: ProviderDefinition,
  described: ChannelDescription | undefined,
): Pick<RegisteredProvider, 'channel' | 'addressKind' | 'opens'> {
  const channel = described?.name ?? own;
  const known = Object.hasOwn(KNOWN_CHANNELS, channel) ? KNOWN_CHANNELS[channel] : undefined;
  if (known !== undefined) return { channel, addressKind: known };
  if (described) return { channel, addressKind: described.addressKind, opens: described };
  throw new ConfigError([`${name}: it serves the channel "${channel}", which it does not describe.`]);
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
        throw new ConfigError([
          `${name}: it describes the channel "${channel}" otherwise than another provider does. Both have to list the same texts; leave one of them out.`,
        ]);
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
