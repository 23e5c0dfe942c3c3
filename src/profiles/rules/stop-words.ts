/**
 * Words by which customers take their consent back, as whole messages. English words as carriers and Meta use them; Indian
 * ones as people write them, in their own script and in Latin letters. Collected 2026-11-25 from carrier opt-out practice,
 * Meta's opt-out guidance and everyday usage; not a vendor's list, so add what your customers write.
 */
const STOP_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: ['stop', 'stop all', 'stopall', 'unsubscribe', 'unsub', 'cancel', 'end', 'quit', 'opt out', 'optout', 'stop messages', 'stop promotions', 'remove me', 'no more messages', "don't message me", 'dont message me', 'stop it', 'stop now', 'stop please', 'please stop', 'pls stop', 'stop pls', 'stop sms', 'stop msg', 'stop msgs', 'stop message', 'please stop messages', 'stop texting', 'stop texting me', 'stop messaging me', 'opt me out'], // prettier-ignore
  hi: ['रोकें', 'रोको', 'रोक दो', 'रोक दें', 'बंद करो', 'बंद करें', 'बन्द करो', 'बन्द करें', 'बंद', 'मैसेज मत भेजो', 'मैसेज मत भेजें', 'मत भेजो', 'मत भेजें', 'मैसेज बंद करो', 'मैसेज बंद करें', 'स्टॉप', 'स्टाप', 'mat bhejo', 'message band karo', 'msg band karo', 'band karo', 'band kro', 'band kare', 'rok do', 'roko', 'message mat bhejo', 'msg mat bhejo'], // prettier-ignore
  bn: ['স্টপ', 'বন্ধ', 'বন্ধ করুন', 'বন্ধ করো', 'থামান', 'bondho korun', 'bondho koro'],
  mr: ['मेसेज बंद करा', 'थांबवा', 'थांबा', 'बंद करा', 'thambva', 'band kara'],
  te: ['స్టాప్', 'ఆపండి', 'ఆపు', 'ఆపివేయండి', 'aapandi', 'apandi', 'aapu'],
  ta: ['ஸ்டாப்', 'நிறுத்து', 'நிறுத்துங்கள்', 'நிறுத்தவும்', 'niruthu', 'niruthungal', 'niruthavum'],
  gu: ['સ્ટોપ', 'બંધ કરો', 'બંધ', 'રોકો', 'bandh karo'],
  kn: ['ಸ್ಟಾಪ್', 'ನಿಲ್ಲಿಸಿ', 'ನಿಲ್ಲಿಸು', 'nillisi', 'nillisu'],
  ml: ['സ്റ്റോപ്പ്', 'നിർത്തുക', 'നിർത്തൂ', 'നിർത്ത്', 'nirthuka', 'nirthu'],
  pa: ['ਸਟਾਪ', 'ਬੰਦ ਕਰੋ', 'ਬੰਦ', 'ਰੋਕੋ', 'band kar do'],
  or: ['ବନ୍ଦ କରନ୍ତୁ', 'ବନ୍ଦ', 'banda karantu'],
  as: ['বন্ধ কৰক', 'বন্ধ কৰা', 'bondho korok'],
  ur: ['سٹاپ', 'اسٹاپ', 'بند کریں', 'بند کرو', 'روکو', 'روکیں'],
};

/** Words by which they come back. Fewer on purpose: "yes" may answer anything. */
const START_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: ['start', 'unstop', 'subscribe', 'resume', 'opt in', 'optin'],
  hi: ['शुरू', 'शुरू करें', 'शुरू करो', 'चालू करो', 'chalu karo', 'shuru karo'],
};

/** Longer texts are none of the words, and are not worth normalising. */
const LONGEST = 160;

const STOPS = languagesByWord(STOP_WORDS);
const STARTS = languagesByWord(START_WORDS);

export interface HeardWord {
  readonly meaning: 'stop' | 'start';
  /** Language of the word, for the ledger. */
  readonly language: string;
}

/**
 * What an inbound text asks for; null when it is not one of the words alone: "stop sending the wrong size" is a complaint for a person.
 * `header`: whom the SMS come from, which people put behind the word (STOP WAPAS).
 */
export function heardIn(text: string, header = ''): HeardWord | null {
  const said = normalise(text);
  const name = normalise(header);
  const word = name !== '' && said.endsWith(` ${name}`) ? said.slice(0, -name.length - 1) : said;
  const stop = STOPS.get(word);
  if (stop) return { meaning: 'stop', language: stop };
  const start = STARTS.get(word);
  return start ? { meaning: 'start', language: start } : null;
}

/** Malayalam final consonants as they were written before 2008, and as older phones write them still. */
const CHILLUS: Readonly<Record<string, string>> = { ണ: 'ൺ', ന: 'ൻ', ര: 'ർ', ല: 'ൽ', ള: 'ൾ', ക: 'ൿ' };

/** One spelling for what looks the same: compatibility forms, case, joiners, hyphens, outer punctuation, runs of spaces. */
function normalise(text: string): string {
  if (text.length > LONGEST) return '';
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/([ണനരലളക])\u0d4d\u200d/g, (_old, letter: string) => CHILLUS[letter] ?? letter)
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '')
    .replace(/[’‘`]/g, "'")
    .replace(/[\s\p{Pd}]+/gu, ' ')
    .replace(/^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu, '');
}

function languagesByWord(words: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(words).flatMap(([language, list]) => list.map((word) => [normalise(word), language] as const)));
}
