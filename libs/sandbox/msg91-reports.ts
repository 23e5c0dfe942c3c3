import { randomBytes } from 'node:crypto';
import { type LedgerEntry, type SmsShown } from './ledger';
import { type SmsTemplate } from './options';
import { type Mail, type PlannedReceipt, type Receipt, type ReceiptLine } from './vendor';

export interface Msg91ReportSettings {
  readonly url?: string;
  readonly version: 'v2' | 'v3';
  readonly echoesReference: boolean;
  readonly deliveredAfterMs: number;
  readonly isAutomatic: boolean;
  readonly senderId: string;
  readonly templates: readonly SmsTemplate[];
}

/** Delivery reports in MSG91's two older forms (docs.msg91.com, delivery reports, read 2026-11-23). They are not signed. */
export function msg91Reports(settings: Msg91ReportSettings): ReceiptLine {
  const isV2 = settings.version === 'v2';
  return {
    url: settings.url,
    batch: isV2 ? 100 : 1,
    plan: (entry) => (settings.isAutomatic ? [operatorVerdict(entry, settings)] : []),
    encode: (receipts) => (isV2 ? encodeV2(settings, receipts) : encodeV3(settings, receipts[0] as Receipt)),
  };
}

/** The operator scrubs: an empty variable, or one of more than 40 characters, does not match the registered template. */
function operatorVerdict(entry: LedgerEntry, settings: Msg91ReportSettings): PlannedReceipt {
  const afterMs = settings.deliveredAfterMs;
  const passes = scrub(entry.content as SmsShown, settings.templates);
  return passes ? { kind: 'delivered', afterMs } : { kind: 'failed', afterMs, code: '16' };
}

const LONGEST_VARIABLE = 40;

function scrub({ template, variables }: SmsShown, templates: readonly SmsTemplate[]): boolean {
  const registered = templates.find(({ id }) => id === template);
  const names = registered
    ? [...registered.text.matchAll(/##(\w+)##/g)].map(([, name]) => name as string)
    : Object.keys(variables);
  const values = names.map((name) => variables[name] ?? '');
  return values.every((value) => value !== '' && [...value].length <= LONGEST_VARIABLE);
}

function encodeV2(settings: Msg91ReportSettings, receipts: readonly Receipt[]): Mail {
  const byRequest = new Map<string, Receipt[]>();
  for (const receipt of receipts) {
    const { vendorId } = receipt.entry;
    byRequest.set(vendorId, [...(byRequest.get(vendorId) ?? []), receipt]);
  }
  const data = [...byRequest].map(([requestId, each]) => ({
    senderId: settings.senderId,
    requestId,
    userId: '100001',
    campaignName: 'API',
    report: each.map((receipt) => ({ ...lineOf(settings, receipt), credit: '1', amount: '0.18', clientid: '', ctCode: '91' })),
  }));
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ data: JSON.stringify(data) }).toString(),
  };
}

function encodeV3(settings: Msg91ReportSettings, receipt: Receipt): Mail {
  const { senderId } = settings;
  const body = JSON.stringify({ ...lineOf(settings, receipt), senderId, requestId: receipt.entry.vendorId });
  return { headers: { 'content-type': 'application/json' }, body };
}

function lineOf(settings: Msg91ReportSettings, { entry, kind, code = '2', at }: Receipt): object {
  const status = kind === 'failed' ? code : '1';
  return {
    date: indianTime(at),
    number: entry.address,
    status,
    desc: DESCRIPTIONS[status] ?? 'FAILED',
    failedReason: kind === 'failed' ? (DESCRIPTIONS[status] ?? 'FAILED') : '',
    INMSID: randomBytes(8).toString('hex'),
    ...(settings.echoesReference && entry.reference !== undefined && { CRQID: entry.reference }),
  };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  '1': 'DELIVERED',
  '2': 'FAILED',
  '9': 'NDNC',
  '16': 'REJECTED',
  '17': 'BLOCKED NUMBER',
  '25': 'REJECTED',
};

const INDIA_AHEAD_MS = 19_800_000;

/** `2026-11-23 15:45:00`: India's wall clock, without saying so. */
function indianTime(at: number): string {
  return new Date(at + INDIA_AHEAD_MS).toISOString().slice(0, 19).replace('T', ' ');
}
