import { checkDefinition } from './check-definition';
import { PROFILES_EXAMPLE } from './http/mapped-sources.dto';
import { presets } from './presets/registry';

const RECIPE = { kind: 'hmac', signature: { header: 'x-signature' }, algorithm: 'sha256', encoding: 'hex' };
const MAPPING = { event: { from: '/type', names: { paid: 'Order Paid' } }, keys: { order: '/order' } };
const good = { recipe: RECIPE, mapping: MAPPING, secrets: ['a-long-secret'] };
const channels = { has: (name: string) => ['push', 'whatsapp', 'sms', 'email'].includes(name), words: 'whatsapp or all' };
const faultsOf = (value: unknown, hasSecrets = false): string[] => {
  const checked = checkDefinition(value, hasSecrets, channels);
  return checked.ok ? [] : checked.faults.map(({ at, code }) => `${at} ${code}`);
};
const written = (value: object): unknown => JSON.parse(JSON.stringify(value));
const recipe = (change: object): string[] => faultsOf({ ...good, recipe: written({ ...RECIPE, ...change }) });
const mapping = (change: object): string[] => faultsOf({ ...good, mapping: written({ ...MAPPING, ...change }) });

it('what is whole is taken; a source that has secrets keeps them', () => {
  expect(faultsOf(good)).toEqual([]);
  expect(faultsOf({ recipe: RECIPE, mapping: MAPPING }, true)).toEqual([]);
});

it.each([...presets.values()])(
  'the preset $key passes its own check, whole and as a definition',
  ({ key, recipe: own, mapping: map, pingField }) => {
    expect(faultsOf({ preset: key }, true)).toEqual([]);
    expect(faultsOf({ recipe: own, mapping: map, pingField }, true)).toEqual([]);
  },
);

it.each<[string, unknown, string[]]>([
  ['nothing', {}, ['/mapping missing_field', '/recipe missing_field']],
  ['a preset that does not exist', { preset: 'nobody', secrets: ['a-long-secret'] }, ['/preset unknown_preset']],
  ['a new source without a secret', { preset: 'payu' }, ['/secrets missing_field']],
  ['secrets that are too short', { ...good, secrets: ['a-long-secret', 'short'] }, ['/secrets/1 bad_secret']],
  ['a password without its user', { preset: 'juspay', secrets: ['password'] }, ['/secrets/0 bad_secret']],
  ['an unknown field', { ...good, colour: 'red' }, ['/colour unknown_field']],
  [
    'several things at once',
    { recipe: { ...RECIPE, algorithm: 'md5' }, mapping: { event: { from: 'type' }, keys: { order: '/o', shop: '/s' } } },
    ['/mapping/event/from bad_pointer', '/mapping/keys/shop unknown_field', '/recipe/algorithm bad_value'],
  ],
])('%s is refused, and each fault is named with its place', (_title, value, faults) =>
  expect(faultsOf(value).sort()).toEqual(faults),
);

it.each<[string, object, string[]]>([
  ['a field of another kind', { field: '/hash' }, ['/recipe/field unknown_field']],
  [
    'no place for the signature',
    { signature: undefined, algorithm: undefined },
    ['/recipe/algorithm missing_field', '/recipe/signature missing_field'],
  ],
  [
    'a body that is not signed',
    { signed: '{timestamp}', timestamp: { header: 't', unit: 's', toleranceSeconds: 300 } },
    ['/recipe/signed body_not_signed'],
  ],
  ['a time that stands nowhere', { signed: '{timestamp}.{body}' }, ['/recipe/timestamp missing_field']],
  [
    'a time that is not signed',
    { timestamp: { header: 't', unit: 's', toleranceSeconds: 300 } },
    ['/recipe/signed timestamp_not_signed'],
  ],
  ['a placeholder for nothing', { signed: '{id}{body}' }, ['/recipe/signed bad_placeholder']],
  ['a header in capitals', { signature: { header: 'X-Signature' } }, ['/recipe/signature/header bad_format']],
  [
    'a tolerance of a week',
    { signed: '{timestamp}{body}', timestamp: { header: 't', unit: 's', toleranceSeconds: 604_800 } },
    ['/recipe/timestamp/toleranceSeconds bad_value'],
  ],
])('a recipe with %s is refused', (_title, change, faults) => expect(recipe(change).sort()).toEqual(faults));

it.each<[string, object, string[]]>([
  ['no secret in its text', { signed: '{/status}' }, ['/recipe/signed secret_not_signed']],
  ['a placeholder that is no pointer', { signed: '{secret}|{status}' }, ['/recipe/signed bad_placeholder']],
])('a field hash with %s is refused', (_title, change, faults) =>
  expect(
    faultsOf({ ...good, recipe: { kind: 'field_hash', field: '/hash', algorithm: 'sha512', encoding: 'hex', ...change } }),
  ).toEqual(faults),
);

it.each([
  ['nowhere', { kind: 'token' }],
  ['in two places', { kind: 'token', header: 'x-token', query: 'token' }],
])('a token %s is refused', (_title, value) => expect(faultsOf({ ...good, recipe: value })).toEqual(['/recipe token_place']));

it.each<[string, object, string[]]>([
  ['nothing it is about', { keys: undefined }, ['/mapping about_nothing']],
  [
    'a zone of its own',
    { occurredAt: { from: '/t', format: 'local', zone: 'India/Bombay' } },
    ['/mapping/occurredAt/zone unknown_zone'],
  ],
  [
    'a currency that does not exist',
    { amount: { value: '/a', currency: { value: 'XYZ' }, unit: 'major' } },
    ['/mapping/amount/currency/value unknown_currency'],
  ],
  ['a value that is two things', { id: { first: ['/a'], value: 'b' } }, ['/mapping/id bad_value']],
  ['a separator of nothing', { id: { first: ['/a'], separator: '-' } }, ['/mapping/id bad_value']],
  [
    'a reason for an event it does not make',
    { reason: { events: ['Payment Failed'], by: [] } },
    ['/mapping/reason/events/0 unknown_event'],
  ],
  [
    'an event name of its own making',
    { event: { from: '/type', names: { paid: '7 up' } } },
    ['/mapping/event/names/paid bad_format'],
  ],
  [
    'a reason class in capitals',
    { reason: { events: ['Order Paid'], by: [{ from: '/e', classes: { U30: 'Money' } }] } },
    ['/mapping/reason/by/0/classes/U30 bad_format'],
  ],
])('a mapping with %s is refused', (_title, change, faults) => expect(mapping(change)).toEqual(faults));

const marketing = { purpose: { from: { value: 'marketing' } }, channel: { from: { value: 'whatsapp' } }, state: { from: '/optin', words: { yes: 'granted' } } }; // prettier-ignore
const device = { token: '/token', platform: { from: { value: 'android' } } };
const people = (change: object, person: object = { customerId: '/c' }): object => ({
  person,
  consents: [{ ...marketing, ...change }],
});
it('the example with people and what they agree to is whole', () => expect(faultsOf(PROFILES_EXAMPLE)).toEqual([]));

it.each<[string, object, string[]]>([
  ['consents of nobody', people({}, { name: '/n', language: '/l' }), ['/mapping/consents nobody_agrees']],
  ['a purpose of its own', people({ purpose: { from: { value: 'offers' } } }), ['/mapping/consents/0/purpose/from bad_value']],
  ['a channel in capitals', people({ channel: { from: { value: 'WA' } } }), ['/mapping/consents/0/channel/from bad_value']],
  [
    'a channel that is not there',
    people({ channel: { from: { value: 'whatsap' } } }),
    ['/mapping/consents/0/channel/from bad_value'],
  ],
  ['a word for a channel that is not there', people({ channel: { from: '/c', words: { WA: 'whatsapp', TEXT: 'smss' } } }), ['/mapping/consents/0/channel/words/TEXT unknown_channel']], // prettier-ignore
  ['a state that says neither', people({ state: { from: { value: 'yes' } } }), ['/mapping/consents/0/state/from bad_value']],
  ['a word for what it is not', people({ state: { from: '/s', words: { yes: 'maybe' } } }), ['/mapping/consents/0/state/words/yes bad_value']], // prettier-ignore
  ['a word that always comes and is not among its words', people({ purpose: { from: { value: 'x' }, words: { y: 'all' } } }), ['/mapping/consents/0/purpose/from bad_value']], // prettier-ignore
  ['no state', { person: { customerId: '/c' }, consents: [{ ...marketing, state: undefined }] }, ['/mapping/consents/0/state missing_field']], // prettier-ignore
  [
    'a zone that is an abbreviation',
    people({ at: { from: '/t', format: 'local', zone: 'IST' } }),
    ['/mapping/consents/0/at/zone unknown_zone'],
  ],
  ['a zone of its own for it', people({ at: { from: '/t', format: 'local', zone: 'India/Bombay' } }), ['/mapping/consents/0/at/zone unknown_zone']], // prettier-ignore
  ['a source of several words', people({ source: { value: 'My form' } }), ['/mapping/consents/0/source bad_value']],
  ['the whole as a list of consents', people({ each: '' }), ['/mapping/consents/0/each bad_pointer']],
  ['a consent from a header that is not signed', people({ proof: 'header:x-proof' }), ['/mapping/consents/0/proof not_signed']],
  ['who agrees from a header that is not signed', people({}, { phone: 'header:x-phone' }), ['/mapping/person/phone not_signed']],
  ['a language that is none', { person: { customerId: '/c', language: { first: ['/l'], otherwise: 'Hindi!' } } }, ['/mapping/person/language bad_value']], // prettier-ignore
  ['a device of no kind', { person: { customerId: '/c', pushTokens: [{ ...device, platform: { from: { value: 'fridge' } } }] } }, ['/mapping/person/pushTokens/0/platform/from bad_value']], // prettier-ignore
  ['a device without its token', { person: { customerId: '/c', pushTokens: [{ ...device, token: undefined }] } }, ['/mapping/person/pushTokens/0/token missing_field']], // prettier-ignore
  ['a value of a device that is two things', { person: { customerId: '/c', pushTokens: [{ ...device, app: { first: ['/a'], value: 'b' } }] } }, ['/mapping/person/pushTokens/0/app bad_value']], // prettier-ignore
  ['nothing but a language', { keys: undefined, person: { language: '/l' } }, ['/mapping about_nothing']],
])('a mapping with %s is refused', (_title, change, faults) => expect(mapping(change)).toEqual(faults));

it('what a form’s hash does not cover agrees to nothing', () => {
  const hash = { kind: 'field_hash', field: '/hash', algorithm: 'sha512', encoding: 'hex', signed: '{secret}|{/c}|{/t}' };
  const state = { from: '/optin', words: { yes: 'granted' } };
  const map = { ...MAPPING, person: { customerId: '/c', phone: '/p' }, consents: [{ ...marketing, state }] };
  expect(faultsOf({ ...good, recipe: hash, mapping: map })).toEqual(['/mapping/person/phone not_signed', '/mapping/consents/0/state/from not_signed']); // prettier-ignore
});

it('no fault repeats a secret', () => {
  const checked = checkDefinition({ preset: 'juspay', secrets: ['s3cret'], colour: 's3cret' }, false, channels);
  expect(JSON.stringify(checked)).not.toContain('s3cret');
});
