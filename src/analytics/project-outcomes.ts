import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type AttemptsChanged, messageFacts, type MessageSettled, type ReceiptRecorded } from '../channels/channels.api';
import {
  type RecoveryReversed,
  type RunEnded,
  runFacts,
  type RunsMoved,
  type RunStarted,
  withWorths,
} from '../journeys/journeys.api';
import { Log } from '../log';
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
    const settled = lastWords(items);
    const known = await outcomeStore.touch(tx, settled);
    // Of several words about one message the later one may be heard first, and of one that was never called only its row says when it was
    // planned: how it stands now that its touch is locked is what counts.
    const unsure = settled.filter(({ messageId, state }) => known.has(messageId) || MAYBE_NEVER_CALLED.has(state));
    const stored =
      unsure.length === 0
        ? []
        : await messageFacts.settledByIds(
            tx,
            unsure.map(({ messageId }) => messageId),
          );
    if (stored.length > 0) await outcomeStore.touch(tx, stored);
    await retellSeveral(tx, settled);
  }
}

/** Whether there was a call, these do not say. */
const MAYBE_NEVER_CALLED: ReadonlySet<MessageSettled['state']> = new Set(['rejected', 'skipped', 'expired']);

const lastWords = (items: readonly MessageSettled[]): MessageSettled[] => [
  ...new Map(items.map((item) => [item.messageId, item])).values(),
];

/** Something was heard of a message: it arrived, was read, was followed, is billed. */
@Injectable()
export class ProjectReceipts implements BusHandler<ReceiptRecorded> {
  async handle(tx: Transaction, items: readonly ReceiptRecorded[]): Promise<void> {
    await outcomeStore.hear(tx, items);
    await retellSeveral(tx, items);
  }
}

/** A message has got a further attempt, or lost it again: what each of them bills is read from what is stored. */
@Injectable()
export class ProjectAttempts implements BusHandler<AttemptsChanged> {
  async handle(tx: Transaction, items: readonly AttemptsChanged[]): Promise<void> {
    await retell(tx, [...new Set(items.map(({ messageId }) => messageId))]);
  }
}

/** Of a message of several attempts a bus event does not say which one it is about. */
async function retellSeveral(tx: Transaction, items: readonly { readonly messageId: string }[]): Promise<void> {
  const several = await messageFacts.severalAmong(
    tx,
    items.map(({ messageId }) => messageId),
  );
  if (several.size > 0) await retell(tx, [...several]);
}

/** Makes what is known of some messages again from what is stored, as a rebuild does. */
async function retell(tx: Transaction, messageIds: readonly string[]): Promise<void> {
  await outcomeStore.holdTouches(tx, messageIds);
  const settled = await messageFacts.settledByIds(tx, messageIds);
  const receipts = await messageFacts.receiptsByIds(tx, messageIds);
  const earlier = await messageFacts.earlierByIds(tx, messageIds);
  await outcomeStore.forgetTouches(tx, messageIds);
  if (settled.length > 0) await outcomeStore.touch(tx, settled);
  if (receipts.length > 0) await outcomeStore.hear(tx, receipts);
  if (earlier.length > 0) await outcomeStore.touchEarlier(tx, earlier);
}

/** A run has ended; at its goal that is worth something. */
@Injectable()
export class ProjectEnds implements BusHandler<RunEnded> {
  constructor(@Inject(Log) private readonly log: Log) {}

  async handle(tx: Transaction, items: readonly RunEnded[]): Promise<void> {
    const { ends, unreadable } = await withWorths(tx, items);
    await outcomeStore.end(tx, ends);
    if (unreadable > 0)
      this.log.warn('goals not openable, counted without what they were worth: is a key of WAPAS_ENCRYPTION_KEYS missing?', {
        goals: unreadable,
      });
  }
}

/** A guest's runs are a customer's: whoever entered as both counts once. It may be heard of before the runs have started. */
@Injectable()
export class ProjectMoves implements BusHandler<RunsMoved> {
  async handle(tx: Transaction, items: readonly RunsMoved[]): Promise<void> {
    const runIds = [...new Set(items.flatMap((item) => item.runIds))];
    if (runIds.length === 0) return;
    await outcomeStore.hold(tx, (await runFacts.of(tx, runIds)).started);
    // Of two moves the later one may be heard first: whose they are now that their rows are locked is what counts.
    await outcomeStore.move(tx, await runFacts.moved(tx, runIds));
  }
}

/** Money of a recovery went back: what is left of it counts. */
@Injectable()
export class ProjectReversals implements BusHandler<RecoveryReversed> {
  async handle(tx: Transaction, items: readonly RecoveryReversed[]): Promise<void> {
    await outcomeStore.reverse(tx, items);
  }
}
