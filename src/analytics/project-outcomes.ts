import { Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type MessageSettled } from '../channels/channels.api';
import { eventReader } from '../ingestion/ingestion.api';
import { type RunEnded, type RunStarted } from '../journeys/journeys.api';
import { outcomeStore } from './store/outcome.store';

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
    await outcomeStore.touch(tx, [...new Map(items.map((item) => [item.messageId, item])).values()]);
  }
}

/** A run has ended; at its goal the event says what that was worth. */
@Injectable()
export class ProjectEnds implements BusHandler<RunEnded> {
  async handle(tx: Transaction, items: readonly RunEnded[]): Promise<void> {
    const goals = items.flatMap(({ reason, eventId }) => (reason === 'goal_reached' && eventId ? [eventId] : []));
    const events = new Map((await eventReader.byIds(tx, goals)).map((event) => [event.id, event]));
    await outcomeStore.end(
      tx,
      items.map((item) => {
        const amount = item.reason === 'goal_reached' ? events.get(item.eventId ?? '')?.content.amount : undefined;
        return { ...item, amount: amount?.amount ?? null, currency: amount?.currency ?? null };
      }),
    );
  }
}
