const LONGEST = 300;

/**
 * A vendor's words, fit to be kept: without the given private strings, without anything that looks like a number or a
 * token, on one line, at most 300 characters. Vendors like to quote what they were sent.
 */
export function cleanWords(words: unknown, privateStrings: readonly string[] = []): string | undefined {
  if (typeof words !== 'string') return undefined;
  // Cut first: a vendor may answer with megabytes, and a private string cut in two would no longer be recognised, so the rest goes too.
  let text = words.slice(0, 4_096);
  for (const secret of byLength(privateStrings)) text = text.replaceAll(secret, '…');
  text = text
    .replace(/[A-Za-z0-9_\-:.~+/=]{32,}/g, '…')
    .replace(/\+?\d(?:[\s().-]?\d){6,}/g, '…')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '') return undefined;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

/** A vendor's code or status word as it may be stored and shown: short, plain, or `unreadable`. */
export function cleanCode(code: unknown): string {
  const text = typeof code === 'number' ? String(code) : code;
  if (typeof text !== 'string' || !/^[A-Za-z0-9_./ -]{1,64}$/.test(text)) return 'unreadable';
  return /\d{7,}/.test(text) ? 'unreadable' : text;
}

/** A vendor's message id, when it is a text of bearable length. */
export function vendorIdOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined;
}

/** Longest first, so that a number inside a longer number goes with it. Short strings would tear holes into ordinary words. */
function byLength(strings: readonly string[]): string[] {
  return strings.filter((text) => text.length >= 4).sort((a, b) => b.length - a.length);
}
