import { Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type MessageSettled, type ReceiptRecorded } from '../channels/channels.api';
import { eventReader } from '../ingestion/ingestion.api';
import { type RecoveryReversed, type RunEnded, type RunsMoved, type RunStarted } from '../journeys/journeys.api';
import { type EndedWithAmount, outcomeStore } from './store/outcome.store';

/** A person entered a journey. */
@Injectable()
export class ProjectEntries implements BusHandler<RunStarted> {
  async handle(tx: Transaction, items: readonly RunStarted[]): Promise<void> {
    await outcomeStore.enter(tx, items);
  }
}

/** A message has settled; when it was sent it is a touch. */
@Injectable()
export class ProjectTouches implements BusHandler<MessageSettled> {
  async handle(tx: Transaction, items: readonly MessageSettled[]): Promise<void> {
    // One message may settle twice in a batch (unknown, then sent): the last word counts.
    await outcomeStore.touch(tx, lastWords(items));
  }
}

const lastWords = (items: readonly MessageSettled[]): MessageSettled[] => [
  ...new Map(items.map((item) => [item.messageId, item])).values(),
];

/** Something was heard of a message: it arrived, was read, was followed, is billed. */
@Injectable()
export class ProjectReceipts implements BusHandler<ReceiptRecorded> {
  async handle(tx: Transaction, items: readonly ReceiptRecorded[]): Promise<void> {
    await outcomeStore.hear(tx, items);
  }
}

/** A run has ended; at its goal the event says what that was worth. */
@Injectable()
export class ProjectEnds implements BusHandler<RunEnded> {
  async handle(tx: Transaction, items: readonly RunEnded[]): Promise<void> {
    await outcomeStore.end(tx, await withAmounts(tx, items));
  }
}

/** A guest's runs are a customer's: whoever entered as both counts once. */
@Injectable()
export class ProjectMoves implements BusHandler<RunsMoved> {
  async handle(tx: Transaction, items: readonly RunsMoved[]): Promise<void> {
    await outcomeStore.move(tx, items);
  }
}

/** Money of a recovery went back: what is left of it counts. */
@Injectable()
export class ProjectReversals implements BusHandler<RecoveryReversed> {
  async handle(tx: Transaction, items: readonly RecoveryReversed[]): Promise<void> {
    await outcomeStore.reverse(tx, items);
  }
}

/** What the goals were worth, as their events say. */
export async function withAmounts(tx: Transaction, ends: readonly RunEnded[]): Promise<EndedWithAmount[]> {
  const goals = ends.flatMap(({ reason, eventId }) => (reason === 'goal_reached' && eventId ? [eventId] : []));
  const events = new Map((goals.length > 0 ? await eventReader.byIds(tx, goals) : []).map((event) => [event.id, event]));
  return ends.map((end) => {
    const amount = end.reason === 'goal_reached' ? events.get(end.eventId ?? '')?.content.amount : undefined;
    return { ...end, amount: amount?.amount ?? null, currency: amount?.currency ?? null };
  });
}
