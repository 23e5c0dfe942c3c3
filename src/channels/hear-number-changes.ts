import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type Instant } from '@wapas/kernel';
import { FollowNumbers } from '../profiles/profiles.api';
import { openNumbers } from './changed-numbers';
import { type NumberChanged } from './channels.events';

/** A person took the account of a channel to another number: messages of that channel follow. */
@Injectable()
export class HearNumberChanges implements BusHandler<NumberChanged> {
  constructor(@Inject(FollowNumbers) private readonly followNumbers: FollowNumbers) {}

  async handle(tx: Transaction, items: readonly NumberChanged[]): Promise<void> {
    for (const { channel, sourceId, numbers, at } of items) {
      const { from, to } = openNumbers(tx, numbers);
      await this.followNumbers.followIn(tx, { channel, sourceId, from, to, at: Date.parse(at) as Instant });
    }
  }
}
