import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What starts here ends here, in the opposite order, whatever happened in between. */
export class Started {
  private readonly ends: (() => Promise<unknown>)[] = [];

  toStop(end: () => Promise<unknown>): void {
    this.ends.push(end);
  }

  async stop(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) {
      await end().catch((error: unknown) => process.stderr.write(`A part of the bench did not stop cleanly: ${String(error)}\n`));
    }
  }
}

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 10_000;

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** As `npm start` gives them. */
  readonly nodeOptions?: readonly string[];
}

/**
 * Starts one of our compiled programs as a process of its own; the path counts from `dist/test/bench`. It ends with us even
 * when we are killed: `end-with-parent` notices that the channel is gone.
 */
export function startProgram(
  path: string,
  started: Started,
  { environment = {}, args = [], nodeOptions = [] }: ProgramOptions = {},
): ChildProcess {
  const child = fork(join(__dirname, path), args, {
    execArgv: [
      '--require',
      join(__dirname, 'end-with-parent.js'),
      ...nodeOptions,
      ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? []),
    ],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  started.toStop(() => stopProgram(child));
  return child;
}

/** The next message of a child. Rejects when the child ends instead. */
export async function nextMessage<Message>(child: ChildProcess, withinMs = READY_WITHIN_MS): Promise<Message> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), withinMs);
  try {
    return await Promise.race([
      once(child, 'message', { signal: giveUp.signal }).then(([message]) => message as Message),
      once(child, 'exit', { signal: giveUp.signal }).then(([code]): never => {
        throw new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${code}`);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}

/** Once it has ended this does nothing. */
export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await ended;
  clearTimeout(impatience);
}
