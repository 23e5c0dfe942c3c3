import { type Database, statement } from '@wapas/database';
import { InProcessQueue, InProcessTokenBucket } from '@wapas/work-queue';
import { Container } from './container';
import { SteppedPool } from './stepped-pool';

/** A container of its own, not started, whose statements are let go one by one. */
export interface Actor {
  readonly pool: SteppedPool;
  readonly container: Container;
}

const WAITS = statement(
  'is_waiting_for_a_lock',
  `select exists (select from pg_stat_activity where pid = any($1::int[]) and wait_event_type = 'Lock') as waits`,
);

/** Every order of so many points of one and of the other: `aabab…`. */
export function ordersOf(a: number, b: number): string[] {
  if (a === 0 || b === 0) return ['a'.repeat(a) + 'b'.repeat(b)];
  return [...ordersOf(a - 1, b).map((rest) => `a${rest}`), ...ordersOf(a, b - 1).map((rest) => `b${rest}`)];
}

/** Plays two transactions of the product on one real Postgres, in an order that is given. */
export class Interleaving {
  private commits = 0;

  constructor(private readonly database: Database) {}

  /** `points`: names of statements, and `begin` and `commit`, that wait to be let go. */
  actor(points: readonly string[]): Actor {
    const pool = new SteppedPool(this.database.pool, new Set(points), () => (this.commits += 1));
    const container = new Container({
      pool,
      queue: new InProcessQueue([], () => undefined),
      bucket: new InProcessTokenBucket(),
      providers: [],
      gateways: [],
      fallsSilent: false,
      caps: { perDay: 9, marketingPerDay: 1, marketingPerWeek: 9 },
      now: () => Date.now(),
      onTrouble: () => undefined,
    });
    container.wire();
    return { pool, container };
  }

  /** `order`: one letter a point, as `ordersOf` gives them. What is blocked by the other's locks goes on when Postgres lets it. */
  async play<A, B>(order: string, a: Actor, b: Actor, [first, second]: [() => Promise<A>, () => Promise<B>]): Promise<[A, B]> {
    const done = new Set<SteppedPool>();
    const both = [first().finally(() => done.add(a.pool)), second().finally(() => done.add(b.pool))] as const;
    for (const letter of order) {
      const { pool } = letter === 'a' ? a : b;
      await this.rests(pool, done);
      pool.step();
      await this.rests(pool, done);
    }
    a.pool.free();
    b.pool.free();
    return Promise.all(both);
  }

  /** Resolves when the actor has its next point ready, is blocked by a lock, or is done. */
  private async rests(pool: SteppedPool, done: ReadonlySet<SteppedPool>): Promise<void> {
    for (;;) {
      if (done.has(pool) || (pool.isWaitingForPermit && !pool.isAtPostgres)) return;
      if (await this.isBlocked(pool)) return;
    }
  }

  private async isBlocked({ backends }: SteppedPool): Promise<boolean> {
    const [row] = await this.database.query<{ waits: boolean }>(WAITS, [[...backends]]);
    return row?.waits === true;
  }
}
