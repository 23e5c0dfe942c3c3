import { machineClock } from '@wapas/kernel';
import { type HttpResult, type Provider, type RawWebhook, type SmsContent } from '@wapas/provider-kit';
import { msg91 } from '.';

const settings = { MSG91_AUTH_KEY: '456789AtestAuthKey01', MSG91_WEBHOOK_TOKEN: '3f9c1b7ad0e24586a1c7f2b9d8e60543' };
const problemsOf = (more: Record<string, string>): readonly string[] => {
  const result = msg91.readConfig({ ...settings, ...more });
  return result.ok ? [] : result.problems;
};

function provider(more: Record<string, string> = {}, answer: unknown = { type: 'success', message: 'x' }): Provider<SmsContent> {
  const result = msg91.readConfig({ ...settings, ...more });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  const response: HttpResult = { kind: 'response', status: 200, headers: {}, body: JSON.stringify(answer) };
  const log = { info: () => undefined, warn: () => undefined };
  return msg91.create(result.config, { http: { request: () => Promise.resolve(response) }, clock: machineClock, log });
}

const sms = {
  attemptId: 'att-1',
  messageId: 'msg-1',
  address: { kind: 'phone', value: '+919812345678' },
  content: { template: '64f0c0ffee00000000000001', variables: { name: 'Asha' } },
  validForSeconds: 600,
} as const;

describe('our reference', () => {
  const report = JSON.stringify({ requestId: 'r1', status: '1', date: '2025-11-23 14:15:09', CRQID: 'att-1' });
  const webhook: RawWebhook = { method: 'POST', headers: {}, query: {}, pathToken: '', rawBody: Buffer.from(report) };

  it('is not trusted until the operator has seen it come back', () => {
    expect(provider().capabilities.echoesReference).toBe(false);
    expect(provider().receiptEndpoint?.parse(webhook).receipts[0]).not.toHaveProperty('attemptId');
  });

  it('is read once MSG91_ECHOES_REFERENCE says so', () => {
    const trusting = provider({ MSG91_ECHOES_REFERENCE: 'true' });
    expect(trusting.capabilities.echoesReference).toBe(true);
    expect(trusting.receiptEndpoint?.parse(webhook).receipts[0]).toMatchObject({ attemptId: 'att-1', vendorId: 'r1' });
  });
});

describe('where a report comes from', () => {
  const right = { method: 'POST', headers: {}, query: {}, pathToken: settings.MSG91_WEBHOOK_TOKEN, rawBody: Buffer.from('{}') };
  const takes = (from: string | undefined, clientAddress?: string) =>
    provider(from === undefined ? {} : { MSG91_WEBHOOK_FROM: from }).receiptEndpoint?.verify({ ...right, clientAddress })
      .authentic;

  it('is free where nothing is listed', () => expect(takes(undefined, '198.51.100.9')).toBe(true));

  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7, 198.51.100.0/24', '198.51.100.255', true],
    ['203.0.113.0/24', '::ffff:203.0.113.9', true],
    ['2001:db8::/32', '2001:db8::1', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['203.0.113.0/24', '203.0.114.1', false],
    ['203.0.113.0/24', 'unknown', false],
    ['0.0.0.0/0', undefined, false],
  ])('listed %s, from %s: %s', (from, address, isTaken) => expect(takes(from, address)).toBe(isTaken));
});

describe('sending', () => {
  it('counts a request that MSG91 discarded as a repetition as accepted: the first one was taken', async () => {
    const outcome = await provider({}, { type: 'error', code: '311', message: 'Duplicate request' }).send(sms);
    expect(outcome).toEqual({ outcome: 'accepted' });
  });

  it.each(['mobiles', 'CRQID'])('lets no variable take the place of %s', async (name) => {
    const outcome = await provider().send({ ...sms, content: { ...sms.content, variables: { [name]: '919800000000' } } });
    expect(outcome).toMatchObject({ failure: { class: 'bad_content', code: 'RESERVED_VARIABLE' } });
  });
});

describe('the settings', () => {
  it.each(['3f9c1b7ad0e24586a1c7f2b9d8e60543', 'kR7w_Zp0qLx-3vYb9TnC2d'])('takes a token of 128 bits (%#)', (token) => {
    expect(problemsOf({ MSG91_WEBHOOK_TOKEN: token })).toEqual([]);
  });

  it.each([
    'short',
    'a'.repeat(64),
    '3f9c1b7ad0e24586a1c7f2b9',
    'with/slash-and-more-than-22-chars',
    'ünguessable-but-not-for-a-path',
  ])('refuses a token that is guessable or does not fit into a path (%#)', (token) => {
    const problems = problemsOf({ MSG91_WEBHOOK_TOKEN: token });
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain(token);
  });

  it.each(['everywhere', '203.0.113.0/33', '203.0.113.7,', '300.1.1.1', '203.0.113.0/24/8'])(
    'refuses %s as the addresses that reports come from',
    (from) => expect(problemsOf({ MSG91_WEBHOOK_FROM: from })).toHaveLength(1),
  );

  it('refuses an answer to a yes-or-no question that is neither', () => {
    expect(problemsOf({ MSG91_ECHOES_REFERENCE: 'perhaps' })).toEqual(['MSG91_ECHOES_REFERENCE must be true or false']);
  });
});
