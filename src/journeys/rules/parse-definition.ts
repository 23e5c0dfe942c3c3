import Ajv, { type ErrorObject } from 'ajv';
import { definitionSchema, WRITTEN_AS } from './definition-schema';
import { faultsOfMeaning } from './faults-of-meaning';
import { type JourneyDefinition } from './journey-definition';
import { type Readable, readableParts } from './readable-parts';

/** What is wrong with a definition, where, and how to mend it. */
export interface DefinitionFault {
  readonly at: string;
  readonly code: string;
  readonly detail: string;
}

/** `readable`: what can be read of it, also when something else is wrong. */
export type ParsedDefinition = { readonly readable: Readable<JourneyDefinition> } & (
  | { readonly ok: true; readonly definition: JourneyDefinition }
  | { readonly ok: false; readonly faults: readonly DefinitionFault[] }
);

const matchesSchema = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false }).compile<JourneyDefinition>(
  definitionSchema,
);
/** More than this would only repeat itself: ten thousand broken steps are broken in the same way. */
const MOST_FAULTS = 100;
const MOST_STEPS = 50;

/**
 * Checks a definition of any origin. Gives all problems at once: what one part means is asked although another has not its form, and
 * nothing is said that may only follow from that. Templates are checked by the channels they belong to.
 */
export function parseDefinition(given: unknown): ParsedDefinition {
  const { value, faults: ofLength } = shortened(given);
  const isWellFormed = matchesSchema(value);
  const readable = readableParts<JourneyDefinition>(value, matchesSchema.errors ?? []);
  const faults = [...ofLength, ...(matchesSchema.errors ?? []).map(faultOf), ...faultsOfMeaning(readable)];
  if (isWellFormed && faults.length === 0) return { ok: true, definition: value, readable };
  return { ok: false, faults: faults.slice(0, MOST_FAULTS), readable };
}

/** Looked at first: the schema would walk through every one of them. */
function shortened(value: unknown): { readonly value: unknown; readonly faults: readonly DefinitionFault[] } {
  const steps = (value as { steps?: unknown } | null | undefined)?.steps;
  if (!Array.isArray(steps) || steps.length <= MOST_STEPS) return { value, faults: [] };
  return {
    value: { ...(value as object), steps: steps.slice(0, MOST_STEPS) },
    faults: [{ at: '/steps', code: 'too_many_steps', detail: `Use at most ${MOST_STEPS} steps.` }],
  };
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
