import { isRecord } from '@wapas/kernel';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { type Fault } from '@wapas/problems';
import { faultsOfJson } from '../../rules/json-hygiene';
import { amountAsPosted, type EventContent } from '../../rules/new-event';

const MAX_BYTES = 32 * 1024;
const MAX_DEPTH = 8;

/**
 * What a schema may use. Left out on purpose: `pattern`, `patternProperties` and `format` (a regular expression of a user's can
 * take for ever), `$ref` (it fetches, or goes round in circles), `uniqueItems` (it compares everything with everything).
 */
const KEYWORDS = new Set([
  ...['type', 'enum', 'const', 'title', 'description', 'examples', 'default'],
  ...['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties', 'items', 'minItems', 'maxItems'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'allOf', 'anyOf', 'oneOf', 'not'],
]);
const ONE_SCHEMA = new Set(['items', 'additionalProperties', 'not']);
const MANY_SCHEMAS = new Set(['allOf', 'anyOf', 'oneOf']);

export type CompiledSchema =
  | { readonly ok: true; readonly faultsOf: (content: EventContent) => readonly Fault[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Compiles a JSON Schema of a user's for the events of one name. Gives all its faults at once when it may not be used. */
export function compileSchema(schema: unknown): CompiledSchema {
  const hygiene = faultsOfJson(schema);
  if (hygiene.length > 0) return { ok: false, faults: hygiene };
  if (JSON.stringify(schema)?.length > MAX_BYTES)
    return { ok: false, faults: [fault('', 'schema_too_large', 'A schema takes at most 32 KiB.')] };
  const faults: Fault[] = [];
  visit(schema, '', 0, faults);
  if (faults.length > 0) return { ok: false, faults };
  try {
    return {
      ok: true,
      faultsOf: checker(new Ajv({ strictSchema: true, strictTypes: false, strictRequired: false }).compile(schema as object)),
    };
  } catch {
    return { ok: false, faults: [fault('', 'not_a_schema', 'This is not a valid JSON Schema (draft 7).')] };
  }
}

function visit(schema: unknown, at: string, depth: number, faults: Fault[]): void {
  if (typeof schema === 'boolean' && depth > 0) return;
  if (!isRecord(schema)) return void faults.push(fault(at, 'not_a_schema', 'A schema is a JSON object.'));
  if (depth > MAX_DEPTH) return void faults.push(fault(at, 'too_deep', `Nest at most ${MAX_DEPTH} schemas.`));
  for (const [keyword, value] of Object.entries(schema)) {
    const here = `${at}/${keyword}`;
    if (!KEYWORDS.has(keyword))
      faults.push(fault(at, 'keyword_not_allowed', `Use only: ${[...KEYWORDS].join(', ')}. Regular expressions and references are not taken.`)); // prettier-ignore
    else if (ONE_SCHEMA.has(keyword)) visit(value, here, depth + 1, faults);
    else if (MANY_SCHEMAS.has(keyword) && Array.isArray(value))
      value.forEach((one, i) => visit(one, `${here}/${i}`, depth + 1, faults));
    else if (keyword === 'properties' && typeof value === 'object' && value !== null)
      for (const [index, one] of Object.values(value as Record<string, unknown>).entries())
        visit(one, `${here}/(property ${index})`, depth + 1, faults);
  }
}

/** The event as the API takes it, so that one schema serves every way in. The first fault is enough to refuse. */
function checker(matches: ValidateFunction): (content: EventContent) => readonly Fault[] {
  return (content) => {
    const { person, keys, reason, properties } = content;
    const amount = amountAsPosted(content);
    const body = {
      ...(person && { person }),
      ...(keys && { keys }),
      ...(amount && { amount }),
      ...(reason && { reason }),
      ...(properties && { properties }),
    };
    // What is there but undefined would count as there.
    return matches(JSON.parse(JSON.stringify(body))) ? [] : (matches.errors ?? []).map(faultOf);
  };
}

function faultOf(error: ErrorObject): Fault {
  const { missingProperty } = error.params as { missingProperty?: string };
  const at = missingProperty === undefined ? error.instancePath || '/' : `${error.instancePath}/${missingProperty}`;
  return fault(at, 'schema_violated', `It breaks the schema of this event (${error.keyword}). See GET /v1/event-schemas.`);
}

const fault = (at: string, code: string, detail: string): Fault => ({ at: at || '/', code, detail });
