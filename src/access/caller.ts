import { SetMetadata } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { Problem } from '@wapas/problems';
import { type Config } from '../config/config';
import { type Scope } from './rules/api-key';

/** Who is calling, as the key says. */
export interface Caller {
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** Test mode reaches sandbox providers and an allow-list, nothing else. */
  readonly test: boolean;
  /** Takes `count` from the key's rate. Throws a 429 Problem with Retry-After when it is used up. */
  takeBudget(count: number): void;
}

export type CallerRequest = FastifyRequest & { caller?: Caller };

/** The caller of a route that `@Needs` a scope. */
export function CallerOf(request: CallerRequest): Caller {
  if (!request.caller) throw new Error('This route has no caller: it lacks @Needs.');
  return request.caller;
}

export const ACCESS = 'wapas:access';
export type Access =
  | { readonly needs: Scope; readonly asWriteKey?: true; readonly unless?: (config: Config) => boolean }
  | { readonly open: string };

/** The route is for keys with this scope. */
export const Needs = (scope: Scope) => SetMetadata(ACCESS, { needs: scope } satisfies Access);
/** The same, unless the configuration says that the network protects the route. */
export const NeedsUnless = (scope: Scope, unless: (config: Config) => boolean) =>
  SetMetadata(ACCESS, { needs: scope, unless } satisfies Access);
/**
 * The same, and the key may also come as Segment's write key: as the user name of Basic authentication, or, from browsers
 * that cannot set a header, as `writeKey` in the body.
 */
export const NeedsWriteKey = (scope: Scope) => SetMetadata(ACCESS, { needs: scope, asWriteKey: true } satisfies Access);
/** The route takes no key; the reason says what protects it instead. A route with neither answers nobody. */
export const Open = (reason: string) => SetMetadata(ACCESS, { open: reason } satisfies Access);

const REFILL_BURST_SECONDS = 1;

/** A rate in real time, kept in memory: it protects this process. */
export class Budget {
  private left: number;
  private at = performance.now();

  constructor(private readonly perSecond: number) {
    this.left = perSecond * REFILL_BURST_SECONDS;
  }

  take(count: number): void {
    const now = performance.now();
    this.left = Math.min(this.perSecond * REFILL_BURST_SECONDS, this.left + ((now - this.at) / 1_000) * this.perSecond);
    this.at = now;
    // A call larger than the whole burst is let through when the budget is full, and paid off afterwards.
    if (this.left < Math.min(count, this.perSecond * REFILL_BURST_SECONDS)) {
      throw new Problem(429, 'rate_limited', 'This key sends faster than it may. Nothing was stored; send again later.', {
        retryAfterSeconds: Math.max(1, Math.ceil((count - this.left) / this.perSecond)),
      });
    }
    this.left -= count;
  }
}
