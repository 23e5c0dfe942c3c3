import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { Bus } from '@wapas/events';
import { groupBy, type Instant } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { CONFIG, type Config } from '../config/config';
import { eventReader, type Mark } from '../ingestion/ingestion.api';
import { lockOfPerson, mayContact, people, type Reachable } from '../profiles/profiles.api';
import { addressKindOf } from './provider-registry';
import { brokenCap } from './rules/caps';
import { maySend, type MaySend } from './rules/may-send';
import { publishSettled } from './settled';
import { type Claimable, messageStore } from './store/message.store';

/** A message whose call may start now. */
export interface ClaimedMessage {
  readonly message: Claimable;
  readonly address: Reachable;
  /** The fence under which this call is made. */
  readonly fence: number;
  readonly now: Instant;
}

/**
 * Claims messages right before their calls. Goal ingest takes the same key locks, so a goal that has its 2xx is seen here
 * and one that comes later finds the call already open (P5); so do withdrawals and stops, with the person's lock. Candidates
 * are read without locks, the locks are a
 * statement of their own, and only what is read after them counts (D7).
 */
@Injectable()
export class ClaimMessages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async claim(channel: string, ids: readonly string[]): Promise<ClaimedMessage[]> {
    return this.database.transaction(async (tx) => {
      const candidates = await messageStore.candidates(tx, ids);
      if (candidates.length === 0) return [];
      tx.lockKeys(candidates.flatMap(({ guard, personId }) => [...guard.keys.map(({ key }) => key), lockOfPerson(personId)]));
      const messages = await messageStore.lockForClaim(
        tx,
        candidates.map(({ id }) => id),
      );
      if (messages.length === 0) return [];
      const now = await tx.businessNow();
      const addresses = await people.reachable(
        tx,
        messages.map(({ personId }) => personId),
        addressKindOf(channel),
        channel,
      );
      const decided = await this.decide(tx, messages, addresses, now);
      const claimed = decided.flatMap(({ message, verdict, address }): ClaimedMessage[] =>
        verdict.maySend && address ? [{ message, address, fence: message.fence + 1, now }] : [],
      );
      await messageStore.startCalls(
        tx,
        claimed.map(({ message, address }) => ({ id: message.id, addressKey: address.key })),
        now,
      );
      const given = decided.flatMap(({ message, verdict }) =>
        verdict.maySend ? [] : [{ id: message.id, state: verdict.state, reason: verdict.reason }],
      );
      await publishSettled(this.bus, tx, await messageStore.giveUp(tx, given), now);
      return claimed;
    });
  }

  private async decide(tx: Transaction, messages: readonly Claimable[], addresses: ReadonlyMap<string, Reachable>, now: Instant) {
    const [marks, taken] = await Promise.all([
      this.marksOf(tx, messages),
      messageStore.taken(
        tx,
        messages.map(({ personId }) => personId),
      ),
    ]);
    return messages.map((message): { message: Claimable; address: Reachable | undefined; verdict: MaySend } => {
      const address = addresses.get(message.personId);
      const verdict = maySend({
        now,
        notAfter: message.notAfter,
        guard: message.guard,
        marks: message.guard.keys.flatMap(({ key }) => marks.get(key) ?? []),
        refusal: address === undefined ? null : this.refusalOf(message, address, now),
        hasAddress: address !== undefined,
        test: message.test,
        addressIsForTests: address !== undefined && this.isForTests(address.value),
      });
      const cap = verdict.maySend ? brokenCap(message, taken, this.config.caps, now) : null;
      if (cap !== null) return { message, address, verdict: { maySend: false, state: 'skipped', reason: cap } };
      const { personId, runId, caps } = message;
      if (verdict.maySend) taken.push({ personId, runId, marketing: caps?.marketing ?? false, calledAt: now });
      return { message, address, verdict };
    });
  }

  private refusalOf({ channel, guard }: Claimable, { contact }: Reachable, now: Instant): string | null {
    return mayContact(contact, { channel, purpose: guard.purpose ?? 'service' }, this.config.contact, now);
  }

  private async marksOf(tx: Transaction, messages: readonly Claimable[]): Promise<Map<string, Mark[]>> {
    const keys = [...new Set(messages.flatMap(({ guard }) => guard.keys.map(({ key }) => key)))];
    const names = [...new Set(messages.flatMap(({ guard }) => Object.keys(guard.stops)))];
    return groupBy(await eventReader.marks(tx, keys, names), (mark) => mark.key as string);
  }

  private isForTests(address: string): boolean {
    return this.config.mode === 'sandbox' || this.config.testAddresses.includes(address);
  }
}
