import { faultsOfText, renderText, type TemplateFacts, usesLink } from './render';

const facts: TemplateFacts = {
  keys: { order: 'order_1' },
  name: 'Asha Rao',
  amount: { value: 149_900, currency: 'INR' },
  reason: { class: 'user_error' },
  properties: { items: 2, plan: 'gold', gift: true, note: '', deep: { x: 1 } },
};
const link = { url: 'https://pay.example/WAPAS/q3xTz0Vb1Lk', token: 'q3xTz0Vb1Lk' };
const shown = (text: string, over: Partial<TemplateFacts> = {}): string => {
  const rendered = renderText(text, { ...facts, ...over }, link);
  return rendered.ok ? rendered.text : `missing ${rendered.missing}`;
};

it.each([
  ['Order {{keys.order}} of {{amount|money}}', 'Order order_1 of Rs 1,499'],
  ['{{ name | first_name }}, {{properties.items}} items', 'Asha, 2 items'],
  ['{{link}} or {{link_token}}', 'https://pay.example/WAPAS/q3xTz0Vb1Lk or q3xTz0Vb1Lk'],
  ['{{reason.class}}', 'user_error'],
  ['nothing to fill in', 'nothing to fill in'],
  ['{{keys.cart}}', 'missing keys.cart'],
  ['{{properties.note}}', 'missing properties.note'],
  ['{{properties.deep}}', 'missing properties.deep'],
  ['{{properties.gift}}', 'missing properties.gift'],
  ['{{properties.constructor}}', 'missing properties.constructor'],
  ['{{name|constructor}}', 'missing name'],
  ['{{keys.cart}} {{properties.nope}}', 'missing keys.cart'],
])('%s → %s', (text, outcome) => expect(shown(text)).toBe(outcome));

it.each(['{{7*7}}', '{{keys.order}}', '${x}', '<script>alert(1)</script>', '$& $1 $$', "=HYPERLINK('x')", '{{name}}'])(
  'a customer called %s is called just that: values are never rendered again',
  (name) => expect(shown('Dear {{name}}!', { name })).toBe(`Dear ${name}!`),
);

it.each([
  [149_900, 'INR', 'Rs 1,499'],
  [149_950, 'INR', 'Rs 1,499.50'],
  [149_905, 'INR', 'Rs 1,499.05'],
  [5, 'INR', 'Rs 0.05'],
  [12_345_678_900, 'INR', 'Rs 12,34,56,789'],
  [1_500, 'JPY', 'JPY 1,500'],
  [149_950, 'USD', 'USD 1,499.50'],
  [1_234_567, 'KWD', 'KWD 1,234.567'],
  [9_007_199_254_740_991, 'INR', 'Rs 9,00,71,99,25,47,409.91'],
])('%d minor units of %s are %s', (value, currency, text) =>
  expect(shown('{{amount|money}}', { amount: { value, currency } })).toBe(text),
);

it.each([undefined, { value: 1, currency: 'rupees' }, { value: 1, currency: '' }])(
  'an amount of %j is missing, not a crash',
  (amount) => expect(shown('{{amount|money}}', { amount })).toBe('missing amount'),
);

describe('a template text', () => {
  it.each([
    '',
    'no variables',
    '{{name}} {{name|first_name}} {{amount|money}} {{keys.kycApplication}} {{reason.code}} {{properties.any}} {{link}} {{link_token}}',
    'a { single brace } and 100%',
  ])('%j is fine', (text) => expect(faultsOfText(text)).toEqual([]));

  it.each([
    '{{#each items}}x{{/each}}',
    '{% for i in (1..10000000) %}{% endfor %}',
    "{{x|date:'%9999999d'}}",
    '{{constructor}}',
    '{{env}}',
    '{{process.env.X}}',
    '{{properties.constructor}}',
    '{{properties.__proto__}}',
    '{{keys.order.length}}',
    '{{{name}}}',
    '{{name',
    'name}}',
    '{{name|upper}}',
    '{{name|constructor}}',
    '{{NAME}}',
    '{{7*7}}',
    '{{amount}}',
    '{{amount.value}}',
    '{{name|money}}',
    '{{keys}}',
    '{{reason}}',
    '{{keys.kyc_application}}',
    '{{link.url}}',
    '{{ }}',
  ])('%s is refused, and says what to do', (text) => {
    expect(faultsOfText(text).length).toBeGreaterThan(0);
    for (const fault of faultsOfText(text)) expect(fault).toMatch(/\.$/);
  });

  it.each(['{{name|upper}}', "{{properties.due|date:'%d'}}", '{{amount|currency}}'])(
    '%s is told which formatters there are',
    (text) => expect(faultsOfText(text).join(' ')).toContain('money, date and first_name'),
  );

  it('gives all its faults', () => expect(faultsOfText('{{nope}} {{name|upper}} {{amount}} {%')).toHaveLength(4));
});

it.each([
  ['{{link}}', true],
  ['{{ link_token }}', true],
  ['{{link|x}}', true],
  ['{{linked}}', false],
  ['link', false],
])('%s wants a link made: %s', (text, wants) => expect(usesLink([text])).toBe(wants));
