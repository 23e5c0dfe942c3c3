import { bookOf, LIST_RATES, type PricedMessage, rateFor } from '.';

const book = bookOf([], 'IN');
const message = (fields: Partial<PricedMessage>): PricedMessage => ({
  channel: 'whatsapp',
  provider: 'whatsapp-cloud',
  category: 'utility',
  on: '2026-11-23',
  ...fields,
});

it('each day has the rate of its day', () => {
  const price = (on: string) => rateFor(message({ category: 'marketing', on }), book)?.price;
  expect(price('2025-12-31')).toBe(78_460);
  expect(price('2026-01-01')).toBe(86_310);
});

it("a provider's own rate wins over the channel's, also an older one", () => {
  const own = { channel: 'sms', provider: 'msg91', category: null, country: 'IN', currency: 'INR', from: '2020-01-01', price: 13_000, source: 'contract' }; // prettier-ignore
  const withOwn = bookOf([own], 'IN');
  const sms = message({ channel: 'sms', provider: 'msg91', category: null });
  expect(rateFor(sms, withOwn)?.price).toBe(13_000);
  expect(rateFor({ ...sms, provider: 'karix' }, withOwn)?.price).toBe(20_000);
});

it("the deployment's own rate replaces the listed one of its day", () => {
  const own = { channel: 'whatsapp', category: 'utility', country: 'IN', currency: 'INR', from: '2025-07-01', price: 14_000, source: 'contract' }; // prettier-ignore
  expect(rateFor(message({}), bookOf([own], 'IN'))?.price).toBe(14_000);
});

it("the deployment's own rate wins over a listed one that began later; among its own the latest does", () => {
  const own = (from: string, price: number) => ({ channel: 'sms', category: null, country: 'IN', currency: 'INR', from, price, source: 'contract' }); // prettier-ignore
  const withOwn = bookOf([own('2024-12-01', 13_000), own('2026-06-01', 12_000)], 'IN');
  const price = (on: string) => rateFor(message({ channel: 'sms', provider: 'msg91', category: null, on }), withOwn)?.price;
  expect(['2024-11-30', '2024-12-01', '2026-05-31', '2026-06-01', '2026-11-23'].map(price)).toEqual([undefined, 13_000, 13_000, 12_000, 12_000]); // prettier-ignore
});

it("the deployment's own rate of a channel wins over a listed one of a provider", () => {
  const sms = {
    channel: 'sms',
    category: null,
    country: 'IN',
    currency: 'INR',
    from: '2024-12-01',
    price: 13_000,
    source: 'contract',
  };
  const listed = [{ ...sms, provider: 'msg91', price: 20_000 }];
  expect(rateFor(message({ channel: 'sms', provider: 'msg91', category: null }), { ...bookOf([sms], 'IN'), listed })?.price).toBe(13_000); // prettier-ignore
});

it.each([
  ['a category nobody has listed', { category: 'referral_conversion' }],
  ['a channel nobody has listed', { channel: 'rcs', category: null }],
  ['a day before every rate', { on: '2019-01-01' }],
])('%s has no rate', (_what, fields) => expect(rateFor(message(fields), book)).toBeNull());

it('every listed rate names its source and the day it was read', () => {
  expect(
    LIST_RATES.filter(({ source, from }) => !/read \d{4}-\d{2}-\d{2}$/.test(source) || !/^\d{4}-\d{2}-\d{2}$/.test(from)),
  ).toEqual([]);
});
