import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { createHttpClient } from '@wapas/egress';
import { standardWebhookHeaders } from '@wapas/provider-kit';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { type AnswerToHandOn, answerStore } from './store/answer.store';

const BATCH = 20;
const LOOK_EVERY_MS = 500;
const CALL_MS = 5_000;
const MINUTE_MS = 60_000;
/** Between tries; after the last one the words are given up and erased. About three days. */
const PAUSES_MS = [5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * 60 * MINUTE_MS)];

/** Hands people's answers on to the team that can answer them: a post to its address, signed as Standard Webhooks. */
@Injectable()
export class HandOnAnswers {
  private readonly http = createHttpClient({ connectionsPerOrigin: BATCH });
  private readonly loop: DueLoop;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'hand on answers',
      fullPass: BATCH,
      idleMs: LOOK_EVERY_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  /** Without an address to hand them on to there is nothing to look for. */
  start(): void {
    if (this.config.replies) this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.http.close();
  }

  private async pass(): Promise<Pass> {
    const answers = await answerStore.takeToHandOn(this.database, BATCH);
    await Promise.all(answers.map((answer) => this.handOn(answer)));
    return { done: answers.length };
  }

  private async handOn(answer: AnswerToHandOn): Promise<void> {
    const arrived = await this.post(answer);
    const pause = PAUSES_MS[answer.tries - 1];
    if (arrived || pause === undefined) {
      await answerStore.settle(this.database, answer.id, arrived);
      if (!arrived) this.log.warn('answer not handed on', { answerId: answer.id, tries: answer.tries });
    } else await answerStore.tryLater(this.database, answer.id, pause);
  }

  /** True when the other side has it: any 2xx. */
  private async post({ id, at, tries: _tries, ...answer }: AnswerToHandOn): Promise<boolean> {
    const { url, key, allowPrivate } = this.config.replies as NonNullable<Config['replies']>;
    const data = { answerId: id, ...answer, at: at.toISOString() };
    const body = JSON.stringify({ type: 'answer.received', timestamp: new Date().toISOString(), data });
    const result = await this.http.request({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...standardWebhookHeaders(key, id, Date.now(), body) },
      body,
      timeoutMs: CALL_MS,
      onlyPublic: !allowPrivate,
    });
    return result.kind === 'response' && result.status >= 200 && result.status < 300;
  }
}
