import {
  cleanCode,
  hasHmacSha256,
  parseJsonObject,
  recordOf,
  recordsIn,
  sameSecret,
  vendorIdOf,
  type AccountNews,
  type InboundMessage,
  type NumberChange,
  type ParsedWebhook,
  type PreferenceNews,
  type ProviderReceipt,
  type RawWebhook,
  type ReceiptEndpoint,
  type ReceiptKind,
  type TemplateNews,
  type Verification,
} from '@wapas/provider-kit';
import { ACCOUNT_FIELDS, accountNewsIn, type OwnAccount } from './whatsapp-cloud.account';
import { type WhatsAppCloudConfig } from './whatsapp-cloud.config';
import { meaningOfReceiptError } from './whatsapp-cloud.errors';
import {
  inboundIn,
  momentOf,
  numberChangeIn,
  phoneOf,
  preferenceIn,
  TEMPLATE_FIELDS,
  templateNewsIn,
  userOf,
} from './whatsapp-cloud.inbound';

/** Meta's webhook: statuses of our messages, and what people answer. */
export function whatsAppReceipts(config: WhatsAppCloudConfig): ReceiptEndpoint {
  return {
    challenge: (webhook) => challenge(webhook, config.verifyToken),
    verify: (webhook) => verify(webhook, config.appSecret),
    parse: (webhook) => parse(webhook, config),
  };
}

/** The handshake when the webhook is subscribed. Only a plain text goes back: it is printed into a page of ours. */
function challenge({ query }: RawWebhook, verifyToken: string): string | null {
  const answer = query['hub.challenge'] ?? '';
  const asked = query['hub.mode'] === 'subscribe' && /^[\w-]{1,256}$/.test(answer);
  return asked && sameSecret(query['hub.verify_token'] ?? '', verifyToken) ? answer : null;
}

/** `X-Hub-Signature-256: sha256=<hex>` over the bytes as they came: Meta escapes unicode, so a re-serialised body never fits. */
function verify({ headers, rawBody }: RawWebhook, appSecret: string): Verification {
  const header = headers['x-hub-signature-256'];
  if (header === undefined) return { authentic: false, reason: 'no signature header' };
  if (!header.startsWith('sha256=')) return { authentic: false, reason: 'signature is not sha256' };
  if (!hasHmacSha256(rawBody, appSecret, header.slice('sha256='.length)))
    return { authentic: false, reason: 'signature does not fit' };
  return { authentic: true };
}

/** What one post holds, part by part. */
interface Reading {
  readonly receipts: ProviderReceipt[];
  readonly inbound: InboundMessage[];
  readonly preferences: PreferenceNews[];
  readonly numberChanges: NumberChange[];
  readonly templates: TemplateNews[];
  readonly account: AccountNews[];
  readonly leftovers: string[];
}

/** Several entries, changes and statuses may share one post. */
function parse({ rawBody }: RawWebhook, own: OwnAccount): ParsedWebhook {
  const reading: Reading = {
    receipts: [],
    inbound: [],
    preferences: [],
    numberChanges: [],
    templates: [],
    account: [],
    leftovers: [],
  };
  const body = parseJsonObject(rawBody.toString('utf8'));
  if (body === null) return { ...reading, leftovers: ['body is not a JSON object'] };
  for (const entry of recordsIn(body['entry'])) {
    for (const change of recordsIn(entry['changes'])) readChange(change, entry, own, reading);
  }
  if (Object.values(reading).every((part: readonly unknown[]) => part.length === 0))
    reading.leftovers.push('no change in the body');
  return reading;
}

function readChange(change: Record<string, unknown>, entry: Record<string, unknown>, own: OwnAccount, reading: Reading): void {
  const field = change['field'];
  const value = recordOf(change['value']);
  if (value === null) reading.leftovers.push(`field ${cleanCode(field)}`);
  else if (field === 'messages') readMessages(value, reading);
  else if (field === 'user_preferences') {
    for (const one of recordsIn(value['user_preferences'])) keep(preferenceIn(one), reading.preferences, reading);
  } else if (typeof field === 'string' && TEMPLATE_FIELDS.has(field))
    keep(templateNewsIn(field, value), reading.templates, reading);
  else if (typeof field === 'string' && ACCOUNT_FIELDS.has(field)) readAccount(field, value, entry, own, reading);
  else reading.leftovers.push(`field ${cleanCode(field)}`);
}

/** Several accounts may share one app, and so one address of webhooks. */
function readAccount(
  field: string,
  value: Record<string, unknown>,
  { id, time }: Record<string, unknown>,
  own: OwnAccount,
  { account, leftovers }: Reading,
): void {
  const isOurs = own.businessAccountId === undefined || id === own.businessAccountId;
  const read = isOurs ? accountNewsIn(field, value, own) : `${field} of another account`;
  const at = momentOf(time);
  if (typeof read === 'string') leftovers.push(read);
  else account.push(...read.map((one) => (at === null ? one : { ...one, at })));
}

function readMessages(value: Record<string, unknown>, reading: Reading): void {
  for (const status of recordsIn(value['statuses'])) keep(receiptOfStatus(status), reading.receipts, reading);
  for (const message of recordsIn(value['messages'])) {
    if (message['type'] === 'system') {
      keep(numberChangeIn(message), reading.numberChanges, reading);
      continue;
    }
    readAnswer(message, reading);
  }
  for (const error of recordsIn(value['errors'])) reading.leftovers.push(`error ${cleanCode(error['code'])}`);
}

/** What was understood goes to its list; the few words why there is nothing go to the leftovers. */
function keep<Part>(read: Part | string, list: Part[], { leftovers }: Reading): void {
  if (typeof read === 'string') leftovers.push(read);
  else list.push(read);
}

const KINDS: ReadonlyMap<unknown, ReceiptKind> = new Map([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'], // may come without "delivered"
  ['failed', 'failed'],
]);

/** A receipt, or in a few words why there is none. */
function receiptOfStatus(status: Record<string, unknown>): ProviderReceipt | string {
  const kind = KINDS.get(status['status']);
  if (kind === undefined) return `status ${cleanCode(status['status'])}`;
  const at = momentOf(status['timestamp']);
  if (at === null) return `status ${kind} without a time`;
  const vendorId = vendorIdOf(status['id']);
  const attemptId = vendorIdOf(status['biz_opaque_callback_data']);
  if (vendorId === undefined && attemptId === undefined) return `status ${kind} without an id`;
  return {
    kind,
    at,
    ...(attemptId === undefined ? {} : { attemptId }),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...phoneOf(status['recipient_id']),
    ...userOf(status['recipient_user_id']),
    ...(kind === 'failed' ? failureOf(status) : {}),
    ...billingOf(status['pricing']),
  };
}

/**
 * `pricing` says what Meta charges for this delivered message, since 2025-07-01 one by one; it may be absent.
 * developers.facebook.com/docs/whatsapp/pricing, read 2026-11-23
 */
function billingOf(value: unknown): Pick<ProviderReceipt, 'billing'> {
  const pricing = recordOf(value);
  if (pricing === null) return {};
  const { billable, category } = pricing;
  const known = {
    ...(typeof billable === 'boolean' ? { billable } : {}),
    ...(typeof category === 'string' && /^[a-z_]{1,40}$/.test(category) ? { category } : {}),
  };
  return Object.keys(known).length > 0 ? { billing: known } : {};
}

function failureOf(status: Record<string, unknown>): Partial<ProviderReceipt> {
  const code = recordsIn(status['errors'])[0]?.['code'];
  return { code: code === undefined ? 'none' : cleanCode(code), ...meaningOfReceiptError(code) };
}

/**
 * Whatever a person wrote or tapped. `context.id` is the message of ours that is answered, when there is one; a reaction names it itself.
 * It may come from somebody whom Meta names by an id of its own alone, and answer nothing: then it is about no message, and heard all the same.
 */
function readAnswer(message: Record<string, unknown>, { receipts, inbound, leftovers }: Reading): void {
  const what = `message ${cleanCode(message['type'])}`;
  const at = momentOf(message['timestamp']);
  const answers = vendorIdOf(recordOf(message['context'])?.['id'] ?? recordOf(message['reaction'])?.['message_id']);
  const sender = { ...phoneOf(message['from']), ...userOf(message['from_user_id']) };
  // What WhatsApp cannot show.
  if (message['type'] === 'unsupported' || message['type'] === 'unknown') leftovers.push(what);
  else if (at === null) leftovers.push(`${what} without a time`);
  else if (answers === undefined && Object.keys(sender).length === 0) leftovers.push(`${what} from nobody we can name`);
  else {
    const { phone } = sender;
    const vendorId = answers === undefined ? {} : { vendorId: answers };
    if (answers !== undefined || phone !== undefined)
      receipts.push({ kind: 'replied', at, ...vendorId, ...(phone === undefined ? {} : { phone }) });
    const heard = inboundIn(message, { at, answers, ...sender });
    if (heard !== null) inbound.push(heard);
  }
}
