import { createHmac } from 'node:crypto';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { minutes } from '@wapas/kernel';
import { type OpenApi, type Operation, type Parameter, type Schema } from '../support/openapi';
import { until, World } from '../support/world';

interface Id {
  readonly id: string;
}
/**
 * What an example cannot do by itself, and why: it names something secret or signed. Everything else that is documented
 * is asked as it stands, with the ids of things that are really there, and must be answered with a 2xx.
 */
const CANNOT: Readonly<Record<string, [status: number, why: string]>> = {
  'POST /webhooks/sources/{source}': [401, 'only the source can sign'],
  'GET /webhooks/providers/{provider}': [403, 'only the vendor knows the verify token'],
  'POST /webhooks/providers/{provider}': [401, 'only the vendor can sign'],
  'POST /webhooks/providers/{provider}/{token}': [401, 'only the vendor knows the address'],
  'POST /v1/push/opened': [404, 'no push was sent'],
  'GET /preferences/{token}': [404, 'the link is signed'],
  'POST /preferences/{token}': [404, 'the link is signed'],
  'POST /v1/templates/sync?provider=whatsapp-cloud': [404, 'its account is not set up here'],
  'GET /SHOPIN/{token}': [404, 'no such link was sent'],
  'GET /SHOPIN/{token}/status': [404, 'no such link was sent'],
  'POST /SHOPIN/{token}/upi': [404, 'no such link was sent'],
  'POST /SHOPIN/{token}/link': [404, 'no such link was sent'],
  'POST /v1/replays/{id}/cancel': [409, 'it is over'],
  'DELETE /v1/sources/{name}/secrets/{id}': [404, 'the source was set up anew, with other secrets'],
};
/** Operations of which one parameter alone is given. */
const ONE_PARAMETER = new Set(['GET /v1/people']);
/** Cursors are given by the page before. */
const GIVEN_BY_A_PAGE = new Set(['cursor']);
const TEST_KEY = new Set(['POST /v1/templates/test-send']);

let world: World;
let spec: OpenApi;
let checks: Ajv;
let key: string;
let testKey: string;
/** Ids of things that are there, for the ids in the examples, by the beginning of the path. */
const real: { under: string; name: string; id: string }[] = [];

beforeAll(async () => {
  world = await World.start({
    env: {
      CLOUDEVENTS_SECRET: 'a-secret-of-some-length',
      // The header of the documented SMS template: links under another one are refused, and long ones too.
      WAPAS_LINK_HEADER: 'SHOPIN',
      WAPAS_LINK_URL: 'https://w.example',
    },
  });
  spec = (await (await fetch(`${world.url}/openapi.json`)).json()) as OpenApi;
  checks = new Ajv({ strict: false, allErrors: true });
  addFormats(checks);
  checks.addSchema({ $id: 'api', components: asJsonSchema(spec.components) });
  key = await world.key(['admin']);
  testKey = await world.key(['admin'], true);
  await makeWhatExamplesName();
});
afterAll(() => world?.stop());

interface Asked {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly type?: string;
  readonly body?: unknown;
  readonly headers: Record<string, string>;
  readonly operation: Operation;
}

test('every documented example is answered as documented, in a body that is as documented', async () => {
  const wrong: string[] = [];
  const asked = examples();
  for (const one of asked) for (const complaint of await complaintsOf(one)) wrong.push(`${one.name}${one.query}: ${complaint}`);
  expect(wrong).toEqual([]);
  expect(asked.length).toBeGreaterThan(130);
});

async function complaintsOf({ name, method, path, query, type, body, headers, operation }: Asked): Promise<string[]> {
  const response = await fetch(`${world.url}${path}${query}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${TEST_KEY.has(name) ? testKey : key}`,
      ...headers,
      ...(type ? { 'content-type': type } : {}),
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : encoded(body, type),
  });
  const { status } = response;
  const text = await response.text();
  const contentType = (response.headers.get('content-type') ?? '').split(';')[0] as string;
  const expected = (CANNOT[`${name}${query}`] ?? CANNOT[name])?.[0];
  if (expected === undefined ? status < 200 || status >= 400 : status !== expected) return [`${status} ${text.slice(0, 300)}`];
  const documented = operation.responses[status];
  if (!documented) return [`${status} is not documented`];
  if (text === '') return [];
  const schema = documented.content?.[contentType]?.schema;
  if (!schema) return [`${status} answers ${contentType}, which is not documented`];
  if (!contentType.endsWith('json')) return [];
  const value: unknown = JSON.parse(text);
  const isAsDocumented = checkOf(schema);
  if (!isAsDocumented(value)) return [checks.errorsText(isAsDocumented.errors)];
  return undocumentedIn(schema, value, '').map((at) => `${at} is not documented`);
}

const checkOf = (schema: Schema): ValidateFunction => checks.compile(asJsonSchema(schema) as object);

const encoded = (body: unknown, type = ''): string =>
  type === 'application/x-www-form-urlencoded'
    ? new URLSearchParams(body as Record<string, string>).toString()
    : JSON.stringify(body);

/** First what makes things, last what uses them up or takes them away. */
function examples(): Asked[] {
  const methods = ['PUT', 'POST', 'PATCH', 'GET', 'OPTIONS', 'DELETE'];
  const late = ['POST /v1/journeys/{key}/versions', 'POST /v1/people/{id}/erasure', 'GET /v1/people/{id}/erasure'];
  const last = 'POST /v1/journeys/{key}/archive';
  const order = ({ name, method, path }: Asked): number => {
    if (method === 'DELETE') return 2_000 - path.length; // The secret of a source goes before the source.
    return name === last ? 1_000 : late.includes(name) ? 100 + late.indexOf(name) : methods.indexOf(method);
  };
  return Object.entries(spec.paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, operation]) => asksOf(method.toUpperCase(), path, operation)),
    )
    .sort((a, b) => order(a) - order(b));
}

function asksOf(method: string, template: string, operation: Operation): Asked[] {
  const { parameters = [], requestBody } = operation;
  const name = `${method} ${template}`;
  const path = template.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    const there = real.find((one) => one.name === parameter && template.startsWith(one.under));
    return encodeURIComponent(there?.id ?? String(valueOf(parameters.find((one) => one.name === parameter))));
  });
  const inQuery = parameters.filter((one) => one.in === 'query' && !GIVEN_BY_A_PAGE.has(one.name) && valueOf(one) !== undefined);
  const required = inQuery.filter((one) => one.required);
  // What is taken away is gone.
  const asks = ONE_PARAMETER.has(name) ? inQuery.map((one) => [one]) : method === 'DELETE' ? [inQuery] : [required, inQuery];
  const queries = [...new Set(asks.map((some) => queryOf(template, some)))];
  const headers = Object.fromEntries(
    parameters.filter((one) => one.in === 'header').map((one) => [one.name, String(valueOf(one))]),
  );
  const bodies = Object.entries(requestBody?.content ?? {}).flatMap(([type, content]) =>
    content?.examples
      ? Object.values(content.examples).map(({ value }) => ({ type, body: value }))
      : [{ type, body: exampleOf(content?.schema as Schema) }],
  );
  return queries.flatMap((query) =>
    (bodies.length > 0 ? bodies : [{}]).map((body) => ({ name, method, path, query, headers, operation, ...body })),
  );
}

function queryOf(template: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const there = (name: string) => real.find((one) => one.name === name && template.startsWith(one.under))?.id;
  return `?${parameters.map((one) => `${one.name}=${encodeURIComponent(there(one.name) ?? String(valueOf(one)))}`).join('&')}`;
}

const valueOf = (parameter: Parameter | undefined): unknown =>
  parameter?.example ?? parameter?.schema?.example ?? parameter?.schema?.enum?.[0];

function exampleOf(given: Schema): unknown {
  if (given.example !== undefined) return given.example;
  const schema = resolved(given);
  if (schema.example !== undefined) return schema.example;
  if (schema.items) return [exampleOf(schema.items)];
  if (schema.properties)
    return Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, exampleOf(field)]));
  return schema.enum?.[0];
}

function resolved({ $ref, ...own }: Schema): Schema {
  if ($ref !== undefined) return spec.components.schemas[$ref.slice('#/components/schemas/'.length)] as Schema;
  if (!own.allOf) return own;
  return { ...own, properties: Object.assign({}, ...own.allOf.map((part) => resolved(part).properties)) as Schema['properties'] };
}

/** Fields of an answer of which the documentation says nothing. */
function undocumentedIn(given: Schema | undefined, value: unknown, at: string): string[] {
  if (!given || typeof value !== 'object' || value === null) return [];
  const { items, properties, additionalProperties } = resolved(given);
  if (Array.isArray(value)) return value.slice(0, 5).flatMap((one) => undocumentedIn(items, one, `${at}/*`));
  if (!properties || additionalProperties) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    Object.hasOwn(properties, name) ? undocumentedIn(properties[name], field, `${at}/${name}`) : [`${at}/${name}`],
  );
}

/** OpenAPI 3.0 as JSON Schema: what is nullable may be null, also where it refers to another schema. */
function asJsonSchema(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(asJsonSchema);
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([name, value]): [string, unknown] =>
    name === '$ref' ? [name, `api${String(value)}`] : [name, name === 'example' ? value : asJsonSchema(value)],
  );
  const { nullable, ...schema } = Object.fromEntries(entries);
  if (nullable !== true) return schema;
  return 'type' in schema && !('allOf' in schema)
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] };
}

async function api<Answer = { id: string }>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${world.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${path.endsWith('/test-send') ? testKey : key}`,
      ...(body === undefined ? {} : { 'content-type': path.endsWith('/imports') ? 'text/csv' : 'application/json' }),
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Answer;
}

/** The documented body of an operation. */
const documentedBody = (path: string, method = 'post'): unknown =>
  asksOf(method, path, spec.paths[path]?.[method] as Operation)[0]?.body;

/** The examples of some operations need what others make. Everything is made from documented examples, too. */
async function makeWhatExamplesName(): Promise<void> {
  const there = (under: string, id: string | undefined, name = 'id'): void => {
    if (id === undefined) throw new Error(`There is nothing under ${under}.`);
    real.push({ under, name, id });
  };
  await world.moveTo(minutes(3)); // The documented event happens at 11:02.
  await api('POST', '/v1/events', documentedBody('/v1/events'));
  await world.settled();
  await until(async () => (await world.runs()).length > 0, 'the run of the documented event');
  there('/v1/people', (await api<{ people: Id[] }>('GET', '/v1/people?customerId=cust_8812')).people[0]?.id);
  there('/v1/runs', (await world.runs())[0]?.id);

  const definition = documentedBody('/v1/sources/{name}', 'put');
  there('/v1/sources', (await api<{ secrets: Id[] }>('PUT', '/v1/sources/travel-desk', definition)).secrets[0]?.id);
  await quarantined();
  there('/v1/quarantine/replays', (await api('POST', '/v1/quarantine/replay', {})).id);
  await world.settled();
  there('/v1/quarantine', (await api<{ bodies: Id[] }>('GET', '/v1/quarantine')).bodies[0]?.id);

  there('/v1/keys', (await api('POST', '/v1/keys', documentedBody('/v1/keys'))).id);
  there('/v1/suppressions', (await api('POST', '/v1/suppressions', documentedBody('/v1/suppressions'))).id);
  there('/v1/consents/imports', (await api('POST', '/v1/consents/imports', documentedBody('/v1/consents/imports'))).id);
  there('/v1/templates/test-sends', (await api('POST', '/v1/templates/test-send', documentedBody('/v1/templates/test-send'))).id);
  there('/v1/incidents', (await api('POST', '/v1/incidents', { dimension: 'method', value: 'netbanking', reason: 'drill' })).id);

  const { endpoint } = await api<{ endpoint: Id }>('POST', '/v1/webhooks', documentedBody('/v1/webhooks'));
  const test = await api<{ deliveryId: string }>('POST', `/v1/webhooks/${endpoint.id}/test`);
  there('/v1/webhooks', test.deliveryId, 'deliveryId');
  there('/v1/webhooks', endpoint.id);

  for (const version of [2, 3]) {
    const { definition } = await api<{ definition: object }>('GET', '/v1/journeys/payment_failed/versions/1');
    await api('PUT', '/v1/journeys/payment_failed/draft', { ...definition, name: `Payment failed ${version}` });
    await api('POST', '/v1/journeys/payment_failed/versions', { mode: 'live' });
  }
  there('/v1/journeys', '1', 'from');
  there('/v1/journeys', '3', 'to');
  there('/v1/journeys', '3', 'version');
  const replay = await api('POST', '/v1/replays', { ...(documentedBody('/v1/replays') as object), kind: 'whatif' });
  await until(async () => (await api<{ state: string }>('GET', `/v1/replays/${replay.id}`)).state === 'done', 'the replay');
  there('/v1/replays', replay.id);
}

/** A body that its sender has signed and that nobody can read. */
async function quarantined(): Promise<void> {
  const { secrets, recipe } = documentedBody('/v1/sources/{name}', 'put') as {
    secrets: string[];
    recipe: { signature: { header: string } };
  };
  const body = '{"type":"payment.failed"}';
  const signature = createHmac('sha256', secrets[0] as string)
    .update(body)
    .digest('hex');
  const headers = { [recipe.signature.header]: signature };
  const answer = await fetch(`${world.url}/webhooks/sources/travel-desk`, { method: 'POST', headers, body });
  if (answer.status !== 202) throw new Error(`not quarantined: ${answer.status} ${await answer.text()}`);
}
