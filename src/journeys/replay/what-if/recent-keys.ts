import { type EntityKey, type EntityKeys } from '@wapas/entity-keys';

/** Twice as many are remembered at most. About 150 bytes each. */
const REMEMBERED = 10_000;

/** Makes keys and remembers those it made lately: what happens to one matter comes soon after each other, and a key is two hashes. */
export class RecentKeys implements Pick<EntityKeys, 'keyOf'> {
  private recent = new Map<string, EntityKey>();
  private before = new Map<string, EntityKey>();

  constructor(private readonly keys: Pick<EntityKeys, 'keyOf'>) {}

  keyOf(...[kind, value]: Parameters<EntityKeys['keyOf']>): EntityKey {
    const name = `${kind}:${value}`;
    const known = this.recent.get(name);
    if (known !== undefined) return known;
    const key = this.before.get(name) ?? this.keys.keyOf(kind, value);
    if (this.recent.size >= REMEMBERED) {
      this.before = this.recent;
      this.recent = new Map();
    }
    this.recent.set(name, key);
    return key;
  }
}
