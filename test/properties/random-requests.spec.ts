import { inSlices } from '@wapas/kernel';
import { printFigure } from '../support/figures';
import { type OpenApi, type Operation, operationsOf, type Parameter, type Schema } from '../support/openapi';
import { World } from '../support/world';
import { Random } from '../simulation/random';

/** What the document says once, for all operations. */
const ANYWHERE: ReadonlySet<string> = new Set(['404 not_found', '415 unsupported_media_type', '422 nul_character']);
const SEED = 20_261_201;
const REQUESTS_EACH = 10;
const AT_ONCE = 4;
const SHOWN = 10;

/** What nobody means: each stands where something else belongs. */
const JUNK: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  true,
  '',
  ' ',
  '\u0000',
  'a'.repeat(5_000),
  'Ünïcode 💥\ud800',
  '__proto__',
  "' or 1=1 --",
  '%00',
  '../../etc/passwd',
  'NaN',
  '1e9',
  '2026-02-30T25:61:00Z',
  '9999-12-31T23:59:59Z',
  '00000000-0000-0000-0000-000000000000',
  [],
  [[]],
  {},
  { constructor: {}, toString: 1 },
];
/** One of each kind: what is wrong with its kind is wrong with any of it. */
const KINDS: readonly unknown[] = [null, [], {}, 7, 'text'];
/** Names that an object has anyway, and one that nobody documented. */
const FURTHER_NAMES = ['__proto__', 'constructor', 'toString', 'x'];
const WRONG_TYPES = ['text/plain', 'application/xml', 'multipart/form-data', 'application/json; charset=utf-16'];
const DEEPEST = 8;

interface Attempt {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

let world: World;
let spec: OpenApi;
let key: string;
beforeAll(async () => {
  world = await World.start();
  spec = (await (await fetch(`${world.url}/openapi.json`)).json()) as OpenApi;
  key = await world.key(['admin']);
});
afterAll(() => world?.stop());

test('whatever stands in the place of any part of a documented body, the answer is documented, never a 500, and a refusal says why', async () => {
  const random = new Random(SEED);
  const asked = operationsOf(spec).flatMap(([name, operation]) => {
    const maker = new Maker(random, []);
    return maker.bodies(operation).flatMap(({ type, whole }) =>
      Array.from({ length: placesIn(whole) }, (_, place) => KINDS.map((kind) => ({ place, kind })))
        .flat()
        .map(({ place, kind }) => ({
          operation,
          attempt: attemptAt(name, operation, maker, { type, body: JSON.stringify(damaged(whole, place, kind)) }),
        })),
    );
  });
  expect((await send(asked)).wrong.slice(0, SHOWN)).toEqual([]);
  printFigure('bodies damaged in one place', { requests: asked.length, failed: 0 });
  expect(asked.length).toBeGreaterThan(1_000);
});

test('whatever chance makes of a documented route, the answer is documented, never a 500, and a refusal says why', async () => {
  const random = new Random(SEED);
  const operations = operationsOf(spec);
  const ids: string[] = [];
  for (let round = 0; round < REQUESTS_EACH; round += 1) {
    const asked = operations.map(([name, operation]) => {
      const maker = new Maker(random, ids);
      return { operation, attempt: attemptAt(name, operation, maker, maker.body(name, operation)) };
    });
    const { wrong, texts } = await send(asked);
    expect(wrong.slice(0, SHOWN)).toEqual([]);
    // What has an id can be asked about, changed and ended by those who come after.
    ids.push(...texts.flatMap((text) => (text.match(UUID) ?? []).slice(0, 3)));
  }
});

interface Asked {
  readonly operation: Operation;
  readonly attempt: Attempt;
}

/** Some at a time. `texts`: of answers that were given what they asked for. */
async function send(asked: readonly Asked[]): Promise<{ wrong: string[]; texts: string[] }> {
  const wrong: string[] = [];
  const texts: string[] = [];
  for (const some of inSlices(asked, AT_ONCE))
    await Promise.all(
      some.map(async ({ operation, attempt: { url, ...request } }) => {
        const response = await fetch(world.url + url, { ...request, redirect: 'manual', signal: AbortSignal.timeout(20_000) });
        const text = await response.text();
        const fault = faultOf(operation, response, text);
        if (fault) wrong.push(`${fault}: ${request.method} ${url.slice(0, 200)} ${request.body?.slice(0, 500) ?? ''}\n  -> ${response.status} ${text.slice(0, 300)}`); // prettier-ignore
        if (response.ok) texts.push(text);
      }),
    );
  return { wrong, texts };
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

/** What is wrong with an answer; null: nothing. */
function faultOf({ responses }: Operation, { status, headers }: Response, text: string): string | null {
  const documented = responses[status];
  const type = headers.get('content-type') ?? '';
  if (status >= 500) return 'failed';
  if (status < 400 || type.startsWith('text/html')) {
    if (documented === undefined) return 'not documented';
    return status < 400 || documented.content?.['text/html'] ? null : 'a page nobody documented';
  }
  if (!type.startsWith('application/problem+json')) return 'no problem body';
  const problem = JSON.parse(text) as { status?: number; code?: string };
  if (problem.status !== status || !problem.code) return 'a problem without its code';
  return documented || ANYWHERE.has(`${status} ${problem.code}`) ? null : 'not documented';
}

function attemptAt(name: string, { parameters = [] }: Operation, maker: Maker, { type, body }: Body): Attempt {
  const [method = '', template = ''] = name.split(' ');
  const query = new URLSearchParams();
  let path = template;
  for (const one of parameters) {
    if (one.in === 'path') path = path.replace(`{${one.name}}`, encodeURIComponent(maker.part(one)));
    if (one.in === 'query' && maker.gives(one)) query.append(one.name, maker.part(one));
  }
  return {
    method,
    url: query.size === 0 ? path : `${path}?${query.toString()}`,
    headers: { authorization: `Bearer ${key}`, ...(type === undefined ? {} : { 'content-type': type }) },
    body,
  };
}

interface Body {
  readonly type: string | undefined;
  readonly body: string | undefined;
}
const NO_BODY: Body = { type: undefined, body: undefined };

/** Makes what a route documents, and damages it. */
class Maker {
  constructor(
    private readonly random: Random,
    /** Of things that are there. Without any everything outside the body is as the document has it. */
    private readonly ids: readonly string[],
  ) {}

  /** Is this parameter of an address there? */
  gives({ required }: Parameter): boolean {
    return required || (this.ids.length > 0 && this.random.chance(0.6));
  }

  /** A parameter of an address; none is empty, since another route would be asked. */
  part({ name, example, schema = {} }: Parameter): string {
    const isId = schema.format === 'uuid' || /id$/i.test(name);
    const isAsDocumented = example !== undefined && (this.ids.length === 0 || this.random.chance(0.5));
    const isOfThings = isId && this.ids.length > 0 && this.random.chance(0.7);
    const value = isOfThings ? this.random.pick(this.ids) : isAsDocumented ? example : this.value(schema, 1);
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
    return text.toWellFormed().slice(0, 3_000) || 'x';
  }

  /** JSON bodies as the document has them. */
  bodies({ requestBody }: Operation): { type: string; whole: unknown }[] {
    return Object.entries(requestBody?.content ?? {}).flatMap(
      ([type, content]) =>
      type.includes('json') ? [{ type, whole: Object.values(content?.examples ?? {})[0]?.value ?? this.whole(content?.schema ?? {}) }] : [], // prettier-ignore
    );
  }

  /** By chance. */
  body(name: string, { requestBody }: Operation): Body {
    const content = requestBody?.content;
    if (content === undefined || name.startsWith('GET ')) return NO_BODY;
    const type = this.random.pick(Object.keys(content));
    const value = this.value(content[type]?.schema ?? {}, 0);
    const text = type.includes('urlencoded') ? formOf(value) : typeof value === 'string' ? value : JSON.stringify(value);
    if (this.random.chance(0.02)) return { type, body: '' };
    if (this.random.chance(0.03)) return { type, body: text.slice(0, text.length / 2) };
    return { type: this.random.chance(0.03) ? this.random.pick(WRONG_TYPES) : type, body: text };
  }

  private value(given: Schema, depth: number): unknown {
    const schema = this.resolved(given);
    const { random } = this;
    if (depth > DEEPEST || random.chance(0.06)) return random.pick(JUNK);
    const others = schema.oneOf ?? schema.anyOf;
    if (others) return this.value(random.pick(others), depth + 1);
    if (schema.example !== undefined && random.chance(0.6)) return schema.example;
    if (schema.enum) return random.pick(schema.enum);
    switch (schema.type) {
      case 'object':
        return this.object(schema, depth);
      case 'array':
        return Array.from({ length: random.whole(0, 3) }, () => this.value(schema.items ?? {}, depth + 1));
      case 'integer':
      case 'number':
        return random.pick([0, 1, 2, 100, -1, 1.5, 2 ** 31, 2 ** 53]);
      case 'boolean':
        return random.chance(0.5);
      default:
        return this.ids.length > 0 && schema.format === 'uuid' ? random.pick(this.ids) : random.pick(JUNK);
    }
  }

  private object({ properties, required = [], example }: Schema, depth: number): unknown {
    if (!properties) return example ?? {};
    const made = Object.entries(properties)
      .filter(([name]) => this.random.chance(required.includes(name) ? 0.97 : 0.5))
      .map(([name, schema]): [string, unknown] => [name, this.value(schema, depth + 1)]);
    const further = this.random.chance(0.05) ? [[this.random.pick(FURTHER_NAMES), this.random.pick(JUNK)] as const] : [];
    return Object.fromEntries([...made, ...further]);
  }

  private whole(given: Schema): unknown {
    const { example, enum: words, properties, items, oneOf, anyOf } = this.resolved(given);
    if (example !== undefined) return example;
    if (words) return words[0];
    if (items) return [this.whole(items)];
    if (properties) return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, this.whole(schema)]));
    const others = oneOf ?? anyOf;
    return others ? this.whole(this.random.pick(others)) : 'x';
  }

  private resolved(schema: Schema): Schema {
    if (schema.$ref) return this.resolved(spec.components.schemas[schema.$ref.split('/').at(-1) as string] ?? {});
    return (schema.allOf ?? []).map((one) => this.resolved(one)).reduce((all, one) => ({ ...all, ...one }), schema);
  }
}

/** A copy with something else in one of its places, counted from 0, which is the whole. */
function damaged(value: unknown, place: number, other: unknown): unknown {
  let seen = -1;
  const copy = (part: unknown): unknown => {
    seen += 1;
    if (seen === place) return other;
    if (Array.isArray(part)) return part.map(copy);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, copy(one)]));
  };
  return copy(value);
}

const placesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce((sum: number, part) => sum + placesIn(part), 1) : 1;

const formOf = (value: unknown): string =>
  new URLSearchParams(
    Object.entries(value ?? {}).map(([name, one]): [string, string] => [name, String(one).toWellFormed()]),
  ).toString();
