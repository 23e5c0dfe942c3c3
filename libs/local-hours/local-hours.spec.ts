import fc from 'fast-check';
import { type Instant, parseInstant, toIso } from '@wapas/kernel';
import { DateTime } from 'luxon';
import { type BindingHours, type LocalHours, nextMonthDay, nextOpening, nextOpeningOfAll } from '.';

const hours = (from: string, to: string, zone = 'Asia/Kolkata'): LocalHours => {
  const minute = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  return { from: minute(from), to: minute(to), zone };
};
const promotional = hours('10:00', '21:00');
const overnight = hours('22:00', '08:00');
const berlin = hours('02:30', '20:00', 'Europe/Berlin');

it.each<[string, LocalHours, string, string | null]>([
  ['one moment before it opens', promotional, '2026-11-23T09:59:59.999+05:30', '2026-11-23T04:30:00.000Z'],
  ['when it opens', promotional, '2026-11-23T10:00:00+05:30', null],
  ['one moment before it closes', promotional, '2026-11-23T20:59:59.999+05:30', null],
  ['when it closes', promotional, '2026-11-23T21:00:00+05:30', '2026-11-24T04:30:00.000Z'],
  ['just before midnight in India, still the day before in UTC', promotional, '2026-11-23T18:29:59Z', '2026-11-24T04:30:00.000Z'],
  ['just after midnight in India', promotional, '2026-11-23T18:30:00Z', '2026-11-24T04:30:00.000Z'],
  ['on the last day of the year', promotional, '2026-12-31T23:00:00+05:30', '2027-01-01T04:30:00.000Z'],
  ['across midnight, in the evening', overnight, '2026-11-23T22:00:00+05:30', null],
  ['across midnight, at midnight', overnight, '2026-11-24T00:00:00+05:30', null],
  ['across midnight, in the morning', overnight, '2026-11-24T07:59:59+05:30', null],
  ['across midnight, by day', overnight, '2026-11-24T08:00:00+05:30', '2026-11-24T16:30:00.000Z'],
  // On 29 March 2026 Berlin has no 02:30: the clock goes from 02:00 to 03:00.
  ['on a day without its hour', berlin, '2026-03-29T01:00:00+01:00', '2026-03-29T01:30:00.000Z'],
  ['on the evening of that day', berlin, '2026-03-29T21:00:00+02:00', '2026-03-30T00:30:00.000Z'],
  ['before a day with a longer night', hours('08:00', '20:00', 'Europe/Berlin'), '2026-10-24T21:00:00+02:00', '2026-10-25T07:00:00.000Z'], // prettier-ignore
])('%s', (_case, open, at, opening) => {
  const next = nextOpening(open, parseInstant(at) as Instant);
  expect(next === null ? null : toIso(next)).toBe(opening);
});

const at = (text: string): Instant => parseInstant(text) as Instant;
const morning = hours('06:00', '11:00');
it.each<[string, BindingHours[], string, string | null]>([
  ['no hours at all', [], '2026-11-23T03:00:00+05:30', null],
  ['all are open', [promotional, morning], '2026-11-23T10:30:00+05:30', null],
  ['one has closed for today', [promotional, morning], '2026-11-23T12:00:00+05:30', '2026-11-24T04:30:00.000Z'],
  [
    'one does not bind yet',
    [promotional, { ...morning, bindsAfter: at('2026-11-23T12:00:00+05:30') }],
    '2026-11-23T12:00:00+05:30',
    null,
  ],
  [
    'one binds by the time the other opens',
    [promotional, { ...morning, bindsAfter: at('2026-11-23T22:00:00+05:30') }],
    '2026-11-23T21:30:00+05:30',
    '2026-11-24T04:30:00.000Z',
  ],
  [
    'one binds by then and opens later',
    [promotional, { ...hours('12:00', '18:00'), bindsAfter: at('2026-11-23T22:00:00+05:30') }],
    '2026-11-23T21:30:00+05:30',
    '2026-11-24T06:30:00.000Z',
  ],
])('of several, when %s', (_case, windows, now, opening) => {
  const next = nextOpeningOfAll(windows, at(now));
  expect(next === null ? null : toIso(next)).toBe(opening);
});

it.each<[string, number, number, string, string | null]>([
  ['a day before', 28, 3, '2026-11-27T23:59:59.999+05:30', '2026-11-27T18:30:00.000Z'],
  ['on the first of them', 28, 3, '2026-11-28T00:00:00+05:30', null],
  ['across the end of a month', 28, 3, '2026-12-03T23:59:59.999+05:30', null],
  ['after the last of them', 28, 3, '2026-12-04T00:00:00+05:30', '2026-12-27T18:30:00.000Z'],
  ['within one month', 5, 7, '2026-11-30T12:00:00+05:30', '2026-12-04T18:30:00.000Z'],
  ['a single day', 15, 15, '2026-11-15T12:00:00+05:30', null],
  ['a day that February does not have', 30, 30, '2027-01-31T12:00:00+05:30', '2027-03-29T18:30:00.000Z'],
  ['in India, still the day before in UTC', 28, 3, '2026-11-27T18:30:00Z', null],
])('days of the month: %s', (_case, from, to, now, begin) => {
  const next = nextMonthDay({ from, to, zone: 'Asia/Kolkata' }, at(now));
  expect(next === null ? null : toIso(next)).toBe(begin);
});
it('every span of days comes round', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 0, max: 4_000 }),
      (from, to, day) => {
        const now = (Date.UTC(2024, 0, 1) + day * 86_400_000) as Instant;
        const days = { from, to, zone: 'Asia/Kolkata' };
        const next = nextMonthDay(days, now);
        if (next === null) return;
        expect(next).toBeGreaterThan(now);
        expect([nextMonthDay(days, next), nextMonthDay(days, (next - 1) as Instant)]).toEqual([null, next]);
      },
    ),
  ));

it('what it names is open, lies ahead, and nothing sooner is open', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 0, max: 1439 }),
      fc.constantFrom('Asia/Kolkata', 'Asia/Kathmandu', 'UTC', 'America/New_York'),
      fc.integer({ min: 1_767_225_600, max: 1_798_761_600 }),
      (from, to, zone, seconds) => {
        fc.pre(from !== to);
        const open: LocalHours = { from, to, zone };
        const now = (seconds * 1_000) as Instant;
        const next = nextOpening(open, now);
        if (next === null) return;
        expect(next).toBeGreaterThan(now);
        expect(next - now).toBeLessThanOrEqual(25 * 3_600_000);
        expect(nextOpening(open, next)).toBeNull();
        expect(nextOpening(open, (next - 1) as Instant)).toBe(next);
      },
    ),
  ));

it('says what the clock on the wall says, also around the days on which it changes', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 0, max: 1440 }),
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kolkata'),
      fc.constantFrom(
        '2026-02-14',
        '2026-03-08',
        '2026-03-22',
        '2026-03-29',
        '2026-04-05',
        '2026-10-04',
        '2026-10-25',
        '2026-11-01',
      ),
      fc.integer({ min: -2 * 86_400_000, max: 2 * 86_400_000 }),
      (from, to, zone, day, shift) => {
        const now = (Date.parse(day) + shift) as Instant;
        expect(nextOpening({ from, to, zone }, now)).toBe(byTheWallClock({ from, to, zone }, now));
      },
    ),
    { numRuns: 2_000 },
  ));

function byTheWallClock({ from, to, zone }: LocalHours, now: Instant): number | null {
  const local = DateTime.fromMillis(now, { zone });
  const minute = local.hour * 60 + local.minute;
  if (from <= to ? minute >= from && minute < to : minute >= from || minute < to) return null;
  const openingOn = (day: DateTime) => day.set({ hour: Math.floor(from / 60), minute: from % 60, second: 0, millisecond: 0 });
  return (openingOn(local) > local ? openingOn(local) : openingOn(local.plus({ days: 1 }))).toMillis();
}
