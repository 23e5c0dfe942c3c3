import {
  accepted,
  failed,
  parseJsonObject,
  PROVIDER_API_VERSION,
  vendorIdOf,
  type HttpResult,
  type Provider,
  type ProviderContext,
  type ProviderDefinition,
  type ProviderHealth,
  type PushContent,
  type SendOutcome,
  type SendRequest,
} from '@wapas/provider-kit';
import { accessTokens, type AccessTokens, type TokenResult } from './access-token';
import { fcmSettings, readFcmConfig, type FcmConfig } from './fcm.config';
import { classify, isStaleAccessToken } from './fcm.errors';
import { faultOfContent, messageOf } from './fcm.message';

/** Push through Firebase Cloud Messaging, HTTP v1. FCM reports nothing back: the app tells us of opens. */
export const fcm: ProviderDefinition<FcmConfig, PushContent> = {
  apiVersion: PROVIDER_API_VERSION,
  name: 'fcm',
  channel: 'push',
  settings: fcmSettings,
  readConfig: readFcmConfig,
  create: (config, context) => new FcmProvider(config, context),
};

const CALL_MS = 10_000;

class FcmProvider implements Provider<PushContent> {
  readonly capabilities = { resendIsSafe: true, echoesReference: false, receipts: [] };
  readonly maxPerSecond: number;
  readonly maxConcurrent: number;
  private readonly url: string;
  private readonly tokens: AccessTokens;

  constructor(
    config: FcmConfig,
    private readonly context: ProviderContext,
  ) {
    this.maxPerSecond = config.maxPerSecond;
    this.maxConcurrent = config.maxConcurrent;
    this.url = `${config.baseUrl}/v1/projects/${config.account.projectId}/messages:send`;
    this.tokens = accessTokens(config.account, context);
  }

  async send(request: SendRequest<PushContent>): Promise<SendOutcome> {
    const { address, content } = request;
    if (address.kind !== 'push_token' || address.value === '') {
      return failed({ class: 'bad_address', scope: 'address', code: 'NOT_A_PUSH_TOKEN' });
    }
    const fault = faultOfContent(request);
    if (fault !== null) return failed({ class: 'bad_content', scope: 'message', ...fault });

    const body = JSON.stringify({ message: messageOf(request, this.context.clock.now()) });
    const { answer, token } = await this.post(body);
    if (!token.ok) return failed(token.failure);
    const name = nameOf(answer);
    if (name !== undefined) return accepted(name);
    const privateStrings = [
      address.value,
      token.token,
      content.title,
      content.body,
      content.deepLink ?? '',
      ...Object.values(content.data ?? {}),
    ];
    return failed(classify(answer, this.context.clock.now(), privateStrings));
  }

  /** A dry run to a topic: proves key, role and project, and reaches nobody. */
  async health(): Promise<ProviderHealth> {
    const body = JSON.stringify({ validateOnly: true, message: { topic: 'wapas-health', data: { wapas: 'health' } } });
    const { answer, token } = await this.post(body);
    if (!token.ok) return { healthy: false, detail: `no access token: ${token.failure.code}` };
    if (nameOf(answer) !== undefined) return { healthy: true, detail: 'credentials accepted' };
    const failure = classify(answer, this.context.clock.now(), [token.token]);
    // A complaint about the message comes after the credentials were looked at.
    return { healthy: failure.class === 'bad_content' || failure.class === 'bad_address', detail: failure.code };
  }

  /**
   * One call with a token; on a 401 once more with a new one, since a call without valid credentials was provably not
   * accepted. Token, first and second call share one deadline.
   */
  private async post(body: string): Promise<{ answer: HttpResult; token: TokenResult }> {
    const deadline = this.context.clock.now() + CALL_MS;
    const first = await this.postOnce(body, deadline);
    if (!first.token.ok || !isStaleAccessToken(first.answer)) return first;
    this.context.log.info('fcm access token refused, renewing once');
    const second = await this.postOnce(body, deadline, first.token.token);
    // Without a new token the first answer stands: it says exactly what is wrong.
    return second.token.ok ? second : first;
  }

  private async postOnce(body: string, deadline: number, refused?: string): Promise<{ answer: HttpResult; token: TokenResult }> {
    const token = await this.tokens.get(this.left(deadline), refused);
    const timeoutMs = this.left(deadline);
    if (!token.ok || timeoutMs <= 1) return { answer: NOT_SENT, token };
    const headers = { authorization: `Bearer ${token.token}`, 'content-type': 'application/json' };
    return { answer: await this.context.http.request({ method: 'POST', url: this.url, headers, body, timeoutMs }), token };
  }

  private left(deadline: number): number {
    return Math.max(1, deadline - this.context.clock.now());
  }
}

const NOT_SENT: HttpResult = { kind: 'failure', stage: 'before_send', code: 'DEADLINE_BEFORE_SEND' };

/** `projects/<project>/messages/<id>`: the only thing FCM says when it takes a message. */
function nameOf(answer: HttpResult): string | undefined {
  return answer.kind === 'response' && answer.status === 200 ? vendorIdOf(parseJsonObject(answer.body)?.['name']) : undefined;
}
