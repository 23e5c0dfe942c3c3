import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  recordOf,
  parseJson,
  type AccountNews,
  type FailureMeaning,
  type InboundMessage,
  type NumberChange,
  type PreferenceNews,
  type ProviderReceipt,
  type TemplateNews,
  type VendorTemplate,
} from '@wapas/provider-kit';
import { type StubAnswer } from './vendor-stub';

/** An answer of the vendor as a fixture keeps it; the body may be JSON or, for junk, a text. */
export interface AnswerFixture {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** `accepted.json` */
export interface AcceptedFixture {
  readonly origin: string;
  readonly accepted: readonly (AnswerFixture & { readonly name: string; readonly vendorId: string })[];
  /** What the vendor answers to the health question when all is well. */
  readonly healthy: AnswerFixture;
}

/** `errors.json`: at least one case for every code of the provider's table. */
export interface ErrorsFixture {
  readonly origin: string;
  readonly errors: readonly (AnswerFixture & {
    /** The code in the table that this case proves, or '' for what is in no table. */
    readonly row: string;
    readonly name?: string;
    readonly expect: FailureMeaning & { readonly retryAfterMs?: number; readonly code?: string };
  })[];
}

/** `webhooks.json` */
export interface WebhooksFixture {
  readonly origin: string;
  readonly webhooks: readonly {
    readonly name: string;
    /** JSON is serialised; a text is sent as it is. */
    readonly body: unknown;
    readonly receipts: readonly ProviderReceipt[];
    readonly inbound?: readonly InboundMessage[];
    readonly preferences?: readonly PreferenceNews[];
    readonly numberChanges?: readonly NumberChange[];
    readonly templates?: readonly TemplateNews[];
    readonly account?: readonly AccountNews[];
    readonly unlisted?: readonly string[];
    readonly leftovers: readonly string[];
  }[];
}

/** `templates.json`, for a provider that lists its vendor's templates. */
export interface TemplatesFixture {
  readonly origin: string;
  readonly pages: readonly (AnswerFixture & {
    readonly name: string;
    readonly templates: readonly VendorTemplate[];
    readonly next?: string;
    readonly leftovers: readonly string[];
  })[];
}

/** Reads a JSON fixture and insists on its origin: a sample that came from nowhere proves nothing. A missing one fails, it does not skip. */
export function readFixture<Fixture extends { origin: string }>(folder: string, name: string): Fixture {
  const path = join(folder, name);
  const fixture = recordOf(parseJson(readFileSync(path, 'utf8')));
  if (fixture === null) throw new Error(`${path} is not a JSON object`);
  if (typeof fixture['origin'] !== 'string' || fixture['origin'].length < 10)
    throw new Error(`${path} does not say where it comes from ("origin")`);
  return fixture as Fixture;
}

export function textOfBody(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

export function answerOf({ status, headers, body }: AnswerFixture): StubAnswer {
  return { status, body: textOfBody(body), ...(headers === undefined ? {} : { headers }) };
}
