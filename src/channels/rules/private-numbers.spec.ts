import { privateNumberIn } from './private-numbers';

it.each([
  // 999941057058 is the sample number of UIDAI's own documents; cards are test numbers of networks.
  ['your Aadhaar 9999 4105 7058 was not clear', 'aadhaar'],
  ['9999-4105-7058', 'aadhaar'],
  ['999941057058.', 'aadhaar'],
  ['PAN ABCPE1234F', 'pan'],
  ['card 4111 1111 1111 1111 was declined', 'card'],
  ['5555555555554444', 'card'],
  ['Amex 3782 822463 10005', 'card'],
])('%j is not sent', (text, found) => expect(privateNumberIn([text], [])).toBe(found));

it.each([
  'your Aadhaar XXXX XXXX 7058',
  '999941057059',
  'order 4111111111111112',
  'Rs 1,499 for order 42',
  'call +919812345678',
  'https://pay.example/WAPAS/999941057058',
  'code abcpe1234f, ABCPE1234FX',
  'attempt 019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
])('%j is fine', (text) => expect(privateNumberIn([text], [])).toBeNull());

it('an order whose number looks like one is an order', () =>
  expect(privateNumberIn(['Order 999941057058'], ['999941057058'])).toBeNull());
