import { boundsOf } from './periods';
import { type Grain } from './question';

const DAY_MS = 86_400_000;

it.each<[string, string, Grain, string, string]>([
  ['an hour', 'Asia/Kolkata', 'hour', '2026-11-23T05:30:00Z', '2026-11-23T06:30:00Z'],
  ['the first of two equal hours', 'Europe/Berlin', 'hour', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z'],
  ['the second of them', 'Europe/Berlin', 'hour', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'],
  ['an hour of which half an hour is left out', 'Australia/Lord_Howe', 'hour', '2026-10-03T15:30:00Z', '2026-10-03T16:00:00Z'],
  ['the hour before half an hour that comes twice', 'Australia/Lord_Howe', 'hour', '2026-04-04T14:00:00Z', '2026-04-04T15:00:00Z'],
  ['half an hour that comes twice, the second time', 'Australia/Lord_Howe', 'hour', '2026-04-04T15:00:00Z', '2026-04-04T15:30:00Z'],
  ['a day of 25 hours', 'America/New_York', 'day', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
  ['a day of 23 hours', 'America/New_York', 'day', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
  ['a day whose midnight is left out', 'Africa/Cairo', 'day', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
  ['a day whose midnight comes twice', 'America/Havana', 'day', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
  ['the day before it', 'America/Havana', 'day', '2026-10-31T04:00:00Z', '2026-11-01T04:00:00Z'],
  ['a month that ends in winter time', 'Europe/Berlin', 'month', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z'],
  ['a week, from Monday', 'Europe/Berlin', 'week', '2026-10-18T22:00:00Z', '2026-10-25T23:00:00Z'],
])('%s lasts from its first moment to the first of the next', (_, zone, grain, from, until) => {
  const [begins, ends] = [Date.parse(from), Date.parse(until)];
  const bounds = boundsOf(begins - 35 * DAY_MS, ends + 35 * DAY_MS, grain, zone).map((bound) => bound.getTime());
  expect(bounds[bounds.indexOf(begins) + 1]).toBe(ends);
  // Also for who asks from its middle on.
  expect(boundsOf((begins + ends) / 2, ends + DAY_MS, grain, zone)[1]).toEqual(new Date(ends));
}); // prettier-ignore

it('the first period begins with the range and the last one ends with it, whatever the calendar says', () => {
  const bounds = boundsOf(Date.parse('2026-11-22T05:15:00Z'), Date.parse('2026-11-24T00:00:00Z'), 'day', 'Asia/Kolkata');
  expect(bounds.map((bound) => bound.toISOString().slice(5, 16))).toEqual([
    '11-22T05:15',
    '11-22T18:30',
    '11-23T18:30',
    '11-24T00:00',
  ]);
  expect(boundsOf(0, DAY_MS, 'all', 'Asia/Kolkata')).toEqual([new Date(0), new Date(DAY_MS)]);
  expect(boundsOf(0, DAY_MS / 2, 'day', 'UTC')).toHaveLength(2);
});
