import { diffDefinitions } from './diff-definitions';

it.each<[string, unknown, unknown, unknown[]]>([
  ['nothing', { a: 1, steps: [{ key: 'x' }] }, { a: 1, steps: [{ key: 'x' }] }, []],
  ['a value', { window: '24h' }, { window: '48h' }, [{ at: '/window', before: '24h', after: '48h' }]],
  ['a field that came', {}, { silence: ['x'] }, [{ at: '/silence', before: undefined, after: ['x'] }]],
  ['a step of the same key elsewhere', { steps: [{ key: 'a', after: '1m' }, { key: 'b' }] }, { steps: [{ key: 'b' }, { key: 'a', after: '2m' }] }, [{ at: '/steps/a/after', before: '1m', after: '2m' }]], // prettier-ignore
  ['a step that went', { steps: [{ key: 'a' }, { key: 'b' }] }, { steps: [{ key: 'b' }] }, [{ at: '/steps/a', before: { key: 'a' }, after: undefined }]], // prettier-ignore
  ['an entry of a plain list', { by: ['order'] }, { by: ['cart'] }, [{ at: '/by/0', before: 'order', after: 'cart' }]],
  ['another kind of thing', { a: [1] }, { a: 'x' }, [{ at: '/a', before: [1], after: 'x' }]],
])('tells %s', (_case, before, after, differences) => expect(diffDefinitions(before, after)).toEqual(differences));
