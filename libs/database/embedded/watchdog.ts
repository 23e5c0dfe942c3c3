import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Stops the server when we die without having stopped it, where the kernel cannot be asked to (no setpriv: macOS, images
 * without util-linux). It waits for the end of a pipe whose other end only this process holds; the kernel closes that in
 * every kind of death. A shell is enough; Node itself where there is none.
 */
export function watchOver(pid: number): ChildProcess {
  const [program, ...args] = existsSync('/bin/sh')
    ? ['/bin/sh', '-c', `read -r line; kill -INT ${pid}`]
    : [process.execPath, '-e', `process.stdin.resume().on('end', () => process.kill(${pid}, 'SIGINT'))`];
  const watchdog = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
  // Its end is ours to bring about; a watchdog that could not start leaves the server to the next start, which cleans up.
  watchdog.on('error', () => undefined);
  watchdog.stdin?.on('error', () => undefined);
  watchdog.unref();
  return watchdog;
}
