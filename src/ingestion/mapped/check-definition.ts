import Ajv, { type ErrorObject } from 'ajv';
import { type Fault } from '@wapas/problems';
import { IANAZone } from 'luxon';
import { type ConsentMapping, type Mapping, type PushTokenMapping } from '../sources/mapping';
import { faultsOfJson } from '../rules/json-hygiene';
import { isPurpose, isState, isWord } from '../sources/read-consents';
import { KINDS, languageOf, namesSomebody, PERMISSIONS, PLATFORMS } from '../sources/read-person';
import { type Value, type Worded } from '../sources/read-values';
import {
  faultOfSecret,
  type FieldHashRecipe,
  type HmacRecipe,
  isBound,
  placeholders,
  type SignatureRecipe,
} from '../sources/signature';
import { type Effective, effectiveOf, type SourceDefinition } from './definition';
import { definitionSchema, INNER_LIST, LIST, PLACE } from './definition-schema';
import { presets } from './presets/registry';

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

/** Fields that belong to each kind of recipe besides `kind`: those it needs, and those it may have. */
const FIELDS: Readonly<Record<SignatureRecipe['kind'], { needs: readonly string[]; may: readonly string[] }>> = {
  hmac: { needs: ['signature', 'algorithm', 'encoding'], may: ['algorithmIn', 'signed', 'timestamp', 'secret'] },
  field_hash: { needs: ['field', 'algorithm', 'encoding', 'signed'], may: ['signedWhen'] },
  basic: { needs: [], may: [] },
  token: { needs: [], may: ['header', 'prefix', 'query'] },
};

/**
 * Checks a mapped source as its operator wrote it; `hasSecrets` says whether some are stored. Gives all faults at once, with
 * where each is and what to do; none repeats a secret.
 */
export function checkDefinition(value: unknown, hasSecrets: boolean): CheckedDefinition {
  const hygiene = faultsOfJson(value);
  if (hygiene.length > 0) return { ok: false, faults: hygiene };
  if (!matchesSchema(value)) return { ok: false, faults: (matchesSchema.errors ?? []).map(faultOf) };
  const { secrets, ...definition } = value;
  const faults = [
    ...faultsOfPreset(definition),
    ...(definition.recipe ? faultsOfRecipe(definition.recipe) : []),
    ...(definition.mapping ? faultsOfMapping(definition.mapping) : []),
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

function faultsOfRecipe(recipe: SignatureRecipe): Fault[] {
  const { needs, may } = FIELDS[recipe.kind];
  const given = Object.keys(recipe).filter((field) => field !== 'kind');
  const faults: Fault[] = [
    ...needs
      .filter((field) => !given.includes(field))
      .map((field) => ({ at: `/recipe/${field}`, code: 'missing_field', detail: `A recipe of kind ${recipe.kind} needs it.` })),
    ...given
      .filter((field) => !needs.includes(field) && !may.includes(field))
      .map((field) => ({
        at: `/recipe/${field}`,
        code: 'unknown_field',
        detail: `A recipe of kind ${recipe.kind} knows no such field. Leave it out.`,
      })),
  ];
  if (faults.length > 0) return faults;
  if (recipe.kind === 'hmac') return faultsOfHmac(recipe);
  if (recipe.kind === 'field_hash') return faultsOfFieldHash(recipe);
  if (recipe.kind === 'token' && 'header' in recipe === 'query' in recipe)
    return [{ at: '/recipe', code: 'token_place', detail: 'Say where the secret stands: `header` or `query`, one of the two.' }];
  return [];
}

function faultsOfHmac({ signed = '{body}', timestamp }: HmacRecipe): Fault[] {
  const at = '/recipe/signed';
  const parts = placeholders(signed);
  const unknown = parts.filter((part) => part !== 'body' && part !== 'timestamp' && !/^header:[a-z0-9-]{1,64}$/.test(part));
  const faults: Fault[] = [];
  if (unknown.length > 0)
    faults.push({
      at,
      code: 'bad_placeholder',
      detail: 'Only {body}, {timestamp} and {header:name} in lower case stand for something.',
    });
  if (!parts.includes('body'))
    faults.push({ at, code: 'body_not_signed', detail: 'Put {body} into it: otherwise anybody could change the body.' });
  if (parts.includes('timestamp') && !timestamp)
    faults.push({ at: '/recipe/timestamp', code: 'missing_field', detail: '{timestamp} is signed: say where it stands.' });
  if (timestamp && !parts.includes('timestamp'))
    faults.push({
      at,
      code: 'timestamp_not_signed',
      detail: 'Put {timestamp} into it: a time that is not signed proves nothing.',
    });
  return faults;
}

function faultsOfFieldHash({ signed, signedWhen = [] }: FieldHashRecipe): Fault[] {
  const texts: [string, string][] = [
    ['/recipe/signed', signed],
    ...signedWhen.map((one, index): [string, string] => [`/recipe/signedWhen/${index}/signed`, one.signed]),
  ];
  return texts.flatMap(([at, text]) => {
    const parts = placeholders(text);
    if (!parts.includes('secret'))
      return [{ at, code: 'secret_not_signed', detail: 'Put {secret} into it: otherwise anybody could make the hash.' }];
    return parts.some((part) => part !== 'secret' && !part.startsWith('/'))
      ? [{ at, code: 'bad_placeholder', detail: 'Only {secret} and {/pointer} stand for something.' }]
      : [];
  });
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

function faultsOfMapping(mapping: Mapping): Fault[] {
  const faults = valuesOf(mapping).flatMap(([at, value]) => faultsOfValue(`/mapping${at}`, value));
  const zones = [
    ['/occurredAt', mapping.occurredAt?.zone],
    ...(mapping.consents ?? []).map(({ at }, index) => [`/consents/${index}/at`, at?.zone]),
  ];
  for (const [at, zone] of zones)
    if (zone !== undefined && !IANAZone.isValidZone(zone))
      faults.push({ at: `/mapping${at}/zone`, code: 'unknown_zone', detail: 'Use an IANA zone, such as Asia/Kolkata.' });
  const currency = mapping.amount?.currency;
  if (typeof currency === 'object' && 'value' in currency && !CURRENCIES.has(currency.value))
    faults.push({ at: '/mapping/amount/currency/value', code: 'unknown_currency', detail: 'Use ISO 4217, such as INR.' });
  const isSomebodys = Object.keys(mapping.person ?? {}).some(namesSomebody);
  if (mapping.consents && !isSomebodys)
    faults.push({
      at: '/mapping/consents',
      code: 'nobody_agrees',
      detail: 'Say in `person` who it is, by customerId, phone, email or whatsappId: what nobody agrees to counts for nobody.',
    });
  else if (!isSomebodys && !mapping.keys)
    faults.push({
      at: '/mapping',
      code: 'about_nothing',
      detail: 'Map at least one of `keys` or `person`: an event about nothing and nobody does nothing.',
    });
  faults.push(...faultsOfConstants(mapping));
  const names = mapping.event.names && new Set(Object.values(mapping.event.names));
  if (names && mapping.event.others !== 'keep')
    for (const [index, name] of (mapping.reason?.events ?? []).entries())
      if (!names.has(name))
        faults.push({
          at: `/mapping/reason/events/${index}`,
          code: 'unknown_event',
          detail: 'The mapping makes no event of this name. Use one of those in `event.names`.',
        });
  return faults;
}

/** A text that is always the same must be one that means something here: at the first webhook it would be too late. */
function faultsOfConstants({ person = {}, consents = [] }: Mapping): Fault[] {
  const { pushTokens = [], language, timeZone } = person;
  return [
    ...faultsOfConstant('/mapping/person/language', language, (text) => languageOf(text) !== undefined, 'BCP 47, such as hi'),
    ...faultsOfConstant(
      '/mapping/person/timeZone',
      timeZone,
      (text) => IANAZone.isValidZone(text),
      'an IANA zone, such as Asia/Kolkata',
    ),
    ...pushTokens.flatMap(({ platform, kind, permission }, index) => {
      const at = `/mapping/person/pushTokens/${index}`;
      return [
        ...faultsOfWord(`${at}/platform`, platform, (text) => text in PLATFORMS, 'android, ios or web'),
        ...faultsOfWord(`${at}/kind`, kind, (text) => text in KINDS, 'fcm_token or fcm_installation'),
        ...faultsOfWord(`${at}/permission`, permission, (text) => text in PERMISSIONS, 'granted or denied'),
      ];
    }),
    ...consents.flatMap(({ purpose, channel, state, source }, index) => {
      const at = `/mapping/consents/${index}`;
      return [
        ...faultsOfWord(`${at}/purpose`, purpose, isPurpose, 'service, marketing or all'),
        ...faultsOfWord(`${at}/channel`, channel, isWord, 'a channel in lower case, such as whatsapp, or all'),
        ...faultsOfWord(`${at}/state`, state, isState, 'granted or withdrawn'),
        ...faultsOfConstant(`${at}/source`, source, isWord, 'one word in lower case, such as checkout_form'),
      ];
    }),
  ];
}

function faultsOfWord(at: string, worded: Worded<string> | undefined, isOurs: (text: string) => boolean, ours: string): Fault[] {
  const { from, words } = worded ?? {};
  return faultsOfConstant(
    `${at}/from`,
    from,
    words ? (text) => Object.hasOwn(words, text) : isOurs,
    words ? 'one of `words`' : ours,
  );
}

/** Of a text that is always the same, or that stands for one that is missing. */
function faultsOfConstant(at: string, value: Value | undefined, isGood: (text: string) => boolean, good: string): Fault[] {
  const text =
    typeof value !== 'object' ? undefined : 'value' in value ? value.value : 'first' in value ? value.otherwise : undefined;
  return text === undefined || isGood(text) ? [] : [{ at, code: 'bad_value', detail: `Use ${good}.` }];
}

/** Every place where the mapping says where something comes from. */
function valuesOf({ id, event, occurredAt, person = {}, keys, consents = [], ...others }: Mapping): [string, Value][] {
  const { amount, reason, properties } = others;
  const { pushTokens = [], ...fields } = person;
  const group = (at: string, values: Readonly<Record<string, Value | undefined>> = {}): [string, Value | undefined][] =>
    Object.entries(values).map(([name, value]) => [`${at}/${name}`, value]);
  const all: [string, Value | undefined][] = [
    ['/id', id],
    ['/event/from', event.from],
    ['/occurredAt/from', occurredAt?.from],
    ...group('/person', { ...fields }),
    ...pushTokens.flatMap((token, index) => valuesOfToken(`/person/pushTokens/${index}`, token)),
    ...consents.flatMap((consent, index) => valuesOfConsent(`/consents/${index}`, consent)),
    ...group('/keys', keys),
    ['/amount/value', amount?.value],
    ['/amount/currency', amount?.currency],
    ...(reason?.by ?? []).map(({ from }, index): [string, Value] => [`/reason/by/${index}/from`, from]),
    ...group('/properties', properties),
  ];
  return all.filter((one): one is [string, Value] => one[1] !== undefined);
}

const valuesOfToken = (
  at: string,
  { token, platform, kind, permission, app }: PushTokenMapping,
): [string, Value | undefined][] => [
  [`${at}/token`, token],
  [`${at}/platform/from`, platform.from],
  [`${at}/kind/from`, kind?.from],
  [`${at}/permission/from`, permission?.from],
  [`${at}/app`, app],
];

const valuesOfConsent = (at: string, consent: ConsentMapping): [string, Value | undefined][] => [
  [`${at}/purpose/from`, consent.purpose.from],
  [`${at}/channel/from`, consent.channel.from],
  [`${at}/state/from`, consent.state.from],
  [`${at}/at/from`, consent.at?.from],
  [`${at}/source`, consent.source],
  [`${at}/noticeVersion`, consent.noticeVersion],
  [`${at}/noticeLanguage`, consent.noticeLanguage],
  [`${at}/proof`, consent.proof],
];

/** One of `first`, `join`, `value`, and only what belongs to it. */
function faultsOfValue(at: string, value: Value): Fault[] {
  if (typeof value === 'string') return [];
  const fields = Object.keys(value);
  const kinds = fields.filter((field) => field !== 'otherwise' && field !== 'separator');
  const belongs = { otherwise: 'first', separator: 'join' } as const;
  const astray = (['otherwise', 'separator'] as const).some(
    (field) => fields.includes(field) && !fields.includes(belongs[field]),
  );
  return kinds.length === 1 && !astray
    ? []
    : [{ at, code: 'bad_value', detail: 'Give one of `first` (with `otherwise`), `join` (with `separator`) or `value`.' }];
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
  if (additionalProperty !== undefined)
    return { at: instancePath || '/', code: 'unknown_field', detail: 'There is a field here that this route does not know.' };
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
