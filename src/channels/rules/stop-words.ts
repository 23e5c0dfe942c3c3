/**
 * Words by which people end it, as whole messages. English as carriers and Meta use them, Hindi in its own script and in
 * Latin letters. Collected 2026-11-25 from carriers' opt-out practice and everyday usage; no vendor's list.
 */
const STOP_WORDS: readonly string[] = [
  'stop', 'stop all', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'opt out', 'optout',
  'रोकें', 'रोको', 'रोक दो', 'बंद करो', 'बंद करें', 'बंद', 'band karo', 'band kare', 'rok do', 'roko',
]; // prettier-ignore

/** True when the text is one of them and nothing else: "stop sending the wrong size" is a complaint for a person. */
export function isStopWord(text: string): boolean {
  return STOPS.has(plain(text));
}

/** One spelling for what looks the same: compatibility forms, case, outer punctuation, runs of spaces. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu, '');
}

const STOPS: ReadonlySet<string> = new Set(STOP_WORDS.map(plain));
