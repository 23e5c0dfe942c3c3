import { encode } from 'uqr';
import { type PayView } from '../pay-by-link';
import { payPage } from './pay-page';

const AMOUNT = { amount: 149_900, currency: 'INR' };
const context = { path: '/WAPAS/q3xTz0Vb1Lk', shopName: 'Asha & <b>Sons</b>', isPhone: false };
const checkout = { action: 'https://gateway.example/checkout?a=1&b=2', fields: { order_id: 'order_"1"' } };
const intent = 'upi://pay?pa=cf.shop@cashfree&pn=Shop&tr=1&am=1499.00&cu=INR&sign=';

it('everything that is not ours is escaped', () => {
  const { body } = payPage({ show: 'pay', amount: AMOUNT, checkout, upi: true, paymentLink: false }, context);
  expect(body).toContain('Asha &amp; &lt;b&gt;Sons&lt;/b&gt;');
  expect(body).toContain('action="https://gateway.example/checkout?a=1&amp;b=2"');
  expect(body).toContain('value="order_&quot;1&quot;"');
  expect(body).not.toContain('<b>');
});

it('with the longest address and every button it weighs less than 30 KB', () => {
  const view: PayView = { show: 'upi', amount: AMOUNT, intent: intent.padEnd(800, 'Zk9'), checkout };
  const { body } = payPage(view, context);
  expect(body).toContain('<svg');
  expect(Buffer.byteLength(body)).toBeLessThan(30 * 1024);
});

it('what is drawn is the QR code of the address, square by square', () => {
  const { body } = payPage({ show: 'upi', amount: AMOUNT, intent, checkout: null }, context);
  const { data, size } = encode(intent, { ecc: 'M', border: 2 });
  const drawn = data.map((row) => row.map(() => false));
  const at = { x: 0, y: 0 };
  for (const [, right, down, length] of body.matchAll(/m(-?\d+) (\d+)h(\d+)/g)) {
    at.x += Number(right);
    at.y += Number(down);
    for (const end = at.x + Number(length); at.x < end; at.x += 1) (drawn[at.y] as boolean[])[at.x] = true;
  }
  expect([size, drawn]).toEqual([data.length, data]);
});

it.each([
  [{ amount: 149_900, currency: 'INR' }, '₹1,499.00'],
  [{ amount: 12_345_678_900, currency: 'INR' }, '₹12,34,56,789.00'],
  [{ amount: 5, currency: 'INR' }, '₹0.05'],
  [{ amount: 500, currency: 'JPY' }, 'JPY 500'],
  [{ amount: 1_234_567, currency: 'USD' }, 'USD 12,345.67'],
])('%j is shown as %s', (amount, text) =>
  expect(payPage({ show: 'pay', amount, checkout, upi: false, paymentLink: false }, context).body).toContain(`>${text}<`),
);

it.each([
  [{ show: 'paid' }, 200, 'Already paid'],
  [{ show: 'confirming' }, 200, 'Your bank is confirming'],
  [{ show: 'closed' }, 200, 'expired'],
  [{ show: 'unavailable' }, 503, 'One moment'],
] as const)('%j has no button that pays', (view, status, words) => {
  const page = payPage(view, context);
  expect([page.status, page.body]).toEqual([status, expect.stringContaining(words)]);
  expect(page.body).not.toMatch(/<form|upi:/);
});
