import { compare } from './comparison';
import { type Costs } from './cost';
import { costPerIncrementalRecovery, incrementalRevenue } from './money';
import { alwaysValid, newcombe, rateOf, wilson } from './proportion';
import { daysUntil, minimumSample } from './sample-size';
import { checkSplit } from './split';
import { daysToVerdict, type Experiment, readExperiment } from './verdict';

const share = (count: number, of: number) => ({ count, of });

describe('the difference of two rates', () => {
  it.each([
    [56, 70, 48, 80, 0.2, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.6, 0.1705, 0.809],
    [0, 98, 8, 93, -0.086, -0.1607, -0.0297],
    [2340, 9000, 180, 1000, 0.08, 0.0534, 0.1044],
    [26, 100, 18, 100, 0.08, -0.0352, 0.1929],
  ])('%d of %d against %d of %d is %d [%d, %d] by Newcombe', (x1, n1, x0, n0, value, low, high) => {
    const interval = newcombe(share(x1, n1), share(x0, n0));
    expect(interval?.value).toBeCloseTo(value, 4);
    expect(interval?.low).toBeCloseTo(low, 4);
    expect(interval?.high).toBeCloseTo(high, 4);
  });

  it('2340 of 9000 against 180 of 1000 is 0.08 ± 0.0397 at any look', () => {
    const interval = alwaysValid(share(2340, 9000), share(180, 1000));
    expect(interval?.value).toBeCloseTo(0.08, 4);
    expect((interval?.high ?? NaN) - 0.08).toBeCloseTo(0.0397, 4);
    expect(0.08 - (interval?.low ?? NaN)).toBeCloseTo(0.0397, 4);
  });

  it('nobody in an arm gives no figure, never NaN', () => {
    expect(rateOf(share(0, 0))).toBeNull();
    expect(wilson(share(0, 0))).toBeNull();
    // One is where floating point misses the ends by 5.55e-17.
    for (const all of [1, 3, 116]) expect([wilson(share(0, all))?.low, wilson(share(all, all))?.high]).toEqual([0, 1]);
    expect(newcombe(share(5, 10), share(0, 0))).toBeNull();
    expect(newcombe(share(0, 0), share(5, 10))).toBeNull();
    expect(alwaysValid(share(0, 0), share(5, 10))).toBeNull();
    // Rates of nought or all have no spread to build an interval on.
    expect(alwaysValid(share(0, 10), share(0, 10))).toBeNull();
    expect(alwaysValid(share(10, 10), share(0, 10))).toBeNull();
  });
});

describe('the planned split', () => {
  it.each([
    [9100, 900, 11.1111, 0.0009, true],
    [9050, 950, 2.7778, 0.0956, false],
  ])('%d and %d at 90:10 is χ² %d, p %d, off: %s', (treated, control, chiSquare, p, isOff) => {
    const check = checkSplit([treated, control], [90, 10]);
    expect(check?.chiSquare).toBeCloseTo(chiSquare, 4);
    expect(check?.p).toBeCloseTo(p, 4);
    expect(check?.isOff).toBe(isOff);
  });

  it('needs people and two arms', () => {
    expect(checkSplit([0, 0], [90, 10])).toBeNull();
    expect(checkSplit([10, 0], [100, 0])).toBeNull();
    expect(checkSplit([10], [1])).toBeNull();
    expect(() => checkSplit([10, 1], [1])).toThrow();
  });
});

describe('how many people it takes', () => {
  it.each([
    [0.05, 0.03, 0.1, 624, 6_240],
    [0.1, 0.03, 0.1, 1_019, 10_187],
    [0.1, 0.05, 0.1, 400, 3_994],
    [0.18, 0.05, 0.1, 583, 5_828],
    [0.18, 0.08, 0.1, 242, 2_415],
    [0.3, 0.05, 0.1, 774, 7_733],
    [0.18, 0.08, 0.5, 420, 840],
  ])('base %d, difference %d, control share %d: %d in control, %d in all', (base, difference, controlShare, control, total) => {
    expect(minimumSample({ base, difference, controlShare })).toEqual({ control, total });
  });

  it.each([
    ['no control', { base: 0.1, difference: 0.05, controlShare: 0 }],
    ['all control', { base: 0.1, difference: 0.05, controlShare: 1 }],
    ['no difference', { base: 0.1, difference: 0, controlShare: 0.1 }],
    ['a rate of nought', { base: 0, difference: 0.05, controlShare: 0.1 }],
    ['more than everybody', { base: 0.97, difference: 0.05, controlShare: 0.1 }],
    ['not a number', { base: NaN, difference: 0.05, controlShare: 0.1 }],
  ])('%s has no answer', (_name, plan) => expect(minimumSample(plan)).toBeNull());

  it('counts whole days, and says when it never ends', () => {
    expect(daysUntil(0, 10)).toBe(0);
    expect(daysUntil(21, 10)).toBe(3);
    expect(daysUntil(1, 0)).toBeNull();
  });
});

describe('the verdict', () => {
  const experiment = (fields: Partial<Experiment>): Experiment => ({
    treated: share(2340, 9000),
    control: share(180, 1000),
    controlShare: 0.1,
    days: 30,
    isOver: false,
    ...fields,
  });

  it.each([
    ['a difference that leaves zero out at any look', {}, 'proven'],
    ['the same in its first week', { days: 6 }, 'collecting'],
    ['harm, also in its first week', { treated: share(900, 9000), days: 2 }, 'harmful'],
    ['too small a difference for enough people', { treated: share(1640, 9000) }, 'not proven'],
    ['the same before enough people', { treated: share(820, 4500), control: share(90, 500) }, 'collecting'],
    ['fewer than 30 goals in control', { control: share(29, 1000), treated: share(2340, 9000) }, 'collecting'],
    ['fewer than 100 in control', { control: share(60, 99), treated: share(800, 891) }, 'collecting'],
    ['the end, with too few to say anything', { control: share(5, 40), treated: share(100, 360), isOver: true }, 'not proven'],
    ['the end, read once', { treated: share(2070, 9000), isOver: true }, 'proven'],
    [
      'the end before enough people, where one look would have been enough',
      { treated: share(1035, 4500), control: share(90, 500), isOver: true },
      'not proven',
    ],
    ['the end in the first week', { days: 6, isOver: true }, 'not proven'],
    [
      'nobody in a control that is planned, as long as that can be chance',
      { treated: share(10, 40), control: share(0, 0) },
      'collecting',
    ],
  ] as const)('%s: %s', (_name, fields, verdict) => {
    expect(readExperiment(experiment(fields))).toMatchObject({ kind: 'read', verdict });
  });

  it('shows no interval below 100 people in each arm and 30 goals in control', () => {
    expect(readExperiment(experiment({ control: share(29, 1000) }))).not.toHaveProperty('difference');
    expect(readExperiment(experiment({ control: share(30, 1000) }))).toHaveProperty('difference');
  });

  it('is hidden while the split is off', () => {
    const reading = readExperiment(experiment({ treated: share(2340, 9100), control: share(180, 900) }));
    expect(reading.kind).toBe('split_is_off');
    expect(reading).not.toHaveProperty('verdict');
  });

  it('does not exist without a control', () => {
    expect(readExperiment(experiment({ controlShare: 0, control: share(0, 0) }))).toEqual({ kind: 'no_control' });
  });

  it('is hidden when nobody is in a control of which a thousand were planned', () =>
    expect(readExperiment(experiment({ control: share(0, 0) }))).toMatchObject({ kind: 'split_is_off', split: { isOff: true } }));

  it('is for one look only once enough people came and two weeks are over', () => {
    const over = { isOver: true, treated: share(2070, 9000) };
    expect(readExperiment(experiment(over))).toMatchObject({ intervalKind: 'final' });
    expect(readExperiment(experiment({ ...over, days: 6 }))).toMatchObject({ intervalKind: 'always_valid' });
    expect(readExperiment(experiment({ ...over, treated: share(1035, 4500), control: share(90, 500) }))).toMatchObject({
      intervalKind: 'always_valid',
    });
  });

  it('is awaited until enough people came and two weeks are over, and no more once nobody enters', () => {
    const days = (fields: Partial<Experiment>): number | null =>
      daysToVerdict(experiment({ days: 10, control: share(90, 500), ...fields }), { control: 600, total: 6000 });
    expect(days({})).toBe(4);
    expect(days({ days: 20 })).toBe(4);
    expect(days({ days: 3, control: share(180, 1000) })).toBe(11);
    expect(days({ days: 20, control: share(180, 1000) })).toBe(0);
    expect(days({ control: share(0, 0) })).toBeNull();
    expect(days({ isOver: true })).toBeNull();
  });
});

describe('rupees', () => {
  it('are counted per entrant, those who paid nothing included, and scaled to the treated', () => {
    // 9,000 treated: 2,340 paid 1,000 each; 1,000 in control: 180 paid 1,000 each.
    const treated = { entrants: 9_000, sum: 2_340_000, sumOfSquares: 2_340_000_000 };
    const control = { entrants: 1_000, sum: 180_000, sumOfSquares: 180_000_000 };
    const revenue = incrementalRevenue(treated, control, 2_520, 'final');
    expect(revenue?.value).toBeCloseTo(720_000, 6);
    // 1.96 × sqrt(0.26×0.74/8999×… + 0.18×0.82/999): the rates' own Wald interval, times 1,000 rupees and 9,000 people.
    expect(revenue?.low).toBeCloseTo(490_620, -2);
    expect(revenue?.high).toBeCloseTo(949_380, -2);
    const running = incrementalRevenue(treated, control, 2_520, 'always_valid');
    expect((running?.high ?? 0) - 720_000).toBeCloseTo(0.0397 * 9_000_000, -4);
  });

  it('have no interval when nobody paid or an arm is empty', () => {
    const nothing = { entrants: 100, sum: 0, sumOfSquares: 0 };
    expect(incrementalRevenue(nothing, nothing, 0, 'final')).toBeNull();
    expect(incrementalRevenue(nothing, { entrants: 0, sum: 0, sumOfSquares: 0 }, 0, 'always_valid')).toBeNull();
  });

  it('a recovery has a price only when some were proven', () => {
    expect(costPerIncrementalRecovery(9_000, { value: 720, low: 480, high: 940 })).toEqual({
      kind: 'proven',
      value: 12.5,
      low: 9_000 / 940,
      high: 18.75,
    });
    expect(costPerIncrementalRecovery(9_000, { value: 72, low: -1, high: 940 })).toEqual({ kind: 'not_proven' });
    expect(costPerIncrementalRecovery(0, { value: 0, low: 0, high: 0 })).toEqual({ kind: 'not_proven' });
  });
});

describe('the price of a recovery', () => {
  const sums = (entered: number, recovered: number) => ({ entered, recovered, attributed: 0, takings: [] });
  const facts = {
    versions: {
      id: 'j:1',
      versions: [1],
      holdoutPercent: 10,
      window: 86_400_000,
      since: -Infinity,
      until: Infinity,
      isCurrent: true,
    },
    treated: sums(9_000, 2_340),
    holdout: sums(1_000, 180),
    cost: { costs: [{ currency: 'INR', amount: 9_000, gst: 0, units: 1, assumed: 0 }], unpriced: 0 },
    firstAt: 0,
    lastAt: 86_400_000,
    endsAt: Infinity,
  };
  it.each([
    ['is not said in the first week, while the verdict waits', 5, 'collecting', 'not_proven'],
    ['is said together with the verdict', 15, 'proven', 'proven'],
  ])('%s', (_, day, verdict, kind) =>
    expect(compare(facts, day * 86_400_000)).toMatchObject({
      verdict,
      incremental: { costPerRecovery: { kind, currency: 'INR' } },
    }),
  );

  it('is not said while something that was billed has no rate', () => {
    const said = (cost: Costs) => compare({ ...facts, cost }, 15 * 86_400_000).incremental?.costPerRecovery;
    expect(said({ ...facts.cost, unpriced: 12 })).toEqual({ kind: 'unpriced', units: 12, currency: 'INR' });
    expect(said({ costs: [], unpriced: 12 })).toEqual({ kind: 'unpriced', units: 12, currency: null });
    expect(said({ costs: [], unpriced: 0 })).toBeNull();
  });

  it('and what recoveries were worth are whole minor units, estimates as they are', () => {
    const paid = (recovered: number) => [{ currency: 'INR', recovered, amount: recovered * 149_901, squares: recovered * 149_901 ** 2 }]; // prettier-ignore
    const treated = { ...facts.treated, takings: paid(2_340) };
    const holdout = { ...facts.holdout, takings: paid(180) };
    const cost = { costs: [{ currency: 'INR', amount: 9_100, gst: 0, units: 1, assumed: 0 }], unpriced: 0 };
    const { incremental } = compare({ ...facts, treated, holdout, cost }, 15 * 86_400_000);
    const interval = incremental?.revenue.kind === 'amount' ? incremental.revenue.interval : null;
    expect(incremental?.costPerRecovery).toEqual({ kind: 'proven', currency: 'INR', value: 13, low: 8, high: 25 });
    expect(interval?.value).toBe(107_928_720);
    expect([interval?.low, interval?.high].map((end) => Number.isInteger(end))).toEqual([true, true]);
  });

  it('is not said of five days in the past, which are no more than five days in the present', () =>
    expect(compare({ ...facts, endsAt: 5 * 86_400_000 }, 15 * 86_400_000)).toMatchObject({
      verdict: 'collecting',
      incremental: { costPerRecovery: { kind: 'not_proven', currency: 'INR' } },
    }));
});
