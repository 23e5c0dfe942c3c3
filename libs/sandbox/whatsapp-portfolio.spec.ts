import { at, Bench, get, post, sendWhatsApp, until } from './spec-kit';
import { type Sandbox } from './index';

const codeOf = async (sandbox: Sandbox, to: string): Promise<unknown> =>
  at((await sendWhatsApp(sandbox, { to })).json, 'error.code');
const [ASHA, BALA, CHITRA] = ['919800000001', '919800000002', '919800000003'] as const;

describe('the messaging limit of a business portfolio, as played', () => {
  const bench = new Bench();
  afterAll(() => bench.close());
  const clock = (sandbox: Sandbox, start: string): Promise<unknown> => post(`${sandbox.url}/sandbox/clock`, { start, rate: 0 });

  it('counts customers, not messages, over all numbers, and forgets each 24 hours after their last message', async () => {
    const sandbox = await bench.sandbox({ whatsappPortfolioLimit: 2 });
    await clock(sandbox, '2026-11-23T10:00:00Z');
    expect([await codeOf(sandbox, ASHA), await codeOf(sandbox, ASHA), await codeOf(sandbox, BALA)]).toEqual(
      Array(3).fill(undefined),
    );
    expect(await codeOf(sandbox, CHITRA)).toBe(131048);
    await clock(sandbox, '2026-11-23T20:00:00Z');
    expect(await codeOf(sandbox, ASHA)).toBeUndefined();

    // Bala's day is over; Asha was written to in between.
    await clock(sandbox, '2026-11-24T10:00:00Z');
    expect([await codeOf(sandbox, CHITRA), await codeOf(sandbox, BALA), await codeOf(sandbox, ASHA)]).toEqual([
      undefined,
      131048,
      undefined,
    ]);
    expect((await get(`${sandbox.url}/sandbox/whatsapp/portfolio`)).json).toEqual({
      limit: 2,
      customers: 2,
      code: 131048,
      told: 'answer',
    });
  });

  it('leaves out whoever wrote within 24 hours', async () => {
    const sandbox = await bench.sandbox({ whatsappPortfolioLimit: 1 });
    await clock(sandbox, '2026-11-23T10:00:00Z');
    const sent = await sendWhatsApp(sandbox, { to: ASHA });
    await post(`${sandbox.url}/sandbox/handset/${String(at(sent.json, 'messages.0.id'))}/reply`, { text: 'Who is this?' });
    await clock(sandbox, '2026-11-24T09:59:59Z');
    expect([await codeOf(sandbox, BALA), await codeOf(sandbox, ASHA)]).toEqual([131048, undefined]);
    await clock(sandbox, '2026-11-24T10:00:00Z');
    expect([await codeOf(sandbox, BALA), await codeOf(sandbox, ASHA)]).toEqual([undefined, 131048]);
  });

  it('is raised and lowered on request: Meta tells of it, and Graph names the tier', async () => {
    const receiver = await bench.receiver();
    const sandbox = await bench.sandbox({ whatsappWebhookUrl: receiver.url, receiptsAutomatic: false });
    const set = (body: object) => post(`${sandbox.url}/sandbox/whatsapp/portfolio`, body);
    const tier = async (): Promise<unknown> => {
      const answer = await fetch(`${sandbox.url}/whatsapp/v25.0/1001?fields=whatsapp_business_manager_messaging_limit`, {
        headers: { authorization: 'Bearer any' },
      });
      return at(await answer.json(), 'whatsapp_business_manager_messaging_limit');
    };
    expect(await tier()).toBe('TIER_UNLIMITED');
    expect((await set({ limit: 2_000 })).json).toMatchObject({ limit: 2_000, heard: true });
    expect(await tier()).toBe('TIER_2K');
    expect(at(JSON.parse(receiver.received[0]?.body ?? ''), 'entry.0.changes.0')).toMatchObject({
      field: 'business_capability_update',
      value: { max_daily_conversations_per_business: 2_000 },
    });

    await set({ limit: 1, code: 130497, told: 'webhook' });
    expect([await codeOf(sandbox, ASHA), await codeOf(sandbox, BALA)]).toEqual([undefined, undefined]);
    await until(() => receiver.received.length === 3);
    expect(at(JSON.parse(receiver.received[2]?.body ?? ''), 'entry.0.changes.0.value.statuses')).toMatchObject([
      { status: 'failed', recipient_id: BALA, errors: [{ code: 130497 }] },
    ]);
    for (const wrong of [{}, { limit: -1 }, { limit: 1, told: 'nobody' }, { limit: 1, code: 'x' }])
      expect((await set(wrong)).status).toBe(400);
  });
});
