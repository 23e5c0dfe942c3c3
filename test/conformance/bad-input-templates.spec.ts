import { type PushContent, type SendRequest, type WhatsAppContent } from '@wapas/provider-kit';
import { faultOfContent } from '@wapas/providers/fcm/fcm.message';
import { messageOf } from '@wapas/providers/whatsapp-cloud/whatsapp-cloud.message';
import { type TemplateFacts } from '../../src/channels/rules/render';
import { Templates } from '../../src/channels/templates';

const templates = new Templates();
const link = { url: 'https://pay.example/WAPAS/q3xTz0Vb1Lk', token: 'q3xTz0Vb1Lk' };
const facts = (change: Partial<TemplateFacts> = {}): TemplateFacts => ({ keys: { order: 'order_1' }, properties: {}, ...change });
const whatsapp = { name: 'paid_v1', language: 'en', body: ['{{name}}'], button: '{{link_token}}' };
const rendered = (channel: string, template: Record<string, unknown>, given: TemplateFacts) => {
  const result = templates.render(channel, template, given, link);
  if (!result.ok) throw new Error(result.missing);
  return result.content;
};
const at = <C>(kind: 'phone' | 'push_token', content: C): SendRequest<C> => ({
  attemptId: 'msg-1.1',
  messageId: 'msg-1',
  address: { kind, value: kind === 'phone' ? '+919812345678' : 'token-1' },
  content,
  validForSeconds: 780,
});
const onTheWire = (given: TemplateFacts, template: Record<string, unknown> = whatsapp): string => {
  const message = messageOf(at('phone', rendered('whatsapp', template, given) as WhatsAppContent));
  return message.ok ? JSON.stringify(message.body) : message.code;
};

describe('at save', () => {
  test.each([
    ['G80 a loop', '{{#each items}}x{{/each}}'],
    ['G80 a loop of ten million', '{% for i in (1..10000000) %}{% endfor %}'],
    ['G80 a format of nine digits', "{{x|date:'%9999999d'}}"],
    ['G81 a constructor', '{{constructor}}'],
    ['G81 the environment', '{{env}}'],
    ['G81 a path into the process', '{{process.env.X}}'],
    ['G81 a prototype', '{{properties.__proto__}}'],
  ])('%s is refused on every channel', (_what, text) => {
    const faults = [
      ...templates.faultsOf('push', { title: 'x', body: text }),
      ...templates.faultsOf('whatsapp', { ...whatsapp, body: [text] }),
      ...templates.faultsOf('sms', { id: '1', variables: { x: text } }),
    ];
    expect(faults.map(({ at: pointer, code }) => `${pointer} ${code}`)).toEqual(
      expect.arrayContaining(['/body bad_placeholder', '/body/0 bad_placeholder', '/variables/x bad_placeholder']),
    );
  });

  test('G88 a push that can never fit into 4,096 bytes is refused', () => {
    expect(templates.faultsOf('push', { title: 'x', body: 'क'.repeat(1_400) }).map(({ code }) => code)).toEqual(['too_long']);
    expect(templates.faultsOf('push', { title: 'x', body: 'x'.repeat(3_700) })).toEqual([]);
  });
});

describe('at send', () => {
  test('G82 a missing variable is named, and nothing says "undefined" to a customer', () =>
    expect(templates.render('whatsapp', whatsapp, facts(), link)).toEqual({ ok: false, missing: 'name' }));

  test.each([
    ['a line break', 'Asha\nRao', 'Asha Rao'],
    ['a tab', 'Asha\tRao', 'Asha Rao'],
    ['five blanks', 'Asha     Rao', 'Asha    Rao'],
  ])('G83 %s is made fit for a WhatsApp parameter before the call', (_what, name, text) =>
    expect(onTheWire(facts({ name }))).toContain(`"text":"${text}"`),
  );

  test.each([
    ['nothing but blanks', '\n \t', 'EMPTY_PARAMETER'],
    ['more than a body holds', 'x'.repeat(1_025), 'BODY_TOO_LONG'],
  ])('G83 %s is refused before the call', (_what, name, code) => expect(onTheWire(facts({ name }))).toBe(code));

  test('G84 a value that looks like a placeholder is not expanded', () =>
    expect(onTheWire(facts({ name: '{{keys.order}} {{link}}' }))).toContain('"text":"{{keys.order}} {{link}}"'));

  test.each([
    ['../../evil', 'r/..%2F..%2Fevil'],
    ['?next=//evil', 'r/%3Fnext%3D%2F%2Fevil'],
    ['//evil.com', 'r/%2F%2Fevil.com'],
    ['a\\@evil.com', 'r/a%5C%40evil.com'],
    ['\ud800', 'r/%EF%BF%BD'],
  ])('G87 the value %j in a button address stays one part of the path', (value, suffix) => {
    const template = { ...whatsapp, button: 'r/{{properties.path}}' };
    const sent = onTheWire(facts({ name: 'Asha', properties: { path: value } }), template);
    expect(JSON.parse(sent)).toMatchObject({
      template: { components: [{ type: 'body' }, { type: 'button', parameters: [{ type: 'text', text: suffix }] }] },
    });
  });

  test('G87 the same in the deep link of a push and in the address of a picture; our own link stays as it is', () => {
    const push = { title: 'x', body: 'x', deepLink: 'shop://orders/{{properties.path}}' };
    const given = facts({ name: 'Asha', properties: { path: '../admin?x=1' } });
    expect(rendered('push', push, given)).toMatchObject({ deepLink: 'shop://orders/..%2Fadmin%3Fx%3D1' });
    expect(rendered('push', { ...push, deepLink: '{{link}}' }, given)).toMatchObject({ deepLink: link.url });
    const header = { ...whatsapp, header: { image: 'https://cdn.example/{{properties.path}}.png' } };
    expect(rendered('whatsapp', header, given)).toMatchObject({
      header: { kind: 'image', link: 'https://cdn.example/..%2Fadmin%3Fx%3D1.png' },
    });
  });

  test('G88 a push that became too long by its values is refused before the call', () => {
    const content = rendered('push', { title: 'x', body: '{{name}}' }, facts({ name: 'x'.repeat(5_000) })) as PushContent;
    expect(faultOfContent(at('push_token', content))?.code).toBe('PAYLOAD_TOO_LARGE');
  });
});
