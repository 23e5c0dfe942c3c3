import {
  accepted,
  failed,
  parseJsonObject,
  PROVIDER_API_VERSION,
  standardWebhookHeaders,
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
} from '@wapas/provider-kit';
import { readWebhookConfig, webhookSettings, type WebhookConfig } from './webhook.config';
import { classify } from './webhook.errors';
import { webhookReceipts } from './webhook.receipts';

/** A team's own gateway as a channel, without code: signed JSON to an https address, signed receipts back. */
export const webhook: ProviderDefinition<WebhookConfig> = {
  apiVersion: PROVIDER_API_VERSION,
  name: 'webhook',
  channel: 'webhook',
  opensChannel: ({ channel }) => channel,
  settings: webhookSettings,
  readConfig: readWebhookConfig,
  create: (config, context) => new WebhookProvider(config, context),
};

/** Somebody else's server gets this long, and no longer. */
const CALL_MS = 5_000;

class WebhookProvider implements Provider {
  readonly capabilities: ProviderCapabilities = {
    resendIsSafe: true, // The gateway is told to take a `webhook-id` once, however often it comes.
    echoesReference: true,
    receipts: ['sent', 'delivered', 'read', 'clicked', 'replied', 'opened', 'failed'],
  };
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
  readonly receiptEndpoint: ReceiptEndpoint;

  constructor(
    private readonly config: WebhookConfig,
    private readonly context: ProviderContext,
  ) {
    this.maxPerSecond = config.maxPerSecond;
    this.maxConcurrent = config.maxConcurrent;
    this.receiptEndpoint = webhookReceipts(config, context.clock);
  }

  async send(request: SendRequest): Promise<SendOutcome> {
    const { attemptId, messageId, address, content, validForSeconds } = request;
    const { channel } = this.config;
    if (address.kind !== channel.addressKind || address.value === '')
      return failed({ class: 'bad_address', scope: 'address', code: 'OTHER_KIND_OF_ADDRESS' });
    const data = { messageId, attemptId, channel: channel.name, address, content, validForSeconds };
    const answer = await this.post(messageId, 'message.send', data);
    const id = confirmationIn(answer);
    if (id !== undefined) return accepted(id);
    const privateStrings = [address.value, ...textsIn(content), this.config.key.toString('base64')];
    return failed(classify(answer, this.context.clock.now(), privateStrings));
  }

  /** A post of the type `health`: proves address and signature, and asks for nothing to be sent. */
  async health(): Promise<ProviderHealth> {
    const answer = await this.post(`health-${this.context.clock.now()}`, 'health', {});
    if (confirmationIn(answer) !== undefined) return { healthy: true, detail: 'the gateway answered' };
    return { healthy: false, detail: classify(answer, this.context.clock.now(), []).code };
  }

  private post(id: string, type: string, data: Record<string, unknown>): Promise<HttpResult> {
    const now = this.context.clock.now();
    const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data });
    return this.context.http.request({
      method: 'POST',
      url: this.config.url,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...standardWebhookHeaders(this.config.key, id, now, body),
      },
      body,
      timeoutMs: CALL_MS,
      onlyPublic: !this.config.allowPrivate,
    });
  }
}

/** A 2xx alone comes from any proxy in between: only `{ "id": … }` says that the gateway has the message. */
function confirmationIn(answer: HttpResult): string | undefined {
  if (answer.kind !== 'response' || answer.status < 200 || answer.status > 299) return undefined;
  return vendorIdOf(parseJsonObject(answer.body)?.['id']);
}

function textsIn(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  return typeof content === 'object' && content !== null ? Object.values(content).flatMap(textsIn) : [];
}
