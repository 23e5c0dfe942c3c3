import { countWithin, readBins, shareWithin, TIME_EDGES, together } from './time-bins';

it.each([
  ['', []],
  ['0:3', [[0, 3]]],
  [
    '12:1 7:20 12:4',
    [
      [12, 5],
      [7, 20],
    ],
  ],
  ['5:0', []],
] as [string, [number, number][]][])('the text %j of bins, written one behind the other, is their sum', (text, bins) =>
  expect([...readBins(text)]).toEqual(bins),
);

it('a count within a mark is exact, a share lies inside its bin', () => {
  const edge = TIME_EDGES.indexOf(900);
  const bins = together([readBins(`${edge}:30`), readBins(`${edge}:30 ${edge + 1}:40`)]);
  expect(countWithin(bins, 900)).toBe(60);
  expect(shareWithin(bins, 0.5)).toBeLessThanOrEqual(900);
  expect(shareWithin(bins, 0.9)).toBeGreaterThan(900);
  expect(shareWithin(new Map(), 0.5)).toBeNull();
});
