import { Inject, Injectable } from '@nestjs/common';
import { type Instant } from '@wapas/kernel';
import { CONFIG, type Config } from '../../config/config';
import { SourcePulse } from '../source-pulse';
import { sources } from '../sources/registry';
import { MappedSources } from './mapped-sources';
import { presets } from './presets/registry';

export interface ListedSource {
  readonly name: string;
  readonly title: string;
  readonly kind: 'built_in' | 'mapped';
  /** Where its sender posts to. */
  readonly address: string;
  readonly isSetUp: boolean;
  /** The setting to give its secret in; for those that are built in. */
  readonly setting?: string;
  readonly preset?: string;
  readonly lastHeardAt?: Instant;
}

/** Every source there is: those of the tree, set up or not, and those that operators have made. */
@Injectable()
export class ListSources {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MappedSources) private readonly mappedSources: MappedSources,
    @Inject(SourcePulse) private readonly pulse: SourcePulse,
  ) {}

  async list(): Promise<ListedSource[]> {
    const [mapped, heardAt] = await Promise.all([this.mappedSources.all(), this.pulse.heardAt()]);
    const both = (name: string): Pick<ListedSource, 'address' | 'lastHeardAt'> => ({
      address: this.addressOf(name),
      lastHeardAt: heardAt.get(name),
    });
    return [
      ...[...sources.values()].map(({ name, title, secretSetting }) => ({
        name,
        title,
        kind: 'built_in' as const,
        isSetUp: Object.hasOwn(this.config.sources, name),
        setting: secretSetting,
        ...both(name),
      })),
      ...mapped.map(({ name, definition: { preset, title = presets.get(preset ?? '')?.title ?? name } }) => ({
        name,
        title,
        kind: 'mapped' as const,
        isSetUp: true,
        preset,
        ...both(name),
      })),
    ];
  }

  addressOf(name: string): string {
    return `${this.config.publicUrl}/webhooks/sources/${name}`;
  }
}
