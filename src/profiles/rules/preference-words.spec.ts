import { acceptedLanguages, languageFor, PREFERENCE_WORDS } from './preference-words';

it.each([
  [['hi-IN'], 'hi'],
  [[null, 'ta'], 'ta'],
  [['fr', 'bn-IN'], 'bn'],
  [['xx'], 'en'],
  [['constructor'], 'en'],
  [[], 'en'],
])('whoever reads %j gets the page in %s', (tags, language) => expect(languageFor(tags)).toBe(language));

it.each([
  ['hi-IN,hi;q=0.9,en;q=0.8', ['hi-IN', 'hi', 'en']],
  ['en;q=0.3, ta', ['ta', 'en']],
  ['en;q=0', []],
  [undefined, []],
  [';;;,q=', []],
])('of %s the best comes first', (header, tags) => expect(acceptedLanguages(header)).toEqual(tags));

it('no text of the page is missing in any language, and none could be taken for markup', () => {
  for (const words of Object.values(PREFERENCE_WORDS))
    for (const text of Object.values(words).flat()) expect(text).toMatch(/^[^<>&"]{3,}$/);
});
