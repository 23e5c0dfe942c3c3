import { type Fault } from '@wapas/problems';
import { isZone } from '@wapas/kernel';
import { type ConsentMapping, type Mapping, type PushTokenMapping } from '../sources/mapping';
import { isPurpose, isState, isWord } from '../sources/read-consents';
import { type ChannelWords, faultsOfChannel, isChannelWord } from '../rules/channel-words';
import { languageOf } from '../rules/language';
import { KINDS, namesSomebody, PERMISSIONS, PLATFORMS } from '../sources/read-person';
import { type Value, type Worded } from '../sources/read-values';

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** What is wrong with a mapping that its schema has passed, with pointers into the definition. */
export function faultsOfMapping(mapping: Mapping, channels: ChannelWords): Fault[] {
  const faults = valuesOf(mapping).flatMap(([at, value]) => faultsOfValue(`/mapping${at}`, value));
  const zones = [
    ['/occurredAt', mapping.occurredAt?.zone],
    ...(mapping.consents ?? []).map(({ at }, index) => [`/consents/${index}/at`, at?.zone]),
  ];
  for (const [at, zone] of zones)
    if (zone !== undefined && !isZone(zone))
      faults.push({
        at: `/mapping${at}/zone`,
        code: 'unknown_zone',
        detail:
          'Use the IANA name of a time zone, such as Asia/Kolkata. An abbreviation or an offset is another place to another system.',
      });
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
  faults.push(...faultsOfConstants(mapping, channels));
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
function faultsOfConstants({ person = {}, consents = [] }: Mapping, channels: ChannelWords): Fault[] {
  const { pushTokens = [], language, timeZone } = person;
  return [
    ...faultsOfConstant('/mapping/person/language', language, (text) => languageOf(text) !== undefined, 'BCP 47, such as hi'),
    ...faultsOfConstant('/mapping/person/timeZone', timeZone, isZone, 'an IANA zone, such as Asia/Kolkata'),
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
        ...faultsOfWord(`${at}/channel`, channel, (word) => isChannelWord(word, channels), channels.words),
        ...Object.entries(channel.words ?? {}).flatMap(([theirs, ours]) =>
          faultsOfChannel(ours, channels, `${at}/channel/words/${theirs}`),
        ),
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

/** Where a consent's parts come from, each with its pointer behind `at`. */
export const valuesOfConsent = (at: string, consent: ConsentMapping): [string, Value | undefined][] => [
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
