import { Bench, sendSms } from './spec-kit';
import { type Instant, parseInstant } from '@wapas/kernel';
import { type Sandbox } from './index';

describe('MSG91, as played', () => {
  const bench = new Bench();
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await bench.sandbox({ msg91AuthKey: 'sms-key' });
  });
  afterAll(() => bench.close());

  it('a flow is accepted with a request id and is in the ledger with its attempt', async () => {
    const { status, json } = await sendSms(sandbox);
    expect(status).toBe(200);
    expect(json).toEqual({ type: 'success', message: expect.stringMatching(/^[0-9a-f]{24}$/) as unknown });
    expect(sandbox.ledger.entries().at(-1)).toMatchObject({
      channel: 'sms',
      accepted: true,
      address: '919812345678',
      reference: 'att-2',
      vendorId: json.message,
      content: { template: '64f0c0ffee00000000000001', variables: { name: 'Asha', link: 'https://wps.example/WAPASX/tok9' } },
    });
  });

  it('several recipients share one request id', async () => {
    const recipients = [{ mobiles: '919800000001' }, { mobiles: '919800000002' }];
    const { json } = await sendSms(sandbox, { recipients });
    const entries = sandbox.ledger.entries().filter(({ vendorId }) => vendorId === json.message);
    expect(entries.map(({ address }) => address)).toEqual(['919800000001', '919800000002']);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no template', { template_id: undefined }, '400'],
    ['a DLT id instead of a template id', { template_id: '1207161234567890123' }, '400'],
    ['no recipients', { recipients: [] }, '400'],
    ['a number with a plus', { recipients: [{ mobiles: '+919812345678' }] }, '202'],
    ['a variable that is no text', { recipients: [{ mobiles: '919812345678', amount: 12 }] }, '400'],
  ])('%s is an error with status 200', async (_, changes, code) => {
    const { status, json } = await sendSms(sandbox, changes);
    expect([status, json.type, json.code]).toEqual([200, 'error', code]);
  });

  it('a wrong authkey is error 207, and the ledger does not change', async () => {
    const before = sandbox.ledger.entries().length;
    const { json } = await sendSms(sandbox, {}, { authkey: 'other' });
    expect(json).toMatchObject({ type: 'error', code: '207' });
    expect(sandbox.ledger.entries()).toHaveLength(before);
  });

  it('an inactive template is refused, a promotional one at night, and too many requests a second', async () => {
    const night = parseInstant('2026-11-23T21:30:00+05:30') as Instant;
    const id = '64f0c0ffee00000000000001';
    const strict = await bench.sandbox({
      clockStart: night,
      smsTemplates: [
        { id, text: 'x', category: 'promotional' },
        { id: '64f0c0ffee00000000000002', text: 'x', status: 'inactive' },
      ],
    });
    expect((await sendSms(strict)).json).toMatchObject({ type: 'error', code: '306' });
    expect((await sendSms(strict, { template_id: '64f0c0ffee00000000000002' })).json).toMatchObject({
      type: 'error',
      code: '400',
    });
    expect((await sendSms(strict, { template_id: '64f0c0ffee00000000000003' })).json).toMatchObject({ type: 'success' });
    const slow = await bench.sandbox({ msg91RatePerSecond: 1 });
    await sendSms(slow);
    const { status, headers } = await sendSms(slow);
    expect([status, headers.get('retry-after')]).toEqual([429, '1']);
  });
});
