import { at, Bench, get, post, sendWhatsApp, templateMessage, textParameter, until } from './spec-kit';
import { type Sandbox } from './index';

describe('WhatsApp Cloud API, as played', () => {
  const bench = new Bench();
  let sandbox: Sandbox;
  beforeAll(async () => {
    const body = 'Hi {{1}}, your payment of {{2}} did not go through.';
    sandbox = await bench.sandbox({
      whatsappToken: 'wa-token',
      whatsappPhoneNumberId: '1001',
      whatsappTemplates: [
        { name: 'payment_failed', language: 'en', body, button: 'Pay', buttonUrl: 'https://pay.example/{{1}}' },
        { name: 'named', language: 'en', body: 'Hi {{first}}', parameterFormat: 'NAMED' },
        { name: 'waiting', language: 'en', status: 'PENDING' },
        { name: 'resting', language: 'en', status: 'PAUSED' },
        { name: 'ended', language: 'en', status: 'DISABLED' },
      ],
    });
  });
  afterAll(() => bench.close());

  const template = (changes: Record<string, unknown>): Record<string, unknown> => ({
    template: { ...(templateMessage().template as object), ...changes },
  });
  const body = (...texts: string[]): Record<string, unknown> =>
    template({ components: [{ type: 'body', parameters: texts.map(textParameter) }] });
  const button = (changes: Record<string, unknown>): Record<string, unknown> => {
    const components = [
      { type: 'body', parameters: [textParameter('a'), textParameter('b')] },
      { type: 'button', sub_type: 'url', index: '0', parameters: [textParameter('x')], ...changes },
    ];
    return template({ components });
  };

  it('a template message is accepted with a wamid and is in the ledger with its attempt', async () => {
    const { status, json } = await sendWhatsApp(sandbox, { to: '+919812345678' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      messaging_product: 'whatsapp',
      contacts: [{ input: '+919812345678', wa_id: '919812345678' }],
      messages: [{ id: expect.stringMatching(/^wamid\./) as unknown, message_status: 'accepted' }],
    });
    expect(sandbox.ledger.entries().at(-1)).toMatchObject({
      channel: 'whatsapp',
      accepted: true,
      address: '919812345678',
      reference: 'att-1',
      vendorId: at(json, 'messages.0.id'),
      content: { template: 'payment_failed', language: 'en', body: ['Asha', '₹1,499'], buttonSuffix: 'tok123' },
    });
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['no messaging_product', { messaging_product: undefined }, 100],
    ['no recipient', { to: undefined }, 131008],
    ['a recipient that is no number', { to: 'asha' }, 131009],
    ['the sender as recipient', { to: '15550783881' }, 131021],
    ['free text outside the window', { type: 'text', text: { body: 'hi' } }, 131047],
    ['a reference of more than 512 characters', { biz_opaque_callback_data: 'x'.repeat(513) }, 100],
    ['an unknown template', template({ name: 'nobody' }), 132001],
    ['a language that is not approved exactly', template({ language: { code: 'en_US' } }), 132001],
    ['a parameter too few', body('Asha'), 132000],
    ['a parameter with a new line', body('Asha\nRao', 'x'), 132018],
    ['a parameter with five spaces', body('Asha     Rao', 'x'), 132018],
    ['an empty parameter', body('', 'x'), 131008],
    ['more than 1024 characters', body('x'.repeat(1_000), 'y'.repeat(25)), 132005],
    ['a button index that is a number', button({ index: 0 }), 131009],
    ['an unknown button', button({ sub_type: 'dance' }), 132012],
    ['a button without its end', body('Asha', 'x'), 131008],
    ['a button that the template has not', template({ name: 'named', components: [{ type: 'body', parameters: [{ ...textParameter('A'), parameter_name: 'first' }] }, { type: 'button', sub_type: 'url', index: '0', parameters: [textParameter('x')] }] }), 132012], // prettier-ignore
    ['a place for a name', template({ name: 'named', components: [{ type: 'body', parameters: [textParameter('A')] }] }), 132012],
    ['a name that is no placeholder', template({ name: 'named', components: [{ type: 'body', parameters: [{ ...textParameter('A'), parameter_name: 'last' }] }] }), 132012], // prettier-ignore
    ['a template that waits for approval', template({ name: 'waiting', components: [] }), 132001],
    ['a paused template', template({ name: 'resting', components: [] }), 132015],
    ['a disabled template', template({ name: 'ended', components: [] }), 132016],
  ])('%s is refused with its code', async (_, changes, code) => {
    const { json } = await sendWhatsApp(sandbox, changes);
    expect(json.error).toMatchObject({
      code,
      message: expect.stringContaining(`(#${code})`) as unknown,
      error_data: { messaging_product: 'whatsapp' },
    });
  });

  it('mixed named and positional parameters are refused', async () => {
    const parameters = [{ ...textParameter('Asha'), parameter_name: 'name' }, textParameter('x')];
    const { json } = await sendWhatsApp(sandbox, template({ components: [{ type: 'body', parameters }] }));
    expect(at(json, 'error.code')).toBe(132012);
  });

  it('a full address as button suffix is accepted, as at Meta: the link is broken on the handset', async () => {
    const { status } = await sendWhatsApp(sandbox, button({ parameters: [textParameter('https://pay.example/x')] }));
    expect(status).toBe(200);
  });

  it('another token is error 190, another number id error 33', async () => {
    const other = await sendWhatsApp(sandbox, {}, { authorization: 'Bearer other' });
    expect([other.status, at(other.json, 'error.code')]).toEqual([401, 190]);
    const elsewhere = await post(`${sandbox.url}/whatsapp/v25.0/2002/messages`, templateMessage(), {
      authorization: 'Bearer wa-token',
    });
    expect(at(elsewhere.json, 'error.code')).toBe(33);
  });

  it('the number describes itself to who has the token', async () => {
    expect((await get(`${sandbox.url}/whatsapp/v25.0/1001?fields=id`)).status).toBe(401);
    const response = await fetch(`${sandbox.url}/whatsapp/v25.0/1001`, { headers: { authorization: 'Bearer wa-token' } });
    expect(await response.json()).toMatchObject({ id: '1001', quality_rating: 'GREEN' });
  });

  it('the pair limit stops the third message to one customer and no message to another', async () => {
    const limited = await bench.sandbox({ whatsappPairBurst: 2 });
    const codes: unknown[] = [];
    for (const to of ['919800000001', '919800000001', '919800000001', '919800000002']) {
      codes.push(at((await sendWhatsApp(limited, { to })).json, 'error.code'));
    }
    expect(codes).toEqual([undefined, undefined, 131056, undefined]);
    expect(limited.ledger.entries().map(({ accepted }) => accepted)).toEqual([true, true, false, true]);
  });

  it('the throughput limit answers 130429', async () => {
    const limited = await bench.sandbox({ whatsappRatePerSecond: 1 });
    await sendWhatsApp(limited);
    const { status, json } = await sendWhatsApp(limited, { to: '919800000002' });
    expect([status, at(json, 'error.code')]).toEqual([429, 130429]);
  });

  it('an account that is disabled sends no more until it is reinstated, and Meta tells of it', async () => {
    const receiver = await bench.receiver();
    const sandbox = await bench.sandbox({ whatsappWebhookUrl: receiver.url, receiptsAutomatic: false });
    const ban = (waba_ban_state: string) =>
      post(`${sandbox.url}/sandbox/whatsapp/account`, {
        field: 'account_update',
        value: { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state } },
      });
    expect((await ban('DISABLE')).json).toEqual({ heard: true, disabled: true });
    expect(at((await sendWhatsApp(sandbox)).json, 'error.code')).toBe(131031);
    expect(receiver.received.at(-1)?.body).toContain('"waba_ban_state":"DISABLE"');
    await ban('REINSTATE');
    expect((await sendWhatsApp(sandbox)).status).toBe(200);
    expect((await post(`${sandbox.url}/sandbox/whatsapp/account`, { field: 1 })).status).toBe(400);
  });

  it('a message is charged as the category of its template', async () => {
    const receiver = await bench.receiver();
    const sandbox = await bench.sandbox({
      whatsappWebhookUrl: receiver.url,
      whatsappTemplates: [
        { name: 'due', language: 'en' },
        { name: 'offer', language: 'en', category: 'MARKETING' },
      ],
    });
    for (const name of ['due', 'offer']) await sendWhatsApp(sandbox, template({ name, components: [] }));
    const charged = () =>
      receiver.received
        .flatMap(({ body }) => at(JSON.parse(body), 'entry.0.changes.0.value.statuses') as { status: string; pricing?: object }[])
        .flatMap(({ status, pricing }) => (status === 'delivered' ? [pricing] : []));
    await until(() => charged().length === 2);
    expect(charged()).toEqual(
      expect.arrayContaining([
        { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' },
        { billable: true, pricing_model: 'PMP', type: 'regular', category: 'marketing' },
      ]),
    );
  });

  it('templates are listed in pages to who has the token, and change as they are told: Meta tells of it', async () => {
    const receiver = await bench.receiver();
    const account = await bench.sandbox({
      whatsappToken: 'wa-token',
      whatsappBusinessAccountId: '77',
      whatsappWebhookUrl: receiver.url,
      whatsappButtonPrefix: { '*': 'https://pay.example/WAPAS/' },
      whatsappTemplates: [
        { name: 'a', language: 'en', body: 'Hi {{1}}', button: 'Pay', ttlSeconds: 600 },
        { name: 'b', language: 'hi' },
      ],
    });
    const page = async (path: string): Promise<unknown> =>
      (await fetch(`${account.url}/whatsapp/v25.0/${path}`, { headers: { authorization: 'Bearer wa-token' } })).json();
    const first = await page('77/message_templates?limit=1');
    expect(first).toMatchObject({
      data: [{ name: 'a', status: 'APPROVED', category: 'UTILITY', message_send_ttl_seconds: 600 }],
      paging: { next: expect.any(String) as string },
    });
    expect(at(first, 'data.0.components.1.buttons.0.url')).toBe('https://pay.example/WAPAS/{{1}}');
    const second = await page(`77/message_templates?limit=1&after=${String(at(first, 'paging.cursors.after'))}`);
    expect([at(second, 'data.0.name'), at(second, 'paging.next')]).toEqual(['b', undefined]);
    expect(at(await page('78/message_templates'), 'error.code')).toBe(33);

    const change = { name: 'a', language: 'en', status: 'PAUSED', category: 'MARKETING' };
    expect((await post(`${account.url}/sandbox/whatsapp/templates`, change)).json).toEqual({ changes: 2, told: 2 });
    expect(receiver.received.map(({ body: text }) => at(JSON.parse(text), 'entry.0.changes.0.field'))).toEqual([
      'message_template_status_update',
      'template_category_update',
    ]);
    const sent = await sendWhatsApp(account, template({ name: 'a', components: [] }));
    expect(at(sent.json, 'error.code')).toBe(132015);
    expect((await post(`${account.url}/sandbox/whatsapp/templates`, { ...change, status: 'FINE' })).status).toBe(400);
  });
});
