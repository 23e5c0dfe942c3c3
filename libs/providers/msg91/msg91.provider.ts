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
  type SmsContent,
} from '@wapas/provider-kit';
import { msg91Settings, readMsg91Config, type Msg91Config } from './msg91.config';
import { classify, isDuplicate, isRefusal } from './msg91.errors';
import { msg91Receipts } from './msg91.receipts';

/** DLT-registered SMS in India through MSG91's flow API. */
export const msg91: ProviderDefinition<Msg91Config, SmsContent> = {
  apiVersion: PROVIDER_API_VERSION,
  name: 'msg91',
  channel: 'sms',
  settings: msg91Settings,
  readConfig: readMsg91Config,
  create: (config, context) => new Msg91Provider(config, context),
};

class Msg91Provider implements Provider<SmsContent> {
  readonly capabilities: ProviderCapabilities;
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
  readonly receiptEndpoint: ReceiptEndpoint;
  private readonly url: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly config: Msg91Config,
    private readonly context: ProviderContext,
  ) {
    this.capabilities = { resendIsSafe: false, echoesReference: config.echoesReference, receipts: ['delivered', 'failed'] };
    this.maxPerSecond = config.maxPerSecond;
    this.maxConcurrent = config.maxConcurrent;
    this.receiptEndpoint = msg91Receipts(config);
    this.url = `${config.baseUrl}/api/v5/flow`;
    this.headers = { authkey: config.authKey, 'content-type': 'application/json', accept: 'application/json' };
  }

  async send(request: SendRequest<SmsContent>): Promise<SendOutcome> {
    const { address, content } = request;
    if (address.kind !== 'phone' || !/^\+?\d{7,15}$/.test(address.value)) {
      return failed({ class: 'bad_address', scope: 'address', code: 'NOT_A_PHONE_NUMBER' });
    }
    if (Object.keys(content.variables).some((name) => name === 'mobiles' || name === 'CRQID')) {
      return failed({ class: 'bad_content', scope: 'template', code: 'RESERVED_VARIABLE' });
    }
    const answer = await this.post(flowRequest(request));
    const requestId = requestIdIn(answer);
    if (requestId !== undefined) return accepted(requestId);
    if (isDuplicate(answer)) return accepted();
    const privateStrings = [
      this.config.authKey,
      address.value,
      address.value.replace('+', ''),
      ...Object.values(content.variables),
    ];
    return failed(classify(answer, this.context.clock.now(), privateStrings));
  }

  /** A flow request to nobody: MSG91 looks at the key first, and there is no recipient to send to. */
  async health(): Promise<ProviderHealth> {
    const answer = await this.post({ template_id: '', recipients: [] });
    if (requestIdIn(answer) !== undefined) return { healthy: true, detail: 'credentials accepted' };
    const { class: meaning, code } = classify(answer, this.context.clock.now(), [this.config.authKey]);
    // A complaint about the missing template or recipient comes after the key was looked at.
    const isAboutTheRequest = meaning === 'bad_content' || meaning === 'bad_address' || meaning === 'refused';
    return { healthy: isRefusal(answer) && isAboutTheRequest, detail: code };
  }

  private post(body: Record<string, unknown>): Promise<HttpResult> {
    return this.context.http.request({ method: 'POST', url: this.url, headers: this.headers, body: JSON.stringify(body) });
  }
}

/** One recipient per request: the request id covers the whole request, and reports come by request id. */
function flowRequest({ attemptId, address, content }: SendRequest<SmsContent>): Record<string, unknown> {
  return {
    template_id: content.template,
    short_url: '0', // Our own links are short, and only our domain is on the DLT white list.
    realTimeResponse: '1',
    recipients: [{ ...content.variables, mobiles: address.value.replace('+', ''), CRQID: attemptId }],
  };
}

/** `type` decides, not the HTTP status: on success `message` is the request id, on failure the error's text. */
function requestIdIn(answer: HttpResult): string | undefined {
  if (answer.kind !== 'response') return undefined;
  const body = parseJsonObject(answer.body);
  return body?.['type'] === 'success' ? vendorIdOf(body['message']) : undefined;
}
