import { Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { people } from '../profiles/profiles.api';
import { type AnswerHeard } from './channels.api';
import { isStopWord } from './rules/stop-words';

/** A stop word alone, or a button that carries one back, closes the channel for that number: the next claim finds no address. */
@Injectable()
export class HearStops implements BusHandler<AnswerHeard> {
  async handle(tx: Transaction, items: readonly AnswerHeard[]): Promise<void> {
    await people.block(
      tx,
      items.flatMap(({ addressKey, channel, text }) =>
        addressKey !== null && text !== null && isStopWord(text) ? [{ key: addressKey, channel, reason: 'opted_out' }] : [],
      ),
    );
  }
}
