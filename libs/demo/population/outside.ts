import { type LedgerEntry } from '@wapas/sandbox';
import { Handsets } from '../handsets';
import { type Wapas } from '../wapas';
import { type Mailbox } from './mailbox';
import { type Outside } from './simulation';

/** The application, the sandbox's handsets and a mailbox, as people in a simulation reach them. */
export function outsideOf(wapas: Wapas, sandboxUrl: string, mailbox: Mailbox | null): Outside {
  const handsets = new Handsets(sandboxUrl);
  return {
    record: (events) => wapas.record(events),
    pushOpened: (messageId) => wapas.pushOpened(messageId),
    follow: (link) => wapas.follow(link),
    received: async (afterSeq): Promise<readonly LedgerEntry[]> => {
      const response = await fetch(`${sandboxUrl}/sandbox/ledger?after=${afterSeq}`);
      return ((await response.json()) as { entries: LedgerEntry[] }).entries;
    },
    read: (entry) => handsets.read(entry),
    tap: (entry) => handsets.tap(entry),
    letters: () => mailbox?.take() ?? [],
  };
}
