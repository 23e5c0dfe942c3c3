import { Injectable } from '@nestjs/common';
import { type UpiAnswer } from '@wapas/gateways';

/** A page that is reloaded, or opened three times, shows the attempt that was begun. */
const SHOWN_AGAIN_MS = 120_000;
const REMEMBERED = 10_000;

/** The UPI attempt of each order that was begun lately in this process: pressing again begins no other one. */
@Injectable()
export class UpiAttempts {
  private readonly begun = new Map<string, { at: number; answer: Promise<UpiAnswer> }>();

  /**
   * `what` is the order in this amount: another amount is another attempt. `failed`: the attempts of this order of which the gateway says
   * that nothing comes of them; instead of one of those another one is begun, as it is after an answer that was none.
   */
  async of(what: string, failed: readonly string[], begin: () => Promise<UpiAnswer>): Promise<UpiAnswer> {
    const earlier = this.begun.get(what);
    if (earlier && performance.now() - earlier.at < SHOWN_AGAIN_MS) {
      const answer = await earlier.answer;
      if (!(answer.ok && answer.payment !== undefined && failed.includes(answer.payment))) return answer;
      // Of two who press at once the first begins; the other finds that one.
      if (this.begun.get(what) !== earlier) return this.of(what, failed, begin);
    }
    const attempt = { at: performance.now(), answer: begin() };
    this.begun.delete(what);
    this.begun.set(what, attempt);
    if (this.begun.size > REMEMBERED) this.begun.delete(this.begun.keys().next().value as string);
    let isBegun = false;
    try {
      isBegun = (await attempt.answer).ok;
    } finally {
      if (!isBegun && this.begun.get(what) === attempt) this.begun.delete(what);
    }
    return attempt.answer;
  }
}
