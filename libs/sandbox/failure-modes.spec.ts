import { at, Bench, post, sendSms, sendWhatsApp, ServiceAccount, type Heard } from './spec-kit';
import { type Sandbox } from './index';

const setMode = (sandbox: Sandbox, mode: Record<string, unknown>): Promise<Heard> => post(`${sandbox.url}/sandbox/mode`, mode);

const inLedger = (sandbox: Sandbox): unknown[] =>
  sandbox.ledger.entries().map(({ accepted, refusal }) => (accepted ? 'accepted' : refusal));

describe('failure modes', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  const failing = async (mode: Record<string, unknown>): Promise<Sandbox> => {
    const sandbox = await bench.sandbox();
    expect((await setMode(sandbox, { vendor: 'whatsapp', ...mode })).status).toBe(200);
    return sandbox;
  };

  it('429 asks to wait and leaves the message not accepted', async () => {
    const sandbox = await failing({ mode: '429', delayMs: 2_500 });
    const { status, headers, json } = await sendWhatsApp(sandbox);
    expect([status, headers.get('retry-after'), at(json, 'error.code')]).toEqual([429, '3', 130429]);
    expect(inLedger(sandbox)).toEqual(['mode:429']);
  });

  it('500 takes nothing, 500-accepted takes the message and says the same', async () => {
    const sandbox = await failing({ mode: '500', count: 1 });
    const first = await sendWhatsApp(sandbox);
    await setMode(sandbox, { vendor: 'whatsapp', mode: '500-accepted' });
    const second = await sendWhatsApp(sandbox);
    expect([first.status, second.status]).toEqual([500, 500]);
    expect(inLedger(sandbox)).toEqual(['mode:500', 'accepted']);
  });

  it('reset-before breaks the connection and leaves no trace', async () => {
    const sandbox = await failing({ mode: 'reset-before' });
    await expect(sendWhatsApp(sandbox)).rejects.toThrow();
    expect(inLedger(sandbox)).toEqual([]);
  });

  it('reset-after-accept leaves the message in the ledger', async () => {
    const sandbox = await failing({ mode: 'reset-after-accept' });
    await expect(sendWhatsApp(sandbox)).rejects.toThrow();
    expect(inLedger(sandbox)).toEqual(['accepted']);
  });

  it.each([
    ['hang', []],
    ['hang-after-accept', ['accepted']],
  ])('%s answers nothing until the sandbox closes', async (mode, expected) => {
    const sandbox = await failing({ mode });
    const sending = sendWhatsApp(sandbox).then(
      () => 'answered',
      () => 'broken',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(inLedger(sandbox)).toEqual(expected);
    await sandbox.close();
    expect(await sending).toBe('broken');
  });

  it('slow takes the message at once and answers late', async () => {
    const sandbox = await failing({ mode: 'slow', delayMs: 60 });
    const begun = Date.now();
    expect((await sendWhatsApp(sandbox)).status).toBe(200);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(55);
    expect(sandbox.ledger.entries()[0]?.at).toBeLessThan(begun + 55);
  });

  it('bad-json answers 200 with a page, and the message is taken', async () => {
    const sandbox = await failing({ mode: 'bad-json' });
    const { status, text } = await sendWhatsApp(sandbox);
    expect([status, text.startsWith('<html>')]).toEqual([200, true]);
    expect(inLedger(sandbox)).toEqual(['accepted']);
  });

  it('200-with-error takes nothing', async () => {
    const sandbox = await failing({ mode: '200-with-error' });
    const { status, json } = await sendWhatsApp(sandbox);
    expect([status, at(json, 'error.code')]).toEqual([200, 131016]);
    expect(inLedger(sandbox)).toEqual(['mode:200-with-error']);
  });

  it('error refuses with any code, in the form of its vendor', async () => {
    const account = new ServiceAccount();
    const sandbox = await bench.sandbox(account.options());
    const fails = (vendor: string, code: string) => setMode(sandbox, { vendor, mode: 'error', code });
    expect((await setMode(sandbox, { vendor: 'msg91', mode: 'error' })).json.problems).toEqual(['The mode error needs a code']);
    await fails('whatsapp', '139999');
    expect(at((await sendWhatsApp(sandbox)).json, 'error.code')).toBe(139999);
    await fails('msg91', '306');
    expect((await sendSms(sandbox)).json).toMatchObject({ type: 'error', code: '306' });
    await fails('fcm', 'QUOTA_EXCEEDED');
    const push = await account.push(sandbox);
    expect([push.status, at(push.json, 'error.status'), at(push.json, 'error.details.0.errorCode')]).toEqual([
      429,
      'RESOURCE_EXHAUSTED',
      'QUOTA_EXCEEDED',
    ]);
    expect(inLedger(sandbox)).toEqual(['139999', '306', 'QUOTA_EXCEEDED']);
  });

  it('a count runs out, and normal ends a mode', async () => {
    const sandbox = await failing({ mode: '500', count: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await sendWhatsApp(sandbox)).status);
    expect(statuses).toEqual([500, 500, 200]);
    await setMode(sandbox, { vendor: 'all', mode: '500' });
    await setMode(sandbox, { vendor: 'all', mode: 'normal' });
    expect((await sendWhatsApp(sandbox)).status).toBe(200);
  });

  it('the same seed strikes the same calls, and about the share', async () => {
    const run = async (): Promise<number[]> => {
      const sandbox = await failing({ mode: '500', share: 0.5, seed: 42 });
      const statuses = [];
      for (let n = 0; n < 40; n += 1) statuses.push((await sendWhatsApp(sandbox)).status);
      return statuses;
    };
    const [one, other] = [await run(), await run()];
    expect(one).toEqual(other);
    expect(one.filter((status) => status === 500).length).toBeGreaterThan(10);
    expect(one.filter((status) => status === 500).length).toBeLessThan(30);
  });

  it('two modes with shares are both in force', async () => {
    const sandbox = await failing({ mode: '500', share: 0.4, seed: 7 });
    await setMode(sandbox, { vendor: 'whatsapp', mode: '429', share: 0.6, further: true });
    const statuses = new Set<number>();
    for (let n = 0; n < 40; n += 1) statuses.add((await sendWhatsApp(sandbox)).status);
    expect([...statuses].sort()).toEqual([200, 429, 500]);
  });

  it('one vendor fails alone', async () => {
    const sandbox = await failing({ mode: '500' });
    expect((await sendSms(sandbox)).json.type).toBe('success');
  });

  it('a mode that does not exist is refused, with all problems at once', async () => {
    const sandbox = await bench.sandbox();
    const { status, json } = await setMode(sandbox, { vendor: 'x', mode: 'y', share: 2 });
    expect(status).toBe(400);
    expect(json.problems).toHaveLength(3);
  });

  it('refuseAll: each vendor says no in its own words', async () => {
    const account = new ServiceAccount();
    const sandbox = await bench.sandbox({ refuseAll: true, ...account.options() });
    const push = await account.push(sandbox);
    expect([push.status, at(push.json, 'error.status')]).toEqual([403, 'PERMISSION_DENIED']);
    expect(at((await sendWhatsApp(sandbox)).json, 'error.code')).toBe(131031);
    expect((await sendSms(sandbox)).json).toMatchObject({ type: 'error', code: '301' });
    expect(inLedger(sandbox)).toEqual(['PERMISSION_DENIED', '131031', '301']);
  });
});
