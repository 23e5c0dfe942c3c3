import fc from 'fast-check';
import {
  after,
  between,
  durationOf,
  formatDuration,
  groupBy,
  inSlices,
  hours,
  type Instant,
  isId,
  isZone,
  minorUnitDigits,
  minutes,
  newId,
  parseDuration,
  parseInstant,
  toInstant,
  toIso,
  toMajorText,
} from '.';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
    ['30m1h', 5_400_000],
    ['0s', 0],
  ])('%s is %d ms', (text, millis) => expect(parseDuration(text)).toBe(millis));
  it.each(['', '15', 'm', '-1s', '+1s', '1.5h', '1 h', '1H', '1w', '1e12', '1e3s', '1000000000s', 'PT15M', '15m\n', '１５m'])(
    '%j is none',
    (text) => expect(parseDuration(text)).toBeNull(),
  );
  it('is written as it is read', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000_000 }), (seconds) =>
        expect(parseDuration(formatDuration(durationOf(seconds * 1_000)))).toBe(seconds * 1_000),
      ),
    ));
  it('leads from one moment to another', () => {
    const start = 1_000 as Instant;
    expect(after(start, minutes(1))).toBe(61_000);
    expect(between(start, after(start, hours(2)))).toBe(hours(2));
    expect(between(after(start, hours(2)), start)).toBe(-7_200_000);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-11-23T11:02:09+05:30', '2026-11-23T05:32:09.000Z'],
    ['2026-11-23T05:32:09Z', '2026-11-23T05:32:09.000Z'],
    ['2026-11-23T05:32Z', '2026-11-23T05:32:00.000Z'],
    ['2026-11-23T05:32:09.123456789Z', '2026-11-23T05:32:09.123Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['2026-12-31T23:59:59-08:00', '2027-01-01T07:59:59.000Z'],
  ])('%s is %s', (text, iso) => expect(toIso(parseInstant(text) as Instant)).toBe(iso));
  it.each([
    '',
    '2026-11-23',
    '2026-11-23T11:02:09',
    '2026-11-23 11:02:09Z',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:60:00Z',
    '2026-01-01T23:59:60Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+0530',
    '2026-01-01T00:00:00 IST',
    '1764048765',
    '２０２６-11-23T00:00:00Z',
  ])('%j is none', (text) => expect(parseInstant(text)).toBeNull());
  it('is read as it is written', () =>
    fc.assert(
      fc.property(fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) =>
        expect(parseInstant(date.toISOString())).toBe(date.getTime()),
      ),
    ));
  it('is not made of an invalid date', () => expect(() => toInstant(new Date(Number.NaN))).toThrow('Invalid date'));
});

describe('money', () => {
  it.each([
    [149_900, 'INR', '1499.00'],
    [5, 'INR', '0.05'],
    [-5, 'INR', '-0.05'],
    [0, 'INR', '0.00'],
    [1_500, 'JPY', '1500'],
    [1_234_567, 'KWD', '1234.567'],
    [9_007_199_254_740_991, 'INR', '90071992547409.91'],
  ])('%d minor units of %s are %s', (amount, currency, text) => expect(toMajorText({ amount, currency })).toBe(text));
  it.each([
    ['INR', 2],
    ['JPY', 0],
    ['KWD', 3],
  ])('%s has %d decimals', (currency, digits) => expect(minorUnitDigits(currency)).toBe(digits));
  it('loses no paisa on its way through text', () =>
    fc.assert(
      fc.property(fc.maxSafeInteger(), (amount) =>
        expect(Number(toMajorText({ amount, currency: 'INR' }).replace('.', '')) || 0).toBe(amount || 0),
      ),
    ));
});

describe('an id', () => {
  const ids = Array.from({ length: 20_000 }, newId);
  it('is a UUID of version 7', () => {
    for (const id of ids.slice(0, 1_000))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
  it('comes once', () => expect(new Set(ids).size).toBe(ids.length));
  it('shares no random bytes with the one before', () => {
    const shared = ids.filter((id, index) => index > 0 && id.slice(16, 18) === ids[index - 1]?.slice(-2));
    expect(shared.length / ids.length).toBeLessThan(0.02);
  });
  it('sorts by the millisecond in which it was made', () => {
    const stamps = ids.map((id) => id.slice(0, 13));
    expect(stamps).toEqual([...stamps].sort());
    const made = Number.parseInt(newId().replace('-', '').slice(0, 12), 16);
    expect(Math.abs(made - Date.now())).toBeLessThan(5_000);
  });
  it.each<[unknown, boolean]>([
    [newId(), true],
    [newId().toUpperCase(), false],
    [`${newId()}\n`, false],
    ['undefined', false],
    ['', false],
    [undefined, false],
    [null, false],
    [[newId()], false],
  ])('%j is one: %s', (value, is) => expect(isId(value)).toBe(is));
});

it('groups keep the order in which items come', () =>
  expect([...groupBy(['b1', 'a1', 'b2'], (item) => item.charAt(0))]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1']],
  ]));

describe('a time zone', () => {
  it.each(['Asia/Kolkata', 'asia/kolkata', 'America/Argentina/Ushuaia', 'Etc/GMT+5', 'America/Port-au-Prince', 'UTC', 'GMT'])(
    '%s is one',
    (name) => expect(isZone(name)).toBe(true),
  );
  it.each(['IST', 'CET', 'PST', '+05:30', '-08', 'Asia/Atlantis', 'Asia', 'local', 'UTC+5', "UTC' or 1=1", '', ' UTC'])(
    '%j is none, whatever this process or a database would take it for',
    (name) => expect(isZone(name)).toBe(false),
  );
});

it.each([
  [[], []],
  [
    [1, 2, 3, 4],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [
    [1, 2, 3],
    [[1, 2], [3]],
  ],
])('%j in slices of two is %j', (items, slices) => expect(inSlices<number>(items, 2)).toEqual(slices));
