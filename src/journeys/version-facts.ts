import { createHash } from 'node:crypto';
import { registeredNamesOf } from '../channels/channels.api';
import { type Queryable } from '@wapas/database';
import { type JourneyVersion } from './rules/definition';
import { compileVersion } from './rules/compile-version';
import { journeyStore } from './store/journey.store';

/** What a report must know of a published version. */
export interface VersionFacts {
  readonly key: string;
  readonly version: number;
  readonly name: string;
  readonly holdoutPercent: number;
  /** When the first step is due, from T, in milliseconds. */
  readonly firstStepAfter: number;
  /** From T: after this no goal is counted, in milliseconds. */
  readonly window: number;
  /** The same for versions that treat people alike: what is sent, when, to whom, and the holdout's share. */
  readonly treatment: string;
  /** Registered templates that it may send, by the names of `registeredNamesOf`: what they say may change while people are in it. */
  readonly registered: readonly string[];
}

/** What reports are told of a version. Two versions that differ in name only treat people alike. */
export function factsOfVersion({ name, version, ...treatment }: JourneyVersion): VersionFacts {
  return {
    key: treatment.key,
    version,
    name,
    holdoutPercent: treatment.holdoutPercent,
    firstStepAfter: treatment.steps[0]?.after ?? 0,
    window: treatment.window,
    treatment: createHash('sha256').update(JSON.stringify(treatment)).digest('hex').slice(0, 16),
    registered: [
      ...new Set(
        treatment.steps.flatMap(({ channel, messages }) =>
          messages.flatMap(({ template }) => registeredNamesOf(channel, template)),
        ),
      ),
    ],
  };
}

/** For a program that runs beside the application and has no journeys in memory. */
export async function storedVersions(db: Queryable): Promise<VersionFacts[]> {
  return (await journeyStore.all(db)).map(({ definition, version }) => factsOfVersion(compileVersion(definition, version)));
}
