import { chooseLocale, localeOf, localeOrder } from './locales';

it.each([
  ['hi', 'hi'],
  ['EN-in', 'en_IN'],
  ['en_IN', 'en_IN'],
  [' ta ', 'ta'],
  ['english', null],
  ['', null],
  [7, null],
  ['../hi', null],
])('%j is the locale %j', (text, locale) => expect(localeOf(text)).toBe(locale));

it.each([
  ['hi_IN', ['en'], ['hi_IN', 'hi', 'en'], 'hi'],
  ['hi', ['en_IN', 'en'], ['hi', 'en_IN', 'en'], 'hi'],
  ['ta', ['en'], ['ta', 'en'], 'en'],
  [null, ['en'], ['en'], 'en'],
  ['ta', ['mr'], ['ta', 'mr'], null],
])('for %j with the order %j it is %j, and of en and hi the choice is %j', (wanted, fallback, order, choice) => {
  expect(localeOrder(wanted, fallback)).toEqual(order);
  expect(chooseLocale(order, ['en', 'hi'])).toBe(choice);
});
