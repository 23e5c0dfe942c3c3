import { bookOf } from '@wapas/rates';
import { type BilledGroup, costOf, handedOver } from './cost';

const book = bookOf([], 'IN');
const group = (fields: Partial<BilledGroup>): BilledGroup => ({
  channel: 'whatsapp',
  provider: 'whatsapp-cloud',
  state: 'sent',
  category: 'utility',
  billable: true,
  parts: null,
  country: null,
  calledOn: '2026-11-23',
  messages: 100,
  delivered: 80,
  failed: 0,
  ...fields,
});

it.each([
  ['sent', 100],
  ['unknown', 100],
  ['superseded', 100],
  // Refused at once, but for three that were taken and failed later.
  ['rejected', 3],
  ['skipped', 3],
  ['expired', 3],
])('of 100 messages that are %s a provider took %i', (state, count) => {
  expect(handedOver(group({ state, failed: 3 }))).toBe(count);
});

describe('what messages cost', () => {
  it.each([
    ['WhatsApp charges what was delivered', group({}), { currency: 'INR', amount: 920, gst: 166, units: 80, assumed: 0 }],
    ['a category from its pricing sets the price', group({ category: 'marketing' }), { currency: 'INR', amount: 6_905, gst: 1_243, units: 80, assumed: 0 }],
    ['without pricing a template counts as utility, and says so', group({ category: null, billable: null }), { currency: 'INR', amount: 920, gst: 166, units: 80, assumed: 80 }],
    ['an SMS counts its parts', group({ channel: 'sms', provider: 'msg91', category: null, parts: 2 }), { currency: 'INR', amount: 4_000, gst: 720, units: 200, assumed: 0 }],
    ['an SMS that failed later is billed', group({ channel: 'sms', category: null, state: 'rejected', messages: 10, delivered: 0, failed: 10 }), { currency: 'INR', amount: 200, gst: 36, units: 10, assumed: 10 }],
    ['an SMS that another provider was given after this one had failed is billed by both', group({ channel: 'sms', category: null, parts: 1, state: 'superseded', messages: 10, delivered: 0, failed: 10 }), { currency: 'INR', amount: 200, gst: 36, units: 10, assumed: 0 }],
    ['a push is free', group({ channel: 'push', category: null, billable: null }), { currency: 'INR', amount: 0, gst: 0, units: 100, assumed: 0 }],
  ])('%s', (_name, messages, cost) => expect(costOf([messages], book)).toEqual({ costs: [cost], unpriced: 0 })); // prettier-ignore

  it.each([
    ['a message that pricing calls free', group({ billable: false })],
    ['an SMS that the gateway refused at once', group({ channel: 'sms', category: null, state: 'rejected', delivered: 0, failed: 0 })],
    ['a WhatsApp message that failed before another attempt', group({ state: 'superseded', delivered: 0, failed: 100 })],
    ['a message that was not sent', group({ channel: 'push', category: null, state: 'skipped', delivered: 0 })],
    ['no messages', group({ messages: 0, delivered: 0 })],
  ])('%s costs nothing', (_name, messages) => expect(costOf([messages], book)).toEqual({ costs: [], unpriced: 0 })); // prettier-ignore

  it('a rate that is not known is said, not guessed', () => {
    expect(costOf([group({ category: 'referral_conversion' })], book)).toEqual({ costs: [], unpriced: 80 });
    expect(costOf([group({ channel: 'rcs', category: null })], book)).toEqual({ costs: [], unpriced: 100 });
    expect(costOf([group({ calledOn: '2019-01-01' })], book)).toEqual({ costs: [], unpriced: 80 });
  });

  it('what goes abroad costs what it costs there, and nothing is guessed where no rate is known', () => {
    const abroad = { channel: 'sms', category: null, country: 'AE', currency: 'USD', from: '2026-01-01', price: 4_200, source: 'contract' }; // prettier-ignore
    const sms = (country: string | null) => group({ channel: 'sms', category: null, parts: 1, country });
    const both = { ...book, own: [abroad] };
    expect(costOf([sms('AE'), sms('IN'), sms(null)], both).costs.map(({ currency, units }) => [currency, units])).toEqual([
      ['INR', 200],
      ['USD', 100],
    ]);
    expect(costOf([sms('AE')], book)).toEqual({ costs: [], unpriced: 100 });
  });

  it('currencies are never added up', () => {
    const dollar = { channel: 'sms', provider: 'twilio', category: null, country: 'IN', currency: 'USD', from: '2020-01-01', price: 8_300, source: 'list' }; // prettier-ignore
    const { costs } = costOf(
      [group({ channel: 'sms', category: null }), group({ channel: 'sms', category: null, provider: 'twilio' })],
      { ...book, own: [dollar] },
    );
    expect(costs.map(({ currency, gst }) => [currency, gst > 0])).toEqual([
      ['INR', true],
      ['USD', false],
    ]);
  });
});
