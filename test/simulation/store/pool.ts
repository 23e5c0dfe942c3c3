import { EventEmitter } from 'node:events';
import { type Pool } from 'pg';
import { type Postgres, Session, type Wire } from './postgres';

interface Query {
  readonly name: string;
  readonly values?: readonly unknown[];
}

/** One connection as `pg` hands it out: what is sent travels at once, and is answered in order. */
class Client extends EventEmitter {
  private readonly session: Session;
  broken = false;

  constructor(
    server: Postgres,
    wire: Wire,
    private readonly giveBack: (client: Client) => void,
  ) {
    super();
    this.session = new Session(server, wire);
  }

  query(sent: Query | string): Promise<{ rows: unknown[] }> {
    const { name, values = [] } = typeof sent === 'string' ? { name: sent } : sent;
    return new Promise((resolve, reject) => {
      this.session.send({
        name,
        values,
        answer: (answer) => {
          if ('rows' in answer) return resolve(answer);
          if ((answer.error as { code?: string }).code === 'ECONNRESET') this.broken = true;
          reject(answer.error);
        },
      });
    });
  }

  release(error?: Error): void {
    if (error || this.broken) this.terminate();
    else this.giveBack(this);
  }

  terminate(): void {
    this.session.terminate();
  }
}

/** What `Database` needs of a pool of `pg`, with the simulated server behind it. */
export class SimulatedPool extends EventEmitter {
  private readonly idle: Client[] = [];
  private readonly open = new Set<Client>();

  constructor(
    private readonly server: Postgres,
    private readonly wire: Wire,
  ) {
    super();
  }

  /** In the type that `Database` asks for. */
  asPool(): Pool {
    return this as unknown as Pool;
  }

  async connect(): Promise<Client> {
    const client = this.idle.pop() ?? this.dial();
    this.emit('acquire', client);
    return client;
  }

  async query(sent: Query | string): Promise<{ rows: unknown[] }> {
    const client = await this.connect();
    try {
      return await client.query(sent);
    } finally {
      client.release();
    }
  }

  /** The process has died: its connections break, and what was open is rolled back. */
  kill(): void {
    for (const client of this.open) client.terminate();
  }

  private dial(): Client {
    const client = new Client(this.server, this.wire, (one) => this.idle.push(one));
    this.open.add(client);
    return client;
  }
}
