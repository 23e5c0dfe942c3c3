import data from './promotional-words.json';

const WORDS = Object.values(data.languages).flat();
const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
/** Letters and marks of any script end a word; `%` stands behind digits, with or without a blank. */
const EDGE = '[\\p{L}\\p{M}\\p{N}_]';
const PATTERN = new RegExp(`(?<!${EDGE})(?:\\d{1,3}\\s?%(?=\\s|$|[.,!])|${WORDS.map(escaped).join('|')})(?!${EDGE})`, 'iu');

/** The first word that makes an offer of a text; null: there is none. */
export function promotionalWordIn(text: string): string | null {
  return PATTERN.exec(text)?.[0] ?? null;
}
