import { incrementalRevenue } from '../../src/analytics/rules/money';
import { Seeded } from '../../src/analytics/rules/seeded';
import { simulateExperiments } from '../../src/analytics/rules/simulate-experiments';

describe('experiments with a known truth', () => {
  const plan = { bases: [0.03, 0.08, 0.15, 0.22, 0.3], controlShare: 0.3, perDay: 150, days: 28 };

  it('of 2,000 without a difference at most 6 % are flagged at the end and 5 % at any daily peek', () => {
    const result = simulateExperiments({ ...plan, experiments: 2_000, uplift: 0, seed: 20_261_123 });
    expect(result.flaggedAtEnd).toBeLessThanOrEqual(0.06);
    expect(result.flaggedAtAnyPeek).toBeLessThanOrEqual(0.05);
  });

  it.each([0.02, 0.05, 0.08])('with a planted uplift of %d the interval holds the truth in 93 to 97 %', (uplift) => {
    const result = simulateExperiments({ ...plan, experiments: 2_000, days: 10, uplift, seed: 41 });
    expect(result.covered).toBeGreaterThanOrEqual(0.93);
    expect(result.covered).toBeLessThanOrEqual(0.97);
  });

  it('an interval of skewed amounts holds the truth about 95 times in 100', () => {
    const draws = new Seeded(7);
    const arm = (people: number, rate: number) => {
      let [sum, sumOfSquares] = [0, 0];
      for (let person = 0; person < people; person += 1) {
        if (draws.next() >= rate) continue;
        const normal = Math.sqrt(-2 * Math.log(1 - draws.next())) * Math.cos(2 * Math.PI * draws.next());
        const paid = 1_500 * Math.exp(0.8 * normal);
        sum += paid;
        sumOfSquares += paid * paid;
      }
      return { entrants: people, sum, sumOfSquares };
    };
    const truth = 0.06 * 1_500 * Math.exp(0.32) * 1_800;
    let covered = 0;
    for (let round = 0; round < 600; round += 1) {
      const interval = incrementalRevenue(arm(1_800, 0.24), arm(200, 0.18), 1, 'final');
      if (interval && interval.low <= truth && truth <= interval.high) covered += 1;
    }
    expect(covered / 600).toBeGreaterThan(0.925);
    expect(covered / 600).toBeLessThan(0.975);
  });
});
