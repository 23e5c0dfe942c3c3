import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type AnswerHeard, messageFacts, type MessageSettled, openWords } from '../channels/channels.api';
import { type EndedWithWorth, type RecoveryReversed, type RunEnded, type RunStarted, withWorths } from '../journeys/journeys.api';
import { Log } from '../log';
import { type PersonOptedOut } from '../profiles/profiles.api';
import { type Told } from './rules/kinds';
import { TellEndpoints } from './tell-endpoints';

/** A message that is not stored any more. */
const GONE = { journeyKey: null, personId: null, test: false };

/** It is known what became of a message; told again when a receipt knows better. */
@Injectable()
export class TellOfMessages implements BusHandler<MessageSettled> {
  constructor(@Inject(TellEndpoints) private readonly tellEndpoints: TellEndpoints) {}

  isWanted(): boolean {
    return this.tellEndpoints.isWanted('message.settled');
  }

  async handle(tx: Transaction, items: readonly MessageSettled[]): Promise<void> {
    const owners = await messageFacts.ownersOf(
      tx,
      items.map(({ messageId }) => messageId),
    );
    await this.tellEndpoints.tell(
      tx,
      items.map(({ messageId, runId, step, channel, provider, state, reason, at }) => ({
        kind: 'message.settled',
        at,
        data: { messageId, runId, ...(owners.get(messageId) ?? GONE), step, channel, provider, state, reason },
      })),
    );
  }
}

/** A run has ended, and at its goal that is a recovery: of the holdout's too, which is what happens without a message. */
@Injectable()
export class TellOfRuns implements BusHandler<RunEnded> {
  constructor(
    @Inject(TellEndpoints) private readonly tellEndpoints: TellEndpoints,
    @Inject(Log) private readonly log: Log,
  ) {}

  isWanted(): boolean {
    return this.tellEndpoints.isWanted('run.ended', 'recovery.counted');
  }

  async handle(tx: Transaction, items: readonly RunEnded[]): Promise<void> {
    const recovered = items.filter(({ reason }) => reason === 'goal_reached');
    const { ends, unreadable } = await withWorths(tx, recovered);
    await this.tellEndpoints.tell(tx, [...items.map(toldOfEnd), ...ends.map(toldOfRecovery)]);
    if (unreadable > 0)
      this.log.warn('goals not openable, told of without what they were worth: is a key of WAPAS_ENCRYPTION_KEYS missing?', {
        goals: unreadable,
      });
  }
}

function toldOfEnd({ at, eventId, reason, endedAt, ...run }: RunEnded): Told {
  return { kind: 'run.ended', at: endedAt, data: { ...factsOf(run), reason, eventId, startedAt: at, endedAt } };
}

function toldOfRecovery({ eventId, endedAt, droppedOffAt, worth, ...run }: EndedWithWorth): Told {
  const amount = { amount: worth?.value ?? null, currency: worth?.currency ?? null };
  return {
    kind: 'recovery.counted',
    at: endedAt,
    data: { ...factsOf(run), eventId, ...amount, droppedOffAt, recoveredAt: endedAt },
  };
}

function factsOf({
  runId,
  journeyKey,
  version,
  variant,
  arm,
  personId,
  reasonClass,
  test,
}: Omit<RunStarted, 'at' | 'droppedOffAt'>) {
  return { runId, journeyKey, version, variant: variant ?? null, arm, personId, reasonClass, test };
}

/** Money of a recovery went back, all of it or a part. */
@Injectable()
export class TellOfReversals implements BusHandler<RecoveryReversed> {
  constructor(@Inject(TellEndpoints) private readonly tellEndpoints: TellEndpoints) {}

  isWanted(): boolean {
    return this.tellEndpoints.isWanted('recovery.reversed');
  }

  async handle(tx: Transaction, items: readonly RecoveryReversed[]): Promise<void> {
    await this.tellEndpoints.tell(
      tx,
      items.map(({ eventId, amount, currency, reversedAt, ...run }) => ({
        kind: 'recovery.reversed',
        at: reversedAt,
        data: { ...factsOf(run), eventId, amount, currency: currency ?? null, reversedAt },
      })),
    );
  }
}

/** A person said stop, in whichever way. */
@Injectable()
export class TellOfOptOuts implements BusHandler<PersonOptedOut> {
  constructor(@Inject(TellEndpoints) private readonly tellEndpoints: TellEndpoints) {}

  isWanted(): boolean {
    return this.tellEndpoints.isWanted('person.opted_out');
  }

  async handle(tx: Transaction, items: readonly PersonOptedOut[]): Promise<void> {
    await this.tellEndpoints.tell(
      tx,
      items.map(({ at, ...data }) => ({ kind: 'person.opted_out', at, data: { ...data, at } })),
    );
  }
}

/** A person wrote back: the one thing that carries their words and number, since somebody has to answer. */
@Injectable()
export class TellOfAnswers implements BusHandler<AnswerHeard> {
  constructor(@Inject(TellEndpoints) private readonly tellEndpoints: TellEndpoints) {}

  isWanted(): boolean {
    return this.tellEndpoints.isWanted('answer.received');
  }

  async handle(tx: Transaction, items: readonly AnswerHeard[]): Promise<void> {
    const runs = await messageFacts.runsOf(
      tx,
      items.flatMap(({ messageId }) => messageId ?? []),
    );
    await this.tellEndpoints.tell(
      tx,
      items.flatMap(({ answerId, channel, provider, kind, messageId, addressKey, words, at }): Told[] => {
        // What was told to the vendor is no answer; it comes as `person.opted_out`.
        if (kind === 'stop_marketing' || kind === 'resume_marketing') return [];
        const { text, payload, phone } = openWords(tx, words);
        const runId = runs.get(messageId ?? '') ?? null;
        const data = { answerId, channel, provider, kind, messageId, runId, text, payload, phone, at };
        return [{ kind: 'answer.received', at, data, subject: addressKey }];
      }),
    );
  }
}
