/** What a pass over due work found: how much it did, and when to look again at the latest, in milliseconds of real time. */
export interface Pass {
  readonly done: number;
  readonly nextInMs?: number;
}

export interface DueLoopOptions {
  readonly name: string;
  /** A pass that did this much is followed by another at once: there is probably more. */
  readonly fullPass: number;
  /** The longest rest between two looks, in milliseconds of real time. */
  readonly idleMs: number;
  readonly onTrouble: (name: string, error: unknown) => void;
}

const REST_AFTER_TROUBLE_MS = 1_000;

/**
 * Looks for due work for as long as the process lives: pass after pass while there is plenty, resting in between. Timers
 * are rows in Postgres; this loop only looks at them, so losing it loses nothing and two containers may both run it.
 */
export class DueLoop {
  private running: Promise<void> | undefined;
  private stopping = false;
  private endRest: (() => void) | undefined;
  private woken = false;

  constructor(
    private readonly pass: () => Promise<Pass>,
    private readonly options: DueLoopOptions,
  ) {}

  start(): void {
    this.stopping = false;
    this.running ??= this.run();
  }

  /** For a pass that takes minutes: it ends early when this says so. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Something may have become due just now. */
  wake(): void {
    this.woken = true;
    this.endRest?.();
  }

  /** Lets the pass at work finish. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endRest?.();
    await this.running;
    this.running = undefined;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false;
      await this.rest(await this.lookOnce());
    }
  }

  private async lookOnce(): Promise<number> {
    try {
      const { done, nextInMs } = await this.pass();
      if (done >= this.options.fullPass) return 0;
      return Math.min(this.options.idleMs, Math.max(1, nextInMs ?? this.options.idleMs));
    } catch (error) {
      this.options.onTrouble(this.options.name, error);
      return REST_AFTER_TROUBLE_MS;
    }
  }

  private async rest(ms: number): Promise<void> {
    if (ms === 0 || this.stopping || this.woken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endRest = undefined;
  }
}
