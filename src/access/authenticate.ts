import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { Budget, type Caller } from './caller';
import { createKey, type WantedKey } from './create-key';
import { revokeKey } from './revoke-key';
import { idOfKey, isKey } from './rules/api-key';
import { expiresSoon } from './rules/key-expiry';
import { ApiKeyStore, type StoredKey } from './store/api-key.store';

/** A revoked key works for this long at the most, in milliseconds of real time. */
const REMEMBER_MS = 5_000;
const MAX_REMEMBERED = 10_000;
/** How often the log says of one key that it is about to expire, or that it has and is still used. */
const SAY_AGAIN_MS = 24 * 3_600_000;

/**
 * Who is calling. `unknown`: the key is malformed, not ours or revoked; the caller cannot tell which. `expired` is said only to
 * whoever has the whole key, and tells nobody else anything.
 */
export type Admission = Caller | 'unknown' | 'expired';

interface Remembered {
  readonly admission: Admission;
  readonly until: number;
}

/** Finds out who is calling. Keys are looked up once in a while, not for every request. */
@Injectable()
export class Authenticate {
  private readonly remembered = new Map<string, Remembered>();
  /** Apart from the others: whoever tries keys at random must not drive out of memory those that are good. */
  private readonly strangers = new Map<string, Remembered>();
  /** Counts up with each revocation: what was looked up before one is not remembered after it. */
  private revocations = 0;
  private readonly budgets = new Map<string, Budget>();
  private readonly said = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'secret' | 'ingestMaxPerSecond'>,
    @Inject(Database) private readonly database: Database,
    @Inject(ApiKeyStore) private readonly keys: ApiKeyStore,
    @Inject(Log) private readonly log: Log,
  ) {}

  async callerOf(keyText: string): Promise<Admission> {
    const id = idOfKey(keyText);
    // What has no key's form is not remembered either: a stranger could fill our memory with headers of 16 KiB.
    if (id === null) return 'unknown';
    const known = this.remembered.get(keyText) ?? this.strangers.get(keyText);
    if (known && known.until > performance.now()) return known.admission;
    const { revocations } = this;
    const { admission, forMs } = await this.lookUp(id, keyText);
    if (revocations === this.revocations) this.remember(keyText, admission, forMs);
    return admission;
  }

  /** Makes a key and gives its text, which is stored nowhere. */
  createKey(wanted: WantedKey, actor: string): Promise<{ id: string; text: string }> {
    return createKey(this.database, this.config.secret, wanted, actor);
  }

  /** Gives false when there is no live key of this id. Here it stops working at once, in other containers when they look again. */
  async revokeKey(id: string, actor: string): Promise<boolean> {
    const revoked = await revokeKey(this.database, id, actor);
    this.revocations += 1;
    this.remembered.clear();
    return revoked;
  }

  /** True on a fresh installation. */
  hasNoKeys(): Promise<boolean> {
    return this.keys.isEmpty();
  }

  private remember(keyText: string, admission: Admission, forMs: number): void {
    const [memory, other] = admission === 'unknown' ? [this.strangers, this.remembered] : [this.remembered, this.strangers];
    if (memory.size >= MAX_REMEMBERED) memory.clear();
    memory.set(keyText, { admission, until: performance.now() + Math.min(forMs, REMEMBER_MS) });
    other.delete(keyText);
  }

  /** `forMs`: for how long this stays so, unless the key is revoked. */
  private async lookUp(id: string, keyText: string): Promise<{ admission: Admission; forMs: number }> {
    const stored = await this.keys.findUnrevoked(id);
    if (!stored || !isKey(keyText, this.config.secret, stored.hash)) return { admission: 'unknown', forMs: Infinity };
    const leftMs = await this.leftMs(stored);
    if (leftMs <= 0) return { admission: 'expired', forMs: Infinity };
    const budget = this.budgetOf(id);
    const caller = { keyId: id, scopes: stored.scopes, test: stored.test, takeBudget: (count: number) => budget.take(count) };
    return { admission: caller, forMs: leftMs };
  }

  private async leftMs(key: StoredKey): Promise<number> {
    const { id, createdAt, expiresAt } = key;
    if (expiresAt === null) return Infinity;
    const now = await this.keys.now();
    if (expiresAt <= now) this.sayOnceADay(id, 'an API key is used that has expired');
    else if (expiresSoon({ createdAt, expiresAt }, now)) this.sayOnceADay(id, 'an API key that is used expires soon');
    return expiresAt - now;
  }

  private sayOnceADay(keyId: string, fact: string): void {
    const last = this.said.get(`${keyId} ${fact}`);
    if (last !== undefined && performance.now() - last < SAY_AGAIN_MS) return;
    this.said.set(`${keyId} ${fact}`, performance.now());
    this.log.warn(fact, { keyId });
  }

  private budgetOf(keyId: string): Budget {
    const budget = this.budgets.get(keyId) ?? new Budget(this.config.ingestMaxPerSecond);
    this.budgets.set(keyId, budget);
    return budget;
  }
}
