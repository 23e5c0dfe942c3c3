import { Inject, Injectable } from '@nestjs/common';
import { hours } from '@wapas/kernel';
import { Gateways } from '../payments/payments.api';

/** So long after the last of them it counts as mended, in milliseconds of real time. */
const FORGOTTEN_AFTER_MS = hours(1);

/**
 * Messages that were left out because there was nowhere for their link to lead. It would be so with the next one, so a person must hear of
 * it: one line in `/health/ready` until an hour has gone by without. Counted in memory, by each container for itself.
 */
@Injectable()
export class LinksToNowhere {
  private count = 0;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(@Inject(Gateways) private readonly gateways: Gateways) {}

  note(count: number): void {
    if (count === 0) return;
    this.count = this.isForgotten() ? count : this.count + count;
    this.lastAt = performance.now();
  }

  lines(): string[] {
    if (this.isForgotten()) return [];
    return [`${this.count} message(s) were left out (missing_link): there was nowhere for their link to lead. ${this.mend()}`];
  }

  private isForgotten(): boolean {
    return performance.now() - this.lastAt > FORGOTTEN_AFTER_MS;
  }

  private mend(): string {
    const names = this.gateways.whereToPay;
    if (names.length === 0) return 'Set WAPAS_PAY_URL, or give properties.checkout_url in events.';
    return `Say in events which order it is and who has it (keys.order, properties.gateway: ${names.join(', ')}), give properties.checkout_url, or set WAPAS_PAY_URL.`;
  }
}
