import { type Candidate, providerFor, takesOver } from './provider-order';

/** `-name` is paused, `~name` is shut for now. */
const candidates = (words: string): Candidate[] =>
  words.split(' ').map((word) => ({
    name: word.replace(/^[-~]/, ''),
    isRefused: word.startsWith('-'),
    isShut: word.startsWith('~'),
  }));

describe('the provider that gets a message', () => {
  it.each<[string, string[], string | null]>([
    ['first second', [], 'first'],
    ['-first second', [], 'second'],
    ['~first second', [], 'second'],
    ['first second', ['first'], 'second'],
    ['first second', ['first', 'second'], null],
    ['~first ~second', [], 'first'],
    ['-first ~second', [], 'second'],
    ['-first -second', [], null],
  ])('of "%s", refused by %j: %s', (words, tried, name) => expect(providerFor(candidates(words), tried)).toBe(name));

  it.each<[string, string[], string | null]>([
    ['first second', [], 'second'],
    ['first ~second third', [], 'third'],
    ['first -second', [], null],
    ['first ~second', [], null],
    ['first', [], null],
    ['first second', ['second'], null],
  ])('who takes over from the first of "%s", refused by %j: %s', (words, tried, name) =>
    expect(takesOver(candidates(words), 'first', tried)).toBe(name),
  );
});
