import { KNOWN_CHANNELS, type ProviderDefinition } from '@wapas/provider-kit';
import { type Config } from './config/config';

/** Channels that a deployment may know before anything serves them: what customers agreed to comes from long before. */
const OWN = [...Object.keys(KNOWN_CHANNELS), 'email'];

/** The words by which this deployment knows channels: our own, and those that its providers open. */
export class KnownChannels {
  readonly names: readonly string[];

  constructor({ providerDefinitions, providers }: Pick<Config, 'providerDefinitions' | 'providers'>) {
    this.names = [...new Set([...OWN, ...providerDefinitions.flatMap((one) => openedBy(one, providers[one.name]))])];
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** For a refusal: what may stand there instead. */
  get words(): string {
    return `${this.names.join(', ')} or all`;
  }
}

function openedBy(definition: ProviderDefinition, config: unknown): string[] {
  try {
    const name: unknown = definition.opensChannel?.(config)?.name;
    return typeof name === 'string' ? [name] : [];
  } catch {
    return []; // Whoever makes the providers refuses the start, and says whose fault it is.
  }
}
