import { createHash } from 'node:crypto';
import { KEY_KINDS, type KeyKind } from '@wapas/entity-keys';
import { after, durationOf, type Instant, minutes } from '@wapas/kernel';
import { FACTS, journey, T } from './decide.test-kit';
import { armOf, enrol, type EnrolFacts, isAbsorbing, isInShare, matterOf } from './enrol';

const version = journey(
  {},
  {
    trigger: { event: 'Payment Failed', where: [{ field: 'reason.class', notIn: ['business'] }], maxAge: '24h' },
    correlateBy: ['order', 'payment'],
    reentryAfter: '30m',
  },
);
const FINE: EnrolFacts = {
  occurredAt: T,
  kinds: new Set<KeyKind>(['order']),
  run: FACTS,
  hasPerson: true,
  endings: [],
  live: false,
  lastEndedAt: null,
  entries: 0,
  personEnteredAt: null,
  closed: null,
};
const before = (millis: number): Instant => after(T, durationOf(-millis));
const paid = { event: 'Payment Captured', occurredAt: before(60_000), absorbing: true };
const cancelled = { event: 'Order Cancelled', occurredAt: before(60_000), absorbing: true };

describe('a trigger', () => {
  it.each<[string, Partial<EnrolFacts>, string]>([
    ['that deserves a run', {}, 'start'],
    ['that the filter leaves out', { run: { ...FACTS, reason: { class: 'business' } } }, 'filter_not_met'],
    ['without a reason class passes a filter that only excludes', { run: { ...FACTS, reason: undefined } }, 'start'],
    ['of just 24 hours ago', { occurredAt: before(86_400_000) }, 'start'],
    ['that is older', { occurredAt: before(86_400_001) }, 'event_too_old'],
    ['from a clock ahead of ours', { occurredAt: after(T, minutes(5)) }, 'start'],
    ['about no order and no payment', { kinds: new Set<KeyKind>(['customer', 'phone']) }, 'no_key_to_correlate'],
    ['about a payment alone', { kinds: new Set<KeyKind>(['payment']) }, 'start'],
    ['of somebody who took every channel back', { forbidden: 'consent_withdrawn' }, 'consent_withdrawn'],
    ['of nobody', { hasPerson: false }, 'nobody_to_contact'],
    ['whose order was paid before it came', { endings: [paid] }, 'goal_already_reached'],
    ['whose order was cancelled before it came', { endings: [cancelled] }, 'exit_already_reached'],
    ['whose order was cancelled and then paid', { endings: [cancelled, paid] }, 'goal_already_reached'],
    ['whose order was paid and then cancelled', { endings: [paid, cancelled] }, 'goal_already_reached'],
    ['whose cart was bought before', { endings: [{ ...paid, absorbing: false }] }, 'start'],
    ['whose cart was bought in the same moment', { endings: [{ ...paid, absorbing: false, occurredAt: T }] }, 'goal_already_reached'], // prettier-ignore
    ['whose matter has a live run', { live: true }, 'attach'],
    ['that comes 30 minutes after the last run', { lastEndedAt: before(1_800_000) }, 'start'],
    ['that comes sooner', { lastEndedAt: before(1_799_999) }, 'entered_too_recently'],
    ['outside the share that is let in', { closed: 'outside_share' }, 'outside_share'],
    ['while the journey is paused', { closed: 'journey_paused' }, 'journey_paused'],
  ])('%s: %s', (_case, facts, outcome) => {
    const enrolment = enrol(version, { ...FINE, ...facts }, T);
    expect(enrolment.kind === 'refuse' ? enrolment.reason : enrolment.kind).toBe(outcome);
  });

  it('is refused with the first reason that a person would ask about', () => {
    const wrong: Partial<EnrolFacts>[] = [
      { run: { ...FACTS, reason: { class: 'business' } } },
      { occurredAt: before(2 * 86_400_000) },
      { kinds: new Set() },
      { hasPerson: false },
      { endings: [paid] },
      { live: true },
      { lastEndedAt: before(1) },
    ];
    const outcomes = wrong.map((_one, index) => {
      const all = Object.assign({}, ...wrong.slice(index).reverse()) as Partial<EnrolFacts>;
      const enrolment = enrol(version, { ...FINE, ...all }, T);
      return enrolment.kind === 'refuse' ? enrolment.reason : enrolment.kind;
    });
    expect(outcomes).toEqual([
      'filter_not_met',
      'event_too_old',
      'no_key_to_correlate',
      'nobody_to_contact',
      'goal_already_reached',
      'attach',
      'entered_too_recently',
    ]);
  });
});

describe('a matter that is named by more than a key', () => {
  const dueDate = { ...version, correlateWith: ['properties.due_date'] };
  const about = (due_date: unknown) => ({ ...FACTS, properties: { due_date } });
  const key = 'a-key' as Parameters<typeof matterOf>[1];

  it('is another one with another due date, and the same one again', () => {
    expect(matterOf(dueDate, key, about('2026-12-05'))).toBe(matterOf(dueDate, key, about('2026-12-05')));
    expect(matterOf(dueDate, key, about('2026-12-05'))).not.toBe(matterOf(dueDate, key, about('2027-01-05')));
    expect(matterOf(dueDate, key, about('2026-12-05'))).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    expect(matterOf(version, key, about('2026-12-05'))).toBe(key);
  });
  it.each([undefined, null, ['2026-12-05'], ''])('is not named by %j', (value) =>
    expect(enrol(dueDate, { ...FINE, run: about(value) }, T)).toEqual(
      value === '' ? { kind: 'start' } : { kind: 'refuse', reason: 'no_key_to_correlate' },
    ),
  );
});

describe('how often', () => {
  const seldom = { ...version, maxEntries: 3, reentryAfterForPerson: durationOf(72 * 3_600_000) };
  it.each<[string, Partial<EnrolFacts>, string]>([
    ['a third time', { entries: 2 }, 'start'],
    ['a fourth time', { entries: 3 }, 'entered_too_often'],
    ['72 hours after another matter', { personEnteredAt: before(72 * 3_600_000) }, 'start'],
    ['sooner', { personEnteredAt: before(72 * 3_600_000 - 1) }, 'person_entered_too_recently'],
    ['a live run takes its attempt whatever the count', { entries: 3, live: true }, 'attach'],
  ])('%s: %s', (_case, facts, outcome) => {
    const enrolment = enrol(seldom, { ...FINE, ...facts }, T);
    expect(enrolment.kind === 'refuse' ? enrolment.reason : enrolment.kind).toBe(outcome);
  });
});

it('a share that grows keeps who is in', () => {
  const units = Array.from({ length: 2_000 }, (_one, index) => `unit-${index}`);
  const inside = (percent: number): string[] => units.filter((unit) => isInShare(version, unit, percent));
  expect(inside(0)).toEqual([]);
  expect(inside(100)).toEqual(units);
  expect(inside(20)).toEqual(expect.arrayContaining(inside(10)));
  expect(Math.abs(inside(10).length - 200)).toBeLessThan(4 * Math.sqrt(2_000 * 0.1 * 0.9));
});

it('only orders and payments are settled once and for all', () =>
  expect(KEY_KINDS.filter(isAbsorbing)).toEqual(['order', 'payment']));

describe('the arm', () => {
  const units = Array.from({ length: 20_000 }, (_one, index) => createHash('md5').update(String(index)).digest('hex'));
  const shareOf = (percent: number): number =>
    units.filter((unit) => armOf({ ...version, holdoutPercent: percent }, unit) === 'holdout').length / units.length;

  // Four standard deviations of 20,000 draws: a fair draw fails once in 16,000 lists of units, and this list never changes.
  it.each([1, 10, 50])('gives %s in a hundred to the holdout', (percent) => {
    const share = percent / 100;
    expect(Math.abs(shareOf(percent) - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / 20_000));
  });
  it('gives nobody to it at 0', () => expect(shareOf(0)).toBe(0));
  it('is the same every time, and kept when the share grows', () => {
    for (const unit of units.slice(0, 1_000)) {
      const arm = armOf({ ...version, holdoutPercent: 10 }, unit);
      expect(armOf({ ...version, holdoutPercent: 10 }, unit)).toBe(arm);
      if (arm === 'holdout') expect(armOf({ ...version, holdoutPercent: 20 }, unit)).toBe('holdout');
    }
  });
  it('is drawn for each journey on its own', () => {
    const both = units.filter((unit) => ['one', 'other'].every((key) => armOf({ ...version, key }, unit) === 'holdout'));
    expect(both.length / units.length).toBeCloseTo(0.01, 2);
  });
});
