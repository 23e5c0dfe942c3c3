import {
  cleanCode,
  ERROR_CLASSES,
  faultOfStandardWebhook,
  parseJsonObject,
  recordOf,
  recordsIn,
  vendorIdOf,
  type ErrorClass,
  type ParsedWebhook,
  type ProviderClock,
  type ProviderReceipt,
  type ReceiptEndpoint,
  type ReceiptKind,
} from '@wapas/provider-kit';
import { type WebhookConfig } from './webhook.config';

const KINDS: readonly ReceiptKind[] = ['sent', 'delivered', 'read', 'clicked', 'replied', 'opened', 'failed'];

/** Receipts that the gateway posts back, signed with the same secret: one, or a list of them. */
export function webhookReceipts({ key }: WebhookConfig, clock: ProviderClock): ReceiptEndpoint {
  return {
    verify: ({ headers, rawBody }) => {
      const fault = faultOfStandardWebhook(headers, rawBody, key, clock.now());
      return fault === null ? { authentic: true } : { authentic: false, reason: fault };
    },
    parse: ({ rawBody }) => parse(rawBody.toString('utf8')),
  };
}

function parse(text: string): ParsedWebhook {
  const body = parseJsonObject(text);
  if (body?.['type'] !== 'message.receipt') return { receipts: [], leftovers: ['body is not a message.receipt'] };
  const data = body['data'];
  const read = (Array.isArray(data) ? recordsIn(data) : recordsIn([recordOf(data)])).map(receiptOf);
  const receipts = read.filter((one) => typeof one !== 'string');
  const leftovers = read.filter((one) => typeof one === 'string');
  return { receipts, leftovers: read.length === 0 ? ['no receipt in the body'] : leftovers };
}

/** A receipt, or in a few words why there is none. */
function receiptOf(data: Record<string, unknown>): ProviderReceipt | string {
  const kind = KINDS.find((one) => one === data['kind']);
  if (kind === undefined) return `kind ${cleanCode(data['kind'])}`;
  const at = typeof data['at'] === 'string' ? Date.parse(data['at']) : Number.NaN;
  if (Number.isNaN(at)) return `${kind} without a time`;
  const attemptId = vendorIdOf(data['attemptId']);
  const vendorId = vendorIdOf(data['id']);
  if (attemptId === undefined && vendorId === undefined) return `${kind} without an id`;
  const ids = { ...(attemptId === undefined ? {} : { attemptId }), ...(vendorId === undefined ? {} : { vendorId }) };
  return { kind, at, ...ids, ...(kind === 'failed' ? failure(data['code']) : {}) };
}

/** The same words as in an answer to a post; a receipt settles, so anything else is a plain refusal. */
function failure(given: unknown): Pick<ProviderReceipt, 'code' | 'class' | 'scope' | 'unlisted'> {
  const code = cleanCode(given ?? 'refused');
  const known = ERROR_CLASSES.find((one): one is ErrorClass => one === code && one !== 'unknown_outcome');
  if (known === undefined) return { code, class: 'refused', scope: 'message', unlisted: true };
  return { code, class: known, scope: known === 'bad_address' || known === 'opted_out' ? 'address' : 'message' };
}
