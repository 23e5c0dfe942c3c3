import { type Agent } from 'node:http';
import { type LedgerEntry, type VendorName } from '../ledger';
import { type SandboxOptions } from '../options';
import { post, type ReceiptDesk } from '../receipts';
import { type Vendor } from '../vendor';
import { type Inbox } from './inbox';
import { linkOf } from './links';

type ActionOptions = Pick<SandboxOptions, 'whatsappButtonPrefix' | 'smsTemplates' | 'wapasUrl' | 'wapasPublishableKey'>;

/** What the customer does. Each action is one act: tapping is not reading, so that a test can have either. */
export class HandsetActions {
  constructor(
    private readonly inbox: Inbox,
    private readonly desk: ReceiptDesk,
    private readonly vendors: Readonly<Record<VendorName, Vendor>>,
    private readonly options: ActionOptions,
    private readonly agent: Agent,
  ) {}

  /** True when the vendor reports it; an SMS that was read is nobody's business. */
  read(entry: LedgerEntry): boolean {
    this.inbox.note(entry, { isRead: true });
    return entry.channel === 'whatsapp' && this.tell(entry, 'read');
  }

  reply(entry: LedgerEntry, text: string): boolean {
    if (entry.channel !== 'whatsapp') return false;
    this.inbox.note(entry, { said: text });
    this.vendors[entry.vendor].customerWrote?.(entry.address, Date.now());
    return this.tell(entry, 'replied', text);
  }

  /** The link, followed by whoever called. Meta and MSG91 hear nothing of a tap; for push the app tells Wapas. */
  async tap(entry: LedgerEntry): Promise<{ url: string | null; opened: boolean }> {
    this.inbox.note(entry, { isTapped: true });
    const opened = entry.channel === 'push' && (await this.tellApp(entry));
    return { url: linkOf(entry, this.options), opened };
  }

  private tell(entry: LedgerEntry, kind: 'read' | 'replied', text?: string): boolean {
    return this.desk.plan(this.vendors[entry.vendor], entry, [{ kind, afterMs: 0, ...(text !== undefined && { text }) }]);
  }

  /** What the app's tap handler does: FCM itself reports no open. */
  private tellApp({ messageId }: LedgerEntry): Promise<boolean> {
    const { wapasUrl, wapasPublishableKey } = this.options;
    if (wapasUrl === undefined || wapasPublishableKey === undefined || messageId === undefined) return Promise.resolve(false);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${wapasPublishableKey}` };
    const isTaken = (status: number): boolean => status >= 200 && status < 300;
    return post(
      this.agent,
      `${wapasUrl.replace(/\/$/, '')}/v1/push/opened`,
      { headers, body: JSON.stringify({ messageId }) },
      isTaken,
    );
  }
}
