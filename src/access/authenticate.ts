import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config';
import { Budget, type Caller } from './caller';
import { createKey } from './create-key';
import { idOfKey, isKey, type Scope } from './rules/api-key';
import { ApiKeyStore } from './store/api-key.store';

/** A revoked key works for this long at the most, in milliseconds of real time. */
const REMEMBER_MS = 5_000;
const MAX_REMEMBERED = 10_000;

/** Finds out who is calling. Keys are looked up once in a while, not for every request. */
@Injectable()
export class Authenticate {
  private readonly remembered = new Map<string, { caller: Caller | null; until: number }>();
  private readonly budgets = new Map<string, Budget>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'secret' | 'ingestMaxPerSecond'>,
    @Inject(ApiKeyStore) private readonly keys: ApiKeyStore,
  ) {}

  /** Null for a key that is malformed, unknown or revoked: the caller cannot tell which. */
  async callerOf(keyText: string): Promise<Caller | null> {
    const id = idOfKey(keyText);
    // What has no key's form is not remembered either: a stranger could fill our memory with headers of 16 KiB.
    if (id === null) return null;
    const known = this.remembered.get(keyText);
    if (known && known.until > performance.now()) return known.caller;
    const caller = await this.lookUp(id, keyText);
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    this.remembered.set(keyText, { caller, until: performance.now() + REMEMBER_MS });
    return caller;
  }

  /** Makes a key and gives its text, which is stored nowhere. */
  createKey(name: string, scopes: readonly Scope[], test: boolean): Promise<{ id: string; text: string }> {
    return createKey(this.keys, this.config.secret, { name, scopes, test });
  }

  /** Gives false when there is no live key of this id. Here it stops working at once, in other containers when they look again. */
  async revokeKey(id: string): Promise<boolean> {
    const revoked = await this.keys.revoke(id);
    this.remembered.clear();
    return revoked;
  }

  /** True on a fresh installation. */
  hasNoKeys(): Promise<boolean> {
    return this.keys.isEmpty();
  }

  private async lookUp(id: string, keyText: string): Promise<Caller | null> {
    const stored = await this.keys.findLive(id);
    if (!stored || !isKey(keyText, this.config.secret, stored.hash)) return null;
    const budget = this.budgetOf(stored.id);
    return { keyId: stored.id, scopes: stored.scopes, test: stored.test, takeBudget: (count) => budget.take(count) };
  }

  private budgetOf(keyId: string): Budget {
    const budget = this.budgets.get(keyId) ?? new Budget(this.config.ingestMaxPerSecond);
    this.budgets.set(keyId, budget);
    return budget;
  }
}
