import { Injectable } from '@nestjs/common';
import { type UpiAnswer } from '@wapas/gateways';

/** A page that is reloaded, or opened three times, shows the attempt that was begun. */
const SHOWN_AGAIN_MS = 120_000;
const REMEMBERED = 10_000;

/** The UPI attempt of each order that was begun lately in this process: pressing again begins no other one. */
@Injectable()
export class UpiAttempts {
  private readonly begun = new Map<string, { at: number; answer: Promise<UpiAnswer> }>();

  /** `what` is the order in this amount: another amount is another attempt. */
  async of(what: string, begin: () => Promise<UpiAnswer>): Promise<UpiAnswer> {
    const earlier = this.begun.get(what);
    if (earlier && performance.now() - earlier.at < SHOWN_AGAIN_MS) return earlier.answer;
    const answer = begin();
    this.begun.delete(what);
    this.begun.set(what, { at: performance.now(), answer });
    for (const oldest of this.begun.keys()) if (this.begun.size > REMEMBERED) this.begun.delete(oldest);
    const { ok } = await answer;
    if (!ok) this.begun.delete(what);
    return answer;
  }
}
