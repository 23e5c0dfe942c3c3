import {
  at,
  Bench,
  get,
  type Heard,
  post,
  pushMessage,
  sendSms,
  sendWhatsApp,
  ServiceAccount,
  templateMessage,
  textParameter,
  until,
} from '../spec-kit';
import { type Instant, parseInstant } from '@wapas/kernel';
import { type Sandbox, type SandboxOptions } from '../index';

describe('the handset', () => {
  const bench = new Bench();
  const account = new ServiceAccount();
  afterEach(() => bench.close());

  const start = (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
    bench.sandbox({ ...account.options(), whatsappButtonPrefix: { '*': 'http://127.0.0.1:8080/WAPAS/' }, ...options });
  const act = (sandbox: Sandbox, vendorId: unknown, action: string, body: unknown = {}): Promise<Heard> =>
    post(`${sandbox.url}/sandbox/handset/${encodeURIComponent(String(vendorId))}/${action}`, body);

  it('a tap leads where the message says: prefix and suffix, deep link, first link variable', async () => {
    const sandbox = await start();
    const whatsapp = await sendWhatsApp(sandbox);
    const push = await account.push(sandbox);
    const sms = await sendSms(sandbox);
    const links = [];
    for (const id of [at(whatsapp.json, 'messages.0.id'), push.json.name, sms.json.message])
      links.push((await act(sandbox, id, 'tap')).json.url);
    expect(links).toEqual(['http://127.0.0.1:8080/WAPAS/tok123', 'myshop://basket/42', 'https://wps.example/WAPASX/tok9']);
  });

  it('a tapped push is reported to Wapas as the app reports it', async () => {
    const receiver = await bench.receiver(() => 202);
    const sandbox = await start({ wapasUrl: receiver.url.replace('/webhook', ''), wapasPublishableKey: 'pk_1' });
    const { json } = await account.push(sandbox);
    expect((await act(sandbox, json.name, 'tap')).json).toEqual({ url: 'myshop://basket/42', opened: true });
    expect(receiver.received).toMatchObject([
      { url: '/v1/push/opened', body: '{"messageId":"msg-3"}', headers: { authorization: 'Bearer pk_1' } },
    ]);
  });

  it('a reply arrives as a signed inbound message that names what it answers', async () => {
    const receiver = await bench.receiver();
    const sandbox = await start({ whatsappWebhookUrl: receiver.url, receiptsAutomatic: false });
    const { json } = await sendWhatsApp(sandbox);
    await act(sandbox, at(json, 'messages.0.id'), 'reply', { text: 'STOP' });
    await until(() => receiver.received.length === 1);
    expect(at(JSON.parse(receiver.received[0]?.body ?? ''), 'entry.0.changes.0.value.messages.0')).toMatchObject({
      from: '919812345678',
      type: 'text',
      text: { body: 'STOP' },
      context: { id: at(json, 'messages.0.id') },
    });
  });

  it('what the customer answered stands under the message, and is offered no more', async () => {
    const sandbox = await start();
    const { json } = await sendWhatsApp(sandbox);
    const page = async (): Promise<string> => (await get(`${sandbox.url}/handset/919812345678`)).text;
    expect(await page()).toContain('Reply STOP');
    await post(`${sandbox.url}/handset/${encodeURIComponent(String(at(json, 'messages.0.id')))}/stop`, '');
    const said = await page();
    expect(said).toContain('<article class="said">STOP</article>');
    expect(said).not.toContain('Reply STOP');
  });

  it('a message that was not accepted is on no handset', async () => {
    const sandbox = await start({ refuseAll: true });
    await sendWhatsApp(sandbox);
    expect((await get(`${sandbox.url}/handset`)).text).toContain('0 handsets');
    expect((await act(sandbox, 'wamid.none', 'read')).status).toBe(404);
  });

  it('one customer sees all three channels, with the sender and the text as registered', async () => {
    const sandbox = await start({
      whatsappTemplates: [
        {
          name: 'payment_failed',
          language: 'en',
          header: 'Payment not completed',
          body: 'Hi {{1}}, {{2}} is open.',
          footer: 'Reply STOP to end this',
          button: 'Pay now',
        },
      ],
      smsTemplates: [{ id: '64f0c0ffee00000000000001', text: 'Dear ##name##, pay at ##link##' }],
      smsHeader: 'MYSHOP',
    });
    await account.push(sandbox);
    await sendWhatsApp(sandbox);
    await sendSms(sandbox);
    expect((await get(`${sandbox.url}/handset`)).text).toContain('1 handset');
    const { text } = await get(`${sandbox.url}/handset/919812345678`);
    for (const shown of [
      'Payment did not go through',
      'Payment not completed',
      'Hi Asha, ₹1,499 is open.',
      'Reply STOP to end this',
      'Pay now',
      'VM-MYSHOP-S',
      'Dear Asha, pay at <span class="link">https://wps.example/WAPASX/tok9</span>',
    ]) {
      expect(text).toContain(shown);
    }
  });

  it.each([
    ['service', undefined, 'VM-MYSHOP-S'],
    ['promotional', 'OFFERS', 'VM-OFFERS-P'],
    ['transactional', undefined, 'VM-MYSHOP-T'],
    ['government', undefined, 'VM-MYSHOP-G'],
  ])('an SMS of category %s comes from %j as %s', async (category, header, sender) => {
    const noon = parseInstant('2026-11-23T12:00:00+05:30') as Instant;
    const template = { id: '64f0c0ffee00000000000001', text: 'Dear ##name##', category, ...(header && { header }) };
    const sandbox = await start({ smsTemplates: [template], smsHeader: 'MYSHOP', clockStart: noon });
    await sendSms(sandbox);
    expect((await get(`${sandbox.url}/handset/919812345678`)).text).toContain(sender);
  });

  it('text of a message cannot become markup', async () => {
    const sandbox = await start();
    const evil = `<img src=x onerror=alert(1)>"'`;
    const components = [{ type: 'body', parameters: [textParameter(evil)] }];
    await sendWhatsApp(sandbox, { template: { ...(templateMessage().template as object), name: evil, components } });
    await account.push(sandbox, pushMessage({ token: evil, notification: { title: evil, body: evil } }));
    await sendSms(sandbox, { recipients: [{ mobiles: '919812345678', name: evil }] });
    for (const path of ['', '/919812345678', `/${encodeURIComponent(evil)}`]) {
      const { text } = await get(`${sandbox.url}/handset${path}`);
      expect(text).not.toContain('<img');
    }
  });

  it('the button on the page reads, then leads on; a link for the app is shown, not followed', async () => {
    const receiver = await bench.receiver();
    const sandbox = await start({ whatsappWebhookUrl: receiver.url, receiptsAutomatic: false });
    const { json } = await sendWhatsApp(sandbox);
    const opened = await post(`${sandbox.url}/handset/${encodeURIComponent(String(at(json, 'messages.0.id')))}/open`, '');
    expect([opened.status, opened.headers.get('location')]).toEqual([303, 'http://127.0.0.1:8080/WAPAS/tok123']);
    await until(() => receiver.received.length === 1);
    const push = await account.push(sandbox, pushMessage({ data: { deep_link: 'javascript:alert(1)' } }));
    const shown = await post(`${sandbox.url}/handset/${encodeURIComponent(String(push.json.name))}/open`, '');
    expect([shown.status, shown.headers.get('location')]).toEqual([200, null]);
    expect(shown.text).toContain('The app opens javascript:alert(1)');
  });
});
