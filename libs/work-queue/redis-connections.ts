import { once } from 'node:events';
import { Redis, type RedisOptions } from 'ioredis';
import { QueueClosed, REPLY_WITHIN_MS, type WorkQueueLog } from './work-queue';

/** Whoever waits to be told something is told again within this time: a refusal that is older is over. */
const REFUSED_FOR_MS = 60_000;
/** Out of memory, read-only, a disk that is full, a password that was changed; EXECABORT: one of them within a bulk. */
const REFUSES = /^(?:OOM|EXECABORT|READONLY|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM)\b/;

/** The three kinds that Bull asks for: commands, events, and one that blocks until a job is there. */
export type ConnectionKind = 'client' | 'subscriber' | 'bclient';

/**
 * Every connection to Redis of this process. Commands and events are shared by all lanes; each lane that is worked has one
 * blocking connection besides. Nothing is opened before it is asked for, so describing the module opens no socket.
 */
export class RedisConnections {
  private commandsConnection?: Redis;
  private eventsConnection?: Redis;
  private readonly blocking: BlockingConnection[] = [];
  private awaySince: Date | null = null;
  private refusals: { readonly since: Date; readonly lastAt: number } | null = null;
  private timesConnected = 0;
  private taking = true;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly log: WorkQueueLog,
  ) {}

  /** Shaped for Bull's `createClient`. Bull neither keeps nor closes what it gets this way; we do. */
  readonly open = (kind: ConnectionKind): Redis => {
    if (kind === 'client') return this.commands;
    return kind === 'subscriber' ? this.events : this.openBlocking();
  };

  get isReachable(): boolean {
    return this.commands.status === 'ready';
  }

  /** Since when a connection is missing, or Redis refuses what it is told; null: neither. */
  get outOfReachSince(): Date | null {
    return this.awaySince ?? this.refusedSince;
  }

  /** Keeps in mind that Redis is there and says no. */
  noteRefusal(error: unknown): void {
    if (!(error instanceof Error && REFUSES.test(error.message))) return;
    this.refusals = { since: this.refusedSince ?? new Date(), lastAt: performance.now() };
  }

  /** It has taken what it was told to keep. */
  noteAcceptance(): void {
    this.refusals = null;
  }

  private get refusedSince(): Date | null {
    return this.refusals && performance.now() - this.refusals.lastAt < REFUSED_FOR_MS ? this.refusals.since : null;
  }

  /** Whether every connection stands. Where one does not, what fails has been reported already. */
  get isWhole(): boolean {
    return this.all.every(stands);
  }

  /**
   * Runs commands and rejects within `REPLY_WITHIN_MS`, whatever Redis does. When it is silent for that long its connections
   * are given up and made anew: with unacknowledged bytes on its way the kernel would believe in a dead peer for a quarter of an hour.
   */
  async run<Reply>(ask: (commands: Redis) => Promise<Reply>): Promise<Reply> {
    if (this.closed) throw new QueueClosed();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), REPLY_WITHIN_MS);
    let asked: number | undefined;
    try {
      await this.untilReady(deadline.signal);
      asked = this.timesConnected;
      return await Promise.race([ask(this.commands), silence(deadline.signal)]);
    } catch (error) {
      // Only the connection that was asked: a newer one, or one in the making, must not pay for it.
      if (deadline.signal.aborted && asked === this.timesConnected) this.renew();
      this.noteRefusal(error);
      throw new Error('Redis is out of reach or refused the command', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends waiting for jobs. Nothing else closes, so that jobs at work can still be reported as done. */
  stopTaking(): void {
    this.taking = false;
    for (const connection of this.blocking) connection.retire();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopTaking();
    for (const connection of this.all) connection.disconnect();
    await Promise.all(this.all.map(untilEnded));
  }

  private get commands(): Redis {
    this.commandsConnection ??= this.openCommands();
    return this.commandsConnection;
  }

  private openCommands(): Redis {
    // The timeout is for commands that Bull sends of its own accord; ours have `run`, which must notice first.
    const connection = new Redis(this.url, { ...failingAtOnce, commandTimeout: 2 * REPLY_WITHIN_MS });
    connection.on('ready', () => (this.timesConnected += 1));
    return this.reportOutages(connection);
  }

  private get events(): Redis {
    // It only ever subscribes, and ioredis subscribes again by itself.
    this.eventsConnection ??= this.reportOutages(new Redis(this.url, { ...sameForAll, ...asBullInsists }));
    return this.eventsConnection;
  }

  private openBlocking(): Redis {
    const connection = new BlockingConnection(this.url, { ...failingAtOnce, ...asBullInsists, maxRetriesPerRequest: 0 });
    this.blocking.push(this.reportOutages(connection));
    // Bull may get round to a lane only after its queue was closed.
    if (!this.taking) connection.retire();
    return connection;
  }

  private async untilReady(signal: AbortSignal): Promise<void> {
    // `once` also rejects on 'error', so a refused connection is known at once and not at the deadline.
    if (!this.isReachable) await once(this.commands, 'ready', { signal });
  }

  private renew(): void {
    if (this.closed || !this.isReachable) return;
    for (const connection of this.all) connection.disconnect(true);
  }

  /** One line when Redis goes and one when all are back, not one per attempt, lane and connection. */
  private reportOutages<Connection extends Redis>(connection: Connection): Connection {
    let lastError: unknown;
    connection.on('error', (error: unknown) => (lastError = error)); // Without a listener ioredis would print it.
    connection.on('close', () => {
      if (this.awaySince === null && this.taking) this.log('Redis is out of reach', { error: lastError });
      this.awaySince ??= new Date();
    });
    connection.on('ready', () => {
      if (!this.isWhole) return;
      if (this.awaySince !== null) this.log('Redis is within reach again', {});
      this.awaySince = null;
    });
    // Each lane adds its own listeners to the shared connections; the default limit of ten is not about them.
    return connection.setMaxListeners(0);
  }

  private get all(): Redis[] {
    return [this.commandsConnection, this.eventsConnection, ...this.blocking].filter((connection) => connection !== undefined);
  }
}

/** One whose peer has said goodbye counts as ready until its socket is closed; what is said to it in between fails already. */
const stands = ({ status, stream }: Redis): boolean => status === 'ready' && stream.writable;

/**
 * While a queue closes, Bull opens its blocking connection once more, waits for it, and lets its failure escape as an
 * unhandled rejection when Redis is away, which would end the process in the middle of a clean shutdown.
 */
class BlockingConnection extends Redis {
  private retired = false;

  retire(): void {
    this.retired = true;
    this.disconnect();
  }

  override async connect(): Promise<void> {
    if (!this.retired) await super.connect();
  }
}

const sameForAll: RedisOptions = {
  connectTimeout: REPLY_WITHIN_MS,
  // Back within a second of Redis, however long it was away.
  retryStrategy: (attempt) => Math.min(25 * 2 ** Math.min(attempt, 10), 1_000),
  // A peer that vanished without a word is noticed after some 20 s instead of two hours.
  keepAlive: 10_000,
  // After a failover the old primary answers on the same connection but takes no writes.
  reconnectOnError: (error) => error.message.includes('READONLY'),
  // A peer that is gone does not answer the goodbye either; the timer for it would keep the process alive.
  disconnectTimeout: 200,
  connectionName: 'wapas',
  disableClientInfo: true,
};

/**
 * Commands fail when the connection does; none is kept for later. A second offer is cheap, one that hangs holds claimed rows. And
 * ioredis never settles what it keeps when it is told to disconnect between two attempts: a queue would wait for that while closing.
 */
const failingAtOnce: RedisOptions = {
  ...sameForAll,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
};

/** Bull refuses connections that block or listen without these (0 retries, as above, it takes as well as none counted). */
const asBullInsists: RedisOptions = { enableReadyCheck: false, maxRetriesPerRequest: null };

async function untilEnded(connection: Redis): Promise<void> {
  // Told to disconnect between two attempts, ioredis makes no further one and says nothing more: that is its end.
  if (connection.status === 'end' || connection.status === 'reconnecting') return;
  await new Promise<void>((resolve) => connection.once('end', () => resolve()));
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`No reply within ${REPLY_WITHIN_MS} ms`)), { once: true });
  });
}
