import { type Instant, instantFromMillis } from '@wapas/kernel';

/** At the real moment `real` business time was `business`; since then it runs `rate` times as fast. */
export interface ClockAnchor {
  readonly real: number;
  readonly business: number;
  readonly rate: number;
}

/** Business time as the database shows it, and how long a moment of it is away in real milliseconds. */
export class StoryClock {
  constructor(readonly anchor: ClockAnchor) {}

  now(): Instant {
    const { real, business, rate } = this.anchor;
    return instantFromMillis(Math.floor(business + (Date.now() - real) * rate));
  }

  /** Real milliseconds until a business moment; 0 when it has passed. */
  msUntil(moment: Instant): number {
    return Math.max(0, (moment - this.now()) / this.anchor.rate);
  }
}
