import Ajv from 'ajv';
import { batchSchema, eventSchema } from '../../src/ingestion/rules/event-schema';
import { type OpenApi, type Operation, operationsOf, type Schema } from '../support/openapi';
import { World } from '../support/world';

let world: World;
let spec: OpenApi;
beforeAll(async () => {
  world = await World.start();
  spec = (await (await fetch(`${world.url}/openapi.json`)).json()) as OpenApi;
});
afterAll(() => world?.stop());

const operations = (): [name: string, operation: Operation][] => operationsOf(spec);

test('every route that answers is documented, and every documented route answers', () => {
  expect(
    operations()
      .map(([name]) => name)
      .sort(),
  ).toEqual(registeredRoutes());
});

test('/docs answers with a page, /openapi.json with OpenAPI 3', async () => {
  const page = await fetch(`${world.url}/docs`);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  expect(await page.text()).toContain('Wapas');
  expect(spec.openapi).toMatch(/^3\./);
});

test('no answer is a bare array: a list has a name, and room for a cursor beside it', () => {
  const bare = operations().flatMap(([name, { responses }]) =>
    Object.values(responses).flatMap(({ content = {} }) =>
      Object.entries(content).flatMap(([type, body]) => (body?.schema.type === 'array' ? [`${name} ${type}`] : [])),
    ),
  );
  expect(bare).toEqual([]);
});

test('every operation says what it does, what it answers, and why it may refuse', () => {
  const silent = operations().flatMap(([name, { summary, tags, responses, security }]) => {
    const statuses = Object.keys(responses);
    const documented = summary && tags?.length && Object.values(responses).every(({ description }) => description.length > 3);
    const refusals = security ? statuses.includes('401') && statuses.includes('403') : true;
    return documented && refusals && statuses.some((status) => /^[23]/.test(status)) ? [] : [name];
  });
  expect(silent).toEqual([]);
});

test('every operation stands in a group that says what it is for, and no group is empty', () => {
  const used = operations().flatMap(([, { tags = [] }]) => tags);
  expect(spec.tags.map(({ name }) => name).sort()).toEqual([...new Set(used)].sort());
  expect(spec.tags.filter(({ description }) => !description)).toEqual([]);
  expect(spec.tags[0]?.name).toBe('Ingestion');
});

test('every refusal is documented as a problem body, or as what a browser or a probe reads', () => {
  const others = operations().flatMap(([name, { responses }]) =>
    Object.entries(responses)
      .filter(([, { content }]) => name !== 'GET /health/ready' && content && !content['text/html'])
      .filter(([status, { content }]) => /^[45]/.test(status) && content?.['application/problem+json']?.schema.$ref !== PROBLEM)
      .map(([status]) => `${name} ${status}`),
  );
  expect(others).toEqual([]);
});

test('every field of every body has a description and an example, its own or that of its parts', () => {
  const lacking = Object.entries(spec.components.schemas).flatMap(([schema, { properties = {} }]) =>
    Object.entries(properties)
      .filter(([, field]) => !field.description || !isIllustrated(field))
      .map(([name]) => `${schema}.${name}`),
  );
  expect(lacking).toEqual([]);
});

test('every parameter has a description, and an example or a list of what it may be', () => {
  const lacking = operations().flatMap(([name, { parameters = [] }]) =>
    parameters
      .filter(
        (one) => !one.description || (one.required && one.example === undefined && !one.schema?.enum && !one.schema?.example),
      )
      .map((one) => `${name} ${one.name}`),
  );
  expect(lacking).toEqual([]);
});

describe('what is documented of an event is what is checked (D4)', () => {
  const published = (path: string): Schema => spec.paths[path]?.post?.requestBody?.content['application/json']?.schema as Schema;

  test('the published schemas are the ones that are compiled', () => {
    expect(published('/v1/events')).toEqual(JSON.parse(JSON.stringify(eventSchema)));
    expect(published('/v1/events/batch')).toEqual(JSON.parse(JSON.stringify(batchSchema)));
  });

  test('every field of an event has a description and an example, and the example is taken', async () => {
    const fields = fieldsOf(published('/v1/events'));
    expect(fields.filter(([, field]) => !field.description || !isIllustrated(field)).map(([path]) => path)).toEqual([]);
    const answer = await post(exampleOf(published('/v1/events')));
    expect({ status: answer.status, body: await answer.text() }).toEqual({ status: 202, body: expect.any(String) as string });
  });

  test.each<[string, object, boolean]>([
    ['the least there is', { event: 'A' }, true],
    ['no event', {}, false],
    ['an unknown field', { event: 'A', colour: 'red' }, false],
    ['a bad event name', { event: '7' }, false],
    ['no amount of money', { event: 'A', amount: { value: 0, currency: 'INR' } }, false],
    ['too many tokens', { event: 'A', person: { pushTokens: Array(11).fill({ token: 't', platform: 'web' }) } }, false],
    [
      '201 properties',
      { event: 'A', properties: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`k${i}`, 1])) },
      false,
    ],
  ])('a client that checks against the published schema agrees with us: %s', async (_title, body, isGood) => {
    const check = new Ajv({ strictSchema: false }).compile(published('/v1/events'));
    expect(check(body)).toBe(isGood);
    expect((await post(body)).status).toBe(isGood ? 202 : 422);
  });

  async function post(body: unknown): Promise<Response> {
    const key = await world.key(['ingest']);
    return fetch(`${world.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
  }
});

/** What the router knows, in the spelling of OpenAPI. HEAD comes with GET; the documentation does not document itself. */
function registeredRoutes(): string[] {
  const tree = (world.app.getHttpAdapter().getInstance() as { printRoutes(options: object): string }).printRoutes({
    commonPrefix: false,
  });
  const routes: string[] = [];
  const parents: string[] = [];
  for (const line of tree.split('\n')) {
    const match = /^([│ ]*)[├└]── (\S*)(?: \((.+)\))?$/.exec(line);
    if (!match) continue;
    const [, indent = '', part = '', methods = ''] = match;
    const depth = indent.length / 4;
    parents[depth] = part;
    const path = parents.slice(0, depth + 1).join('');
    for (const method of methods.split(', ').filter((one) => one !== '' && one !== 'HEAD'))
      routes.push(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  }
  return routes.filter((route) => !/ (\*|\/docs|\/openapi\.json)/.test(route)).sort();
}

const PROBLEM = '#/components/schemas/ProblemDto';

/** Has an example, or consists of what has. */
function isIllustrated({ example, $ref, allOf, items, properties }: Schema): boolean {
  return (
    example !== undefined ||
    $ref !== undefined ||
    allOf !== undefined ||
    items?.$ref !== undefined ||
    !!(properties ?? items?.properties)
  );
}

function fieldsOf(schema: Schema, path = ''): [string, Schema][] {
  return Object.entries(schema.properties ?? schema.items?.properties ?? {}).flatMap(([name, field]): [string, Schema][] => [
    [`${path}/${name}`, field],
    ...fieldsOf(field, `${path}/${name}`),
  ]);
}

function exampleOf(schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.items) return [exampleOf(schema.items)];
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, field]) => [name, exampleOf(field)]));
}
