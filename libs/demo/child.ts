import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Environment = Readonly<Record<string, string>>;

const KEPT_LINES = 20;
const MAY_DRAIN_MS = 12_000;
/** What it wrote last may arrive after the news of its end. */
const LAST_WORDS_MS = 100;

/** A process of the demo. It ends with us, whatever way we end: it hears when the channel to us closes. */
export class Child {
  /** Rejects, with the last lines, when it ends although nobody told it to. Never resolves. */
  readonly broken: Promise<never>;
  private readonly lastLines: string[] = [];
  private readonly ended: Promise<void>;
  private isStopping = false;

  private constructor(
    private readonly name: string,
    private readonly process: ChildProcess,
  ) {
    // Not `close`: it never comes once we have disconnected.
    this.ended = new Promise((resolve) => process.once('exit', () => resolve()));
    this.broken = new Promise((_, reject) =>
      process.once('exit', (code, signal) => {
        const tell = (): void => reject(this.failure(`ended by itself (${signal ?? `exit code ${code}`})`));
        if (!this.isStopping) setTimeout(tell, LAST_WORDS_MS);
      }),
    );
    // Somebody may look at it much later than it happened.
    this.broken.catch(() => undefined);
    for (const stream of [process.stdout, process.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => this.keep(line));
  }

  static start(name: string, module: string, env: Environment, execArgv: readonly string[] = []): Child {
    return new Child(name, fork(module, [], { env, execArgv: [...execArgv], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }));
  }

  /** An error that shows what the process said last. */
  failure(what: string): Error {
    return new Error([`${this.name} ${what}.`, ...this.lastLines.map((line) => `  | ${line}`)].join('\n'));
  }

  /** Asks it to end, waits while it drains, and insists at last. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.process.connected) this.process.disconnect();
    this.process.kill('SIGTERM');
    const impatience = setTimeout(() => this.process.kill('SIGKILL'), MAY_DRAIN_MS);
    await this.ended;
    clearTimeout(impatience);
  }

  private keep(line: string): void {
    this.lastLines.push(line);
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
  }
}
