import { Inject, Injectable } from '@nestjs/common';
import { type Queryable, type Transaction } from '@wapas/database';
import { EntityKeys } from '@wapas/entity-keys';
import { type ProviderReceipt } from '@wapas/provider-kit';
import { ProviderRegistry } from './provider-registry';
import { type NamedCall, namedByNumber, namedByUs, namedByVendor } from './rules/whose-receipt';
import { FIRST_PARKED, type MatchedReceipt, newReceiptId, type ParkedReceipt, receiptStore } from './store/receipt.store';

const LOOK_AT = 500;

/**
 * Finds whose a receipt is: by our own reference, then by the vendor's id; of a vendor that does not echo our reference also by the
 * number, when only one message can be meant. What matches nothing yet waits: it may have beaten our own commit.
 */
@Injectable()
export class MatchReceipts {
  private lastLookedAt = FIRST_PARKED;

  constructor(
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
  ) {}

  async match(tx: Transaction, provider: string, receipts: readonly ProviderReceipt[]): Promise<MatchedReceipt[]> {
    const told = receipts.map((receipt): MatchedReceipt => this.toldBy(provider, receipt));
    const byVendorId = await this.byVendorId(tx, provider, told);
    const named = told.map((one) => namedByVendor(one, byVendorId));
    const byNumber = await this.byNumber(tx, provider, named);
    // The answer of a call that was open when the ids were asked for may have been written down since: then one message less can be meant.
    const isMeant = (one: MatchedReceipt) => namedByNumber(one, byNumber) !== one;
    const since = await this.byVendorId(tx, provider, named.filter(isMeant));
    return named.map((one) => (isMeant(one) ? namedByNumber(namedByVendor(one, since), byNumber) : one));
  }

  /**
   * Some of those that wait, and the next ones next time: with the oldest alone, a few hundred that belong to nobody kept everybody
   * else's waiting for a day.
   */
  async nextParked(database: Queryable): Promise<ParkedReceipt[]> {
    const parked = await receiptStore.parked(database, this.lastLookedAt, LOOK_AT);
    this.lastLookedAt = parked.length === LOOK_AT ? (parked[LOOK_AT - 1] as ParkedReceipt) : FIRST_PARKED;
    return parked;
  }

  /** Takes those out of the line whose message has been committed since. */
  async takeParked(tx: Transaction, parked: readonly ParkedReceipt[]): Promise<MatchedReceipt[]> {
    const taken = await receiptStore.takeParked(
      tx,
      parked.map(({ id }) => id),
    );
    const byNumber = await receiptStore.takeParkedByNumber(
      tx,
      parked.filter(({ provider }) => this.goesByNumber(provider)).map(({ id }) => id),
    );
    return [...taken, ...byNumber];
  }

  private toldBy(provider: string, receipt: ProviderReceipt): MatchedReceipt {
    const addressKey = receipt.phone === undefined ? undefined : this.hasher.keyOf('phone', receipt.phone);
    return { ...receipt, id: newReceiptId(), provider, ...namedByUs(receipt.attemptId), addressKey };
  }

  /** Whose calls the vendor's ids name, of receipts that nothing else ties to a message. */
  private async byVendorId(
    tx: Transaction,
    provider: string,
    told: readonly MatchedReceipt[],
  ): Promise<ReadonlyMap<string, NamedCall>> {
    const ids = told.flatMap(({ messageId, vendorId }) => (messageId === null && vendorId !== undefined ? [vendorId] : []));
    const found = ids.length > 0 ? await receiptStore.byVendorId(tx, provider, ids) : [];
    return new Map(found.map(({ vendorId, messageId, fence }) => [vendorId, { messageId, fence }]));
  }

  /** The only message that each number can mean. */
  private async byNumber(
    tx: Transaction,
    provider: string,
    told: readonly MatchedReceipt[],
  ): Promise<ReadonlyMap<string, string>> {
    const numbers = this.goesByNumber(provider)
      ? told.flatMap(({ messageId, addressKey }) => (messageId === null && addressKey !== undefined ? [addressKey] : []))
      : [];
    const found = numbers.length > 0 ? await receiptStore.onlyUnknown(tx, provider, numbers) : [];
    // An open call has an answer coming, which says whose report this is: others may send to the same number from the same account.
    return new Map(found.flatMap(({ addressKey, messageId, state }) => (state === 'unknown' ? [[addressKey, messageId]] : [])));
  }

  /** What a vendor that echoes our reference says without it is about what others send from the same account, or wrote by themselves (D8). */
  private goesByNumber(provider: string): boolean {
    return this.providers.named(provider)?.provider.capabilities.echoesReference === false;
  }
}
