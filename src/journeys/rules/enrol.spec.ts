import { createHash } from 'node:crypto';
import { KEY_KINDS, type KeyKind } from '@wapas/entity-keys';
import { after, durationOf, type Instant, minutes } from '@wapas/kernel';
import { FACTS, journey, T } from './decide.test-kit';
import { armOf, enrol, type EnrolFacts, isAbsorbing } from './enrol';

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
