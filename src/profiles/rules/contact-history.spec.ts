import { after, hours, type Instant, parseInstant } from '@wapas/kernel';
import { type ContactHistory, contactAt, couldBeReached } from './contact-history';

const T = parseInstant('2026-11-23T11:00:00+05:30') as Instant;
const at = (hour: number): Instant => after(T, hours(hour));
const history: ContactHistory = {
  minor: false,
  dnd: 'unknown',
  consents: [{ purpose: 'all', channel: 'sms', state: 'withdrawn', at: at(1), recordedAt: at(3) }],
  suppressions: [{ channel: null, purpose: null, expiresAt: null, from: at(2), liftedAt: at(4) }],
  addresses: [{ kind: 'phone', blocks: [{ channel: 'whatsapp', from: at(5), until: at(6) }] }],
};

test.each([
  [0, 0, 0],
  [1, 0, 0],
  [2, 0, 1],
  [3, 1, 1],
  [4, 1, 0],
])('after %d hours %d withdrawals and %d suppressions are known', (hour, consents, suppressions) => {
  const known = contactAt(history, at(hour));
  expect([known.consents.length, known.suppressions.length]).toEqual([consents, suppressions]);
});

test.each([
  ['phone', 'whatsapp', 4, true],
  ['phone', 'whatsapp', 5, false],
  ['phone', 'sms', 5, true],
  ['phone', 'whatsapp', 6, true],
  ['push_token', 'push', 4, false],
])('an address of kind %s reaches on %s after %d hours: %s', (kind, channel, hour, reaches) =>
  expect(couldBeReached(history, kind, channel, at(hour))).toBe(reaches),
);
