import { createPublicKey } from 'node:crypto';
import { parseInstant, type Instant } from '@wapas/kernel';

/** What a sandbox can be told. Secrets that are absent are not asked for: the vendor then takes any. */
export interface SandboxOptions {
  /** 0 takes a free port. The sandbox listens on 127.0.0.1 and nowhere else. */
  readonly port: number;
  /** JSON lines, one per message. Absent: the ledger lives in memory only. */
  readonly ledgerFile?: string;
  /** False leaves the ledger file to the operating system's own time: for benchmarks. */
  readonly fsync: boolean;
  /** Entries kept in memory; older ones stay in the file and are no longer served. */
  readonly keepEntries: number;
  /** No receipts at all, not even those a handset asks for. */
  readonly quiet: boolean;
  /** Every send is refused in the vendor's own way (mode `refused`, until another mode is set). */
  readonly refuseAll: boolean;
  /** Start of the random numbers behind `share`: the same seed and the same calls fail the same way. */
  readonly seed: number;

  /** Business time at `clockAnchor`; absent: no business time is written. */
  readonly clockStart?: Instant;
  readonly clockRate: number;
  /** The real moment at which business time was `clockStart`; absent: the sandbox's own start. */
  readonly clockAnchor?: Instant;

  /** PEM of the service account's public key: the assertions it signed are verified with it. */
  readonly fcmPublicKey?: string;
  readonly fcmClientEmail?: string;
  readonly fcmProjectId?: string;
  /** Lifetime of the access tokens. */
  readonly fcmTokenSeconds: number;
  /** Messages a second for the project (429 QUOTA_EXCEEDED); 0 is no limit. */
  readonly fcmRatePerSecond: number;

  readonly whatsappToken?: string;
  readonly whatsappAppSecret: string;
  readonly whatsappPhoneNumberId?: string;
  /** The account whose templates are listed. */
  readonly whatsappBusinessAccountId?: string;
  readonly whatsappVerifyToken?: string;
  readonly whatsappWebhookUrl?: string;
  /** The fixed part of URL buttons: one for all, or by template name with `*` for the rest. */
  readonly whatsappButtonPrefix: Readonly<Record<string, string>>;
  /** Approved templates; absent: every name and language passes. */
  readonly whatsappTemplates?: readonly WhatsAppTemplate[];
  /** Messages a second for the number (130429); 0 is no limit. */
  readonly whatsappRatePerSecond: number;
  /** Burst to one customer before the pair limit (131056); 0 is no limit. */
  readonly whatsappPairBurst: number;
  /** Time in which one message of the pair's burst comes back. */
  readonly whatsappPairEveryMs: number;
  /** Different customers in a moving 24 hours, of vendor time, for all numbers together; 0 is no limit. */
  readonly whatsappPortfolioLimit: number;

  readonly msg91AuthKey?: string;
  readonly msg91WebhookUrl?: string;
  /** Requests a second (429); 0 is no limit. */
  readonly msg91RatePerSecond: number;
  readonly msg91Reports: 'v2' | 'v3';
  /** Whether reports carry the CRQID that came with the message. */
  readonly msg91EchoesReference: boolean;
  /** Templates as registered, for the text on the handset and for what the operator checks. */
  readonly smsTemplates: readonly SmsTemplate[];
  readonly smsHeader: string;

  readonly razorpayKeyId?: string;
  readonly razorpayKeySecret?: string;
  readonly razorpayWebhookUrl?: string;
  readonly razorpayWebhookSecret: string;
  readonly cashfreeClientId?: string;
  /** Also what its webhooks are signed with. */
  readonly cashfreeClientSecret?: string;
  readonly cashfreeWebhookUrl?: string;
  readonly stripeSecretKey?: string;
  readonly stripeWebhookUrl?: string;
  readonly stripeWebhookSecret: string;

  /** False: only what a handset does is reported. */
  readonly receiptsAutomatic: boolean;
  readonly receiptsSentAfterMs: number;
  readonly receiptsDeliveredAfterMs: number;
  /** Wait before the second try of a webhook; each further wait is four times as long. */
  readonly receiptsRetryMs: number;

  /** With both, a tapped push is reported to Wapas as the app would report it. */
  readonly wapasUrl?: string;
  readonly wapasPublishableKey?: string;
}

export interface WhatsAppTemplate {
  readonly name: string;
  readonly language: string;
  /** Meta's word; APPROVED when absent. Only an approved one can be sent. */
  readonly status?: string;
  /** UTILITY when absent. */
  readonly category?: string;
  /** GREEN, YELLOW or RED. */
  readonly quality?: string;
  /** A text header. */
  readonly header?: string;
  readonly footer?: string;
  /** The button's registered address, `{{1}}` at its end when a send gives the end; absent: `whatsappButtonPrefix` says it. */
  readonly buttonUrl?: string;
  /** NAMED or POSITIONAL, which it is when absent. */
  readonly parameterFormat?: string;
  readonly ttlSeconds?: number;
  /** Text with `{{1}}`, `{{2}}`…: shown on the handset, and the count of parameters is checked against it. */
  readonly body?: string;
  readonly button?: string;
}

export interface SmsTemplate {
  readonly id: string;
  /** service, promotional, transactional or government, as on DLT; service when absent. Decides the suffix of the sender and the hours. */
  readonly category?: string;
  /** The header it is registered for; `smsHeader` when absent. */
  readonly header?: string;
  /** `inactive`: the gateway refuses it. */
  readonly status?: string;
  /** Text with `##name##` variables, as in MSG91's panel. */
  readonly text: string;
}

export type OptionsResult =
  { readonly ok: true; readonly options: SandboxOptions } | { readonly ok: false; readonly problems: readonly string[] };

const DEFAULTS: SandboxOptions = {
  port: 0,
  fsync: true,
  keepEntries: 500_000,
  quiet: false,
  refuseAll: false,
  seed: 1,
  clockRate: 1,
  fcmTokenSeconds: 3_599,
  fcmRatePerSecond: 0,
  whatsappAppSecret: 'sandbox-app-secret',
  whatsappButtonPrefix: {},
  whatsappRatePerSecond: 0,
  whatsappPairBurst: 0,
  whatsappPairEveryMs: 6_000,
  whatsappPortfolioLimit: 0,
  msg91RatePerSecond: 0,
  msg91Reports: 'v2',
  msg91EchoesReference: true,
  smsTemplates: [],
  smsHeader: 'WAPASX',
  razorpayWebhookSecret: 'sandbox-razorpay-webhook-secret',
  stripeWebhookSecret: 'whsec_sandbox_stripe_webhook_secret',
  receiptsAutomatic: true,
  receiptsSentAfterMs: 100,
  receiptsDeliveredAfterMs: 300,
  receiptsRetryMs: 500,
};

export function withDefaults(options: Partial<SandboxOptions>): SandboxOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...(Object.fromEntries(given) as Partial<SandboxOptions>) };
}

/** Reads `SANDBOX_*`. `whatsappAppSecret` is `SANDBOX_WHATSAPP_APP_SECRET`, and so on for every option. */
export function readOptions(environment: Readonly<Record<string, string | undefined>>): OptionsResult {
  const problems: string[] = unknownNames(environment);
  const read: Record<string, unknown> = {};
  for (const [option, reader] of Object.entries(READERS)) {
    const name = environmentName(option);
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const value = reader(text);
    if (value === undefined) problems.push(`${name} is not readable: expected ${EXPECTED.get(reader) ?? 'another form'}`);
    else read[option] = value;
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, options: withDefaults(read) };
}

export function environmentName(option: string): string {
  return `SANDBOX_${option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** A misspelt name would silently leave a check switched off. */
function unknownNames(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(Object.keys(READERS).map(environmentName));
  return Object.keys(environment)
    .filter((name) => name.startsWith('SANDBOX_') && !known.has(name))
    .map((name) => `${name} is not a setting of the sandbox`);
}

/** Undefined means: not readable. */
type Reader<T> = (text: string) => T | undefined;

const text: Reader<string> = (given) => given;
const number: Reader<number> = (given) => (/^\d{1,12}(\.\d{1,6})?$/.test(given) ? Number(given) : undefined);
const flag: Reader<boolean> = (given) =>
  ({ true: true, '1': true, on: true, false: false, '0': false, off: false })[given.toLowerCase()];
const moment: Reader<Instant> = (given) => parseInstant(given) ?? undefined;
const webAddress: Reader<string> = (given) => (/^http:\/\/[^\s]+$/.test(given) && URL.canParse(given) ? given : undefined);
const reports: Reader<'v2' | 'v3'> = (given) => (given === 'v2' || given === 'v3' ? given : undefined);
const publicKey: Reader<string> = (given) => {
  const pem = given.replaceAll('\\n', '\n');
  try {
    createPublicKey(pem);
    return pem;
  } catch {
    return undefined; // Reported with the setting's name; the key itself is not repeated.
  }
};
const prefixes: Reader<Readonly<Record<string, string>>> = (given) => {
  if (!given.startsWith('{')) return { '*': given };
  const value = parse(given);
  return isTextRecord(value) ? value : undefined;
};
const whatsappTemplates: Reader<readonly WhatsAppTemplate[]> = (given) =>
  recordsWith<WhatsAppTemplate>(given, ['name', 'language']);
const smsTemplates: Reader<readonly SmsTemplate[]> = (given) => recordsWith<SmsTemplate>(given, ['id', 'text']);

const EXPECTED = new Map<Reader<unknown>, string>([
  [number, 'a number'],
  [flag, 'true or false'],
  [moment, 'a moment with its zone, such as 2026-11-23T10:00:00Z'],
  [webAddress, 'an http:// address'],
  [reports, 'v2 or v3'],
  [publicKey, 'a public key in PEM'],
  [prefixes, 'an address prefix, or JSON of template name to prefix'],
  [whatsappTemplates, 'JSON [{"name","language","body"?,"button"?,…}]'],
  [smsTemplates, 'JSON [{"id","text"}]'],
]);

const READERS: { readonly [Option in keyof SandboxOptions]-?: Reader<NonNullable<SandboxOptions[Option]>> } = {
  port: number,
  ledgerFile: text,
  fsync: flag,
  keepEntries: number,
  quiet: flag,
  refuseAll: flag,
  seed: number,
  clockStart: moment,
  clockRate: number,
  clockAnchor: moment,
  fcmPublicKey: publicKey,
  fcmClientEmail: text,
  fcmProjectId: text,
  fcmTokenSeconds: number,
  fcmRatePerSecond: number,
  whatsappToken: text,
  whatsappAppSecret: text,
  whatsappPhoneNumberId: text,
  whatsappBusinessAccountId: text,
  whatsappVerifyToken: text,
  whatsappWebhookUrl: webAddress,
  whatsappButtonPrefix: prefixes,
  whatsappTemplates,
  whatsappRatePerSecond: number,
  whatsappPairBurst: number,
  whatsappPairEveryMs: number,
  whatsappPortfolioLimit: number,
  msg91AuthKey: text,
  msg91WebhookUrl: webAddress,
  msg91RatePerSecond: number,
  msg91Reports: reports,
  msg91EchoesReference: flag,
  smsTemplates,
  smsHeader: text,
  razorpayKeyId: text,
  razorpayKeySecret: text,
  razorpayWebhookUrl: webAddress,
  razorpayWebhookSecret: text,
  cashfreeClientId: text,
  cashfreeClientSecret: text,
  cashfreeWebhookUrl: webAddress,
  stripeSecretKey: text,
  stripeWebhookUrl: webAddress,
  stripeWebhookSecret: text,
  receiptsAutomatic: flag,
  receiptsSentAfterMs: number,
  receiptsDeliveredAfterMs: number,
  receiptsRetryMs: number,
  wapasUrl: webAddress,
  wapasPublishableKey: text,
};

function parse(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return undefined; // The caller reports the setting by name.
  }
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');
}

const isPlainRecord = (value: unknown): value is Record<string, string | number> =>
  typeof value === 'object' && value !== null && Object.values(value).every((each) => /^(string|number)$/.test(typeof each));

function recordsWith<T>(given: string, required: readonly string[]): readonly T[] | undefined {
  const value = parse(given);
  const fits =
    Array.isArray(value) &&
    value.every((each) => isPlainRecord(each) && required.every((name) => typeof each[name] === 'string'));
  return fits ? (value as T[]) : undefined;
}
