import { Inject, Injectable } from '@nestjs/common';
import { type Queryable, type Seals, type Transaction } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { people } from '../profiles/profiles.api';
import { messageFacts } from './store/message-facts.store';

/** By what name of its own a vendor knows somebody, and where they are reached: at a number, or where a message of ours went. */
export interface HeardVendorName {
  readonly channel: string;
  readonly name: string | undefined;
  /** Keyed hash of the number. */
  readonly phone: EntityKey | null | undefined;
  /** Whose number it is; null: named by the vendor. */
  readonly messageId: string | null;
  /** The vendor's time, milliseconds since 1970. */
  readonly at: number;
}

/** The only channel whose vendors have names of their own for people. */
const CHANNEL = 'whatsapp';
const FIELD = 'vendor.name';

/** Tells the profiles by what names vendors know people. Each report of a message carries the name: only what is new goes on the bus. */
@Injectable()
export class TellNames {
  constructor(
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async tell(tx: Transaction, heard: readonly HeardVendorName[]): Promise<void> {
    const named = new Map(
      heard.flatMap(({ channel, name, phone, messageId, at }) =>
        channel === CHANNEL && name !== undefined && phone
          ? [[`${name} ${phone}`, { name: this.hasher.keyOf('whatsapp_id', name), phone, said: name, messageId, at }] as const]
          : [],
      ),
    );
    if (named.size === 0) return;
    const fresh = await people.unnamed(tx, [...named.values()]);
    if (fresh.length === 0) return;
    // The number of a test is another person's than the same number in earnest, and so would its name be.
    const tests = await messageFacts.testsAmong(
      tx,
      fresh.flatMap(({ messageId }) => messageId ?? []),
    );
    this.bus.publish(
      tx,
      'vendor.named',
      fresh
        .filter(({ messageId }) => messageId === null || !tests.has(messageId))
        .map(({ said, phone, at }) => ({
          channel: CHANNEL,
          name: sealName(tx, said),
          addressKey: phone,
          at: new Date(at).toISOString(),
        })),
    );
  }
}

/** As a bus event carries it. */
const sealName = ({ seals }: Pick<Queryable, 'seals'>, name: string): string => seals.seal(FIELD, name).toString('base64');

export const openVendorName = ({ seals }: { readonly seals: Seals }, name: string): string =>
  seals.openText(FIELD, Buffer.from(name, 'base64'));
