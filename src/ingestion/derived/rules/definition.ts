import Ajv, { type ErrorObject } from 'ajv';
import { type KeyKind } from '@wapas/entity-keys';
import { type Duration, minutes, parseDuration } from '@wapas/kernel';
import { type Fault, unknownField } from '@wapas/problems';

/** Kinds of key a silence can be about: those that leave marks. */
export const WAIT_KINDS = ['order', 'payment', 'cart', 'checkout', 'kyc_application', 'mandate', 'customer', 'phone'] as const;

/** A derived event as its author wrote it: activity happened, and neither an ending nor more activity for `idle` on the same key. */
export interface DerivedDefinition {
  readonly format: 'wapas.derived/1';
  readonly key: string;
  /** The event that is recorded. */
  readonly event: string;
  /** Events that are activity. The last one before the silence gives the derived event its person, keys, amount and properties. */
  readonly after: readonly string[];
  /** Events that end the matter: after one of them silence means nothing. */
  readonly unless?: readonly string[];
  readonly idle: string;
  /** Both must carry the same key of this kind. */
  readonly by: Extract<KeyKind, (typeof WAIT_KINDS)[number]>;
}

const eventName = {
  type: 'string',
  pattern: '^[A-Za-z0-9][\\x20-\\x7e]{0,99}$',
  description: 'Name of an event.',
  example: 'Cart Updated',
} as const;

/** The JSON Schema of a definition, checked here and published by Swagger. */
export const derivedDefinitionSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['format', 'key', 'event', 'after', 'idle', 'by'],
  properties: {
    format: { const: 'wapas.derived/1', description: 'Says which format this is.', example: 'wapas.derived/1' },
    key: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$', description: 'Names the definition.', example: 'cart_abandoned' },
    event: { ...eventName, description: 'The event that is recorded.', example: 'Cart Abandoned' },
    after: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      items: eventName,
      description: 'What counts as activity.',
      example: ['Cart Updated'],
    },
    unless: {
      type: 'array',
      maxItems: 50,
      uniqueItems: true,
      items: eventName,
      description: 'What ends the matter.',
      example: ['Checkout Started', 'Order Paid'],
    },
    idle: { type: 'string', maxLength: 20, description: 'How long it must be silent, 1m to 30d.', example: '30m' },
    by: { type: 'string', enum: WAIT_KINDS, description: 'The kind of key that both carry.', example: 'cart' },
  },
} as const;

export type ParsedDerived =
  | { readonly ok: true; readonly definition: DerivedDefinition; readonly idle: Duration }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const matchesSchema = new Ajv({ allErrors: true, strictSchema: false }).compile<DerivedDefinition>(derivedDefinitionSchema);
const SHORTEST = minutes(1);
const LONGEST = minutes(30 * 24 * 60);

/** Checks a definition of any origin. `others` are those in force, itself possibly among them. Gives all faults at once. */
export function parseDerived(
  value: unknown,
  others: readonly Pick<DerivedDefinition, 'key' | 'event' | 'after' | 'unless'>[],
): ParsedDerived {
  if (!matchesSchema(value)) return { ok: false, faults: (matchesSchema.errors ?? []).map(faultOf) };
  const idle = parseDuration(value.idle);
  const inRange = idle !== null && idle >= SHORTEST && idle <= LONGEST;
  const faults = [
    ...(inRange ? [] : [{ at: '/idle', code: 'idle_out_of_range', detail: 'Use 1m to 30d, such as 30m or 1h30m.' }]),
    ...faultsOfNames(value, others),
  ];
  return inRange && faults.length === 0 ? { ok: true, definition: value, idle } : { ok: false, faults };
}

/** Silence about a derived event would derive from itself for ever. */
function faultsOfNames(
  { key, event, after, unless = [] }: DerivedDefinition,
  others: readonly Pick<DerivedDefinition, 'key' | 'event' | 'after' | 'unless'>[],
): Fault[] {
  const faults: Fault[] = [];
  const rest = others.filter((other) => other.key !== key);
  const derived = new Set([event, ...rest.map((other) => other.event)]);
  if (after.some((name) => derived.has(name)))
    faults.push({
      at: '/after',
      code: 'derived_from_derived',
      detail: 'A derived event is no activity. Name events that sources send.',
    });
  if (unless.includes(event))
    faults.push({ at: '/unless', code: 'ends_itself', detail: 'The derived event cannot end its own matter. Leave it out.' });
  if (unless.some((name) => after.includes(name)))
    faults.push({
      at: '/unless',
      code: 'both_at_once',
      detail: 'An event is either activity or an ending. Keep it in one list.',
    });
  if (rest.some((other) => other.after.includes(event)))
    faults.push({ at: '/event', code: 'derived_from_derived', detail: 'Another definition takes this event for activity. Give it a name of its own.' }); // prettier-ignore
  return faults;
}

function faultOf(error: ErrorObject): Fault {
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  if (error.keyword === 'additionalProperties') return unknownField(error.instancePath, params.additionalProperty);
  return {
    at: `${error.instancePath}/${params.missingProperty ?? ''}`.replace(/\/$/, '') || '/',
    code: error.keyword === 'required' ? 'missing_field' : 'bad_value',
    detail: `It ${error.message ?? 'is not valid'}.`,
  };
}
