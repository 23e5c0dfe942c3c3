import { isUsableIntent } from './upi';

const AMOUNT = { amount: 149_900, currency: 'INR' };
const INTENT = 'upi://pay?pa=cf.shop@cashfree&pn=Shop&tr=4105073870&tid=CF4105073870&am=1499.00&cu=INR&mode=04&sign=MEQC%2F';

it('an address that the gateway made for this amount may be shown', () => {
  expect(isUsableIntent(INTENT, AMOUNT)).toBe(true);
  expect(isUsableIntent(INTENT.replace('1499.00', '1499'), AMOUNT)).toBe(true);
  expect(isUsableIntent('upi://pay?pa=a.b@ybl&tr=1&am=0.50', { amount: 50, currency: 'INR' })).toBe(true);
});

it.each([
  ['another amount', INTENT.replace('1499.00', '14990.00')],
  ['no amount', INTENT.replace('&am=1499.00', '')],
  ['two amounts', `${INTENT}&am=1.00`],
  ['an amount the payer may lower', `${INTENT}&mam=1.00`],
  ['an amount in words', INTENT.replace('1499.00', '1,499.00')],
  ['no payee', INTENT.replace('pa=cf.shop@cashfree&', '')],
  ['two payees', `${INTENT}&pa=thief@ybl`],
  ['a payee that is none', INTENT.replace('cf.shop@cashfree', 'cf.shop')],
  ['no reference to reconcile by', INTENT.replace('&tr=4105073870', '')],
  ['another currency', INTENT.replace('cu=INR', 'cu=USD')],
  ['two currencies', `${INTENT}&cu=USD`],
  ['another action', INTENT.replace('upi://pay', 'upi://mandate')],
  ['another scheme', INTENT.replace('upi://', 'intent://')],
  ['a script', 'javascript:alert(1)//upi://pay?pa=a@b&am=1499.00&tr=1'],
  ['markup', `${INTENT}"><script>`],
  ['more than a QR code can show', `${INTENT}&tn=${'x'.repeat(800)}`],
  ['a line break', `${INTENT}\r\nSet-Cookie: a=b`],
])('an address with %s may not', (_what, intent) => expect(isUsableIntent(intent, AMOUNT)).toBe(false));

it('UPI is rupees only', () => expect(isUsableIntent(INTENT, { amount: 149_900, currency: 'USD' })).toBe(false));

it('where the payees are known, nobody else is paid', () => {
  expect(isUsableIntent(INTENT, AMOUNT, ['cf.shop@cashfree'])).toBe(true);
  expect(isUsableIntent(INTENT.replace('cf.shop@', 'CF.Shop@'), AMOUNT, ['cf.shop@cashfree'])).toBe(true);
  expect(isUsableIntent(INTENT.replace('cf.shop@', 'thief@'), AMOUNT, ['cf.shop@cashfree'])).toBe(false);
});
