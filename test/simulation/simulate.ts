import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs the simulation in a process of its own, as `npm run simulate` does, and gives its line of JSON. */
export const simulate = async (...args: string[]): Promise<unknown> => {
  const child = spawn(process.execPath, ['--max-semi-space-size=64', join(__dirname, 'run.cjs'), ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let line = '';
  child.stdout.on('data', (data: Buffer) => (line += data.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return JSON.parse(line);
};
