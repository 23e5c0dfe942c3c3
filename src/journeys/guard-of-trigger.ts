import { type EntityKey, type KeyKind } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type Guard } from '../channels/channels.api';
import { type KeyedEvent, type StoredEvent } from '../ingestion/ingestion.api';
import { factsOf } from './facts-of-event';
import { type JourneyVersion } from './rules/definition';
import { kindsOf, stopsBy } from './rules/endings';
import { isAbsorbing, matterOf } from './rules/enrol';

/** An event that may start a run of a version, as far as it is asked for. */
interface Starting<Field extends keyof StoredEvent> extends Pick<KeyedEvent, 'keys'> {
  readonly version: JourneyVersion;
  readonly event: Pick<StoredEvent, Field>;
}

/** What the run would be about; undefined when the trigger carries no key that says so. */
export function correlationOf({ version, keys, event }: Starting<'content' | 'occurredAt'>): EntityKey | undefined {
  for (const kind of version.correlateBy) {
    const found = keys.find((one) => one.kind === kind);
    if (found) return version.correlateWith.length === 0 ? found.key : matterOf(version, found.key, factsOf(event));
  }
  return undefined;
}

/**
 * Every key by which the run must be found again, and which events stop a message by each (D7). Whom to ask about its payment is not
 * here. `since`: when what the trigger tells of began; under a key that is used again only what came after that stops.
 */
export function guardOf({
  version,
  keys,
  since,
}: Pick<Starting<never>, 'version' | 'keys'> & { readonly since: Instant }): Guard {
  const { stops, names } = guardingOf(version);
  return {
    keys: keys.flatMap(({ kind, key }) => {
      const own = names.get(kind);
      return own ? [{ key, absorbing: isAbsorbing(kind), names: own }] : [];
    }),
    since,
    stops,
  };
}

/** What is the same for every run of a version. */
interface Guarding {
  readonly stops: Guard['stops'];
  /** Which events count by which kind of key; kinds that a run is not found by are absent. */
  readonly names: ReadonlyMap<KeyKind, readonly string[]>;
}

const known = new WeakMap<JourneyVersion, Guarding>();

function guardingOf(version: JourneyVersion): Guarding {
  const before = known.get(version);
  if (before) return before;
  const stops: Record<string, string> = {};
  for (const name of version.silence) stops[name] = 'silenced';
  for (const { event: name, reason } of version.exits) stops[name] = reason;
  for (const name of version.goal.events) stops[name] = 'goal_reached';
  const made = { stops, names: new Map([...kindsOf(version)].map((kind) => [kind, stopsBy(version, kind)])) };
  known.set(version, made);
  return made;
}
