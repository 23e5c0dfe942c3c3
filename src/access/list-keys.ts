import { Inject, Injectable } from '@nestjs/common';
import { type Instant } from '@wapas/kernel';
import { expiresSoon } from './rules/key-expiry';
import { ApiKeyStore, type StoredKey } from './store/api-key.store';

/** Keys of a page. */
export const KEYS_OF_PAGE = 100;

export type ListedKey = Omit<StoredKey, 'hash'> & { readonly state: 'live' | 'expired' | 'revoked' };

/** Which keys there are and were, and which of them somebody should replace. */
@Injectable()
export class ListKeys {
  constructor(@Inject(ApiKeyStore) private readonly keys: ApiKeyStore) {}

  /** Newest first; `before`: the key at the end of the page before. */
  async page(before: string | null): Promise<{ keys: ListedKey[]; next: string | null }> {
    const now = await this.keys.now();
    const found = await this.keys.page(before, KEYS_OF_PAGE + 1);
    const keys = found.slice(0, KEYS_OF_PAGE).map((key) => ({ ...key, state: stateOf(key, now) }));
    return { keys, next: found.length > KEYS_OF_PAGE ? (keys.at(-1)?.id ?? null) : null };
  }

  /** What a person should look at, in words, for the health body. Anybody may read that, so keys go by their ids. */
  async lines(): Promise<string[]> {
    const now = await this.keys.now();
    return (await this.keys.expiringAfter(now))
      .filter(({ createdAt, expiresAt }) => expiresSoon({ createdAt, expiresAt: expiresAt as Instant }, now))
      .map(
        ({ id, scopes, expiresAt }) =>
          `the API key ${id} (${scopes.join(', ')}) expires on ${new Date(expiresAt as Instant).toISOString().slice(0, 16)}Z; give whoever uses it another one`,
      );
  }
}

const stateOf = ({ revokedAt, expiresAt }: StoredKey, now: Instant): ListedKey['state'] =>
  revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= now ? 'expired' : 'live';
