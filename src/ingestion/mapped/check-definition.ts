import Ajv, { type ErrorObject } from 'ajv';
import { type Fault, unknownField } from '@wapas/problems';
import { type ChannelWords } from '../rules/channel-words';
import { faultsOfJson } from '../rules/json-hygiene';
import { namesSomebody } from '../sources/read-person';
import { type Value } from '../sources/read-values';
import { faultOfSecret, isBound, type SignatureRecipe } from '../sources/signature';
import { type Effective, effectiveOf, type SourceDefinition } from './definition';
import { definitionSchema } from './definition-schema';
import { faultsOfMapping, valuesOfConsent } from './faults-of-mapping';
import { faultsOfRecipe } from './faults-of-recipe';
import { presets } from './presets/registry';
import { INNER_LIST, LIST, PLACE } from './value-schema';

export type CheckedDefinition =
  | {
      readonly ok: true;
      readonly definition: SourceDefinition;
      readonly effective: Effective;
      readonly secrets?: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

interface Body extends SourceDefinition {
  readonly secrets?: readonly string[];
}

const matchesSchema = new Ajv({ allErrors: true, strict: false }).compile<Body>(definitionSchema);

/**
 * Checks a mapped source as its operator wrote it; `hasSecrets` says whether some are stored, `channels` which there are. Gives all faults at once, with
 * where each is and what to do; none repeats a secret.
 */
export function checkDefinition(value: unknown, hasSecrets: boolean, channels: ChannelWords): CheckedDefinition {
  const hygiene = faultsOfJson(value);
  if (hygiene.length > 0) return { ok: false, faults: hygiene };
  if (!matchesSchema(value)) return { ok: false, faults: (matchesSchema.errors ?? []).map(faultOf) };
  const { secrets, ...definition } = value;
  const faults = [
    ...faultsOfPreset(definition),
    ...(definition.recipe ? faultsOfRecipe(definition.recipe) : []),
    ...(definition.mapping ? faultsOfMapping(definition.mapping, channels) : []),
  ];
  const effective = effectiveOf(definition);
  // A recipe that is not whole yet has no say in what a secret looks like.
  if (effective && faults.length === 0)
    faults.push(
      ...faultsOfList(effective),
      ...faultsOfProof(effective),
      ...faultsOfSecrets(effective.recipe, secrets, hasSecrets),
    );
  return effective && faults.length === 0 ? { ok: true, definition, effective, secrets } : { ok: false, faults };
}

function faultsOfPreset({ preset, recipe, mapping }: SourceDefinition): Fault[] {
  if (preset !== undefined)
    return presets.has(preset)
      ? []
      : [
          {
            at: '/preset',
            code: 'unknown_preset',
            detail: `There is no such preset. Use one of ${[...presets.keys()].join(', ')}.`,
          },
        ];
  const missing = (at: string): Fault => ({ at, code: 'missing_field', detail: 'Give it, or a `preset` that brings it.' });
  return [...(recipe ? [] : [missing('/recipe')]), ...(mapping ? [] : [missing('/mapping')])];
}

/** A form has no lists, and a hash over named fields leaves their entries to whoever sends it. */
function faultsOfList({ mapping: { each, body }, recipe }: Effective): Fault[] {
  if (each === undefined || (body !== 'form' && recipe.kind !== 'field_hash')) return [];
  const detail = 'Lists are read from JSON whose whole body is proven. Leave it out, or use another recipe or body.';
  return [{ at: '/mapping/each', code: 'no_list_here', detail }];
}

/** Who could write it in, could agree for somebody else. */
function faultsOfProof({ mapping: { consents = [], person = {} }, recipe }: Effective): Fault[] {
  if (consents.length === 0) return [];
  const who = Object.entries(person).filter((one): one is [string, Value] => namesSomebody(one[0]));
  const detail = 'The signature does not cover this place: anybody could agree for somebody else. Take it from what is signed.';
  return [
    ...who.map(([field, from]): [string, Value] => [`/mapping/person/${field}`, from]),
    ...consents.flatMap((consent, index) => valuesOfConsent(`/mapping/consents/${index}`, consent)),
  ]
    .filter(([, value]) => value !== undefined && !isBound(recipe, value))
    .map(([at]) => ({ at, code: 'not_signed', detail }));
}

function faultsOfSecrets(recipe: SignatureRecipe, secrets: readonly string[] | undefined, hasSecrets: boolean): Fault[] {
  if (!secrets)
    return hasSecrets
      ? []
      : [{ at: '/secrets', code: 'missing_field', detail: 'A new source needs a secret to be checked with.' }];
  return secrets.flatMap((secret, index) => {
    const detail = faultOfSecret(recipe, secret);
    return detail === null ? [] : [{ at: `/secrets/${index}`, code: 'bad_secret', detail }];
  });
}

function faultOf({ keyword, instancePath, params, message }: ErrorObject): Fault {
  const { missingProperty, additionalProperty, allowedValues } = params as {
    missingProperty?: string;
    additionalProperty?: string;
    allowedValues?: readonly unknown[];
  };
  if (missingProperty !== undefined)
    return {
      at: `${instancePath}/${missingProperty}`,
      code: 'missing_field',
      detail: 'It is required. See the schema in /docs.',
    };
  if (additionalProperty !== undefined) return unknownField(instancePath, additionalProperty);
  if (allowedValues) return { at: instancePath, code: 'bad_value', detail: `Use one of ${allowedValues.join(', ')}.` };
  if (keyword === 'pattern' && [PLACE, LIST, INNER_LIST].includes((params as { pattern: string }).pattern))
    return {
      at: instancePath,
      code: 'bad_pointer',
      detail: 'Give a JSON pointer such as /data/id, or header:name in lower case.',
    };
  return {
    at: instancePath || '/',
    code: CODES[keyword] ?? 'bad_value',
    detail: `It ${message ?? 'is not valid'}. See the schema in /docs.`,
  };
}

const CODES: Readonly<Record<string, string>> = {
  type: 'bad_type',
  pattern: 'bad_format',
  maxLength: 'too_long',
  maxItems: 'too_many',
};
