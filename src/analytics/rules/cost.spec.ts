import { ASSUMED_CATEGORY, GST_PERCENT, LIST_RATES } from '../rates/rates';
import { type BilledGroup, costOf, type RateBook, rateFor } from './cost';

const book: RateBook = { rates: LIST_RATES, country: 'IN', assumedCategory: ASSUMED_CATEGORY, gstPercent: GST_PERCENT };
const group = (fields: Partial<BilledGroup>): BilledGroup => ({
  channel: 'whatsapp',
  provider: 'whatsapp-cloud',
  state: 'sent',
  category: 'utility',
  billable: true,
  parts: null,
  calledOn: '2026-11-23',
  messages: 100,
  delivered: 80,
  failed: 0,
  ...fields,
});

describe('what messages cost', () => {
  it.each([
    ['WhatsApp charges what was delivered', group({}), { currency: 'INR', amount: 920, gst: 166, units: 80, assumed: 0 }],
    ['a category from its pricing sets the price', group({ category: 'marketing' }), { currency: 'INR', amount: 6_905, gst: 1_243, units: 80, assumed: 0 }],
    ['without pricing a template counts as utility, and says so', group({ category: null, billable: null }), { currency: 'INR', amount: 920, gst: 166, units: 80, assumed: 80 }],
    ['an SMS counts its parts', group({ channel: 'sms', provider: 'msg91', category: null, parts: 2 }), { currency: 'INR', amount: 4_000, gst: 720, units: 200, assumed: 0 }],
    ['an SMS that failed later is billed', group({ channel: 'sms', category: null, state: 'rejected', messages: 10, delivered: 0, failed: 10 }), { currency: 'INR', amount: 200, gst: 36, units: 10, assumed: 10 }],
    ['a push is free', group({ channel: 'push', category: null, billable: null }), { currency: 'INR', amount: 0, gst: 0, units: 100, assumed: 0 }],
  ])('%s', (_name, messages, cost) => expect(costOf([messages], book)).toEqual({ costs: [cost], unpriced: 0 })); // prettier-ignore

  it.each([
    ['a message that pricing calls free', group({ billable: false })],
    ['an SMS that the gateway refused at once', group({ channel: 'sms', category: null, state: 'rejected', delivered: 0, failed: 0 })],
    ['a message that was not sent', group({ channel: 'push', category: null, state: 'skipped', delivered: 0 })],
    ['no messages', group({ messages: 0, delivered: 0 })],
  ])('%s costs nothing', (_name, messages) => expect(costOf([messages], book)).toEqual({ costs: [], unpriced: 0 })); // prettier-ignore

  it('a rate that is not known is said, not guessed', () => {
    expect(costOf([group({ category: 'referral_conversion' })], book)).toEqual({ costs: [], unpriced: 80 });
    expect(costOf([group({ channel: 'rcs', category: null })], book)).toEqual({ costs: [], unpriced: 100 });
    expect(costOf([group({ calledOn: '2019-01-01' })], book)).toEqual({ costs: [], unpriced: 80 });
  });

  it('each day has the rate of its day', () => {
    const price = (calledOn: string) => rateFor(group({ category: 'marketing', calledOn }), book)?.price;
    expect(price('2025-12-31')).toBe(78_460);
    expect(price('2026-01-01')).toBe(86_310);
  });

  it("a provider's own rate wins over the channel's, also an older one", () => {
    const own = { channel: 'sms', provider: 'msg91', category: null, country: 'IN', currency: 'INR', from: '2020-01-01', price: 13_000, source: 'contract' }; // prettier-ignore
    const withOwn = { ...book, rates: [...book.rates, own] };
    const sms = group({ channel: 'sms', provider: 'msg91', category: null });
    expect(rateFor(sms, withOwn)?.price).toBe(13_000);
    expect(rateFor({ ...sms, provider: 'karix' }, withOwn)?.price).toBe(20_000);
  });

  it('currencies are never added up', () => {
    const dollar = { channel: 'sms', provider: 'twilio', category: null, country: 'IN', currency: 'USD', from: '2020-01-01', price: 8_300, source: 'list' }; // prettier-ignore
    const { costs } = costOf(
      [group({ channel: 'sms', category: null }), group({ channel: 'sms', category: null, provider: 'twilio' })],
      { ...book, rates: [...book.rates, dollar] },
    );
    expect(costs.map(({ currency, gst }) => [currency, gst > 0])).toEqual([
      ['INR', true],
      ['USD', false],
    ]);
  });

  it('every listed rate names its source and the day it was read', () => {
    expect(
      LIST_RATES.filter(({ source, from }) => !/read \d{4}-\d{2}-\d{2}$/.test(source) || !/^\d{4}-\d{2}-\d{2}$/.test(from)),
    ).toEqual([]);
  });
});
