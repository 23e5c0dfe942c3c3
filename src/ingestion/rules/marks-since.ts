import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';

/** Marks of a key that are asked for: of events that happened then or later; null: whenever it was. */
export interface MarksSince {
  readonly key: EntityKey;
  readonly since: Instant | null;
}

/** Which marks can mean anything to a matter: of keys that are used again none from before it began. */
export const marksAbout = (matter: {
  readonly keys: readonly { readonly key: EntityKey; readonly absorbing: boolean }[];
  readonly since: Instant;
}): MarksSince[] => matter.keys.map(({ key, absorbing }) => ({ key, since: absorbing ? null : matter.since }));
