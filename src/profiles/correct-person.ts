import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { IdentifyPeople } from './identify-people';
import { lockOfPerson } from './lock-of-person';
import { correctionStore } from './store/correction.store';
import { mergeStore } from './store/merge.store';
import { addressStore } from './store/address.store';
import { personStore } from './store/person.store';
import { type Traits, traitStore } from './store/trait.store';

/** What is to be put right. Absent: leave as it is; null: take away. Phone as E.164, e-mail in lower case. */
export interface Correction extends Traits {
  readonly name?: string | null;
  readonly phone?: string | null;
  readonly email?: string | null;
}

/** Puts right what is known of a person (DPDP). */
@Injectable()
export class CorrectPerson {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdentifyPeople) private readonly identifyPeople: IdentifyPeople,
  ) {}

  /** By the id of a guest who turned out to be a customer it is the customer's. False when there is no such person, or none any more. A message that is claimed after it resolves goes to the new address. */
  correct(asked: string, correction: Correction): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      tx.lockKeys([lockOfPerson(asked)]);
      // Under a guest's lock it stays so whom they turned out to be.
      const personId = await mergeStore.today(tx, asked);
      tx.lockKeys([lockOfPerson(personId)]);
      if (!(await personStore.isKnown(tx, personId)) || (await personStore.erased(tx, [personId])).size > 0) return false;
      await traitStore.set(tx, personId, correction);
      if (correction.name !== undefined) await traitStore.setName(tx, personId, correction.name);
      for (const kind of ['phone', 'email'] as const) await this.replace(tx, personId, kind, correction[kind]);
      return true;
    });
  }

  private async replace(
    tx: Transaction,
    personId: string,
    kind: 'phone' | 'email',
    value: string | null | undefined,
  ): Promise<void> {
    if (value === undefined) return;
    const key = value === null ? null : this.identifyPeople.keyOf(kind, value);
    await correctionStore.keepOnly(tx, personId, kind, key);
    if (key !== null && value !== null)
      addressStore.sight(tx, [
        {
          personId,
          kind,
          key,
          value,
          lastSeenAt: await tx.businessNow(),
          ending: kind === 'phone' ? this.identifyPeople.endingOf(value) : undefined,
        },
      ]);
  }
}
