import { type RawWebhook, type SendRequest, type WhatsAppContent } from '@wapas/provider-kit';
import { whatsAppCloud } from '.';
import { readWhatsAppCloudConfig } from './whatsapp-cloud.config';
import { buttonSuffixText, messageOf, parameterText } from './whatsapp-cloud.message';
import { whatsAppReceipts } from './whatsapp-cloud.receipts';

const settings = {
  WHATSAPP_ACCESS_TOKEN: 'EAAG-token',
  WHATSAPP_PHONE_NUMBER_ID: '106540352242922',
  WHATSAPP_APP_SECRET: 'app-secret',
  WHATSAPP_VERIFY_TOKEN: 'verify-me',
};
const request = (content: Partial<WhatsAppContent>): SendRequest<WhatsAppContent> => ({
  attemptId: 'att-1',
  messageId: 'msg-1',
  address: { kind: 'phone', value: '+919812345678' },
  content: { template: 'payment_failed_v2', language: 'en', body: ['Asha', 'Rs 1,499'], ...content },
  validForSeconds: 780,
});

describe('the message', () => {
  it('is a template send that carries our attempt id', () => {
    expect(messageOf(request({ buttonSuffix: 'r/abc123', buttonIndex: 1 }))).toEqual({
      ok: true,
      body: {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: '919812345678',
        type: 'template',
        biz_opaque_callback_data: 'att-1',
        template: {
          name: 'payment_failed_v2',
          language: { code: 'en' },
          components: [
            {
              type: 'body',
              parameters: [
                { type: 'text', text: 'Asha' },
                { type: 'text', text: 'Rs 1,499' },
              ],
            },
            { type: 'button', sub_type: 'url', index: '1', parameters: [{ type: 'text', text: 'r/abc123' }] },
          ],
        },
      },
    });
  });

  it('names parameters, fills a header and gives quick replies what they carry back', () => {
    const content: Partial<WhatsAppContent> = {
      body: ['Asha'],
      bodyNames: ['first_name'],
      header: { kind: 'image', link: 'https://cdn.example/b.png' },
      quickReplies: [{ index: 1, payload: 'stop:att-1' }],
    };
    expect(messageOf(request(content))).toMatchObject({
      body: {
        template: {
          components: [
            { type: 'header', parameters: [{ type: 'image', image: { link: 'https://cdn.example/b.png' } }] },
            { type: 'body', parameters: [{ type: 'text', parameter_name: 'first_name', text: 'Asha' }] },
            { type: 'button', sub_type: 'quick_reply', index: '1', parameters: [{ type: 'payload', payload: 'stop:att-1' }] },
          ],
        },
      },
    });
  });

  it('names only components that have variables', () => {
    expect(messageOf(request({ body: [] }))).toMatchObject({ body: { template: { components: [] } } });
  });

  it.each([
    [{ body: ['Asha', ' \n\t '] }, 'EMPTY_PARAMETER'],
    [{ buttonSuffix: 'https://pay.example/r/abc' }, 'FULL_URL_AS_SUFFIX'],
    [{ buttonSuffix: 'upi://pay?pa=shop@bank' }, 'FULL_URL_AS_SUFFIX'],
    [{ buttonSuffix: '' }, 'EMPTY_SUFFIX'],
    [{ body: ['x'.repeat(1_025)] }, 'BODY_TOO_LONG'],
    [{ bodyNames: ['only_one'] }, 'PARAMETER_NAMES_DO_NOT_FIT'],
    [{ header: { kind: 'image', link: 'http://cdn.example/b.png' } as const }, 'BAD_HEADER'],
    [{ header: { kind: 'text', text: ' \n ' } as const }, 'BAD_HEADER'],
    [{ buttonSuffix: 'r/a', quickReplies: [{ index: 0, payload: 'x' }] }, 'BAD_BUTTON_INDEX'],
    [{ quickReplies: [{ index: 10, payload: 'x' }] }, 'BAD_BUTTON_INDEX'],
    [{ quickReplies: [{ index: 0, payload: '' }] }, 'BAD_PAYLOAD'],
  ])('is refused here when Meta would refuse it or make nonsense of it (%#)', (content, code) => {
    expect(messageOf(request(content))).toEqual({ ok: false, code });
  });

  it.each([
    ['two\nlines\r\nhere', 'two lines here'],
    ['a\tb', 'a b'],
    ['a     b      c', 'a    b    c'],
    ['  Asha  ', 'Asha'],
    ['a\u2028b\u0000c', 'a b c'],
    ['आशा ₹1,499', 'आशा ₹1,499'],
  ])('parameter text %j becomes %j, and again the same', (given, expected) => {
    expect(parameterText(given)).toBe(expected);
    expect(parameterText(expected)).toBe(expected);
  });

  it.each([
    ['r/abc123', 'r/abc123'],
    ['r/abc?name=Asha Rao&x=1', 'r/abc?name=Asha%20Rao&x=1'],
    ['r/आ', 'r/%E0%A4%86'],
    ['r/%E0%A4%86', 'r/%E0%A4%86'],
    ['r/100%', 'r/100%25'],
    ['r/\ud800x', 'r/%EF%BF%BDx'],
  ])('button suffix %j becomes %j, and again the same', (given, expected) => {
    expect(buttonSuffixText(given)).toBe(expected);
    expect(buttonSuffixText(expected)).toBe(expected);
  });
});

describe('the subscription handshake', () => {
  const config = readWhatsAppCloudConfig(settings);
  if (!config.ok) throw new Error(config.problems.join('\n'));
  const endpoint = whatsAppReceipts(config.config);
  const asked = (query: Record<string, string>): RawWebhook => ({
    method: 'GET',
    headers: {},
    query,
    pathToken: '',
    rawBody: Buffer.alloc(0),
  });
  const good = { 'hub.mode': 'subscribe', 'hub.verify_token': 'verify-me', 'hub.challenge': '1158201444' };

  it('is answered with the challenge', () => expect(endpoint.challenge?.(asked(good))).toBe('1158201444'));

  it.each([
    { ...good, 'hub.verify_token': 'verify-mf' },
    { ...good, 'hub.verify_token': '' },
    { ...good, 'hub.mode': 'unsubscribe' },
    { ...good, 'hub.challenge': '<script>alert(1)</script>' },
    { ...good, 'hub.challenge': '' },
    {},
  ])('is refused otherwise (%#)', (query) => expect(endpoint.challenge?.(asked(query as Record<string, string>))).toBeNull());
});

describe('the settings', () => {
  it('has the defaults of the reference', () => {
    const result = readWhatsAppCloudConfig(settings);
    expect(result).toMatchObject({
      ok: true,
      config: {
        apiVersion: 'v25.0',
        baseUrl: 'https://graph.facebook.com',
        maxPerSecond: 80,
        maxConcurrent: 64,
        pairEveryMs: 6_000,
      },
    });
  });

  it('names what is wrong, all at once', () => {
    const result = whatsAppCloud.readConfig({
      ...settings,
      WHATSAPP_APP_SECRET: '',
      WHATSAPP_PHONE_NUMBER_ID: '+91 98123 45678',
      WHATSAPP_API_VERSION: '25',
      WHATSAPP_BASE_URL: 'http://graph.facebook.com',
    });
    expect(result.ok ? [] : result.problems.map((problem) => problem.split(' ')[0])).toEqual([
      'WHATSAPP_PHONE_NUMBER_ID',
      'WHATSAPP_APP_SECRET',
      'WHATSAPP_API_VERSION',
      'WHATSAPP_BASE_URL',
    ]);
  });
});
