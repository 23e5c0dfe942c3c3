import { KEY_KINDS } from '@wapas/entity-keys';
import { asksOfSteps } from './asks-of-steps';
import { parseDefinition } from './rules/parse-definition';

const steps = [
  { key: 'push', after: '1m', channel: 'push', messages: [{ template: {} }] },
  { key: 'sms', after: '2h', channel: 'sms', purpose: 'marketing', mandatory: true, messages: [{ template: {} }] },
];
const definition = {
  format: 'wapas.journey/1',
  key: 'cart',
  name: 'Cart',
  trigger: { event: 'Cart Abandoned' },
  correlateBy: ['cart'],
  goal: { events: ['Order Paid'], by: ['cart'] },
  window: '24h',
  steps,
};
function asks(change: object) {
  const parsed = parseDefinition({ ...definition, ...change });
  return asksOfSteps(parsed.readable, parsed.ok ? [] : parsed.faults);
}
const ofSms = (change: object) => ({ steps: [steps[0], { ...steps[1], ...change }] });

it('a sound step asks for what it says', () =>
  expect(asks({})).toMatchObject([
    { purpose: 'service', mandatory: false, matter: ['cart'], toNextStepMs: 7_140_000, lifeMs: 86_340_000, legalHours: [] },
    { purpose: 'marketing', mandatory: true, matter: ['cart'], toNextStepMs: 79_200_000, lifeMs: 79_200_000 },
  ]));

it.each<[string, object, object]>([
  ['a window that cannot be read: no length of life', { window: 'long' }, { toNextStepMs: Infinity, lifeMs: Infinity }],
  ['a window of 0: no length of life', { window: '0s' }, { toNextStepMs: Infinity, lifeMs: Infinity }],
  ['an hour before the one before: no length of life', ofSms({ after: '30s' }), { toNextStepMs: Infinity, lifeMs: Infinity }],
  ['an hour that cannot be read: no length of life', ofSms({ after: 'soon' }), { toNextStepMs: Infinity, lifeMs: Infinity }],
  ['a matter that is none: no cart without an order', { correlateBy: ['basket'] }, { matter: KEY_KINDS }],
  ['no matter: no cart without an order', { correlateBy: undefined }, { matter: KEY_KINDS }],
  ['a mandatory that is no yes or no', ofSms({ mandatory: 'no' }), { mandatory: false, purpose: 'marketing' }],
])('%s is asked for', (_what, change, asked) => expect(asks(change)[1]).toMatchObject(asked));

it('a law that is none may be any of them', () =>
  expect(asks({ legalHours: ['sundays'] })[0]?.legalHours.length).toBeGreaterThan(1));

it.each([
  ofSms({ purpose: 'sales' }),
  ofSms({ purposes: 'service', purpose: undefined }),
  ofSms({ channel: 7 }),
  { steps: [steps[0], 7] },
])('a step whose purpose is not known asks for nothing', (change) => expect(asks(change)[1]).toBeNull());
