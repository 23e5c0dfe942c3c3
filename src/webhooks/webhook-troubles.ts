import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { KnownEndpoints } from './known-endpoints';
import { deliveryStore } from './store/delivery.store';

/** What a person should look at, in words, for the health body. */
@Injectable()
export class WebhookTroubles {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(KnownEndpoints) private readonly known: KnownEndpoints,
  ) {}

  async lines(): Promise<string[]> {
    const parked = await deliveryStore.parkedCount(this.database);
    return [
      ...this.known
        .unreadable()
        .map(({ id }) => `webhook endpoint ${id} cannot be opened: is a key of WAPAS_ENCRYPTION_KEYS missing?`),
      ...this.known
        .switchedOffByTrouble()
        .map(({ id, offBecause }) =>
          offBecause === 'gone'
            ? `webhook endpoint ${id} answered 410 Gone and is off`
            : `webhook endpoint ${id} took nothing for three days and is off; mend it and switch it on again`,
        ),
      ...this.known.failing(Date.now()).map(({ id }) => `webhook endpoint ${id} has been failing for more than an hour`),
      ...(parked > 0 ? [`${parked} webhook delivery(s) are parked; see GET /v1/webhooks/{id}/deliveries?state=parked`] : []),
    ];
  }
}
