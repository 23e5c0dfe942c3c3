import { experimentsOf, inExperiments } from './experiments';

const version = (number: number, treatment: string) => ({
  key: 'j',
  version: number,
  holdoutPercent: 10,
  window: 86_400_000,
  treatment,
  registered: ['push/cart'],
});
const VERSIONS = [version(1, 'a'), version(2, 'a'), version(3, 'b')];

it.each<[string, number[], string[]]>([
  ['the last one for everybody', [3], ['j:3']],
  ['a new version for a share of them: the one before goes on', [2, 3], ['j:1', 'j:3']],
  ['a new version that was taken back', [2], ['j:1']],
  ['a paused journey: the last one, which may be resumed', [], ['j:3']],
])('%s is what people enter', (_what, enteredNow, current) =>
  expect(experimentsOf('j', VERSIONS, new Set(enteredNow)).flatMap(({ id, isCurrent }) => (isCurrent ? [id] : []))).toEqual(
    current,
  ),
);

it('versions that treat people alike are one experiment, and others begin anew', () =>
  expect(experimentsOf('j', VERSIONS, new Set([3])).map(({ versions }) => versions)).toEqual([[1, 2], [3]]));

it('tells each version the first and the last one of its experiment, also after a return to an earlier treatment', () =>
  expect(
    inExperiments([version(4, 'a'), ...VERSIONS, { ...version(5, 'b'), key: 'k' }]).map(({ version: one, first, last }) => [
      one.key,
      one.version,
      first,
      last,
    ]),
  ).toEqual([
    ['j', 1, 1, 2],
    ['j', 2, 1, 2],
    ['j', 3, 3, 3],
    ['j', 4, 4, 4],
    ['k', 5, 5, 5],
  ]));

describe('a registered template that is given other words', () => {
  const QUARTER = 900_000;
  const cut = (...changes: { template: string; at: number }[]) =>
    experimentsOf('j', VERSIONS, new Set([3]), changes).map(({ id, since, until, isCurrent }) => [id, since, until, isCurrent]);

  it('begins anew with the next quarter of an hour, for whoever sends it', () =>
    expect(cut({ template: 'push/cart', at: 10 * QUARTER + 1 })).toEqual([
      ['j:1', -Infinity, 10 * QUARTER, false],
      ['j:1.2', 11 * QUARTER, Infinity, false],
      ['j:3', -Infinity, 10 * QUARTER, false],
      ['j:3.2', 11 * QUARTER, Infinity, true],
    ]));

  it('does so once for all changes of one quarter, and once more for a later one', () =>
    expect(
      cut(
        { template: 'push/cart', at: 10 * QUARTER },
        { template: 'push/cart', at: 11 * QUARTER - 1 },
        { template: 'push/cart', at: 20 * QUARTER },
      ).slice(3),
    ).toEqual([
      ['j:3', -Infinity, 10 * QUARTER, false],
      ['j:3.2', 11 * QUARTER, 20 * QUARTER, false],
      ['j:3.3', 21 * QUARTER, Infinity, true],
    ]));

  it('leaves those alone that do not send it', () =>
    expect(cut({ template: 'push/other', at: QUARTER }).map(([id]) => id)).toEqual(['j:1', 'j:3']));
});
