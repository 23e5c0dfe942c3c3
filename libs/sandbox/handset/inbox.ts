import { type LedgerEntry, type LedgerWatch } from '../ledger';

/** What a customer did with a message. */
export interface Acts {
  isRead: boolean;
  isTapped: boolean;
  /** What they answered last. */
  said?: string;
}

const UNTOUCHED: Acts = { isRead: false, isTapped: false };

/** The accepted messages, by the handset that shows them. */
export class Inbox implements LedgerWatch {
  private readonly byVendorId = new Map<string, LedgerEntry[]>();
  private readonly byHandset = new Map<string, LedgerEntry[]>();
  private readonly acts = new Map<number, Acts>();

  kept(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      if (!entry.accepted) continue;
      add(this.byVendorId, entry.vendorId, entry);
      add(this.byHandset, handsetOf(entry), entry);
    }
  }

  forgotten(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      drop(this.byVendorId, entry.vendorId, entry);
      drop(this.byHandset, handsetOf(entry), entry);
      this.acts.delete(entry.seq);
    }
  }

  /** A vendor id may cover several numbers (MSG91): `address` picks one. */
  find(vendorId: string, address?: string): LedgerEntry | undefined {
    const entries = this.byVendorId.get(vendorId);
    return address === undefined ? entries?.[0] : entries?.find((entry) => entry.address === address);
  }

  handsets(): { handset: string; count: number; last: LedgerEntry }[] {
    return [...this.byHandset]
      .map(([handset, entries]) => ({ handset, count: entries.length, last: entries.at(-1) as LedgerEntry }))
      .sort((one, other) => other.last.seq - one.last.seq);
  }

  messagesOn(handset: string): readonly LedgerEntry[] {
    return this.byHandset.get(handset) ?? [];
  }

  actsOn(entry: LedgerEntry): Readonly<Acts> {
    return this.acts.get(entry.seq) ?? UNTOUCHED;
  }

  note(entry: LedgerEntry, act: Partial<Acts>): void {
    this.acts.set(entry.seq, { ...this.actsOn(entry), ...act });
  }
}

/**
 * The number is the handset. A device token says nothing about its owner's number, so pushes would lie on a handset of their
 * own; a token that ends with `-` and a number (`demo-919812345678`) is put on the handset of that number.
 */
export function handsetOf({ channel, address }: LedgerEntry): string {
  return channel === 'push' ? (/-(\d{10,15})$/.exec(address)?.[1] ?? address) : address;
}

function add(index: Map<string, LedgerEntry[]>, key: string, entry: LedgerEntry): void {
  const there = index.get(key);
  if (there) there.push(entry);
  else index.set(key, [entry]);
}

function drop(index: Map<string, LedgerEntry[]>, key: string, entry: LedgerEntry): void {
  const left = index.get(key)?.filter((each) => each.seq !== entry.seq) ?? [];
  if (left.length > 0) index.set(key, left);
  else index.delete(key);
}
