import { railsOf } from './rail';

it('a trigger names its rails in small letters, and only in its own words', () => {
  expect(railsOf({ properties: { method: 'UPI', bank: 'HDFC', gateway: 7, other: 'x' } })).toEqual([
    { dimension: 'method', value: 'upi' },
    { dimension: 'bank', value: 'hdfc' },
  ]);
  expect(railsOf({ properties: { method: 'x'.repeat(65) } })).toEqual([]);
});
