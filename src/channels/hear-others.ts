import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus, type BusHandler } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { type RunEnded } from '../journeys/journeys.api';
import { type LinkClicked } from '../links/links.api';
import { RecordReceipts } from './record-receipts';
import { publishSettled } from './settled';
import { callOffStore } from './store/call-off.store';

/**
 * A run is over: what was still planned for it is not sent, and says why as a claim would that sees it first. (A send that goes out at this
 * very moment asks the marks itself.)
 */
@Injectable()
export class CancelMessages implements BusHandler<RunEnded> {
  constructor(@Inject(Bus) private readonly bus: Bus<BusEvents>) {}

  async handle(tx: Transaction, items: readonly RunEnded[]): Promise<void> {
    const cancelled = await callOffStore.ended(tx, items);
    if (cancelled.length > 0) await publishSettled(this.bus, tx, cancelled, await tx.businessNow());
  }
}

/** A link of a message was clicked: that is a receipt, whatever the vendor says. */
@Injectable()
export class HearClicks implements BusHandler<LinkClicked> {
  constructor(@Inject(RecordReceipts) private readonly recordReceipts: RecordReceipts) {}

  async handle(tx: Transaction, items: readonly LinkClicked[]): Promise<void> {
    await this.recordReceipts.recordOwn(
      tx,
      items.map(({ messageId, at }) => ({ messageId, kind: 'clicked', provider: 'links', at: Date.parse(at) })),
    );
  }
}
