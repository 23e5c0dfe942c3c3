import { SettingsReader, type ConfigResult, type ProviderSetting } from '@wapas/provider-kit';

export interface Msg91Config {
  readonly authKey: string;
  readonly baseUrl: string;
  readonly webhookToken: string;
  /** From where reports may come; empty: from anywhere, by the token alone. */
  readonly webhookFrom: readonly string[];
  readonly echoesReference: boolean;
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
}

export const msg91Settings: readonly ProviderSetting[] = [
  { name: 'MSG91_AUTH_KEY', required: true, secret: true, description: 'The authkey of the MSG91 account.' },
  {
    name: 'MSG91_WEBHOOK_TOKEN',
    required: true,
    secret: true,
    description: 'The unguessable end of the webhook address, at least 128 bits: MSG91 signs nothing.',
  },
  {
    name: 'MSG91_WEBHOOK_FROM',
    required: false,
    secret: false,
    description: 'Addresses or ranges that delivery reports come from, with commas between them; from anywhere when absent.',
  },
  {
    name: 'MSG91_BASE_URL',
    required: false,
    secret: false,
    description: 'Where MSG91 is reached; https://control.msg91.com when absent.',
  },
  {
    name: 'MSG91_ECHOES_REFERENCE',
    required: false,
    secret: false,
    description: 'true once you have seen our CRQID come back in a delivery report of your account; false when absent.',
  },
  { name: 'MSG91_MAX_PER_SECOND', required: false, secret: false, description: 'SMS per second; 50 when absent.' },
  { name: 'MSG91_MAX_CONCURRENT', required: false, secret: false, description: 'Calls open at once; 32 when absent.' },
];

export function readMsg91Config(settings: Readonly<Record<string, string | undefined>>): ConfigResult<Msg91Config> {
  const read = new SettingsReader(settings);
  const config: Msg91Config = {
    authKey: read.requiredToken('MSG91_AUTH_KEY', 'copy the authkey from the MSG91 panel'),
    webhookToken: webhookToken(read),
    webhookFrom: read.addresses('MSG91_WEBHOOK_FROM'),
    baseUrl: read.baseUrl('MSG91_BASE_URL', 'https://control.msg91.com'),
    echoesReference: read.flag('MSG91_ECHOES_REFERENCE', false),
    // MSG91 publishes no rate: a careful figure of our own.
    maxPerSecond: read.whole('MSG91_MAX_PER_SECOND', 50, 100_000),
    maxConcurrent: read.whole('MSG91_MAX_CONCURRENT', 32, 10_000),
  };
  return read.result(() => config);
}

function webhookToken(read: SettingsReader): string {
  const name = 'MSG91_WEBHOOK_TOKEN';
  const token = read.required(name, 'make one with: openssl rand -hex 32');
  if (token !== '' && !isUnguessable(token)) {
    read.problem(
      name,
      'is guessable or not fit for a path: use at least 32 hex digits or 22 letters and digits, made with: openssl rand -hex 32',
    );
  }
  return token;
}

/** 128 bits need 32 hex digits, or 22 characters of base64url. A repeated character adds none. */
function isUnguessable(token: string): boolean {
  if (!/^[A-Za-z0-9_-]+$/.test(token) || new Set(token).size < 8) return false;
  return token.length >= (/^[0-9a-f]+$/i.test(token) ? 32 : 22);
}
