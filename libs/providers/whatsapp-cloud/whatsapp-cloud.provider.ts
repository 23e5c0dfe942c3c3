import {
  accepted,
  failed,
  parseJsonObject,
  PROVIDER_API_VERSION,
  vendorIdOf,
  type HttpResult,
  type Provider,
  type ProviderCapabilities,
  type ProviderContext,
  type ProviderDefinition,
  type ProviderHealth,
  type ReceiptEndpoint,
  type SendOutcome,
  type SendRequest,
  type TemplateLibrary,
  type WhatsAppContent,
} from '@wapas/provider-kit';
import { readWhatsAppCloudConfig, whatsAppCloudSettings, type WhatsAppCloudConfig } from './whatsapp-cloud.config';
import { mostPeopleIn } from './whatsapp-cloud.account';
import { classify } from './whatsapp-cloud.errors';
import { messageOf } from './whatsapp-cloud.message';
import { whatsAppReceipts } from './whatsapp-cloud.receipts';
import { whatsAppTemplates } from './whatsapp-cloud.templates';

/** Approved templates through Meta's WhatsApp Cloud API. */
export const whatsAppCloud: ProviderDefinition<WhatsAppCloudConfig, WhatsAppContent> = {
  apiVersion: PROVIDER_API_VERSION,
  name: 'whatsapp-cloud',
  channel: 'whatsapp',
  settings: whatsAppCloudSettings,
  readConfig: readWhatsAppCloudConfig,
  create: (config, context) => new WhatsAppCloudProvider(config, context),
};

class WhatsAppCloudProvider implements Provider<WhatsAppContent> {
  readonly capabilities: ProviderCapabilities = {
    resendIsSafe: false, // No idempotency key exists: a second call is a second message.
    echoesReference: true,
    receipts: ['sent', 'delivered', 'read', 'replied', 'failed'],
  };
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
  readonly perPersonEveryMs: number;
  readonly receiptEndpoint: ReceiptEndpoint;
  readonly templateLibrary?: TemplateLibrary;
  private readonly numberUrl: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly config: WhatsAppCloudConfig,
    private readonly context: ProviderContext,
  ) {
    this.maxPerSecond = config.maxPerSecond;
    this.maxConcurrent = config.maxConcurrent;
    this.perPersonEveryMs = config.pairEveryMs;
    this.receiptEndpoint = whatsAppReceipts(config);
    this.templateLibrary = whatsAppTemplates(config, context);
    this.numberUrl = `${config.baseUrl}/${config.apiVersion}/${config.phoneNumberId}`;
    this.headers = { authorization: `Bearer ${config.accessToken}`, 'content-type': 'application/json' };
  }

  async send(request: SendRequest<WhatsAppContent>): Promise<SendOutcome> {
    const { address, content } = request;
    if (address.kind !== 'phone' || !/^\+?\d{7,15}$/.test(address.value)) {
      return failed({ class: 'bad_address', scope: 'address', code: 'NOT_A_PHONE_NUMBER' });
    }
    const message = messageOf(request);
    if (!message.ok) return failed({ class: 'bad_content', scope: 'message', code: message.code });

    const body = JSON.stringify(message.body);
    const answer = await this.context.http.request({
      method: 'POST',
      url: `${this.numberUrl}/messages`,
      headers: this.headers,
      body,
    });
    const taken = messageIn(answer);
    if (taken === null) {
      const privateStrings = [
        this.config.accessToken,
        address.value,
        address.value.replace('+', ''),
        ...content.body,
        content.buttonSuffix ?? '',
      ];
      return failed(classify(answer, this.context.clock.now(), privateStrings));
    }
    return outcomeOf(taken);
  }

  /** The portfolio's limit, which all of its numbers share. developers.facebook.com, WhatsApp, messaging limits, read 2026-11-28 */
  async mostPeoplePerDay(): Promise<number | null | undefined> {
    const field = 'whatsapp_business_manager_messaging_limit';
    const answer = await this.context.http.request({
      method: 'GET',
      url: `${this.numberUrl}?fields=${field}`,
      headers: this.headers,
    });
    if (answer.kind !== 'response' || answer.status !== 200) return undefined;
    return mostPeopleIn(parseJsonObject(answer.body)?.[field]);
  }

  async health(): Promise<ProviderHealth> {
    const answer = await this.context.http.request({ method: 'GET', url: `${this.numberUrl}?fields=id`, headers: this.headers });
    if (answer.kind === 'response' && answer.status === 200 && parseJsonObject(answer.body)?.['id'] !== undefined) {
      return { healthy: true, detail: 'credentials accepted' };
    }
    const failure = classify(answer, this.context.clock.now(), [this.config.accessToken]);
    return { healthy: false, detail: failure.code };
  }
}

interface TakenMessage {
  readonly id: string;
  readonly status: unknown;
}

function messageIn(answer: HttpResult): TakenMessage | null {
  if (answer.kind !== 'response' || answer.status !== 200) return null;
  const messages = parseJsonObject(answer.body)?.['messages'];
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  if (typeof first !== 'object' || first === null) return null;
  const id = vendorIdOf('id' in first ? first.id : undefined);
  return id === undefined ? null : { id, status: 'message_status' in first ? first.message_status : undefined };
}

/**
 * 200 means accepted, not sent: most failures come later as a status. `held_for_quality_assessment` is accepted as well,
 * it is sent or dropped within the hour. `paused` says the template is paused while the message has an id: a status with
 * our reference will tell, and until then nobody may send it again.
 */
function outcomeOf(message: TakenMessage): SendOutcome {
  if (message.status === 'paused') return failed({ class: 'unknown_outcome', scope: 'template', code: 'paused' });
  return accepted(message.id);
}
