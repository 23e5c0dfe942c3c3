import fc from 'fast-check';
import { faultsOfJson } from './json-hygiene';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const codes = (value: unknown): string[] => faultsOfJson(value).map(({ at, code }) => `${at} ${code}`);

it.each<[string, unknown, string[]]>([
  ['an ordinary body', { event: 'x', items: [1, 2.5, null, true], text: 'नमस्ते 👋' }, []],
  ['20 levels', nested(20), []],
  ['21 levels', nested(21), ['/ too_deep']],
  ['100,000 levels', nested(100_000), ['/ too_deep']],
  ['a NUL in a text', { person: { name: 'a\u0000b' } }, ['/person/name nul_character']],
  ['a NUL in a name', { ['a\u0000']: 1 }, [' nul_character']],
  ['half a surrogate', { a: ['\ud800'] }, ['/a/0 lone_surrogate']],
  ['half a surrogate in a name', { ['\udc00']: 1 }, [' lone_surrogate']],
  ['a number that a double has changed', JSON.parse('{"id":9007199254740993}'), ['/id number_not_exact']],
  ['the largest number that it has not', { id: 9_007_199_254_740_991 }, []],
  ['a number without end', JSON.parse('{"amount":1e400}'), ['/amount number_out_of_range']],
  ['__proto__', JSON.parse('{"properties":{"__proto__":{"x":1}}}'), ['/properties forbidden_key']],
  ['constructor', { constructor: { prototype: 1 } }, [' forbidden_key']],
  ['a path to a prototype', { 'a.__proto__.b': 1 }, [' forbidden_key']],
  ['a word that only begins so', { constructors: 1, prototypical: 2 }, []],
])('%s', (_case, value, faults) => expect(codes(value)).toEqual(faults));

it('a name that is not plain is counted, never repeated', () =>
  expect(codes({ a: 1, '+919812345678': 'x\u0000' })).toEqual(['/(field 1) nul_character']));

it('says twenty things at the most', () =>
  expect(faultsOfJson(Object.fromEntries(Array.from({ length: 500 }, (_one, index) => [`k${index}`, '\u0000'])))).toHaveLength(
    20,
  ));

it('whatever JSON it lets through can be stored and read back unchanged', () =>
  fc.assert(
    fc.property(fc.json({ maxDepth: 3, stringUnit: 'binary' }), (text) => {
      const value: unknown = JSON.parse(text);
      if (faultsOfJson(value).length > 0) return;
      expect(text).not.toMatch(/(?<!\\)(\\\\)*\\u0000/);
      expect(JSON.parse(JSON.stringify(value))).toEqual(value);
    }),
  ));
