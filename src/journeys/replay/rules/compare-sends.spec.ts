import { after, durationOf, type Instant, minutes, parseInstant } from '@wapas/kernel';
import { compareSends, sameTimeAt, type Sent } from './compare-sends';

const T = parseInstant('2026-11-23T11:00:00+05:30') as Instant;
const sent = (step: string, minute: number, channel = step, lap = 1): Sent => ({
  step,
  lap,
  channel,
  at: after(T, minutes(minute)),
});
const compare = (would: Sent[], was: Sent[], rate = 1) =>
  compareSends(
    would,
    was,
    () => 'would_not',
    () => 'was_not',
    sameTimeAt(rate),
  );

test.each<[string, Sent[], Sent[], number, object[]]>([
  ['nothing on either side', [], [], 0, []],
  ['the same message', [sent('push', 1)], [sent('push', 1)], 1, []],
  ['one that waited a minute for its turn', [sent('push', 1)], [sent('push', 2)], 1, []],
  ['one that only the what-if sends', [sent('sms', 120)], [], 0, [{ what: 'added', was: null, reason: 'was_not' }]],
  ['one that only was sent', [], [sent('sms', 120)], 0, [{ what: 'dropped', would: null, reason: 'would_not' }]],
  ['one over another channel', [sent('sms', 9, 'whatsapp')], [sent('sms', 9)], 0, [{ what: 'rechannelled' }]],
  ['the same step of another lap', [sent('push', 1)], [sent('push', 1, 'push', 2)], 0, [{ what: 'added' }, { what: 'dropped' }]],
])('%s', (_, would, was, same, differences) => {
  const found = compare(would, was);
  expect(found.same).toBe(same);
  expect(found.differences).toHaveLength(differences.length);
  expect(found.differences).toMatchObject(differences);
});

test('a message is moved when it goes out more than a minute earlier or later', () => {
  const later = { ...sent('push', 2), at: after(T, durationOf(minutes(2) + 1)) };
  expect(compare([sent('push', 1)], [later]).differences).toMatchObject([{ what: 'moved', reason: null }]);
});

test.each([
  [240, 12, 0],
  [240, 13, 1],
  [0, 1, 0],
  [0, 2, 1],
])(
  'a minute is the same time, and what a machine needs in three real seconds: at rate %d of the business clock %d minutes make %d differences',
  (rate, late, moved) => expect(compare([sent('push', 1)], [sent('push', 1 + late)], rate).differences).toHaveLength(moved),
);
