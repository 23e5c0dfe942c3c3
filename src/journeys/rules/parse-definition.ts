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
  return { at, code: 'bad_value', detail: WRITTEN_AS.get(params.pattern ?? '') ?? mendOf(error) };
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function mendOf({ keyword, params, message }: ErrorObject): string {
  const { type, limit, allowedValue } = params as { type?: string | string[]; limit?: number; allowedValue?: string };
  switch (keyword) {
    case 'type':
      return `Give ${[type ?? []]
        .flat()
        .map((one) => KINDS[one])
        .join(' or ')}.`;
    case 'const':
      return `Write ${allowedValue}.`;
    case 'minItems':
      return `Give at least ${limit} of them.`;
    case 'maxItems':
      return `Give at most ${limit} of them.`;
    case 'uniqueItems':
      return 'Say each of them once.';
    case 'minLength':
      return 'Give a text that is not empty.';
    case 'maxLength':
      return `Use at most ${limit} characters.`;
    case 'minimum':
      return `Use ${limit} or more.`;
    case 'maximum':
      return `Use ${limit} or less.`;
    case 'minProperties':
    case 'maxProperties':
      return 'Give one field and one operator, no less and no more.';
    default:
      return `It ${message ?? 'is not valid'}.`;
  }
}
