import { SettingsReader, type ConfigResult, type ProviderSetting } from '@wapas/provider-kit';

export interface WhatsAppCloudConfig {
  readonly accessToken: string;
  readonly phoneNumberId: string;
  /** The number itself, digits; absent: news of any number of the account count. */
  readonly phoneNumber?: string;
  /** Whose templates are read; absent: they are not. */
  readonly businessAccountId?: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  readonly apiVersion: string;
  readonly baseUrl: string;
  readonly maxPerSecond: number;
  /** Between two messages to one person, in milliseconds. */
  readonly pairEveryMs: number;
  readonly maxConcurrent: number;
}

export const whatsAppCloudSettings: readonly ProviderSetting[] = [
  {
    name: 'WHATSAPP_ACCESS_TOKEN',
    required: true,
    secret: true,
    description: 'Token of a system user with whatsapp_business_messaging.',
  },
  {
    name: 'WHATSAPP_PHONE_NUMBER_ID',
    required: true,
    secret: false,
    description: "Meta's id of the sending number: digits, not the number itself.",
  },
  {
    name: 'WHATSAPP_PHONE_NUMBER',
    required: false,
    secret: false,
    description: 'The sending number itself: for an account of several numbers, so that news of the others pause nothing here.',
  },
  {
    name: 'WHATSAPP_BUSINESS_ACCOUNT_ID',
    required: false,
    secret: false,
    description: "Meta's id of the WhatsApp Business account: with it templates are read and journeys checked against them.",
  },
  {
    name: 'WHATSAPP_APP_SECRET',
    required: true,
    secret: true,
    description: 'The app secret: signs the webhooks. Neither the access token nor the verify token.',
  },
  {
    name: 'WHATSAPP_VERIFY_TOKEN',
    required: true,
    secret: true,
    description: 'A text of your choice that Meta repeats when you subscribe the webhook.',
  },
  { name: 'WHATSAPP_API_VERSION', required: false, secret: false, description: 'Graph API version; v25.0 when absent.' },
  {
    name: 'WHATSAPP_BASE_URL',
    required: false,
    secret: false,
    description: 'Where the Graph API is reached; https://graph.facebook.com when absent.',
  },
  {
    name: 'WHATSAPP_MAX_PER_SECOND',
    required: false,
    secret: false,
    description: 'Messages per second; 80 when absent (20 for a number that is also used in the WhatsApp Business app).',
  },
  {
    name: 'WHATSAPP_PAIR_EVERY_MS',
    required: false,
    secret: false,
    description: 'Shortest time between two messages to one person, in milliseconds; 6000 when absent, as Meta limits it.',
  },
  { name: 'WHATSAPP_MAX_CONCURRENT', required: false, secret: false, description: 'Calls open at once; 64 when absent.' },
];

export function readWhatsAppCloudConfig(
  settings: Readonly<Record<string, string | undefined>>,
): ConfigResult<WhatsAppCloudConfig> {
  const read = new SettingsReader(settings);
  const config: WhatsAppCloudConfig = {
    accessToken: read.requiredToken('WHATSAPP_ACCESS_TOKEN', 'create a system-user token in Meta Business settings'),
    phoneNumberId: phoneNumberId(read),
    phoneNumber: phoneNumber(read),
    businessAccountId: businessAccountId(read),
    appSecret: read.requiredToken('WHATSAPP_APP_SECRET', 'copy it from App settings, Basic, in the Meta app dashboard'),
    verifyToken: read.required('WHATSAPP_VERIFY_TOKEN', 'choose a long random text and paste it into the webhook form too'),
    apiVersion: apiVersion(read),
    baseUrl: read.baseUrl('WHATSAPP_BASE_URL', 'https://graph.facebook.com'),
    // 80 a second and number, raised by Meta to 1,000. developers.facebook.com, WhatsApp throughput, 21 May 2026, read 2026-11-23
    maxPerSecond: read.whole('WHATSAPP_MAX_PER_SECOND', 80, 100_000),
    maxConcurrent: read.whole('WHATSAPP_MAX_CONCURRENT', 64, 10_000),
    // One message in 6 s to one person, beyond a burst that is borrowed from later; error 131056. Read 2026-11-23.
    pairEveryMs: read.whole('WHATSAPP_PAIR_EVERY_MS', 6_000, 3_600_000),
  };
  return read.result(() => config);
}

function phoneNumberId(read: SettingsReader): string {
  const id = read.required('WHATSAPP_PHONE_NUMBER_ID', 'copy the phone number ID from WhatsApp, API setup');
  if (id !== '' && !/^\d{1,32}$/.test(id))
    read.problem('WHATSAPP_PHONE_NUMBER_ID', "must be Meta's numeric id of the number, without + or blanks");
  return id;
}

function phoneNumber(read: SettingsReader): string | undefined {
  const given = read.optional('WHATSAPP_PHONE_NUMBER');
  if (given === undefined) return undefined;
  if (!/^\+?[\d ()-]{7,24}$/.test(given)) read.problem('WHATSAPP_PHONE_NUMBER', 'must be the number with its country code');
  return given.replace(/\D/g, '');
}

function businessAccountId(read: SettingsReader): string | undefined {
  const id = read.optional('WHATSAPP_BUSINESS_ACCOUNT_ID');
  if (id !== undefined && !/^\d{1,32}$/.test(id))
    read.problem('WHATSAPP_BUSINESS_ACCOUNT_ID', "must be Meta's numeric id of the account: copy it from WhatsApp, API setup");
  return id;
}

/** v25.0 works until 29 July 2028. developers.facebook.com, Graph API changelog, read 2026-11-23 */
function apiVersion(read: SettingsReader): string {
  const version = read.optional('WHATSAPP_API_VERSION') ?? 'v25.0';
  if (!/^v\d{1,3}\.\d{1,2}$/.test(version)) read.problem('WHATSAPP_API_VERSION', 'must look like v25.0');
  return version;
}
