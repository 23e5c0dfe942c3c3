import {
  cleanCode,
  isAmong,
  parseJson,
  recordOf,
  recordsIn,
  sameSecret,
  vendorIdOf,
  type ParsedWebhook,
  type ProviderReceipt,
  type RawWebhook,
  type ReceiptEndpoint,
} from '@wapas/provider-kit';
import { type Msg91Config } from './msg91.config';
import { meaningOfReport } from './msg91.errors';

/** MSG91 signs nothing: the address of the webhook is the secret, and where a report comes from may be restricted. */
export function msg91Receipts(config: Msg91Config): ReceiptEndpoint {
  return {
    verify: ({ pathToken, clientAddress = '' }) => {
      if (!sameSecret(pathToken, config.webhookToken)) return { authentic: false, reason: 'wrong path token' };
      const mayComeFrom = config.webhookFrom.length === 0 || isAmong(clientAddress, config.webhookFrom);
      return mayComeFrom ? { authentic: true } : { authentic: false, reason: 'from an address that is not listed' };
    },
    parse: (webhook) => parse(webhook, config.echoesReference),
  };
}

/** One delivery report in our words, whichever of the four shapes it came in. Absent parts are ''. */
interface Report {
  readonly requestId: string;
  readonly reference: string;
  readonly number: string;
  readonly status: string;
  readonly date: string;
  readonly words: string;
}

function parse({ rawBody }: RawWebhook, echoesReference: boolean): ParsedWebhook {
  const receipts: ProviderReceipt[] = [];
  const leftovers: string[] = [];
  const unlisted: string[] = [];
  const reports = reportsIn(rawBody.toString('utf8'));
  if (reports === null) return { receipts, leftovers: ['body is not a delivery report'] };
  for (const report of reports) {
    const receipt = receiptOf(report, echoesReference);
    if (typeof receipt !== 'string') receipts.push(receipt);
    else {
      leftovers.push(receipt);
      // Without it the message would count as sent for good, and nobody would know why.
      if (isUnlisted(report)) unlisted.push(`report ${cleanCode(report.status)}`);
    }
  }
  return unlisted.length === 0 ? { receipts, leftovers } : { receipts, unlisted, leftovers };
}

/**
 * v2: a form with a field `data` that holds JSON; v3 and "New": a flat object; v4: a list of `{ event, data }`.
 * msg91.com/help, webhook old and new, read 2026-11-23
 */
function reportsIn(text: string): Report[] | null {
  const json = parseJson(text) ?? parseJson(new URLSearchParams(text).get('data') ?? '');
  const items = Array.isArray(json) ? recordsIn(json) : recordsIn([json]);
  const reports = items.flatMap(reportsOf);
  return reports.length > 0 ? reports : null;
}

function reportsOf(item: Record<string, unknown>): Report[] {
  if (Array.isArray(item['report'])) return recordsIn(item['report']).map((report) => flatReport({ ...item, ...report }));
  if (Array.isArray(item['data'])) return recordsIn(item['data']).map((part) => eventReport(item['event'], part));
  return [flatReport(item)];
}

function flatReport(item: Record<string, unknown>): Report {
  return {
    requestId: textOf(item['requestId']),
    reference: textOf(item['CRQID']),
    number: textOf(item['number'] ?? item['telNum']),
    status: textOf(item['status']),
    date: textOf(item['date'] ?? item['deliveryTime']),
    words: `${textOf(item['desc'])} ${textOf(item['failedReason'] ?? item['failureReason'])}`,
  };
}

/** v4 in the style of CleverTap: what identifies the message, if anything, lies in `meta`. */
function eventReport(event: unknown, part: Record<string, unknown>): Report {
  const meta = recordOf(typeof part['meta'] === 'string' ? parseJson(part['meta']) : part['meta']);
  const flat = flatReport({ ...meta, ...part });
  return { ...flat, status: textOf(event), date: textOf(part['ts'] ?? part['date']), words: textOf(part['description']) };
}

/** "New" webhooks wrap some values in a list written as text, and leave what they do not know as `{{name}}`. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  const text = value.trim();
  if (text.startsWith('[')) return textOf(parseJson(text));
  return text.startsWith('{{') ? '' : text;
}

/** The numbers of the panel, and the words that v4 and "New" use for them. */
const DELIVERED: ReadonlySet<string> = new Set(['1', 'delivered']);
const FAILURES: ReadonlyMap<string, string> = new Map([
  ...['2', '9', '16', '17', '25'].map((status) => [status, status] as const),
  ['failed', '2'],
  ['ndnc', '9'],
  ['dnd', '9'],
  ['rejected', '16'],
  ['blocked', '17'],
]);

/** Of these a later report says what became of the message. */
const ON_ITS_WAY = /submitted|pending|queued|sent|accepted/i;

/** A status that stands neither in our table nor in MSG91's, and that may well be the last word. */
function isUnlisted({ status, words }: Report): boolean {
  const word = status.toLowerCase();
  return word !== '' && !DELIVERED.has(word) && !FAILURES.has(word) && !ON_ITS_WAY.test(`${word} ${words}`);
}

/** A receipt, or in a few words why there is none. */
function receiptOf(report: Report, echoesReference: boolean): ProviderReceipt | string {
  const status = report.status.toLowerCase();
  const failure = FAILURES.get(status);
  if (failure === undefined && !DELIVERED.has(status))
    return `status ${report.status === '' ? 'missing' : cleanCode(report.status)}`;
  const at = momentOf(report.date);
  if (at === null) return `status ${cleanCode(report.status)} without a readable date`;
  const identity = identityOf(report, echoesReference);
  if (identity === null) return `status ${cleanCode(report.status)} without request id or number`;
  if (failure === undefined) return { kind: 'delivered', at, ...identity };
  return { kind: 'failed', at, ...identity, code: failure, ...meaningOfReport(failure, report.words) };
}

function identityOf(report: Report, echoesReference: boolean): Pick<ProviderReceipt, 'attemptId' | 'vendorId' | 'phone'> | null {
  const vendorId = vendorIdOf(report.requestId);
  // Until the operator has seen it come back, CRQID may be anything of MSG91's own.
  const attemptId = echoesReference ? vendorIdOf(report.reference) : undefined;
  const phone = /^\+?\d{7,15}$/.test(report.number) ? `+${report.number.replace('+', '')}` : undefined;
  if (vendorId === undefined && attemptId === undefined && phone === undefined) return null;
  return {
    ...(attemptId === undefined ? {} : { attemptId }),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(phone === undefined ? {} : { phone }),
  };
}

const INDIA_MS = 5.5 * 3_600_000;

/** `2026-11-23 14:05:09` is India's time without saying so; with a zone it is what it says; digits are unix time. */
function momentOf(text: string): number | null {
  if (/^\d{10}$/.test(text)) return Number(text) * 1_000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const local = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/.exec(text);
  if (local === null) return zonedMoment(text);
  const [year, month, day, hour, minute, second] = local.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  // A day or hour that does not exist rolls over into another one.
  const exists = new Date(asUtc).toISOString().startsWith(`${local[1]}-${local[2]}-${local[3]}T${local[4]}:${local[5]}`);
  return exists ? asUtc - INDIA_MS : null;
}

function zonedMoment(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(text)) return null;
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? null : millis;
}
