import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseJsonObject, problemOfUrl, type ConfigResult, type ProviderSetting, SettingsReader } from '@wapas/provider-kit';

/** The parts of a Google service-account file that we use. */
export interface ServiceAccount {
  readonly projectId: string;
  readonly clientEmail: string;
  readonly privateKeyId: string;
  readonly privateKey: KeyObject;
  /** Taken from the file, never assumed: it is what makes tests and proxies possible. */
  readonly tokenUri: string;
}

export interface FcmConfig {
  readonly account: ServiceAccount;
  readonly baseUrl: string;
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
}

export const fcmSettings: readonly ProviderSetting[] = [
  {
    name: 'FCM_SERVICE_ACCOUNT',
    required: true,
    secret: true,
    description: 'The service account of the Firebase project: the JSON itself, or the path of the file.',
  },
  {
    name: 'FCM_BASE_URL',
    required: false,
    secret: false,
    description: 'Where FCM is reached; https://fcm.googleapis.com when absent.',
  },
  {
    name: 'FCM_MAX_PER_SECOND',
    required: false,
    secret: false,
    description: 'Pushes per second; 9000 when absent (the default quota is 600,000 a minute).',
  },
  {
    name: 'FCM_MAX_CONCURRENT',
    required: false,
    secret: false,
    description: 'Calls open at once; 256 when absent.',
  },
];

export function readFcmConfig(settings: Readonly<Record<string, string | undefined>>): ConfigResult<FcmConfig> {
  const read = new SettingsReader(settings);
  const account = readServiceAccount(read);
  const baseUrl = read.baseUrl('FCM_BASE_URL', 'https://fcm.googleapis.com');
  // 600,000 messages a minute and project, minutes not aligned to the clock, hence a tenth of room.
  // firebase.google.com/docs/cloud-messaging/throttling-and-quotas, read 2026-11-23
  const maxPerSecond = read.whole('FCM_MAX_PER_SECOND', 9_000, 1_000_000);
  const maxConcurrent = read.whole('FCM_MAX_CONCURRENT', 256, 10_000);
  return read.result(() => ({ account: account as ServiceAccount, baseUrl, maxPerSecond, maxConcurrent }));
}

const NAME = 'FCM_SERVICE_ACCOUNT';

function readServiceAccount(read: SettingsReader): ServiceAccount | null {
  const text = read.required(NAME, 'give the service-account JSON of the Firebase project, or the path of its file');
  if (text === '') return null;
  const json = text.startsWith('{') ? text : readFile(read, text);
  if (json === null) return null;
  const file = parseJsonObject(json);
  if (file === null) {
    read.problem(NAME, 'is not readable JSON: download the key again from the Firebase console');
    return null;
  }
  return accountOf(read, file);
}

function readFile(read: SettingsReader, path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    read.problem(NAME, `is neither JSON nor the path of a readable file (${code})`);
    return null;
  }
}

function accountOf(read: SettingsReader, file: Record<string, unknown>): ServiceAccount {
  const field = (name: string, shape: RegExp): string => {
    const value = file[name];
    if (typeof value === 'string' && shape.test(value)) return value;
    read.problem(NAME, `has no usable ${name}: download the key again from the Firebase console`);
    return '';
  };
  return {
    projectId: field('project_id', /^[a-z0-9.:-]{1,100}$/),
    clientEmail: field('client_email', /^\S+@\S+$/),
    privateKeyId: field('private_key_id', /^[\x21-\x7e]+$/),
    privateKey: keyOf(read, file['private_key']) as KeyObject,
    tokenUri: tokenUriOf(read, file['token_uri']),
  };
}

function keyOf(read: SettingsReader, pem: unknown): KeyObject | null {
  try {
    const key = createPrivateKey(typeof pem === 'string' ? pem : '');
    if (key.asymmetricKeyType === 'rsa') return key;
    read.problem(NAME, 'has a private_key that is not RSA: download the key again from the Firebase console');
  } catch {
    // OpenSSL's words say nothing to an operator, and could quote the key.
    read.problem(NAME, 'has no usable private_key: it must be the PEM text with its line breaks (\\n)');
  }
  return null;
}

function tokenUriOf(read: SettingsReader, value: unknown): string {
  const uri = typeof value === 'string' ? value : '';
  const problem = problemOfUrl(uri);
  if (problem !== null) read.problem(NAME, `has no usable token_uri: it ${problem}`);
  return uri;
}
