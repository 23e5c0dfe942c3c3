import { worthAskingAgain } from './quiet-page';

type Standings = Parameters<typeof worthAskingAgain>[0];
const heard = { kind: 'trusted' } as const;
const unknown = (reason: string) => ({ kind: 'unknown', reason }) as const;

it.each<[string, Standings, number | null, number | null]>([
  ['everybody was answered for', [heard, heard], null, null],
  ['nobody was asked about', [], null, null],
  ['the gateway was away', [heard, unknown('unreachable'), unknown('timed_out')], null, 2],
  ['it answers for some more of them', [heard, heard, unknown('throttled')], 2, 1],
  ['it has all been answered since', [heard, heard, heard], 2, null],
  ['it answers for none more', [heard, unknown('unreachable'), unknown('timed_out')], 2, null],
  [
    'it answers for fewer, for others have come due',
    [unknown('unreachable'), unknown('timed_out'), unknown('throttled')],
    2,
    null,
  ],
  ['what it says of one order cannot be read', [heard, unknown('unreadable')], null, null],
  ['it refuses to speak of one order', [heard, unknown('refused')], null, null],
  ['both', [heard, unknown('unreadable'), unknown('timed_out')], null, 1],
  ['its word could not be kept', [unknown('not_recorded')], null, 1],
])('when %s', (_what, standings, before, expected) => expect(worthAskingAgain(standings, before)).toBe(expected));
