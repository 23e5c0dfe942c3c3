/**
 * Numbers that must never stand in a message (rule 18): a full Aadhaar, a PAN, a card, an account, a one-time password, a CVV. Digits that are the known number of
 * an order or another key of the run are what they are and pass.
 */
export type PrivateNumber = 'aadhaar' | 'pan' | 'card' | 'account' | 'otp' | 'cvv';

/** Digits that are private by the word that stands before or behind them. */
const BY_WORD: readonly (readonly [PrivateNumber, RegExp])[] = [
  [
    'otp',
    /\b(?:otp|one[- ]time (?:password|passcode|code|pin))\b[^\d\n]{0,20}\b\d{4,8}\b|\b\d{4,8}\b[^\d\n]{0,15}\b(?:otp|one[- ]time (?:password|passcode|code|pin))\b/i,
  ],
  ['cvv', /\bcv[vc]2?\b[^\d\n]{0,15}\b\d{3,4}\b/i],
  ['account', /(?:\ba\/c|\bacc(?:oun)?t)\b(?:\s*(?:no|num|number)\b)?[\s.:#-]{0,3}\d{9,18}\b/i],
];

/** Every kind has three digits side by side, or a dozen of them with a blank or a hyphen in between. */
const MAY_HOLD_ONE = /\d{3}|(?:\d[ -]?){12}/;

/** What of the kind stands in one of the texts; null: nothing. Spaces and hyphens inside a number hide nothing. */
export function privateNumberIn(texts: readonly string[], knownNumbers: readonly string[]): PrivateNumber | null {
  let known: ReadonlySet<string> | undefined;
  for (const text of texts) {
    if (!MAY_HOLD_ONE.test(text)) continue;
    if (/(?<![A-Za-z0-9])[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z](?![A-Za-z0-9])/.test(text)) return 'pan';
    const word = BY_WORD.find(([, pattern]) => pattern.test(text));
    if (word) return word[0];
    for (const [run] of text.matchAll(/(?<![\w.+/-])\d(?:[ -]?\d){11,18}(?![\w/-])/g)) {
      const digits = digitsOf(run);
      known ??= new Set(knownNumbers.map(digitsOf).filter((one) => one !== ''));
      if (known.has(digits)) continue;
      if (digits.length === 12 && /^[2-9]/.test(digits) && isVerhoeff(digits)) return 'aadhaar';
      if (digits.length >= 13 && /^[3-6]/.test(digits) && isLuhn(digits)) return 'card';
    }
  }
  return null;
}

/** Every text that a person would read or follow in a rendered content. */
export function textsIn(content: unknown): string[] {
  const found: string[] = [];
  addTexts(content, found);
  return found;
}

function addTexts(content: unknown, found: string[]): void {
  if (typeof content === 'string') found.push(content);
  else if (typeof content === 'object' && content !== null) for (const value of Object.values(content)) addTexts(value, found);
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** Cards, every second digit from the right doubled. */
function isLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** The check digit of Aadhaar: the dihedral group of order ten, after Verhoeff (1969). */
const TIMES = ['0123456789', '1234067895', '2340178956', '3401289567', '4012395678', '5987604321', '6598710432', '7659821043', '8765932104', '9876543210']; // prettier-ignore
const PERMUTED = ['0123456789', '1576283094', '5803796142', '8916043527', '9453126870', '4286573901', '2793806415', '7046913258']; // prettier-ignore

function isVerhoeff(digits: string): boolean {
  const check = [...digits]
    .reverse()
    .reduce((sum, digit, index) => Number((TIMES[sum] as string)[Number((PERMUTED[index % 8] as string)[Number(digit)])]), 0);
  return check === 0;
}
