import { EventEmitter } from 'node:events';
import { type Pool, type PoolClient, type QueryResult } from 'pg';

interface Sent {
  readonly name: string;
  readonly forward: () => void;
}

/**
 * A real pool of one actor, whose statements go to Postgres when they are let go. Statements that are no points go along with
 * the one before them. The actor does not know: it calls `query` as ever.
 */
export class SteppedPool extends EventEmitter {
  private readonly line: Sent[] = [];
  private atWork = 0;
  private isFree = false;
  /** Backends of this actor, to ask whether one of them waits. */
  readonly backends = new Set<number>();
  /** The commits that have been answered, by their place among all commits of the test. */
  readonly committedAt: number[] = [];

  constructor(
    private readonly pool: Pool,
    private readonly points: ReadonlySet<string>,
    private readonly tick: () => number,
  ) {
    super();
  }

  asPool(): Pool {
    return this as unknown as Pool;
  }

  async connect(): Promise<PoolClient> {
    const client = await this.pool.connect();
    this.backends.add((client as unknown as { processID: number }).processID);
    return new Proxy(client, {
      get: (target, property) => {
        if (property === 'query') return (sent: { name: string } | string) => this.send(target, sent);
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
  }

  async query(sent: { name: string } | string): Promise<QueryResult> {
    const client = await this.connect();
    try {
      return await (client.query as (sent: { name: string } | string) => Promise<QueryResult>)(sent);
    } finally {
      client.release();
    }
  }

  /** Lets the next point go. False when the actor has none to let go of just now: it waits, or is done. */
  step(): boolean {
    const next = this.line.shift();
    next?.forward();
    this.flow();
    return next !== undefined;
  }

  /** Everything goes as it comes from here on. */
  free(): void {
    this.isFree = true;
    for (const sent of this.line.splice(0)) sent.forward();
  }

  get isWaitingForPermit(): boolean {
    return this.line.length > 0;
  }

  get isAtPostgres(): boolean {
    return this.atWork > 0;
  }

  private send(client: PoolClient, sent: { name: string } | string): Promise<QueryResult> {
    const name = typeof sent === 'string' ? sent : sent.name;
    return new Promise((resolve, reject) => {
      const forward = (): void => {
        this.atWork += 1;
        const answered = client.query(sent as string);
        answered
          .then((answer) => {
            if (name === 'commit') this.committedAt.push(this.tick());
            resolve(answer);
          }, reject)
          .finally(() => (this.atWork -= 1))
          .catch(reject);
      };
      this.line.push({ name, forward });
      this.flow();
    });
  }

  /** What is no point does not wait to be let go, unless something before it does. */
  private flow(): void {
    while (this.line.length > 0 && (this.isFree || !this.points.has((this.line[0] as Sent).name)))
      (this.line.shift() as Sent).forward();
  }
}
