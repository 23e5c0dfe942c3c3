import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const ABOUT = `Post what happened. Wapas brings the customer back on a strict timeline and is silent the moment they have paid.

A field that may be left out takes null only where it says so.

Errors are RFC 9457 problem bodies; branch on \`code\`. What may happen anywhere is not listed at each operation: 404 where an address is
longer than anything's name, 405 with \`Allow\`, 408, 413, 415, 422 \`nul_character\`, 431, and 500 where something unforeseen happened
on our side.`;

/** Groups of operations in the order in which somebody new meets them, each with what it is for. */
const GROUPS: Readonly<Record<string, string>> = {
  Ingestion: 'Post what happened, or let a gateway post it. A 2xx means committed.',
  'Segment-compatible':
    'For apps and backends with a Segment or RudderStack SDK: its host is this server, its write key an API key.',
  Sources: 'Webhooks of any other system, by a signature recipe and a mapping.',
  Quarantine: 'What was signed and could not be used, and how to have it read again.',
  'Event schemas': 'The names that events have, and what events of a name must hold.',
  'Derived events': 'Events that follow from silence: a cart that nobody came back to.',
  People: 'Who is known, and by what they are reached.',
  Consent: 'What people agreed to and took back, at any moment.',
  Rights: 'What is known of somebody, and forgetting it.',
  Journeys: 'Draft, try, publish, raise, pause and archive.',
  Timelines: 'What happened to this customer, and why.',
  Replays: 'Live a period once more: as it was, or as a draft would have it.',
  Templates: 'Texts in each language, what vendors hold of them, and what they would cost.',
  Providers: 'Through whom messages go out, and what is shut just now.',
  Receipts: 'What vendors and apps report of messages.',
  Links: 'Short links and the pay page.',
  Analytics: 'What it was worth, against the holdout, and what it cost.',
  Webhooks: 'What your own systems are told.',
  Operations: 'Stop, cap, hold; and who did so.',
  Access: 'API keys.',
  Health: 'Is it able to serve, and what should a person look at?',
};

/** Puts Swagger at /docs and the document at /openapi.json. */
export function installDocs(app: INestApplication): void {
  const builder = new DocumentBuilder()
    .setTitle('Wapas')
    .setDescription(ABOUT)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key. `npm run key` makes the first one.' })
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'For the Segment-compatible routes: the API key as user name.' });
  for (const [name, about] of Object.entries(GROUPS)) builder.addTag(name, about);
  const document = builder.build();
  SwaggerModule.setup('docs', app, () => withNullsAmongWords(SwaggerModule.createDocument(app, document)), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Wapas API',
    swaggerOptions: { persistAuthorization: false },
  });
}

/**
 * A list of words that may be null has to name null itself, or a client that checks refuses what we answer
 * (spec.openapis.org/oas/v3.0.3, proposal "Clarify Semantics of nullable", read 2026-11-28). Nest leaves it out.
 */
function withNullsAmongWords(document: OpenAPIObject): OpenAPIObject {
  visit(document.components?.schemas);
  return document;
}

function visit(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as { nullable?: unknown; enum?: unknown[] };
  // A new list: the old one may be the very list that requests are checked by.
  if (schema.nullable === true && Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum = [...schema.enum, null];
  Object.values(part).forEach(visit);
}
