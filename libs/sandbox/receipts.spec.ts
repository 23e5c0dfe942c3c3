import { createHmac } from 'node:crypto';
import { at, Bench, post, type Received, type Receiver, sendSms, sendWhatsApp, until } from './spec-kit';
import { type Sandbox, type SandboxOptions } from './index';

interface Status {
  readonly id: string;
  readonly status: string;
  readonly timestamp: string;
  readonly recipient_id: string;
  readonly biz_opaque_callback_data?: string;
  readonly errors?: readonly { readonly code: number }[];
}

const statusesOf = (received: readonly Received[]): Status[] =>
  received.flatMap(({ body }) => (at(JSON.parse(body), 'entry.0.changes.0.value.statuses') ?? []) as Status[]);

describe('receipts', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  const listening = async (
    options: Partial<SandboxOptions> = {},
    answer?: (nth: number) => number,
  ): Promise<[Sandbox, Receiver]> => {
    const receiver = await bench.receiver(answer);
    const urls = { whatsappWebhookUrl: receiver.url, msg91WebhookUrl: receiver.url };
    return [await bench.sandbox({ whatsappAppSecret: 'app-secret', ...urls, ...options }), receiver];
  };
  const names = (receiver: Receiver): string[] => statusesOf(receiver.received).map(({ status }) => status);

  it('sent and delivered come by themselves, signed over the raw body, with the attempt', async () => {
    const [sandbox, receiver] = await listening();
    const { json } = await sendWhatsApp(sandbox, { biz_opaque_callback_data: 'att-ü/1' });
    await until(() => names(receiver).length === 2);
    expect(statusesOf(receiver.received)).toMatchObject(
      ['sent', 'delivered'].map((status) => ({
        id: at(json, 'messages.0.id'),
        status,
        timestamp: expect.stringMatching(/^\d{10}$/) as unknown,
        recipient_id: '919812345678',
        biz_opaque_callback_data: 'att-ü/1',
      })),
    );
    for (const { body, headers } of receiver.received) {
      expect(headers['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', 'app-secret').update(body).digest('hex')}`);
      expect(body).toMatch(/att-\\u00fc\\\/1/);
    }
  });

  it('many statuses travel in few posts', async () => {
    const [sandbox, receiver] = await listening();
    await Promise.all(Array.from({ length: 100 }, () => sendWhatsApp(sandbox)));
    await until(() => names(receiver).length === 200);
    expect(receiver.received.length).toBeLessThan(100);
  });

  it('a webhook that is not answered with 200 comes again, unchanged', async () => {
    const [sandbox, receiver] = await listening({ receiptsAutomatic: false }, (nth) => (nth < 3 ? 503 : 200));
    await read(sandbox);
    await until(() => receiver.received.length === 3);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it('a webhook that never succeeds is given up after five tries, and the sandbox goes on', async () => {
    const [sandbox, receiver] = await listening({ receiptsAutomatic: false, receiptsRetryMs: 1 }, () => 500);
    await read(sandbox);
    await until(() => receiver.received.length === 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(receiver.received).toHaveLength(5);
    expect((await sendWhatsApp(sandbox)).status).toBe(200);
  });

  it('a receiver that is not there does no harm', async () => {
    const sandbox = await bench.sandbox({ whatsappWebhookUrl: 'http://127.0.0.1:1/none', receiptsRetryMs: 1 });
    await sendWhatsApp(sandbox);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await sendWhatsApp(sandbox)).status).toBe(200);
  });

  it('read comes only when the handset reads', async () => {
    const [sandbox, receiver] = await listening({ receiptsAutomatic: false });
    await read(sandbox);
    await until(() => names(receiver).length === 1);
    expect(names(receiver)).toEqual(['read']);
  });

  it.each([
    ['doubled', ['sent', 'delivered', 'sent', 'delivered']],
    ['reordered', ['delivered', 'sent']],
    ['failed', ['sent', 'failed']],
  ])('%s receipts', async (mode, expected) => {
    const [sandbox, receiver] = await listening();
    await post(`${sandbox.url}/sandbox/mode`, { vendor: 'whatsapp', receipts: mode, code: 131049 });
    await sendWhatsApp(sandbox);
    await until(() => names(receiver).length === expected.length);
    expect(names(receiver)).toEqual(expected);
    expect(statusesOf(receiver.received).flatMap(({ errors = [] }) => errors.map(({ code }) => code))).toEqual(
      mode === 'failed' ? [131049] : [],
    );
  });

  it('none and quiet: no receipt comes', async () => {
    const [sandbox, receiver] = await listening();
    const [still, deaf] = await listening({ quiet: true });
    await post(`${sandbox.url}/sandbox/mode`, { vendor: 'whatsapp', receipts: 'none' });
    await Promise.all([read(sandbox), read(still)]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([...receiver.received, ...deaf.received]).toEqual([]);
  });

  it('late receipts come after their delay', async () => {
    const [sandbox, receiver] = await listening();
    await post(`${sandbox.url}/sandbox/mode`, { vendor: 'whatsapp', receipts: 'late', delayMs: 100 });
    const begun = Date.now();
    await sendWhatsApp(sandbox);
    await until(() => names(receiver).length === 2);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(100);
  });

  it('a message that was taken and then cut off still gets its receipts', async () => {
    const [sandbox, receiver] = await listening();
    await post(`${sandbox.url}/sandbox/mode`, { vendor: 'whatsapp', mode: 'reset-after-accept' });
    await expect(sendWhatsApp(sandbox)).rejects.toThrow();
    await until(() => names(receiver).length === 2);
  });

  it('MSG91 v2: one form field with JSON, Indian time without a zone, the reference beside the request id', async () => {
    const [sandbox, receiver] = await listening();
    const { json } = await sendSms(sandbox);
    await until(() => receiver.received.length === 1);
    const form = new URLSearchParams(receiver.received[0]?.body);
    expect(JSON.parse(form.get('data') ?? '')).toMatchObject([
      {
        requestId: json.message,
        report: [
          {
            number: '919812345678',
            status: '1',
            CRQID: 'att-2',
            date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as unknown,
          },
        ],
      },
    ]);
  });

  it('MSG91 v3: one flat object, without the reference where it is not echoed', async () => {
    const [sandbox, receiver] = await listening({ msg91Reports: 'v3', msg91EchoesReference: false });
    const { json } = await sendSms(sandbox);
    await until(() => receiver.received.length === 1);
    const report = JSON.parse(receiver.received[0]?.body ?? '') as Record<string, unknown>;
    expect(report).toMatchObject({ requestId: json.message, number: '919812345678', status: '1' });
    expect(report).not.toHaveProperty('CRQID');
  });

  it('the operator rejects an SMS variable of more than 40 characters', async () => {
    const [sandbox, receiver] = await listening({ msg91Reports: 'v3' });
    await sendSms(sandbox, { recipients: [{ mobiles: '919812345678', name: 'x'.repeat(41) }] });
    await until(() => receiver.received.length === 1);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ status: '16' });
  });

  it('the subscription handshake succeeds only with the challenge', async () => {
    const [sandbox, receiver] = await listening({ whatsappVerifyToken: 'verify-me' });
    expect((await post(`${sandbox.url}/sandbox/whatsapp/subscribe`, {})).json).toEqual({ verified: true });
    expect(receiver.received[0]?.url).toContain('hub.verify_token=verify-me');
    const [refused] = await listening({ whatsappVerifyToken: 'verify-me' }, () => 403);
    expect((await post(`${refused.url}/sandbox/whatsapp/subscribe`, {})).json).toMatchObject({ verified: false });
  });

  async function read(sandbox: Sandbox): Promise<void> {
    const { json } = await sendWhatsApp(sandbox);
    await post(`${sandbox.url}/sandbox/handset/${encodeURIComponent(String(at(json, 'messages.0.id')))}/read`, {});
  }
});
