import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

const ABOUT = `Post what happened. Wapas brings the customer back on a strict timeline and is silent the moment they have paid.

Errors are RFC 9457 problem bodies; branch on \`code\`. What may happen anywhere is not listed at each operation: 405 with \`Allow\`,
408, 413, 415, 431, and 500 where something unforeseen happened on our side.`;

/** Puts Swagger at /docs and the document at /openapi.json. */
export function installDocs(app: INestApplication): void {
  const document = new DocumentBuilder()
    .setTitle('Wapas')
    .setDescription(ABOUT)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key. `npm run key` makes the first one.' })
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'For the Segment-compatible routes: the API key as user name.' })
    .build();
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
