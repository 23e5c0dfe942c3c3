import { type ChildProcess } from 'node:child_process';
import { collectLines, DIRECTORY_IS_LOCKED, type Launcher, outcomeOf } from './launcher';
import { watchOver } from './watchdog';

const SHUTDOWNS: ReadonlyArray<{ signal: NodeJS.Signals; waitMs: number }> = [
  { signal: 'SIGINT', waitMs: 10_000 }, // sessions are ended, everything is written out
  { signal: 'SIGQUIT', waitMs: 10_000 }, // as after a power cut; recovery puts it right
  { signal: 'SIGKILL', waitMs: 10_000 },
];

/** The postgres process we started, until its end. */
export class ServerProcess {
  readonly lines: readonly string[];
  outcome = 'is running';
  hasEnded = false;
  /** How often Postgres has begun again after one of its processes crashed. */
  restarts = 0;

  private readonly ended: Promise<void>;
  private readonly watchdog: ChildProcess | undefined;
  private exitCode: number | null = null;
  private expectingEnd = false;
  private stopping: Promise<void> | undefined;
  private unexpected: string | undefined;
  private refusal: string | undefined;
  private readonly listeners: Array<(why: string) => void> = [];

  constructor(
    private readonly child: ChildProcess,
    launcher: Launcher,
    log: (line: string) => void,
  ) {
    this.lines = collectLines(child, (line) => {
      if (/all server processes terminated; reinitializing/.test(line)) this.restarts++;
      log(line);
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => this.end(null, error.message, resolve));
      child.once('close', (code, signal) => this.end(code, outcomeOf(code, signal), resolve));
    });
    this.watchdog = launcher.diesWithUs || child.pid === undefined ? undefined : watchOver(child.pid);
  }

  /** Another server was there first; looking again will tell which. */
  get lostRace(): boolean {
    const said = this.lines.some((line) => /lock file "[^"]*" already exists|pre-existing shared memory block/.test(line));
    return said || this.exitCode === DIRECTORY_IS_LOCKED;
  }

  /** The file system knows no kernel locks (some shared folders); Postgres itself was never started. */
  get lockFailed(): boolean {
    return this.exitCode !== null && this.exitCode > 63 && this.lines.some((line) => line.startsWith('flock:'));
  }

  onUnexpectedEnd(listener: (why: string) => void): void {
    if (this.unexpected === undefined) this.listeners.push(listener);
    else queueMicrotask(() => listener(this.unexpected ?? ''));
  }

  /** Ends the server and waits for it; more forcefully when it does not listen. */
  stop(): Promise<void> {
    this.expectingEnd = true;
    return (this.stopping ??= this.endIt());
  }

  /** What it said before it ended, and what it said to us. */
  get lastWords(): readonly string[] {
    return this.refusal === undefined ? this.lines : [...this.lines, this.refusal];
  }

  /** Ends a server that never became ready: there is nothing to write out, and a damaged one may not manage to. */
  async giveUp(refusal: string): Promise<void> {
    this.refusal = refusal;
    this.expectingEnd = true;
    this.child.kill('SIGQUIT');
    await this.endsWithin(10_000);
    await this.stop();
  }

  /** Ends a server that stopped being ours. */
  async abandon(why: string): Promise<void> {
    this.report(why);
    await this.stop();
  }

  private async endIt(): Promise<void> {
    for (const { signal, waitMs } of SHUTDOWNS) {
      if (this.hasEnded) return;
      this.child.kill(signal);
      await this.endsWithin(waitMs);
    }
    if (!this.hasEnded) throw new Error(`Postgres (process ${this.child.pid}) does not end, not even by SIGKILL`);
  }

  private async endsWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([this.ended, tooLong]);
    clearTimeout(timer);
  }

  private end(code: number | null, outcome: string, resolve: () => void): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.exitCode = code;
    this.outcome = outcome;
    this.watchdog?.kill('SIGKILL');
    resolve();
    if (!this.expectingEnd)
      this.report(`The embedded Postgres ${outcome}. Its last words:\n  ${this.lines.slice(-15).join('\n  ')}`);
  }

  private report(why: string): void {
    if (this.unexpected !== undefined) return;
    this.unexpected = why;
    for (const listener of this.listeners) listener(why);
  }
}
