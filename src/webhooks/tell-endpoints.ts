import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { newId } from '@wapas/kernel';
import { DeliverWebhooks } from './deliver-webhooks';
import { KnownEndpoints } from './known-endpoints';
import { bodyOf, type Told, wants } from './rules/kinds';
import { deliveryStore } from './store/delivery.store';
import { endpointStore } from './store/endpoint.store';

/** Writes down, with the fact itself, what each endpoint is to be told. From then on the delivery is a row, and is not lost. */
@Injectable()
export class TellEndpoints {
  constructor(
    @Inject(DeliverWebhooks) private readonly deliverWebhooks: DeliverWebhooks,
    @Inject(KnownEndpoints) private readonly known: KnownEndpoints,
  ) {}

  /** Whether anybody wants one of these kinds, as far as this process knows: where nobody does, no packet is written for it. */
  isWanted(...kinds: Told['kind'][]): boolean {
    return kinds.some((kind) => this.known.isWanted(kind));
  }

  async tell(tx: Transaction, told: readonly Told[]): Promise<void> {
    if (told.length === 0) return;
    const endpoints = (await endpointStore.all(tx)).filter(({ state }) => state === 'on');
    const deliveries = endpoints.flatMap(({ id: endpointId, kinds }) =>
      told
        .filter(({ kind }) => wants(kinds, kind))
        .map((one) => ({
          id: newId(),
          endpointId,
          kind: one.kind,
          body: bodyOf(one),
          subject: one.subject ?? null,
          isPersonal: one.subject !== undefined,
          isAskedFor: false,
        })),
    );
    if (deliveries.length === 0) return;
    await deliveryStore.add(tx, deliveries);
    tx.onCommit(() => this.deliverWebhooks.wake());
  }
}
