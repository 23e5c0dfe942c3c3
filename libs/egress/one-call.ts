import { type HttpResult } from '@wapas/provider-kit';
import { type Dispatcher } from 'undici';
import { codeOf, stageOf } from './failure-stage';

const BODY_LIMIT = 256 * 1024;

/**
 * Follows one call from the queue to its result, whichever comes first: an answer, a failure or the deadline. It works on
 * undici's dispatch events directly: a stream per answer cost more than the rest of the call.
 */
export class OneCall implements Dispatcher.DispatchHandler {
  readonly result: Promise<HttpResult>;
  private settle!: (result: HttpResult) => void;
  private settled = false;
  private readonly deadline: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | null = null;
  private status = 0;
  private headers: Readonly<Record<string, string>> = {};
  private readonly chunks: Buffer[] = [];
  private size = 0;

  constructor(
    timeoutMs: number,
    private readonly overTls: boolean,
  ) {
    this.result = new Promise((resolve) => (this.settle = resolve));
    this.deadline = setTimeout(() => this.onDeadline(), timeoutMs);
  }

  /** The last moment before bytes leave. After the deadline there is nobody left to hear the answer, so none do. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) return controller.abort(new CallEnded());
    this.controller = controller;
  }

  /** Called again for each 1xx before the real answer. */
  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.status = status;
    this.headers = flat(headers);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = BODY_LIMIT - this.size;
    this.chunks.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
    this.size += chunk.length;
    if (this.size > BODY_LIMIT) this.endEarly(this.response());
  }

  onResponseEnd(): void {
    this.end(this.response());
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(codeOf(error));
  }

  fail(code: string): void {
    this.end(this.failure(code));
  }

  private onDeadline(): void {
    this.endEarly(this.failure(this.controller === null ? 'DEADLINE_IN_QUEUE' : 'DEADLINE'));
  }

  private failure(code: string): HttpResult {
    const stage = stageOf(code, { started: this.controller !== null, overTls: this.overTls });
    return { kind: 'failure', stage, code };
  }

  private response(): HttpResult {
    return { kind: 'response', status: this.status, headers: this.headers, body: Buffer.concat(this.chunks).toString('utf8') };
  }

  /** Gives the connection up: what still comes over it is of no interest. */
  private endEarly(result: HttpResult): void {
    this.end(result);
    this.controller?.abort(new CallEnded());
  }

  private end(result: HttpResult): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.deadline);
    this.settle(result);
  }
}

class CallEnded extends Error {
  readonly code = 'CALL_ENDED';
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}
