import { Templates } from '../templates';
import { type TemplateFacts } from './render';
import { shapeOf } from './template-shapes';

const templates = new Templates();
const facts: TemplateFacts = { keys: { order: 'order_1' }, amount: { value: 149_900, currency: 'INR' }, properties: {} };
const link = { url: 'https://pay.example/WAPAS/q3xTz0Vb1Lk', token: 'q3xTz0Vb1Lk' };
type Template = Readonly<Record<string, unknown>>;

const push: Template = { title: 'Order {{keys.order}}', body: '{{amount|money}}', deepLink: 'shop://orders/{{keys.order}}' };
const whatsapp: Template = { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}', 'x'], button: '{{link_token}}' };
const sms: Template = { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}', url: '{{link}}' } };

it.each<[string, Template, object]>([
  ['push', push, { title: 'Order order_1', body: 'Rs 1,499', deepLink: 'shop://orders/order_1' }],
  ['push', { title: 'a', body: 'b' }, { title: 'a', body: 'b', deepLink: undefined }],
  ['whatsapp', whatsapp, { template: 'payment_failed_v1', language: 'en', body: ['order_1', 'x'], buttonSuffix: 'q3xTz0Vb1Lk' }],
  ['whatsapp', { name: 'n', language: 'en', body: [] }, { template: 'n', language: 'en', body: [], buttonSuffix: undefined }],
  [
    'push',
    { ...push, collapseKey: '{{keys.order}}', androidChannel: 'payments', clickAction: 'OPEN', label: 't1' },
    {
      title: 'Order order_1',
      body: 'Rs 1,499',
      deepLink: 'shop://orders/order_1',
      collapseKey: 'order_1',
      androidChannel: 'payments',
      clickAction: 'OPEN',
      label: 't1',
    },
  ],
  [
    'whatsapp',
    {
      ...whatsapp,
      body: { order: '{{keys.order}}' },
      buttonIndex: 1,
      header: { image: 'https://cdn.example/{{keys.order}}.png' },
      quickReplies: { 0: 'stop' },
    },
    {
      template: 'payment_failed_v1',
      language: 'en',
      body: ['order_1'],
      bodyNames: ['order'],
      buttonSuffix: 'q3xTz0Vb1Lk',
      buttonIndex: 1,
      header: { kind: 'image', link: 'https://cdn.example/order_1.png' },
      quickReplies: [{ index: 0, payload: 'stop' }],
    },
  ],
  ['sms', sms, { template: '64f0c0ffee00000000000001', variables: { order: 'order_1', url: link.url } }],
])('a %s template %j', (channel, template, content) => {
  expect(templates.faultsOf(channel, template)).toEqual([]);
  expect(templates.render(channel, template, facts, link)).toEqual({ ok: true, content });
});

it.each<[string, string, Template, string[]]>([
  ['a push without texts', 'push', {}, ['/title bad_template', '/body bad_template']],
  ['a push that runs a script', 'push', { ...push, deepLink: 'javascript:alert(1)' }, ['/deepLink bad_address']],
  ['a push that starts another app', 'push', { ...push, deepLink: 'INTENT://x#Intent;end' }, ['/deepLink bad_address']],
  ['a push that pays a payee of its own', 'push', { ...push, deepLink: 'upi://pay?pa=a@b' }, ['/deepLink bad_address']],
  ['a push that leads nowhere', 'push', { ...push, deepLink: 'orders/{{keys.order}}' }, ['/deepLink bad_address']],
  ['a push with a number for a link', 'push', { ...push, deepLink: 7 }, ['/deepLink bad_template']],
  ['a push with a field of another channel', 'push', { ...push, button: 'x' }, ['/button unknown_field']],
  ['a WhatsApp without a body', 'whatsapp', { name: 'n', language: 'en' }, ['/body bad_template']],
  ['a WhatsApp whose body is one text', 'whatsapp', { ...whatsapp, body: 'x' }, ['/body bad_template']],
  ['a WhatsApp with two headers', 'whatsapp', { ...whatsapp, header: { text: 'a', image: 'b' } }, ['/header bad_template']],
  ['a WhatsApp with a header of no kind', 'whatsapp', { ...whatsapp, header: { song: 'a' } }, ['/header bad_template']],
  ['a WhatsApp button at no place', 'whatsapp', { ...whatsapp, buttonIndex: 'last' }, ['/buttonIndex bad_template']],
  ['a quick reply at no place', 'whatsapp', { ...whatsapp, quickReplies: { last: 'x' } }, ['/quickReplies bad_template']],
  ['an SMS whose id YAML took for a number', 'sms', { ...sms, id: 6.4e23 }, ['/id bad_template']],
  ['an SMS with variables in a list', 'sms', { ...sms, variables: ['x'] }, ['/variables bad_template']],
  ['an SMS without variables', 'sms', { id: 'x' }, ['/variables bad_template']],
  ['a text with an expression', 'whatsapp', { ...whatsapp, body: ['ok', '{{#each}}'] }, ['/body/1 bad_placeholder']],
  ['a channel nobody has', 'pigeon', {}, [' unknown_channel']],
  ['a channel called like an internal', 'constructor', {}, [' unknown_channel']],
])('%s is refused', (_case, channel, template, faults) =>
  expect(templates.faultsOf(channel, template).map(({ at, code }) => `${at} ${code}`)).toEqual(faults),
);

describe('a channel that a provider brings along', () => {
  const open = new Templates({
    describe: (channel) =>
      channel === 'rcs'
        ? {
            name: 'rcs',
            addressKind: 'phone',
            fields: [
              { name: 'text', required: true, description: 'What the person reads.' },
              { name: 'picture', required: false, description: 'Its address.' },
            ],
          }
        : undefined,
  });

  it('has the texts that its description lists', () => {
    expect(open.faultsOf('rcs', { text: 'Order {{keys.order}}: {{link}}' })).toEqual([]);
    expect(open.wantsLink('rcs', { text: '{{link}}' })).toBe(true);
    expect(open.render('rcs', { text: 'Order {{keys.order}}' }, facts, link)).toEqual({
      ok: true,
      content: { fields: { text: 'Order order_1' } },
    });
  });

  it('refuses what it does not list, and expressions', () => {
    expect(open.faultsOf('rcs', { body: 'x' }).map(({ at, code }) => `${at} ${code}`)).toEqual([
      '/text bad_template',
      '/body unknown_field',
    ]);
    expect(open.faultsOf('rcs', { text: '{{#if}}' }).map(({ code }) => code)).toEqual(['bad_placeholder']);
  });
});

it('nothing half-rendered leaves: what is missing is named instead', () =>
  expect(templates.render('sms', sms, { ...facts, keys: {} }, link)).toEqual({ ok: false, missing: 'keys.order' }));

it('a link is made only for those who print one', () => {
  expect(['push', 'whatsapp', 'sms'].map((name, index) => templates.wantsLink(name, [push, whatsapp, sms][index] ?? {}))).toEqual(
    [false, true, true],
  );
  expect(shapeOf('pigeon')).toBeUndefined();
});
