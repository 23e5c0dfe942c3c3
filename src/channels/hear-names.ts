import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type Instant } from '@wapas/kernel';
import { LearnNames } from '../profiles/profiles.api';
import { type VendorNamed } from './channels.events';
import { openVendorName } from './tell-names';

/** Whoever is at a number is known by their vendor's own name from now on: what they say under it alone is theirs. */
@Injectable()
export class HearNames implements BusHandler<VendorNamed> {
  constructor(@Inject(LearnNames) private readonly learnNames: LearnNames) {}

  async handle(tx: Transaction, items: readonly VendorNamed[]): Promise<void> {
    await this.learnNames.learnIn(
      tx,
      items.map(({ name, addressKey, at }) => ({
        name: openVendorName(tx, name),
        phone: addressKey,
        at: Date.parse(at) as Instant,
      })),
    );
  }
}
