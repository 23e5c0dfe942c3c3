import { faultsOfTexts } from './texts';

const places = (value: unknown, root = ''): string[] => faultsOfTexts(value, root).map(({ at, code }) => `${at} ${code}`);

it.each<[string, unknown, string[]]>([
  ['a text', 'Asha', []],
  ['no text at all', 17, []],
  ['a text with U+0000', 'a\u0000', ['/ nul_character']],
  ['half of a pair', { name: '\ud800' }, ['/name lone_surrogate']],
  ['a pair', { name: '🙏' }, []],
  ['a part of a part', { people: [{ id: 'x' }, { id: '\u0000' }] }, ['/people/1/id nul_character']],
  ['a field whose name was made up', { 'x y\u0000': '\u0000' }, ['/(field) nul_character']],
])('%s: what cannot be stored is named by its place', (_title, value, wanted) => expect(places(value)).toEqual(wanted));

it('a parameter goes by its name', () => expect(places('\u0000', 'name')).toEqual(['name nul_character']));

it.each([
  [100, '\u0000', [expect.stringMatching(/^(\/0){50,} nul_character$/)]],
  [101, '', ['/ too_deep']],
  [100_000, '', ['/ too_deep']],
])('a body that is %d levels deep is looked through or refused', (levels, innermost, wanted) => {
  let deep: unknown = innermost;
  for (let level = 0; level < levels; level += 1) deep = [deep];
  expect(places(deep)).toEqual(wanted);
});
