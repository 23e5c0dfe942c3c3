import { type ChildProcess } from 'node:child_process';
import { nextMessage, type Started, startProgram } from './children';

/** A push service on loopback, in a process of its own: it takes everything, answers as FCM does, and counts. */
export class ProviderStub {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(started: Started): Promise<ProviderStub> {
    const child = startProgram('provider-stub.process.js', started);
    const { port } = await nextMessage<{ port: number }>(child);
    return new ProviderStub(child, `http://127.0.0.1:${port}`);
  }

  /** Messages accepted since it started. */
  async accepted(): Promise<number> {
    return (await this.ask('count')).accepted;
  }

  /** From here on it looks out for the next message. Gives the messages accepted before. */
  async watch(): Promise<number> {
    return (await this.ask('watch')).accepted;
  }

  /** Wall-clock milliseconds at which the first message since `watch` came in. */
  async firstAt(): Promise<number> {
    return (await this.ask('count')).firstAt;
  }

  private async ask(what: 'count' | 'watch'): Promise<{ accepted: number; firstAt: number }> {
    const answer = nextMessage<{ accepted: number; firstAt: number }>(this.child);
    this.child.send(what);
    return answer;
  }
}
