import Ajv, { type ErrorObject } from 'ajv';
import { definitionSchema, WRITTEN_AS } from './definition-schema';
import { faultsOfMeaning } from './faults-of-meaning';
import { type JourneyDefinition } from './journey-definition';

/** What is wrong with a definition, where, and how to mend it. */
export interface DefinitionFault {
  readonly at: string;
  readonly code: string;
  readonly detail: string;
}

export type ParsedDefinition =
  | { readonly ok: true; readonly definition: JourneyDefinition }
  | { readonly ok: false; readonly faults: readonly DefinitionFault[] };

const matchesSchema = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile<JourneyDefinition>(
  definitionSchema,
);
/** More than this would only repeat itself: ten thousand broken steps are broken in the same way. */
const MOST_FAULTS = 100;

/** Checks a definition of any origin. Gives all problems at once. Templates are checked by the channels they belong to. */
export function parseDefinition(value: unknown): ParsedDefinition {
  if (isTooLong(value)) return { ok: false, faults: [{ at: '/steps', code: 'too_many_steps', detail: 'Use at most 50 steps.' }] };
  if (!matchesSchema(value)) return { ok: false, faults: (matchesSchema.errors ?? []).slice(0, MOST_FAULTS).map(faultOf) };
  const faults = faultsOfMeaning(value);
  return faults.length > 0 ? { ok: false, faults: faults.slice(0, MOST_FAULTS) } : { ok: true, definition: value };
}

/** Looked at first: the schema would walk through every one of them. */
function isTooLong(value: unknown): boolean {
  const steps = (value as { steps?: unknown } | null)?.steps;
  return Array.isArray(steps) && steps.length > 50;
}

function faultOf(error: ErrorObject): DefinitionFault {
  const params = error.params as {
    missingProperty?: string;
    additionalProperty?: string;
    allowedValues?: unknown[];
    pattern?: string;
  };
  const at = `${error.instancePath}/${params.missingProperty ?? params.additionalProperty ?? ''}`.replace(/\/$/, '') || '/';
  if (error.keyword === 'additionalProperties')
    return { at, code: 'unknown_field', detail: 'The format has no such field here. Correct its name or leave it out.' };
  if (error.keyword === 'required') return { at, code: 'missing_field', detail: 'The format needs this field. Add it.' };
  if (params.allowedValues) return { at, code: 'bad_value', detail: `Use one of: ${params.allowedValues.join(', ')}.` };
  const written = WRITTEN_AS.get(params.pattern ?? '');
  return { at, code: 'bad_value', detail: written ?? `It ${error.message ?? 'is not valid'}.` };
}
