import { SettingsReader, type ConfigResult, type ProviderSetting } from '@wapas/provider-kit';

export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (port 465); otherwise STARTTLS, which is insisted on unless the server is near. */
  readonly isTls: boolean;
  readonly isNear: boolean;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly fromName?: string;
  readonly timeoutMs: number;
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
}

export const smtpSettings: readonly ProviderSetting[] = [
  {
    name: 'SMTP_URL',
    required: true,
    secret: true,
    description: 'smtps://user:password@host:465, or smtp://user:password@host:587 for STARTTLS; both parts percent-encoded.',
  },
  { name: 'SMTP_FROM', required: true, secret: false, description: 'The sender address, as its domain allows (SPF, DKIM).' },
  { name: 'SMTP_FROM_NAME', required: false, secret: false, description: 'The name beside the sender address.' },
  {
    name: 'SMTP_TIMEOUT_SECONDS',
    required: false,
    secret: false,
    description: 'Deadline of one message, 1 to 10; 10 when absent.',
  },
  { name: 'SMTP_MAX_PER_SECOND', required: false, secret: false, description: 'Messages per second; 10 when absent.' },
  { name: 'SMTP_MAX_CONCURRENT', required: false, secret: false, description: 'Connections open at once; 10 when absent.' },
];

/** One address, no name, no second one: what it may not hold would become another header or recipient. */
export const MAIL_ADDRESS = /^[^\s@<>(),;:"\\[\]]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

export function readSmtpConfig(settings: Readonly<Record<string, string | undefined>>): ConfigResult<SmtpConfig> {
  const read = new SettingsReader(settings);
  const server = serverOf(read);
  const from = read.required('SMTP_FROM', 'give the sender address, such as orders@shop.example');
  if (from !== '' && !MAIL_ADDRESS.test(from))
    read.problem('SMTP_FROM', 'must be one plain address, such as orders@shop.example');
  const fromName = read.optional('SMTP_FROM_NAME');
  if (fromName !== undefined && /[\p{Cc}<>"]/u.test(fromName)) read.problem('SMTP_FROM_NAME', 'must be plain words');
  const timeoutMs = read.whole('SMTP_TIMEOUT_SECONDS', 10, 10) * 1_000;
  const maxPerSecond = read.whole('SMTP_MAX_PER_SECOND', 10, 10_000);
  const maxConcurrent = read.whole('SMTP_MAX_CONCURRENT', 10, 1_000);
  return read.result(() => ({
    ...server,
    from,
    ...(fromName === undefined ? {} : { fromName }),
    timeoutMs,
    maxPerSecond,
    maxConcurrent,
  }));
}

type Server = Pick<SmtpConfig, 'host' | 'port' | 'isTls' | 'isNear' | 'user' | 'password'>;

function serverOf(read: SettingsReader): Server {
  const nothing: Server = { host: '', port: 0, isTls: true, isNear: false, user: '', password: '' };
  const text = read.required('SMTP_URL', 'give smtps://user:password@host:465, or smtp://… with port 587');
  if (text === '') return nothing;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    read.problem('SMTP_URL', 'must look like smtps://user:password@host:465 or smtp://user:password@host:587');
    return nothing;
  }
  const isTls = url.protocol === 'smtps:';
  const isNear = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|[a-z0-9_-]+)$/i.test(url.hostname);
  const credentials = decoded(url.username, url.password);
  if (credentials === null) read.problem('SMTP_URL', 'has a user or password that is not percent-encoded properly');
  const [user = '', password = ''] = credentials ?? [];
  if ((user === '') !== (password === '')) read.problem('SMTP_URL', 'has a user without password, or a password without user');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isTls ? 465 : 587),
    isTls,
    isNear,
    user,
    password,
  };
}

function decoded(...parts: string[]): string[] | null {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return null; // A lone % in a password; the caller says so without quoting it.
  }
}
