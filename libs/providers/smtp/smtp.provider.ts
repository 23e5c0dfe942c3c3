import MailComposer from 'nodemailer/lib/mail-composer';
import {
  accepted,
  failed,
  PROVIDER_API_VERSION,
  vendorIdOf,
  type FieldsContent,
  type Provider,
  type ProviderCapabilities,
  type ProviderDefinition,
  type ProviderHealth,
  type SendOutcome,
  type SendRequest,
} from '@wapas/provider-kit';
import { MAIL_ADDRESS, readSmtpConfig, smtpSettings, type SmtpConfig } from './smtp.config';
import { converse } from './smtp.conversation';
import { classify } from './smtp.errors';

/** E-mail through any SMTP server. It brings the channel `email` along: nothing else in Wapas knows of it. */
export const smtp: ProviderDefinition<SmtpConfig, FieldsContent> = {
  apiVersion: PROVIDER_API_VERSION,
  name: 'smtp',
  channel: 'email',
  opensChannel: () => ({
    name: 'email',
    addressKind: 'email',
    fields: [
      { name: 'subject', required: true, description: 'The subject line.' },
      { name: 'text', required: true, description: 'The letter, as plain text; addresses in it become links at the reader.' },
    ],
  }),
  settings: smtpSettings,
  readConfig: readSmtpConfig,
  create: (config) => new SmtpProvider(config),
};

class SmtpProvider implements Provider<FieldsContent> {
  /** Servers report bounces by letters of their own, to the sender address; nothing of that arrives here. */
  readonly capabilities: ProviderCapabilities = { resendIsSafe: false, echoesReference: false, receipts: [] };
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;

  constructor(private readonly config: SmtpConfig) {
    this.maxPerSecond = config.maxPerSecond;
    this.maxConcurrent = config.maxConcurrent;
  }

  async send(request: SendRequest<FieldsContent>): Promise<SendOutcome> {
    const { address, content } = request;
    if (address.kind !== 'email' || !MAIL_ADDRESS.test(address.value))
      return failed({ class: 'bad_address', scope: 'address', code: 'NOT_A_MAIL_ADDRESS' });
    const result = await converse(this.config, { to: address.value, raw: await this.letter(request) });
    if (result.kind === 'accepted') return accepted(queueIdIn(result.response));
    const privateStrings = [address.value, ...Object.values(content.fields), this.config.password, this.config.user];
    return failed(classify(result.error, result.messageWasStarted, privateStrings));
  }

  async health(): Promise<ProviderHealth> {
    const result = await converse(this.config);
    if (result.kind === 'accepted') return { healthy: true, detail: 'credentials accepted' };
    return { healthy: false, detail: classify(result.error, false, []).code };
  }

  private letter({ address, attemptId, content, messageId }: SendRequest<FieldsContent>): Promise<Buffer> {
    const { from, fromName } = this.config;
    return new MailComposer({
      from: fromName === undefined ? from : { name: fromName, address: from },
      to: address.value,
      // A line break in a name must not become a header.
      subject: (content.fields['subject'] ?? '').replace(/[\p{Cc}\u2028\u2029]+/gu, ' '),
      text: content.fields['text'] ?? '',
      messageId: `<${messageId}@${from.split('@')[1] ?? 'wapas.invalid'}>`,
      headers: { 'X-Wapas-Attempt': attemptId, 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
      .compile()
      .build();
  }
}

/** Most servers name the letter in their queue: `250 2.0.0 Ok: queued as 4Zx1`. */
function queueIdIn(response: string): string | undefined {
  return vendorIdOf(/\b(?:queued as|id=)\s*([\w.-]{1,128})/i.exec(response)?.[1]);
}
