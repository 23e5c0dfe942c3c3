import { createHmac } from 'node:crypto';
import { titleOf } from './whatsapp-errors';
import { type Mail, type PlannedReceipt, type Receipt, type ReceiptLine } from './vendor';

export interface WhatsAppWebhookSettings {
  readonly url?: string;
  readonly appSecret: string;
  readonly phoneNumberId: string;
  readonly automatic: readonly PlannedReceipt[];
  readonly nameOf: (address: string) => CustomerName | undefined;
  /** What a template in a language is charged as. */
  readonly pricedAs: (template: string, language: string) => string;
}

/** Meta's own id of a customer, and whether it names them by nothing else. */
export interface CustomerName {
  readonly userId: string;
  readonly isAlone: boolean;
}

/** Meta's webhooks: several statuses in one POST, signed with the app secret (developers.facebook.com, Cloud API, webhooks, read 2026-11-23). */
export function whatsappReceipts(settings: WhatsAppWebhookSettings): ReceiptLine {
  return {
    url: settings.url,
    batch: 100,
    plan: () => settings.automatic,
    encode: (receipts) => sign(settings.appSecret, escaped(envelope(settings, receipts))),
  };
}

/** That a customer has taken their account to another number (webhooks reference, system messages, read 2026-11-29). `at`: the vendor's time. */
export function numberChangeMail(
  { appSecret, phoneNumberId }: Pick<WhatsAppWebhookSettings, 'appSecret' | 'phoneNumberId'>,
  { from, to, id, at }: { readonly from: string; readonly to: string; readonly id: string; readonly at: number },
): Mail {
  const system = { body: `User Customer changed from ${from} to ${to}`, wa_id: to, type: 'user_changed_number' };
  const message = { from, id, timestamp: String(Math.floor(at / 1_000)), type: 'system', system };
  const metadata = { display_phone_number: SENDER, phone_number_id: phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, messages: [message] };
  const entry = [{ id: ACCOUNT, changes: [{ field: 'messages', value }] }];
  return sign(appSecret, escaped({ object: 'whatsapp_business_account', entry }));
}

/** What Meta tells of a template or of the account: one change, signed like everything else. `time`: unix seconds, now when absent. */
export function changeMail(
  appSecret: string,
  change: { readonly field: string; readonly value: object },
  time = Math.floor(Date.now() / 1_000),
): Mail {
  return sign(appSecret, escaped({ object: 'whatsapp_business_account', entry: [{ id: ACCOUNT, time, changes: [change] }] }));
}

const ACCOUNT = '102290129340398';
/** The number that messages come from, as webhooks name it. */
export const SENDER = '15550783881';

function sign(appSecret: string, body: string): Mail {
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` } };
}

function envelope(
  { phoneNumberId, nameOf, pricedAs }: Pick<WhatsAppWebhookSettings, 'phoneNumberId' | 'nameOf' | 'pricedAs'>,
  receipts: readonly Receipt[],
): unknown {
  const metadata = { display_phone_number: SENDER, phone_number_id: phoneNumberId };
  const change = (value: object): object => ({ field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } });
  const statuses = receipts
    .filter(({ kind }) => kind !== 'replied')
    .map((one) => statusOf(one, nameOf(one.entry.address), pricedAs));
  const replies = receipts.filter(({ kind }) => kind === 'replied').map((one) => change(replyOf(one, nameOf(one.entry.address))));
  const changes = [...(statuses.length > 0 ? [change({ statuses })] : []), ...replies];
  return { object: 'whatsapp_business_account', entry: [{ id: ACCOUNT, changes }] };
}

/** How a webhook names a customer: by number, by Meta's id, or by both. */
const namedAs = (number: string, id: string, address: string, name: CustomerName | undefined): object => ({
  ...(!name?.isAlone && { [number]: address }),
  ...(name && { [id]: name.userId }),
});

function statusOf(
  { entry, kind, at, code }: Receipt,
  name: CustomerName | undefined,
  pricedAs: WhatsAppWebhookSettings['pricedAs'],
): object {
  return {
    id: entry.vendorId,
    status: kind,
    timestamp: String(Math.floor(at / 1_000)),
    ...namedAs('recipient_id', 'recipient_user_id', entry.address, name),
    ...(entry.reference !== undefined && { biz_opaque_callback_data: entry.reference }),
    ...((kind === 'sent' || kind === 'delivered') && {
      pricing: { ...PRICING, category: entry.channel === 'whatsapp' && pricedAs(entry.content.template, entry.content.language) },
    }),
    ...(kind === 'failed' && { errors: [statusError(Number(code ?? 131026))] }),
  };
}

const PRICING = { billable: true, pricing_model: 'PMP', type: 'regular' };

function statusError(code: number): object {
  const title = titleOf(code);
  const href = 'https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes/';
  return { code, title, message: title, error_data: { details: title }, href };
}

function replyOf({ entry, at, text = '' }: Receipt, name: CustomerName | undefined): object {
  return {
    contacts: [{ profile: { name: 'Customer' }, ...namedAs('wa_id', 'user_id', entry.address, name) }],
    messages: [
      {
        ...namedAs('from', 'from_user_id', entry.address, name),
        id: `wamid.${Buffer.from(`${entry.address}${at}in`).toString('base64')}`,
        timestamp: String(Math.floor(at / 1_000)),
        type: 'text',
        text: { body: text },
        context: { from: SENDER, id: entry.vendorId },
      },
    ],
  };
}

/** Meta escapes unicode, so what is parsed and printed again no longer fits the signature: the receiver must use the raw bytes. */
function escaped(value: unknown): string {
  return JSON.stringify(value)
    .replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('/', '\\/');
}
