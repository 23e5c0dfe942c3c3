import {
  type Address,
  type Content,
  type ErrorTable,
  type HttpClient,
  type Provider,
  type ProviderDefinition,
  type RawWebhook,
  type SendRequest,
} from '@wapas/provider-kit';
// By its place and not by name: the packed kit carries the client that the application sends with.
import { createHttpClient } from '../egress';
import { type WebhookProof } from './adversity';
import {
  answerOf,
  readFixture,
  type AcceptedFixture,
  type AnswerFixture,
  type ErrorsFixture,
  type WebhooksFixture,
} from './fixtures';
import { httpLine, type VendorLine } from './vendor-line';
import { startVendorStub, type ReceivedRequest, type StubAnswer, type VendorStub } from './vendor-stub';

/** A provider and what the kit cannot know about it. */
export interface ProviderUnderTest<Config, C extends Content> {
  readonly definition: ProviderDefinition<Config, C>;
  /** The folder with `accepted.json`, `errors.json` and, for a provider with receipts, `webhooks.json`. */
  readonly fixtures: string;
  /**
   * Complete and valid. `vendorUrl` takes the messages; `helperUrl` answers always, for what comes before (a token service). `deadlineMs` is
   * for a provider that does not speak HTTP and reads its deadline from its settings: short where the vendor is silent, else ten seconds.
   */
  settings(vendorUrl: string, helperUrl: string, deadlineMs: number): Record<string, string>;
  /** Routes of the helper that always answer. */
  readonly helpers?: readonly { readonly path: string; readonly answer: StubAnswer }[];
  readonly address: Address;
  readonly content: C;
  /** Further texts that must not get out: an access token, a private key. */
  readonly privateTexts?: readonly string[];
  /** The provider's error table for sends. */
  readonly errorTable: ErrorTable;
  /** The table of failures that only receipts tell; each row needs a sample in `webhooks.json`. */
  readonly reportTable?: ErrorTable;
  /** For a vendor that does not speak HTTP. */
  readonly line?: VendorLine;
  /** An error whose words are these: vendors like to quote what they were sent. */
  quoting(words: string): AnswerFixture;
  /** Looks at the request that the vendor received; throws when something is wrong with it. */
  checkRequest(received: ReceivedRequest, sent: SendRequest<C>): void;
  /** For a provider with receipts. */
  readonly webhooks?: {
    readonly proof: WebhookProof;
    /** The webhook as the vendor would send it, with valid proof. */
    authentic(rawBody: Buffer): RawWebhook;
  };
}

const DEADLINE_MS = 10_000;

/** The stub, the client that the application uses too, and the provider made from them. */
export class Bench<Config, C extends Content> {
  vendor!: VendorStub;
  readonly logged: unknown[] = [];
  private http!: HttpClient & { close(): Promise<void> };
  private helper!: VendorStub;

  constructor(private readonly subject: ProviderUnderTest<Config, C>) {}

  get line(): VendorLine {
    return this.subject.line ?? httpLine;
  }

  async start(): Promise<void> {
    this.vendor = await this.line.start();
    this.helper = await startVendorStub();
    for (const { path, answer } of this.subject.helpers ?? []) this.helper.fixed(path, answer);
    this.http = createHttpClient({ connectionsPerOrigin: 100 });
  }

  async stop(): Promise<void> {
    await this.http.close();
    await this.vendor.close();
    await this.helper.close();
  }

  provider(vendorUrl = this.vendor.url, deadlineMs = DEADLINE_MS): Provider<C> {
    const config = this.config(vendorUrl, deadlineMs);
    const http: HttpClient = {
      request: (request) => this.http.request({ ...request, timeoutMs: Math.min(request.timeoutMs ?? deadlineMs, deadlineMs) }),
    };
    const log = { info: this.keep, warn: this.keep };
    return this.subject.definition.create(config, { http, clock: { now: () => Date.now() }, log });
  }

  /** As the provider reads it from its complete settings. */
  config(vendorUrl = this.vendor.url, deadlineMs = DEADLINE_MS): Config {
    const result = this.subject.definition.readConfig(this.subject.settings(vendorUrl, this.helper.url, deadlineMs));
    if (!result.ok) throw new Error(result.problems.join('\n'));
    return result.config;
  }

  /** A provider whose calls wait for a connection until their deadline: not a byte of them is written. */
  providerWithoutConnection(): Provider<C> {
    const config = this.config();
    const http: HttpClient = {
      request: async (request) =>
        request.url.startsWith(this.helper.url)
          ? this.http.request(request)
          : { kind: 'failure', stage: 'before_send', code: 'DEADLINE_IN_QUEUE' },
    };
    return this.subject.definition.create(config, {
      http,
      clock: { now: () => Date.now() },
      log: { info: this.keep, warn: this.keep },
    });
  }

  /** Whatever comes before the first message (a token) is done. */
  async warmUp(provider: Provider<C>): Promise<void> {
    this.vendor.answer(answerOf(this.accepted().accepted[0] as AnswerFixture));
    await provider.send(this.request());
    this.vendor.forget();
  }

  request(suffix = 'one'): SendRequest<C> {
    const { address, content } = this.subject;
    return { attemptId: `attempt-${suffix}`, messageId: `message-${suffix}`, address, content, validForSeconds: 780 };
  }

  async sendTo(answer: StubAnswer) {
    this.vendor.forget();
    this.vendor.answer(answer);
    const provider = this.provider();
    const sent = this.request();
    const outcome = await provider.send(sent);
    return { outcome, sent, provider, received: this.vendor.received };
  }

  settings(): Record<string, string> {
    return this.subject.settings(this.vendor.url, this.helper.url, DEADLINE_MS);
  }

  secretSettings(): Record<string, string> {
    const secret = new Set(this.subject.definition.settings.filter((setting) => setting.secret).map(({ name }) => name));
    return Object.fromEntries(Object.entries(this.settings()).filter(([name]) => secret.has(name)));
  }

  secretValues(): string[] {
    return Object.values(this.secretSettings());
  }

  accepted = (): AcceptedFixture => readFixture(this.subject.fixtures, 'accepted.json');
  errors = (): ErrorsFixture => readFixture(this.subject.fixtures, 'errors.json');
  webhooks = (): WebhooksFixture => readFixture(this.subject.fixtures, 'webhooks.json');

  private keep = (fact: string, fields?: Readonly<Record<string, string | number>>): void => {
    this.logged.push([fact, fields]);
  };
}
