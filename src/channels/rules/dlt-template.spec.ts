import { type DltTemplate, faultsOfDltTemplate, fillDltTemplate } from './dlt-template';
import { smsPartsOf } from './sms-parts';

const good: DltTemplate = {
  id: '64f0c0ffee00000000000001',
  language: 'en',
  category: 'service',
  entityId: '1201159160000000001',
  header: 'SHOPIN',
  dltId: '1207161700000000001',
  brand: 'Shop',
  text: 'Shop: payment for order {#alphanumeric#} is not complete. Finish here: {#url#}',
  variables: ['order', 'url'],
};

it('a good template has no faults', () => expect(faultsOfDltTemplate(good)).toEqual([]));

it.each<[number, string, Partial<DltTemplate>, string]>([
  [3, 'an offer in a service message', { text: 'Shop: 20% off order {#alphanumeric#} at {#url#}' }, 'promotional_words'],
  [3, 'urgency in a service message', { text: 'Shop: hurry, order {#alphanumeric#} waits at {#url#}' }, 'promotional_words'],
  [5, 'a variable without a name', { variables: ['order'] }, 'variables_do_not_fit'],
  [6, 'a variable without a tag', { text: 'Shop: order {#var#} waits at {#url#}' }, 'untagged_variable'],
  [6, 'three variables without a reason', { text: 'Shop: {#numeric#} of {#numeric#} at {#url#}', variables: ['a', 'b', 'c'] }, 'too_many_variables'], // prettier-ignore
  [6, 'two variables side by side', { text: 'Shop: your order is not complete {#alphanumeric#}, {#url#}' }, 'adjacent_variables'],
  [6, 'hardly any fixed text', { text: 'Shop {#alphanumeric#} at {#alphanumeric#}' }, 'too_little_fixed'],
  [6, 'no brand', { text: 'Payment for order {#alphanumeric#} is not complete: {#url#}' }, 'no_brand'],
  [7, 'a fixed link with a query', { text: 'Shop: order {#alphanumeric#}, see https://shop.example/?a {#url#}' }, 'static_link_with_query'], // prettier-ignore
  [8, 'a UPI link', { text: 'Shop: pay order {#alphanumeric#} at upi://pay or {#url#}' }, 'upi_link'],
])('rule %i: %s is refused', (rule, _what, change, code) =>
  expect(faultsOfDltTemplate({ ...good, ...change }).map((fault) => `${fault.rule} ${fault.code}`)).toContain(`${rule} ${code}`),
);

it.each<[string, Partial<DltTemplate>]>([
  ['an offer in a promotional one', { category: 'promotional', text: 'Shop: 20% off order {#alphanumeric#} at {#url#}' }],
  ['three variables with a reason', { text: 'Shop: paid {#numeric#} of {#numeric#}, rest at {#url#}', variables: ['a', 'b', 'c'], reason: 'part payments' }], // prettier-ignore
])('%s is fine', (_what, change) => expect(faultsOfDltTemplate({ ...good, ...change })).toEqual([]));

describe('a filled template', () => {
  const url = 'https://pay.example/SHOPIN/q3xTz0Vb1Lk';
  it('is the approved text with its values', () =>
    expect(fillDltTemplate(good, { order: 'order_1', url })).toEqual({
      ok: true,
      text: `Shop: payment for order order_1 is not complete. Finish here: ${url}`,
    }));

  it.each([
    ['a missing value', { url }, 'empty_value', 'order'],
    ['a value of 41 characters', { order: 'x'.repeat(41), url }, 'value_too_long', 'order'],
    ['words for a link', { order: 'a', url: 'soon' }, 'value_not_of_its_tag', 'url'],
    ['a link without the header', { order: 'a', url: 'https://pay.example/r/abc' }, 'link_without_header', 'url'],
    ['the header in other letters', { order: 'a', url: 'https://pay.example/shopin/abc' }, 'link_without_header', 'url'],
    ['a UPI link', { order: 'a', url: 'upi://pay?pa=a@b' }, 'value_not_of_its_tag', 'url'],
    ['a line break', { order: 'a\nb', url }, 'value_not_of_its_tag', 'order'],
    ['a name that is not in the template', { order: 'a', url, extra: 'x' }, 'unknown_variable', 'extra'],
  ])('rule 5: %s is refused before it is sent', (_what, values, code, variable) =>
    expect(fillDltTemplate(good, values as Record<string, string>)).toEqual({ ok: false, code, variable }),
  );
});

it.each([
  ['a', 'GSM-7', 1, 1],
  ['x'.repeat(160), 'GSM-7', 160, 1],
  ['x'.repeat(161), 'GSM-7', 161, 2],
  [`${'x'.repeat(158)}€`, 'GSM-7', 160, 1],
  [`${'x'.repeat(159)}€`, 'GSM-7', 161, 2],
  ['₹'.padEnd(70, 'x'), 'UCS-2', 70, 1],
  ['₹'.padEnd(71, 'x'), 'UCS-2', 71, 2],
  ['क'.repeat(135), 'UCS-2', 135, 3],
])('%j takes its parts', (text, encoding, places, parts) => expect(smsPartsOf(text)).toMatchObject({ encoding, places, parts }));
