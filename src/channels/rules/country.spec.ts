import { countryOf, isAllowedCountry } from './country';

it.each([
  ['+919812345678', ['IN'], true],
  ['+919812345678', ['AE'], false],
  ['+971501234567', ['IN'], false],
  ['+971501234567', ['IN', 'AE'], true],
  ['+12125550123', ['IN'], false],
  ['+881612345678', ['IN'], false], // satellite: belongs to no country
  ['+97', ['IN'], false],
  ['9812345678', ['IN'], false],
])('%s with %j allowed: %s', (number, allowed, may) => expect(isAllowedCountry(countryOf(number), allowed)).toBe(may));
