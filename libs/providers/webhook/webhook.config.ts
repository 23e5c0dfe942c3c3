import {
  SettingsReader,
  standardWebhookKey,
  type Address,
  type ChannelDescription,
  type ConfigResult,
  type ProviderSetting,
} from '@wapas/provider-kit';

export interface WebhookConfig {
  readonly url: string;
  readonly key: Buffer;
  readonly channel: ChannelDescription;
  readonly allowPrivate: boolean;
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
}

export const webhookSettings: readonly ProviderSetting[] = [
  { name: 'WEBHOOK_URL', required: true, secret: false, description: 'Where every message is posted: your own gateway.' },
  {
    name: 'WEBHOOK_SECRET',
    required: true,
    secret: true,
    description: 'Signs the posts and the receipts that come back: whsec_ and base64 of 24 to 64 random bytes.',
  },
  {
    name: 'WEBHOOK_CHANNEL',
    required: false,
    secret: false,
    description: 'The channel it serves: push, whatsapp, sms, or a word of your own; webhook when absent.',
  },
  {
    name: 'WEBHOOK_ADDRESS',
    required: false,
    secret: false,
    description: 'Where a channel of your own reaches people: phone, email or push_token; phone when absent.',
  },
  {
    name: 'WEBHOOK_FIELDS',
    required: false,
    secret: false,
    description:
      'The texts of a template on a channel of your own, comma-separated, optional ones with a ? behind; text when absent.',
  },
  {
    name: 'WEBHOOK_ALLOW_PRIVATE',
    required: false,
    secret: false,
    description: 'true lets the address lie inside your own network and on any port; false when absent.',
  },
  { name: 'WEBHOOK_MAX_PER_SECOND', required: false, secret: false, description: 'Posts per second; 50 when absent.' },
  { name: 'WEBHOOK_MAX_CONCURRENT', required: false, secret: false, description: 'Posts open at once; 32 when absent.' },
];

export function readWebhookConfig(settings: Readonly<Record<string, string | undefined>>): ConfigResult<WebhookConfig> {
  const read = new SettingsReader(settings);
  const url = read.requiredUrl('WEBHOOK_URL', 'give the https address of your gateway');
  const secret = read.requiredToken('WEBHOOK_SECRET', 'make one: whsec_ followed by the output of openssl rand -base64 32');
  const key = standardWebhookKey(secret);
  if (secret !== '' && key === null)
    read.problem('WEBHOOK_SECRET', 'is not base64 of 24 to 64 bytes: whsec_ followed by the output of openssl rand -base64 32');
  const channel = channelOf(read);
  const allowPrivate = read.flag('WEBHOOK_ALLOW_PRIVATE', false);
  if (url.startsWith('http:') && !allowPrivate)
    read.problem('WEBHOOK_URL', 'must begin with https:// unless WEBHOOK_ALLOW_PRIVATE is true');
  const maxPerSecond = read.whole('WEBHOOK_MAX_PER_SECOND', 50, 100_000);
  const maxConcurrent = read.whole('WEBHOOK_MAX_CONCURRENT', 32, 10_000);
  return read.result(() => ({ url, key: key as Buffer, channel, allowPrivate, maxPerSecond, maxConcurrent }));
}

/** The kinds of address that push, whatsapp and sms have; a channel of the team's own says its kind. */
const OWN_KINDS: Readonly<Record<string, Address['kind']>> = { push: 'push_token', whatsapp: 'phone', sms: 'phone' };

function channelOf(read: SettingsReader): ChannelDescription {
  const name = read.optional('WEBHOOK_CHANNEL') ?? 'webhook';
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) read.problem('WEBHOOK_CHANNEL', 'must be a word in lower case, such as sms or rcs');
  const kind = read.optional('WEBHOOK_ADDRESS') ?? 'phone';
  if (!['phone', 'email', 'push_token'].includes(kind)) read.problem('WEBHOOK_ADDRESS', 'must be phone, email or push_token');
  const fields = (read.optional('WEBHOOK_FIELDS') ?? 'text').split(',').map((field) => field.trim());
  if (!fields.every((field) => /^[a-z][A-Za-z0-9_]{0,63}\??$/.test(field)))
    read.problem('WEBHOOK_FIELDS', 'must be words parted by commas, such as title,text,picture?');
  return {
    name,
    addressKind: OWN_KINDS[name] ?? (kind as Address['kind']),
    fields: fields.map((field) => ({
      name: field.replace('?', ''),
      required: !field.endsWith('?'),
      description: 'A text that your gateway is given under this name.',
    })),
  };
}
