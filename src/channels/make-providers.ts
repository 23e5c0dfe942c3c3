import { createHttpClient } from '@wapas/egress';
import { machineClock } from '@wapas/kernel';
import {
  type ChannelDescription,
  faultsOfChannel,
  faultsOfProvider,
  type Provider,
  type ProviderContext,
  type ProviderDefinition,
} from '@wapas/provider-kit';
import { FOR_ITS_AUTHOR, thrownInWords } from '../config/authors-fault';
import { type Config, ConfigError } from '../config/config';
import { type Log } from '../log';
import { channelOf, ProviderRegistry, type RegisteredProvider } from './provider-registry';

/**
 * Makes the providers that are configured, in the order of the configuration. A package is code of somebody else: what it gives is looked
 * at before anything is sent through it. Throws a ConfigError with all problems at once.
 */
export function makeProviders(
  { providerDefinitions, providerPackages, providers }: Pick<Config, 'providerDefinitions' | 'providerPackages' | 'providers'>,
  log: Log,
): ProviderRegistry {
  const http = createHttpClient();
  const problems: string[] = [];
  const made = providerDefinitions.flatMap((definition) => {
    const { name } = definition;
    const packageName = providerPackages[name];
    const one = make(definition, providers[name], { http, clock: machineClock, log: logOf(log, name) });
    if (!Array.isArray(one)) return packageName === undefined ? one : { ...one, package: packageName };
    problems.push(
      ...one.map((fault) =>
        packageName === undefined ? `${name}: ${fault}.` : `${name} (package ${packageName}): ${fault}. ${FOR_ITS_AUTHOR}.`,
      ),
    );
    return [];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return new ProviderRegistry(made);
}

/** The provider at work, or everything that is wrong with it. */
function make(definition: ProviderDefinition, config: unknown, context: ProviderContext): RegisteredProvider | string[] {
  const opened = definition.opensChannel && ask('opensChannel', () => definition.opensChannel?.(config), faultsOfChannel);
  const created = ask('create', () => definition.create(config, context), faultsOfProvider);
  const faults = [...(opened?.faults ?? []), ...created.faults];
  if (faults.length > 0) return faults;
  const channel = channelOf(definition, opened?.given as ChannelDescription | undefined);
  return { name: definition.name, ...channel, definition, provider: created.given as Provider };
}

function ask(name: string, call: () => unknown, faultsOf: (given: unknown) => string[]): { given?: unknown; faults: string[] } {
  try {
    const given = call();
    return { given, faults: faultsOf(given).map((fault) => `${name} ${fault}`) };
  } catch (error) {
    return { faults: [`${name} ${thrownInWords(error)}`] };
  }
}

function logOf(log: Log, provider: string): ProviderContext['log'] {
  return {
    info: (fact, fields) => log.info(fact, { provider, ...fields }),
    warn: (fact, fields) => log.warn(fact, { provider, ...fields }),
  };
}
