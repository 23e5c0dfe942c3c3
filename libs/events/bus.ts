import { type Database, isOutOfReach, type Transaction } from '@wapas/database';
import { inSlices } from '@wapas/kernel';
import { outbox, type BusState, type Packet } from './outbox.store';

/**
 * Reacts to a batch of items of one bus event, inside the transaction in which they leave the outbox: what it writes
 * through `tx` happens once. It may be called again with the same items after a failure, and throws to be retried.
 */
export interface BusHandler<Item> {
  handle(tx: Transaction, items: readonly Item[]): Promise<void>;
  /** False: nobody would do anything with such items now, so none are written for it. Answered from memory; absent: always wanted. */
  isWanted?(): boolean;
}

/** Handlers of each bus event, in the order of the flow page. */
export type Wiring<Events> = {
  readonly [Name in keyof Events & string]: readonly { name: string; handler: BusHandler<Events[Name]> }[];
};

export interface BusOptions {
  /** How often to look for packets of other containers and for those whose retry is due, in milliseconds of real time. */
  idlePollMs?: number;
  onFailure: (handler: string, error: unknown, parked: boolean) => void;
}

const PACKETS_A_CLAIM = 64;
const ITEMS_A_BATCH = 500;
/** After a small batch a short rest lets the next one grow: waking per event cost ten times as much (D6). */
const SMALL_BATCH = 200;
const REST_AFTER_SMALL_BATCH_MS = 20;
const FAILURES_BEFORE_PARKING = 5;
/**
 * 0.2 s, then 1, 5 and 25: what fails by chance is soon mended, and a trouble of half a minute that nobody recognised as one (a table
 * that is locked, a vendor's name that does not resolve) parks nothing. Only the failed item waits; its neighbours have gone on.
 */
const RETRY_DELAY_MS = 200;
const RETRY_DELAY_GROWS = 5;
const PACKETS_AN_UNPARKING = 1_000;
const IDLE_POLL_MS = 250;
const REST_AFTER_TROUBLE_MS = 1_000;

/**
 * The internal event bus: an outbox in Postgres. A bus event is written in the transaction of the fact it reports and
 * delivered in batches after the commit, to each handler on its own, until the handler has succeeded. A packet that
 * keeps failing is cut in halves until the guilty item stands alone; that one is parked after five failures, which
 * takes half a minute, and stays visible (`state`) until it is replayed.
 */
export class Bus<Events> {
  private wiring: Wiring<Events> | undefined;
  private readonly loops = new Map<string, HandlerLoop>();
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly options: BusOptions,
  ) {}

  /** Declares who reacts to what. Events published before this have nobody to go to, so it comes before anything else. */
  wire(wiring: Wiring<Events>): void {
    this.wiring = wiring;
  }

  /** Starts delivering. Packets left by a container that died are found by the same loops. */
  start(): void {
    for (const event of Object.keys(this.wired()) as (keyof Events & string)[]) {
      for (const { name, handler } of this.wired()[event]) {
        const loop = new HandlerLoop(name, handler, this.database, this.options);
        this.loops.set(name, loop);
        loop.start();
      }
    }
    this.poll = setInterval(() => void this.wakeWaited(), this.options.idlePollMs ?? IDLE_POLL_MS);
    this.poll.unref();
  }

  /** One look for all handlers: when each looked for itself, the idle ones asked Postgres more often than the busy ones. */
  private async wakeWaited(): Promise<void> {
    try {
      for (const name of await outbox.waited(this.database, [...this.loops.keys()])) this.loops.get(name)?.wake();
    } catch (error) {
      this.options.onFailure('bus poll', error, false);
    }
  }

  /**
   * Publishes items of one bus event with the facts of `tx`, in packets that a handler takes whole. No items, or an event nobody
   * reacts to, writes nothing.
   */
  publish<Name extends keyof Events & string>(tx: Transaction, event: Name, items: readonly Events[Name][]): void {
    const handlers = this.wired()[event].filter(({ handler }) => handler.isWanted?.() ?? true);
    if (items.length === 0 || handlers.length === 0) return;
    outbox.publish(
      tx,
      inSlices(items, ITEMS_A_BATCH).flatMap((some) => handlers.map(({ name }) => ({ handler: name, event, items: some }))),
    );
    tx.onCommit(() => handlers.forEach(({ name }) => this.loops.get(name)?.wake()));
  }

  /** Puts every parked packet back in line. Gives how many. */
  async replayParked(): Promise<number> {
    let freed = 0;
    // All at once they might be more than one statement has time for. Those that fail again meanwhile are not gone back to.
    for (let last = '0'; ;) {
      const batch = await outbox.unpark(this.database, last, PACKETS_AN_UNPARKING);
      for (const loop of this.loops.values()) loop.wake();
      freed += batch.count;
      if (batch.last === null || batch.count < PACKETS_AN_UNPARKING) return freed;
      last = batch.last;
    }
  }

  state(): Promise<BusState[]> {
    return outbox.state(this.database);
  }

  /** Resolves when no packet waits for a handler of this process; parked ones do not count. For orderly tests. */
  async settled(): Promise<void> {
    for (;;) {
      const waiting = (await this.state()).some((handler) => handler.waiting > 0);
      if (!waiting) return;
      for (const loop of this.loops.values()) loop.wake();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Lets the batches at work finish and takes no more. */
  async stop(): Promise<void> {
    clearInterval(this.poll);
    await Promise.all([...this.loops.values()].map((loop) => loop.stop()));
    this.loops.clear();
  }

  private wired(): Wiring<Events> {
    if (!this.wiring) throw new Error('The bus is used before event-flow.ts was wired.');
    return this.wiring;
  }
}

class HandlerLoop {
  private running: Promise<void> | undefined;
  private stopped = false;
  private signal: (() => void) | undefined;
  private woken = false;

  constructor(
    private readonly name: string,
    private readonly handler: BusHandler<unknown>,
    private readonly database: Database,
    private readonly options: BusOptions,
  ) {}

  start(): void {
    this.running = this.run();
  }

  wake(): void {
    this.woken = true;
    this.signal?.();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  /** What another process left is delivered first; from then on somebody wakes us. */
  private async run(): Promise<void> {
    this.woken = true;
    while (!this.stopped) {
      if (!this.woken) await this.wakeUp();
      this.woken = false;
      const delivered = await this.deliver();
      if (delivered >= SMALL_BATCH) this.woken = true;
      else if (delivered > 0) await this.rest(REST_AFTER_SMALL_BATCH_MS);
    }
  }

  private async wakeUp(): Promise<void> {
    if (this.stopped) return;
    await new Promise<void>((resolve) => (this.signal = resolve));
    this.signal = undefined;
  }

  private async rest(ms: number): Promise<void> {
    if (!this.stopped) await new Promise<void>((resolve) => setTimeout(resolve, ms));
  }

  /** Delivers one batch. Gives how many items were handled. Never throws. */
  private async deliver(): Promise<number> {
    let claimed: Packet[] = [];
    try {
      return await this.database.transaction(async (tx) => {
        claimed = upTo(ITEMS_A_BATCH, await outbox.claim(tx, this.name, PACKETS_A_CLAIM));
        return this.handleWithin(tx, claimed);
      });
    } catch (error) {
      if (isOutOfReach(error) || claimed.length === 0) {
        this.options.onFailure(this.name, error, false);
        await this.rest(REST_AFTER_TROUBLE_MS);
        this.woken = true;
        return 0;
      }
      await this.deliverOneByOne(claimed);
      return 0;
    }
  }

  private async handleWithin(tx: Transaction, packets: readonly Packet[]): Promise<number> {
    const items = packets.flatMap((packet) => packet.items);
    if (items.length === 0) return 0;
    await this.handler.handle(tx, items);
    outbox.remove(
      tx,
      packets.map((packet) => packet.seq),
    );
    return items.length;
  }

  /** After a failed batch: each packet in a transaction of its own, so that the guilty one fails alone. */
  private async deliverOneByOne(packets: readonly Packet[]): Promise<void> {
    for (const packet of packets) {
      if (this.stopped) return;
      try {
        await this.database.transaction(async (tx) => this.handleWithin(tx, await outbox.claimOne(tx, packet.seq)));
      } catch (error) {
        await this.afterFailure(packet, error).catch((cause: unknown) => this.options.onFailure(this.name, cause, false));
      }
    }
  }

  private async afterFailure(packet: Packet, error: unknown): Promise<void> {
    if (packet.items.length > 1) {
      const middle = packet.items.length >> 1;
      await outbox.split(this.database, packet.seq, [packet.items.slice(0, middle), packet.items.slice(middle)]);
      return;
    }
    const park = packet.attempts + 1 >= FAILURES_BEFORE_PARKING;
    const words = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'unknown error';
    await outbox.retryLater(this.database, packet.seq, words, RETRY_DELAY_MS * RETRY_DELAY_GROWS ** packet.attempts, park);
    this.options.onFailure(this.name, error, park);
  }
}

function upTo(limit: number, packets: readonly Packet[]): Packet[] {
  const taken: Packet[] = [];
  let items = 0;
  for (const packet of packets) {
    if (taken.length > 0 && items + packet.items.length > limit) break;
    taken.push(packet);
    items += packet.items.length;
  }
  return taken;
}
