import { parseInstant, type Instant } from '@wapas/kernel';
import { type VendorTemplate } from '@wapas/provider-kit';
import { mayContact } from '../../../profiles/profiles.api';
import { type DltTemplate } from '../dlt-template';
import { faultOfListing, isListed } from './addresses';
import { LINT_RULES, lintDraft, lintMessage } from './lint';
import { type DraftMessage, type DraftTemplate, type StepAsk } from './linted';
import { promotionalWordIn } from './promotional-words';

const HOUR = 3_600_000;
const link = { prefix: 'https://pay.example/SHOPIN/', header: 'SHOPIN', length: 38 };
const policy = { link, addresses: [{ kind: 'short' as const, address: link.prefix }], needsRegistration: true, mostSmsParts: 1 };
const promotionalHours = { from: 600, to: 1_245, zone: 'Asia/Kolkata' };
const service: StepAsk = {
  purpose: 'service',
  mandatory: false,
  matter: ['order'],
  toNextStepMs: 2 * HOUR,
  lifeMs: 24 * HOUR,
  legalHours: [],
};
const marketing: StepAsk = { ...service, purpose: 'marketing', legalHours: [promotionalHours] };
const dlt: DltTemplate = {
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
const promotion: DltTemplate = { ...dlt, category: 'promotional', text: 'Shop: 20% off order {#alphanumeric#} today: {#url#}' };
const payButton = { kind: 'url' as const, text: 'Pay', url: 'https://pay.example/SHOPIN/', hasVariable: true };
const meta: VendorTemplate = {
  name: 'payment_failed_v1',
  language: 'en',
  status: 'usable',
  code: 'APPROVED',
  category: 'utility',
  parameterFormat: 'positional',
  body: { text: 'Order {{1}} of {{2}} is not paid.', parameters: ['1', '2'] },
  buttons: [payButton],
  validForSeconds: 6_300,
};

const sms: DraftTemplate = {
  channel: 'sms',
  template: { id: dlt.id, variables: { order: '{{keys.order}}', url: '{{link}}' } },
  texts: [
    { at: '/variables/order', text: '{{keys.order}}' },
    { at: '/variables/url', text: '{{link}}' },
  ],
  usesLink: true,
  step: service,
  sms: dlt,
  vendor: undefined,
  isPaused: false,
  policy,
};
const whatsapp: DraftTemplate = {
  ...sms,
  channel: 'whatsapp',
  template: { name: meta.name, language: 'en', body: ['{{keys.order}}', '{{amount|money}}'], button: '{{link_token}}' },
  texts: [{ at: '/body/0', text: '{{keys.order}}' }],
  sms: null,
  vendor: meta,
};
const texted: DraftMessage = {
  channel: 'sms',
  texts: ['order_1', `${link.prefix}q3xTz0Vb1Lk`],
  freeValues: [],
  purpose: 'service',
  mandatory: false,
  keys: { order: 'order_1' },
  variables: { order: 'order_1', url: `${link.prefix}q3xTz0Vb1Lk` },
  sms: dlt,
  vendor: undefined,
  filled: null,
  toNextStepMs: 2 * HOUR,
  legalHours: [],
  handedOverAt: null,
  contactRefusal: null,
  policy,
};
const chatted: DraftMessage = {
  ...texted,
  channel: 'whatsapp',
  variables: {},
  sms: null,
  vendor: meta,
  filled: { bodyNames: null, bodyCount: 2, header: null, suffixAt: 0, quickReplies: [] },
};
const at = (text: string): Instant => parseInstant(text) as Instant;
const unlisted = 'https://shop.example/x';
const contact = (dnd: 'on' | 'off' | 'unknown', granted: boolean) =>
  mayContact(
    {
      erased: false,
      minor: false,
      dnd,
      suppressions: [],
      consents: granted ? [{ purpose: 'marketing', channel: 'sms', state: 'granted', at: at('2026-11-01T10:00:00Z') }] : [],
    },
    { channel: 'sms', purpose: 'marketing' },
    { serviceOptIn: [] },
    at('2026-11-23T11:00:00+05:30'),
  );

/** For each rule: what passes at publish, what does not and why, and the same right before a send. */
const CASES: Readonly<
  Record<number, { good: DraftTemplate; bad: [DraftTemplate, string][]; sent: DraftMessage; stopped: [DraftMessage, string][] }>
> = {
  1: {
    good: { ...sms, sms: promotion, step: marketing },
    bad: [
      [{ ...sms, sms: promotion, step: { ...marketing, legalHours: [] } }, 'no_promotional_hours'],
      [
        { ...sms, sms: promotion, step: { ...marketing, legalHours: [{ ...promotionalHours, to: 1_300 }] } },
        'no_promotional_hours',
      ],
    ],
    sent: { ...texted, legalHours: [promotionalHours], handedOverAt: at('2026-11-23T20:44:59+05:30') },
    stopped: [
      [{ ...texted, legalHours: [promotionalHours], handedOverAt: at('2026-11-23T20:45:00+05:30') }, 'outside_legal_hours'],
      [{ ...texted, legalHours: [promotionalHours], handedOverAt: at('2026-11-23T09:59:59+05:30') }, 'outside_legal_hours'],
    ],
  },
  2: {
    good: sms,
    bad: [
      [{ ...sms, sms: promotion }, 'category_differs'],
      [{ ...sms, step: marketing }, 'category_differs'],
    ],
    sent: texted,
    stopped: [[{ ...texted, sms: promotion }, 'dlt_category_differs']],
  },
  3: {
    good: { ...sms, sms: promotion, step: marketing },
    bad: [
      [{ ...sms, texts: [{ at: '/variables/order', text: 'Hurry! {{keys.order}}' }] }, 'promotional_words'],
      [{ ...sms, sms: { ...dlt, text: 'Shop: छूट, order {#alphanumeric#}: {#url#}' } }, 'promotional_words'],
      [{ ...whatsapp, vendor: { ...meta, footer: 'Limited time' } }, 'promotional_words'],
    ],
    sent: { ...chatted, freeValues: ['Blue kurta'] },
    stopped: [
      [{ ...chatted, freeValues: ['Kurta, 20% off'] }, 'promotional_words'],
      [{ ...texted, sms: { ...dlt, text: 'Shop: last chance, order {#alphanumeric#}: {#url#}' } }, 'promotional_words'],
    ],
  },
  4: {
    good: { ...whatsapp, step: { ...service, matter: ['order', 'cart'] } },
    bad: [
      [{ ...whatsapp, step: { ...service, matter: ['cart'] } }, 'cart_is_marketing'],
      [{ ...sms, step: { ...service, matter: ['checkout'] } }, 'cart_is_marketing'],
    ],
    sent: { ...chatted, keys: { cart: 'c', order: 'o' } },
    stopped: [[{ ...chatted, keys: { cart: 'c' } }, 'cart_is_marketing']],
  },
  5: {
    good: sms,
    bad: [
      [{ ...sms, sms: null }, 'template_not_registered'],
      [{ ...sms, texts: [{ at: '/variables/order', text: 'x' }] }, 'not_the_registered_variables'],
      [{ ...sms, texts: [{ at: '/variables/order', text: 'x'.repeat(41) }, ...sms.texts.slice(1)] }, 'value_too_long'],
    ],
    sent: texted,
    stopped: [
      [{ ...texted, sms: null }, 'dlt_not_registered'],
      [{ ...texted, variables: { ...texted.variables, order: 'a\nb' } }, 'dlt_value_not_of_its_tag'],
      [{ ...texted, variables: { url: texted.variables['url'] as string } }, 'dlt_empty_value'],
    ],
  },
  6: {
    good: sms,
    bad: [
      [{ ...sms, sms: { ...dlt, text: 'Shop: order {#var#} waits at {#url#}' } }, 'untagged_variable'],
      [{ ...sms, sms: { ...dlt, brand: 'Bazaar' } }, 'no_brand'],
    ],
    sent: texted,
    stopped: [[{ ...texted, sms: { ...dlt, brand: 'Bazaar' } }, 'dlt_template_unsound']],
  },
  7: {
    good: sms,
    bad: [
      [{ ...sms, sms: { ...dlt, header: 'OTHERS' } }, 'link_under_other_header'],
      [{ ...sms, sms: { ...dlt, text: `Shop: order {#alphanumeric#}, ${unlisted} or {#url#}` } }, 'address_not_listed'],
    ],
    sent: texted,
    stopped: [
      [{ ...texted, sms: { ...dlt, text: `Shop: order {#alphanumeric#}, ${unlisted} or {#url#}` } }, 'dlt_link_not_listed'],
      [{ ...texted, variables: { ...texted.variables, url: 'https://pay.example/shopin/q3xTz0Vb1Lk' } }, 'dlt_link_not_listed'],
    ],
  },
  8: {
    good: whatsapp,
    bad: [
      [{ ...whatsapp, texts: [{ at: '/body/0', text: 'upi://pay?pa=shop@bank' }] }, 'upi_link'],
      [{ ...whatsapp, vendor: { ...meta, body: { text: 'Pay at UPI://pay', parameters: ['1', '2'] } } }, 'upi_link'],
      [{ ...sms, policy: { ...policy, link: { ...link, length: 41 } } }, 'link_too_long'],
    ],
    sent: chatted,
    stopped: [[{ ...chatted, texts: ['upi://pay?pa=shop@bank'] }, 'upi_link']],
  },
  9: {
    good: { ...sms, sms: promotion, step: marketing },
    bad: [[{ ...sms, sms: promotion, step: { ...marketing, mandatory: true } }, 'promotion_is_mandatory']],
    sent: { ...texted, purpose: 'marketing', sms: promotion, contactRefusal: contact('on', true) },
    stopped: [
      [{ ...texted, purpose: 'marketing', sms: promotion, contactRefusal: contact('on', false) }, 'dnd_no_consent'],
      [{ ...texted, purpose: 'marketing', sms: promotion, contactRefusal: contact('unknown', false) }, 'dnd_no_consent'],
    ],
  },
  13: {
    good: whatsapp,
    bad: [
      [{ ...whatsapp, vendor: null }, 'no_such_template'],
      [{ ...whatsapp, vendor: { ...meta, status: 'paused', code: 'PAUSED' } }, 'template_not_approved'],
      [{ ...whatsapp, vendor: { ...meta, category: 'marketing' } }, 'category_differs'],
      [{ ...whatsapp, isPaused: true }, 'template_paused'],
      [{ ...whatsapp, template: { ...whatsapp.template, body: ['one'] } }, 'parameters_do_not_fit'],
      [{ ...whatsapp, template: { ...whatsapp.template, body: { 1: 'x', 2: 'y' } } }, 'parameter_format_differs'],
      [{ ...whatsapp, template: { ...whatsapp.template, button: undefined } }, 'button_does_not_fit'],
      [{ ...whatsapp, template: { ...whatsapp.template, buttonIndex: 1 } }, 'button_does_not_fit'],
      [{ ...whatsapp, texts: [{ at: '/body/0', text: ' ' }] }, 'empty_text'],
      [{ ...whatsapp, vendor: undefined, texts: [{ at: '/button', text: '{{link}}' }] }, 'whole_address'],
      [{ ...whatsapp, texts: [{ at: '/button', text: 'https://pay.example/SHOPIN/{{link_token}}' }] }, 'whole_address'],
      [
        { ...whatsapp, vendor: { ...meta, buttons: [{ ...payButton, url: 'https://pay.example/r/' }] } },
        'button_leads_elsewhere',
      ],
      [{ ...whatsapp, template: { ...whatsapp.template, header: { image: 'https://x.example/y.png' } } }, 'header_does_not_fit'],
      [{ ...whatsapp, template: { ...whatsapp.template, quickReplies: { 0: 'stop' } } }, 'button_does_not_fit'],
    ],
    sent: chatted,
    stopped: [
      [{ ...chatted, vendor: null }, 'template_unknown'],
      [{ ...chatted, vendor: { ...meta, status: 'gone' } }, 'template_not_approved'],
      [{ ...chatted, vendor: { ...meta, category: 'marketing' } }, 'template_category_differs'],
      [{ ...chatted, vendor: { ...meta, parameterFormat: 'named' } }, 'template_parameters_differ'],
      [{ ...chatted, vendor: { ...meta, buttons: [] } }, 'template_parameters_differ'],
    ],
  },
  14: {
    good: whatsapp,
    bad: [
      [{ ...whatsapp, vendor: { ...meta, validForSeconds: undefined } }, 'lives_too_long'],
      [{ ...whatsapp, step: { ...service, toNextStepMs: HOUR } }, 'lives_too_long'],
      [
        { ...whatsapp, vendor: { ...meta, category: 'marketing' }, step: { ...marketing, lifeMs: 11 * HOUR } },
        'life_too_short_for_marketing',
      ],
    ],
    sent: chatted,
    stopped: [[{ ...chatted, vendor: { ...meta, validForSeconds: undefined } }, 'template_lives_too_long']],
  },
  18: {
    good: whatsapp,
    bad: [
      [{ ...whatsapp, texts: [{ at: '/body/0', text: 'PAN ABCPE1234F' }] }, 'private_pan'],
      [{ ...whatsapp, texts: [{ at: '/body/0', text: 'Your card {{properties.card_number}}' }] }, 'private_number'],
      [{ ...sms, sms: { ...dlt, text: 'Shop: your OTP is 482913, {#alphanumeric#} {#url#}' } }, 'private_otp'],
    ],
    sent: { ...chatted, texts: ['card ending 4242'] },
    stopped: [
      [{ ...chatted, texts: ['card 4111 1111 1111 1111'] }, 'private_card'],
      [{ ...chatted, texts: ['482913 is your OTP'] }, 'private_otp'],
      [{ ...chatted, texts: ['CVV: 123'] }, 'private_cvv'],
      [{ ...chatted, texts: ['a/c no 123456789012'] }, 'private_account'],
    ],
  },
  53: {
    good: { ...sms, sms: { ...dlt, text: `Shop: ${'x'.repeat(160)} {#alphanumeric#} at {#url#}`, mostParts: 2 } },
    bad: [
      [{ ...sms, sms: { ...dlt, text: `Shop: ${'x'.repeat(160)} {#alphanumeric#} at {#url#}` } }, 'too_many_parts'],
      [{ ...sms, sms: { ...dlt, text: 'Shop: भुगतान पूरा नहीं हुआ, {#alphanumeric#}: {#url#}' } }, 'too_many_parts'],
    ],
    sent: { ...texted, sms: { ...dlt, text: `Shop: ${'x'.repeat(96)} {#alphanumeric#} at {#url#}` } },
    stopped: [
      [{ ...texted, sms: { ...dlt, text: `Shop: ${'x'.repeat(106)} {#alphanumeric#} at {#url#}` } }, 'sms_too_many_parts'],
      [{ ...texted, variables: { ...texted.variables, order: '₹ 1,499' } }, 'sms_too_many_parts'],
    ],
  },
};

describe.each(LINT_RULES.map((rule) => [rule.number, rule.demands, rule] as const))('rule %i: %s', (number, _demands, rule) => {
  it('has a good and a bad case at publish and at send', () => {
    const cases = CASES[number];
    expect([cases?.good, cases?.sent].every((one) => one !== undefined)).toBe(true);
    expect(Math.min(cases?.bad.length ?? 0, cases?.stopped.length ?? 0)).toBeGreaterThan(0);
  });

  it('lets the good ones through', () => {
    expect(rule.atPublish(CASES[number]?.good as DraftTemplate)).toEqual([]);
    expect(rule.atSend(CASES[number]?.sent as DraftMessage)).toBeNull();
    expect(lintDraft(CASES[number]?.good as DraftTemplate)).toEqual([]);
    expect(lintMessage(CASES[number]?.sent as DraftMessage)).toBeNull();
  });

  it.each((CASES[number]?.bad ?? []).map(([draft, code]) => [code, draft] as const))('refuses at publish: %s', (code, draft) => {
    const faults = lintDraft(draft).filter((one) => one.code === code);
    expect(faults.length).toBeGreaterThan(0);
    for (const { detail } of faults) expect(detail).toMatch(new RegExp(`^Rule ${number}\\. .+\\.$`));
  });

  it.each((CASES[number]?.stopped ?? []).map(([message, reason]) => [reason, message] as const))(
    'stops a send: %s',
    (reason, message) => expect(rule.atSend(message)?.reason).toBe(reason),
  );
});

describe('the parts that a text is thought to take at publish', () => {
  const long = { ...dlt, text: `Shop: ${'x'.repeat(80)} {#alphanumeric#} at {#url#}`, samples: { order: 'order_1' } };
  const partsAt = (registered: DltTemplate, texts = sms.texts): boolean =>
    lintDraft({ ...sms, sms: registered, texts }).some(({ code }) => code === 'too_many_parts');

  it('come from its registered samples', () => {
    expect(partsAt(long)).toBe(false);
    expect(partsAt({ ...long, samples: { order: 'o'.repeat(40) } })).toBe(true);
    expect(partsAt({ ...long, samples: { order: 'आशा' } })).toBe(true);
  });

  it('count what was written by hand and our own link as they are, whatever the sample says', () => {
    const written = [{ at: '/variables/order', text: 'o'.repeat(40) }, ...sms.texts.slice(1)];
    expect(partsAt(long, written)).toBe(true);
    const shortLink = { ...long, samples: { ...long.samples, url: `${link.prefix}${'x'.repeat(2)}` } };
    expect(partsAt({ ...shortLink, text: `${long.text}${'x'.repeat(28)}` })).toBe(true);
  });

  it('name the characters that cost the room', () => {
    const [fault] = lintDraft({ ...sms, sms: { ...dlt, text: dlt.text.replace('order', '₹ order') } }).filter(
      ({ code }) => code === 'too_many_parts',
    );
    expect(fault?.detail).toContain('of UCS-2 because of "₹": 2 SMS, and 1 are allowed');
  });
});

it('a button may be given the header before the token where its template stops at the host', () => {
  const buttons = [{ ...payButton, url: 'https://pay.example/' }];
  const given = { ...whatsapp.template, button: 'SHOPIN/{{link_token}}' };
  expect(lintDraft({ ...whatsapp, vendor: { ...meta, buttons }, template: given })).toEqual([]);
});

it('a mandatory notice goes out however many parts it has', () => {
  const long = { ...texted, sms: { ...dlt, text: `Shop: ${'x'.repeat(200)} {#alphanumeric#} at {#url#}` } };
  expect(lintMessage(long)?.reason).toBe('sms_too_many_parts');
  expect(lintMessage({ ...long, mandatory: true })).toBeNull();
});

it('the rules are those of the field that templates can break, each once', () =>
  expect(LINT_RULES.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 18, 53]));

it('a word inside another is none: "offered", "wholesale" and "Salem" sell nothing', () =>
  expect(['wholesale', 'Salem', 'freedom', 'deals', 'FREE!', '20 %'].map((text) => promotionalWordIn(text) !== null)).toEqual([
    false,
    false,
    false,
    true,
    true,
    true,
  ]));

describe('an address on the operators’ list', () => {
  it.each([
    ['static', 'https://shop.example/pay', true],
    ['static', 'https://shop.example/pay?x', false],
    ['static', 'http://shop.example/pay', false],
    ['static', 'https://203.0.113.9/pay', false],
    ['static', 'https://a@shop.example/pay', false],
    ['dynamic', 'https://shop.example/pay?', true],
    ['dynamic', 'https://shop.example/pay?a=', false],
    ['short', 'https://pay.example/SHOPIN/', true],
    ['short', 'https://pay.example/', false],
    ['number', '18001234567', true],
    ['number', 'call us', false],
  ] as const)('%s %s can be listed: %s', (kind, address, can) => expect(faultOfListing({ kind, address }) === null).toBe(can));

  it.each([
    ['https://shop.example/pay', true],
    ['https://shop.example/pay/', false],
    ['https://shop.example/order?id=7', true],
    ['https://shop.example/order', false],
    ['https://pay.example/SHOPIN/abc-_9', true],
    ['https://pay.example/SHOPIN/abc/evil', false],
    ['https://pay.example/shopin/abc', false],
    ['https://pay.example/OTHERS/abc', false],
    ['https://pay.example/SHOPIN/', false],
  ])('%s passes under SHOPIN: %s', (address, passes) =>
    expect(
      isListed(address, 'SHOPIN', [
        { kind: 'static', address: 'https://shop.example/pay' },
        { kind: 'dynamic', address: 'https://shop.example/order?' },
        { kind: 'short', address: 'https://pay.example/SHOPIN/' },
        { kind: 'short', address: 'https://pay.example/OTHERS/' },
        { kind: 'number', address: '18001234567' },
      ]),
    ).toBe(passes),
  );
});
