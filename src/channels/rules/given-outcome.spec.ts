import { givenOutcome } from './given-outcome';

const failure = { class: 'throttled', scope: 'account', code: 'E1' };

it.each([
  { outcome: 'accepted' },
  { outcome: 'accepted', vendorId: 'v-1' },
  { outcome: 'failed', failure },
  { outcome: 'failed', failure: { ...failure, detail: 'too fast', retryAfterMs: 0, only: 'marketing', unlisted: true } },
  { outcome: 'failed', failure: { ...failure, openHours: { from: '09:00', to: '21:00', zone: 'Asia/Kolkata' } } },
])('%j is believed as it is', (given) => expect(givenOutcome(given)).toEqual({ outcome: given, fault: null }));

it.each([
  undefined,
  null,
  'accepted',
  {},
  { outcome: 'maybe' },
  { outcome: 'failed' },
  { outcome: 'failed', failure: {} },
  { outcome: 'failed', failure: { ...failure, class: 'weird' } },
  { outcome: 'failed', failure: { ...failure, scope: 'moon' } },
])('%j says nothing of the message: its outcome is unknown', (given) =>
  expect(givenOutcome(given)).toEqual({
    outcome: { outcome: 'failed', failure: { class: 'unknown_outcome', scope: 'message', code: 'junk_answer' } },
    fault: 'neither accepted nor a failure with a class and a scope',
  }),
);

it.each([12345, {}, '', 'x'.repeat(257), 'a\u0000b'])('a message is accepted although %j is no id', (vendorId) =>
  expect(givenOutcome({ outcome: 'accepted', vendorId })).toEqual({
    outcome: { outcome: 'accepted' },
    fault: expect.stringContaining('vendorId') as string,
  }),
);

it.each<[string, unknown]>([
  ['code', undefined],
  ['code', 'c'.repeat(81)],
  ['detail', 'd'.repeat(301)],
  ['retryAfterMs', Number.NaN],
  ['retryAfterMs', -5],
  ['retryAfterMs', '5'],
  ['holdsForMs', Number.POSITIVE_INFINITY],
  ['only', 'service'],
  ['again', 'always'],
  ['openHours', { from: '9', to: '21:00', zone: 'Asia/Kolkata' }],
  ['openHours', { from: '09:00', to: '21:00', zone: 'Mars/Olympus' }],
  ['strikes', { count: 'many', withinMs: 1 }],
])('a failure is one without its %s %j', (name, value) => {
  const { outcome, fault } = givenOutcome({ outcome: 'failed', failure: { ...failure, [name]: value } });
  const expected = name === 'code' ? { ...failure, code: 'junk_answer' } : failure;
  expect([outcome, fault]).toEqual([{ outcome: 'failed', failure: expected }, `a failure whose ${name} cannot be used`]);
});
