import { setTimeout as delay } from 'node:timers/promises';
import { type Client } from 'pg';
import { tryToOwn } from './ownership';
import { type ServerProcess } from './server-process';

/** A running server, and the session that proves that it is ours. */
export interface Owned {
  readonly server: ServerProcess;
  readonly client: Client;
}

export interface Ways {
  /** A further session at a server whose sessions were lost; undefined when it ended instead. */
  readonly reconnect: (server: ServerProcess) => Promise<Client | undefined>;
  /** Another server in the place of one that has died; absent: nothing follows it. */
  readonly startAgain?: () => Promise<Owned>;
  readonly log: (line: string) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/** Holds what was started until `stop`: its ownership, and another server in its place where that is asked for. */
export class OwnedServer {
  private readonly listeners: Array<(why: string) => void> = [];
  private readonly giveUpWaiting = new AbortController();
  private keeper: { release(): Promise<void> };
  private exited: string | undefined;
  private restarting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private owned: Owned,
    private readonly ways: Ways,
  ) {
    this.keeper = this.keep();
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  /** Called for each server that dies without `stop`; the last time when one is taken from us, or nothing follows it. */
  onExit(listener: (why: string) => void): void {
    this.listeners.push(listener);
    if (this.exited !== undefined) queueMicrotask(() => listener(this.exited as string));
  }

  private async end(): Promise<void> {
    this.giveUpWaiting.abort();
    await this.restarting;
    await this.keeper.release();
    await this.owned.server.stop();
  }

  private keep(): { release(): Promise<void> } {
    const { server, client } = this.owned;
    const keeper = keepOwnership(server, client, this.ways);
    server.onUnexpectedEnd((why) => {
      this.exited = why;
      for (const listener of this.listeners) listener(why);
      if (keeper.isOurs && this.stopping === undefined) this.restarting = this.startAgain();
    });
    return keeper;
  }

  /**
   * As often as it takes, more and more slowly: a full disk has room again at some time, and nobody has to come for it. While another
   * process's server is in its place each try is refused.
   */
  private async startAgain(): Promise<void> {
    const { startAgain, log } = this.ways;
    if (startAgain === undefined) return;
    await this.keeper.release();
    for (let pause = FIRST_PAUSE_MS; this.stopping === undefined; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        this.owned = await startAgain();
        this.exited = undefined;
        this.keeper = this.keep();
        log('The embedded database was started again.');
        return;
      } catch (error) {
        log(`The embedded database could not be started again: ${String(error)}`);
      }
      await delay(pause, undefined, { signal: this.giveUpWaiting.signal }).catch(() => undefined);
    }
  }
}

/**
 * Holds the lock for as long as the server lives. When Postgres restarts its sessions (one of them crashed), the lock goes
 * with them and is taken again; if somebody else has it by then, the server is no longer ours.
 */
function keepOwnership(
  server: ServerProcess,
  first: Client,
  { reconnect, log }: Ways,
): { readonly isOurs: boolean; release(): Promise<void> } {
  let client = first;
  let released = false;
  let isOurs = true;
  const retake = async (): Promise<void> => {
    if (released || server.hasEnded) return;
    log('The session that proves ownership of the embedded database was lost; taking it again.');
    const again = await reconnect(server);
    if (again === undefined) return server.abandon('it does not let its owner in any more');
    client = again;
    if (released) await again.end();
    else if (await tryToOwn(again)) again.once('end', onLost);
    else {
      isOurs = false;
      await server.abandon('another process took over the database');
    }
  };
  const onLost = (): void => {
    retake().catch((error: unknown) => server.abandon(`its ownership could not be proven again: ${String(error)}`));
  };
  client.once('end', onLost);
  return {
    get isOurs() {
      return isOurs;
    },
    release: async () => {
      released = true;
      client.off('end', onLost);
      await client.end().catch(() => undefined);
    },
  };
}
