import { newId } from '@wapas/kernel';
import { type LedgerEntry, type Message } from './ledger';
import { BucketByKey, bucketOf, type TokenBucket } from './rate-limits';
import { accepting, type PlannedReceipt, type ReceiptLine, refusing, type Vendor, type Verdict } from './vendor';
import { type OverLimit, type PortfolioLimit } from './whatsapp-portfolio';
import { type TemplateBook } from './whatsapp-templates';
import { graphError, problem, troubles, type WhatsAppProblem } from './whatsapp-errors';
import { readWhatsAppMessage, type WhatsAppMessage } from './whatsapp-message';
import { SENDER } from './whatsapp-webhooks';
import { type Answer, bearerOf, type Call, json } from './wire';

export interface WhatsAppSettings {
  readonly token?: string;
  readonly phoneNumberId?: string;
  readonly businessAccountId?: string;
  readonly templates: TemplateBook;
  readonly ratePerSecond: number;
  readonly pairBurst: number;
  readonly pairEveryMs: number;
  readonly portfolio: PortfolioLimit;
  readonly account: { readonly isDisabled: boolean };
  readonly numbers: { isLeft(address: string): boolean };
  /** What the vendor's clock shows at a real moment. */
  vendorTime(realMs: number): number;
}

/** WhatsApp Business Platform, Cloud API (facebook/openapi v23.0, Meta's error table of 15 May 2026; read 2026-11-23). */
export class WhatsApp implements Vendor {
  readonly name = 'whatsapp';
  readonly troubles = troubles;
  private readonly throughput: TokenBucket | null;
  private readonly pairs: BucketByKey | null;
  /** Accepted, and to be told as failed, by their id. */
  private readonly lateRefusals = new Map<string, OverLimit>();
  readonly receipts: ReceiptLine;

  constructor(
    private readonly settings: WhatsAppSettings,
    line: ReceiptLine,
  ) {
    this.receipts = { ...line, plan: (entry) => this.lateRefusalOf(entry) ?? line.plan(entry) };
    const { ratePerSecond, pairBurst, pairEveryMs } = settings;
    this.throughput = bucketOf(ratePerSecond);
    this.pairs = pairBurst > 0 ? new BucketByKey(pairBurst, pairEveryMs) : null;
  }

  judge(call: Call): Verdict {
    const stranger = this.strangerProblem(call);
    if (stranger) return refuse(stranger, []);
    const read = readWhatsAppMessage(call.body, this.settings.templates);
    if (!read.ok) return refuse(read.problem, []);
    const limit = this.limitProblem(read.message, call.receivedAt);
    if (limit) return refuse(limit, [ledgerMessage(read.message, '')]);
    const overLimit = this.settings.portfolio.take(read.message.to, this.settings.vendorTime(call.receivedAt));
    if (overLimit?.told === 'answer')
      return refuse(problem(overLimit.code, 'The messaging limit of the business portfolio is reached'), [
        ledgerMessage(read.message, ''),
      ]);
    const verdict = accept(read.message);
    if (overLimit) for (const { vendorId } of verdict.messages) this.lateRefusals.set(vendorId, overLimit);
    return verdict;
  }

  customerWrote(address: string, at: number): void {
    this.settings.portfolio.customerWrote(address, this.settings.vendorTime(at));
  }

  private lateRefusalOf({ vendorId, address }: LedgerEntry): readonly PlannedReceipt[] | null {
    if (this.settings.numbers.isLeft(address)) return [{ kind: 'failed', afterMs: 0, code: NOT_ON_WHATSAPP }];
    const refusal = this.lateRefusals.get(vendorId);
    this.lateRefusals.delete(vendorId);
    return refusal ? [{ kind: 'failed', afterMs: 0, code: String(refusal.code) }] : null;
  }

  /** `GET /:version/:phoneNumberId`: how a sender checks its credentials without sending. */
  describeNumber(call: Call): Answer {
    const stranger = this.strangerProblem(call);
    if (stranger) return graphError(stranger);
    return json(200, {
      id: call.params.phoneNumberId,
      verified_name: 'Wapas Sandbox',
      display_phone_number: SENDER_DISPLAY,
      code_verification_status: 'VERIFIED',
      quality_rating: 'GREEN',
      throughput: { level: 'STANDARD' },
      whatsapp_business_manager_messaging_limit: this.settings.portfolio.tier,
    });
  }

  /** `GET /:version/:accountId/message_templates`. */
  listTemplates(call: Call): Answer {
    const stranger = this.tokenProblem(call);
    if (stranger) return graphError(stranger);
    const { businessAccountId, templates } = this.settings;
    if (businessAccountId !== undefined && call.params.accountId !== businessAccountId)
      return graphError(problem(33, 'No such business account id'));
    return json(200, templates.page(call, `http://${call.headers.host ?? ''}${call.path}`));
  }

  private tokenProblem(call: Call): WhatsAppProblem | null {
    const { token } = this.settings;
    const bearer = bearerOf(call.headers);
    if (bearer === null || (token !== undefined && bearer !== token))
      return problem(190, 'The access token is missing or not valid');
    return /^v\d{1,3}\.\d$/.test(call.params.version ?? '') ? null : problem(2500, 'Unknown path components');
  }

  private strangerProblem(call: Call): WhatsAppProblem | null {
    const { phoneNumberId } = this.settings;
    const stranger = this.tokenProblem(call);
    if (stranger) return stranger;
    if (phoneNumberId !== undefined && call.params.phoneNumberId !== phoneNumberId) return problem(33, 'No such phone number id');
    if (this.settings.account.isDisabled) return problem(131031, 'The business account is disabled');
    return null;
  }

  private limitProblem(message: WhatsAppMessage, now: number): WhatsAppProblem | null {
    if (message.to === SENDER) return problem(131021, 'Recipient phone number cannot be the sender');
    if (this.throughput?.take(now) === false) return problem(130429, 'Too many messages from this phone number');
    if (this.pairs?.take(message.to, now) === false) return problem(131056, 'Too many messages to this recipient');
    return null;
  }
}

const NOT_ON_WHATSAPP = '131026';
export const SENDER_DISPLAY = '+1 555-078-3881';

function accept(message: WhatsAppMessage): Verdict {
  const id = `wamid.${Buffer.from(`${message.to}${newId()}`).toString('base64')}`;
  return accepting(
    [ledgerMessage(message, id)],
    json(200, {
      messaging_product: 'whatsapp',
      contacts: [{ input: message.input, wa_id: message.to }],
      messages: [{ id, message_status: 'accepted' }],
    }),
  );
}

function refuse(reason: WhatsAppProblem, messages: readonly Message[]): Verdict {
  return refusing(String(reason.code), graphError(reason), messages);
}

function ledgerMessage(message: WhatsAppMessage, vendorId: string): Message {
  const { to, reference, shown } = message;
  return { vendor: 'whatsapp', channel: 'whatsapp', address: to, reference, vendorId, content: shown };
}
