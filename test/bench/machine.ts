import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';

export interface Machine {
  readonly cpus: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string;
  /** Null outside a git checkout. */
  readonly commit: string | null;
}

export async function describeMachine(postgres: string): Promise<Machine> {
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres,
    commit: await commitOf(),
  };
}

async function commitOf(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['describe', '--always', '--dirty'], { cwd: __dirname });
    return stdout.trim() || null;
  } catch {
    return null; // No git, or an unpacked archive: the figures stand without it.
  }
}
