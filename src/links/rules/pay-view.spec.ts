import { PAYMENT_STATES } from '@wapas/gateways';
import { isPhone } from './device';
import { viewOf } from './pay-view';

it.each([
  ['open', 'pay'],
  ['pending', 'confirming'],
  ['authorised', 'confirming'],
  ['paid', 'paid'],
  ['refunded', 'closed'],
  ['cancelled', 'closed'],
  ['expired', 'closed'],
] as const)('an order that is %s: %s', (state, view) => expect(viewOf('said', state)).toBe(view));

it('only an order that the gateway calls open can be paid', () => {
  expect(PAYMENT_STATES.filter((state) => viewOf('said', state) === 'pay')).toEqual(['open']);
  expect([viewOf('trusted'), viewOf('unknown'), viewOf('unknown', 'open')]).toEqual(['closed', 'unavailable', 'unavailable']);
});

it.each([
  ['Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36', true],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148', true],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36', false],
  [undefined, false],
])('%s is a phone: %s', (userAgent, phone) => expect(isPhone(userAgent)).toBe(phone));
