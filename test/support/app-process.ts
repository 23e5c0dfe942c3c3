import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './world';

const MAIN = join(__dirname, '../../dist/src/main.js');

/** The application as a process of its own, as built: something that can really be killed. */
export class AppProcess {
  private lastWords = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => (this.lastWords = `${this.lastWords}${chunk.toString()}`.slice(-4_000)));
  }

  /** Resolves once it is ready. `npm test` builds before it runs; a missing build is an error, not a skipped test. */
  static async start(env: Readonly<Record<string, string>>): Promise<AppProcess> {
    if (!existsSync(MAIN)) throw new Error('There is no build. Run `npm run build` first, or the whole as `npm test`.');
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const app = new AppProcess(child, `http://127.0.0.1:${env.PORT}`);
    try {
      await until(() => app.isReady(), 'the application process to be ready');
    } catch (error) {
      await app.kill();
      throw error;
    }
    return app;
  }

  /** SIGKILL: no good-byes. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM, as an orchestrator does it. Gives the exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const gone = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    return gone;
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`The application ended with ${this.child.exitCode}:\n${this.lastWords}`);
    return fetch(`${this.url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
  }
}
