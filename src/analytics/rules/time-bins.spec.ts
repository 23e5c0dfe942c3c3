import { countWithin, readBins, shareWithin, TIME_EDGES } from './time-bins';

const written = (bins: readonly number[]): [number, number][] => [...bins.entries()].filter(([, count]) => count > 0);

it.each([
  [[''], []],
  [[null], []],
  [['0:3'], [[0, 3]]],
  [
    ['12:1 7:20 12:4', null, '7:1'],
    [
      [7, 21],
      [12, 5],
    ],
  ],
  [['5:0'], []],
] as [(string | null)[], [number, number][]][])('the texts %j of bins are read as their sum', (texts, bins) =>
  expect(written(readBins(texts))).toEqual(bins),
);

it('a count within a mark is exact, a share lies inside its bin', () => {
  const edge = TIME_EDGES.indexOf(900);
  const bins = readBins([`${edge}:30`, `${edge}:30 ${edge + 1}:40`]);
  expect(countWithin(bins, 900)).toBe(60);
  expect(shareWithin(bins, 0.5)).toBeLessThanOrEqual(900);
  expect(shareWithin(bins, 0.9)).toBeGreaterThan(900);
  expect(shareWithin(readBins([]), 0.5)).toBeNull();
});
