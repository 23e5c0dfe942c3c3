import { periodAt } from './periods';

const to = new Date('2030-01-01T00:00:00Z');

/** Zone, grain, where the local period begins as the database says it; from when to when it lasts. */
it.each([
  ['an hour', 'Asia/Kolkata', 'hour', '2026-11-23T05:30:00Z', '2026-11-23T05:30:00Z', '2026-11-23T06:30:00Z'],
  ['the first of two equal hours', 'Europe/Berlin', 'hour', '2026-10-25T00:00:00Z', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z'],
  ['the second of them', 'Europe/Berlin', 'hour', '2026-10-25T01:00:00Z', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'],
  ['an hour of which half an hour is left out', 'Australia/Lord_Howe', 'hour', '2026-10-03T15:00:00Z', '2026-10-03T15:30:00Z', '2026-10-03T16:00:00Z'],
  ['the hour before half an hour that comes twice', 'Australia/Lord_Howe', 'hour', '2026-04-04T14:00:00Z', '2026-04-04T14:00:00Z', '2026-04-04T15:00:00Z'],
  ['half an hour that comes twice, the second time', 'Australia/Lord_Howe', 'hour', '2026-04-04T14:30:00Z', '2026-04-04T15:00:00Z', '2026-04-04T15:30:00Z'],
  ['a day of 25 hours', 'America/New_York', 'day', '2026-11-01T04:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
  ['a day of 23 hours', 'America/New_York', 'day', '2026-03-08T05:00:00Z', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
  ['a day whose midnight is left out', 'Africa/Cairo', 'day', '2026-04-23T22:00:00Z', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
  ['a day whose midnight comes twice', 'America/Havana', 'day', '2026-11-01T05:00:00Z', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
  ['the day before it', 'America/Havana', 'day', '2026-10-31T04:00:00Z', '2026-10-31T04:00:00Z', '2026-11-01T04:00:00Z'],
  ['a month that ends in winter time', 'Europe/Berlin', 'month', '2026-09-30T22:00:00Z', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z'],
  ['a week, from Monday', 'Europe/Berlin', 'week', '2026-10-18T22:00:00Z', '2026-10-18T22:00:00Z', '2026-10-25T23:00:00Z'],
])('%s lasts from its first moment to the first of the next', (_, zone, grain, start, from, until) => {
  expect(periodAt(new Date(start), grain, zone, to)).toEqual({ from: new Date(from), to: new Date(until) });
}); // prettier-ignore
