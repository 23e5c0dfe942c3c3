import { toIso } from '@wapas/kernel';
import { type ChannelWords, isChannelWord } from '../rules/channel-words';
import { type EventConsent } from '../rules/new-event';
import { languageOf } from '../rules/language';
import { type ConsentMapping } from './mapping';
import { type Document, entriesAt, isAbsent, textIn, timeOf, valueIn, wordIn } from './read-values';

/** As the API takes them (event-schema.ts). */
const MOST = 20;
const WORD = /^[a-z][a-z0-9_]{0,63}$/;
const LONGEST = { noticeVersion: 64, proof: 2_000 };
const STATES: ReadonlySet<string> = new Set(['granted', 'withdrawn', 'none']);
const PURPOSES: ReadonlySet<string> = new Set(['service', 'marketing', 'all']);

export const isPurpose = (word: string): word is EventConsent['purpose'] => PURPOSES.has(word);
export const isState = (word: string): word is EventConsent['state'] | 'none' => STATES.has(word);
/** The one word that says where something was said. */
export const isWord = (word: string): boolean => WORD.test(word);

/**
 * What a document says that its person agrees to or takes back. Null when there is a state, and it, its purpose, channel or time
 * cannot be read: to leave it out might be to go on writing to somebody who said no. What only explains it may be left out.
 */
export function readConsents(
  mappings: readonly ConsentMapping[] | undefined,
  document: Document,
  channels: ChannelWords,
  dropped: string[],
): readonly EventConsent[] | null {
  const found: EventConsent[] = [];
  for (const mapping of mappings ?? []) {
    const entries = entriesAt(mapping.each, document);
    if (entries === null) return null;
    for (const entry of entries) {
      const consent = consentOf(mapping, entry, channels, (field) => dropped.push(`/consents/${found.length}/${field}`));
      if (consent === null || found.length === MOST) return null;
      if (consent !== 'none') found.push(consent);
    }
  }
  return found;
}

function consentOf(
  mapping: ConsentMapping,
  entry: Document,
  channels: ChannelWords,
  drop: (field: string) => void,
): EventConsent | 'none' | null {
  if (isAbsent(valueIn(mapping.state.from, entry))) return 'none';
  const state = wordIn(mapping.state, entry, (word) => (isState(word) ? word : undefined));
  if (state === 'none') return 'none';
  const purpose = wordIn(mapping.purpose, entry, (word) => (isPurpose(word) ? word : undefined));
  const channel = wordIn(mapping.channel, entry, (word) => (isChannelWord(word, channels) ? word : undefined));
  const at = momentOf(mapping.at, entry);
  if (state === undefined || purpose === undefined || channel === undefined || at === null) return null;
  const text = (field: 'source' | 'noticeVersion' | 'noticeLanguage' | 'proof', read: (said: string) => string | undefined) => {
    const said = textIn(mapping[field], entry, field === 'proof');
    const value = said === undefined ? undefined : read(said);
    if (said !== undefined && value === undefined) drop(field);
    return value === undefined ? {} : { [field]: value };
  };
  return {
    purpose,
    channel,
    state,
    ...(at !== undefined && { at }),
    ...text('source', (said) => (isWord(said) ? said : undefined)),
    ...text('noticeVersion', (said) => (said.length <= LONGEST.noticeVersion ? said : undefined)),
    ...text('noticeLanguage', languageOf),
    ...text('proof', (said) => (said.length <= LONGEST.proof ? said : undefined)),
  };
}

/** Undefined: nothing is said; null: it cannot be read. */
function momentOf(mapping: ConsentMapping['at'], entry: Document): string | null | undefined {
  const value = mapping && valueIn(mapping.from, entry);
  if (!mapping || isAbsent(value)) return undefined;
  const at = timeOf(value, mapping.format, mapping.zone);
  return at === null ? null : toIso(at);
}
