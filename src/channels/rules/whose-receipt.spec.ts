import { type Attempts, atItsAttempt, type Heard, namedByNumber, namedByUs, namedByVendor } from './whose-receipt';

const MESSAGE = '0192f0c0-0000-7000-8000-000000000001';
const strangers: Heard = { messageId: null, kind: 'delivered', provider: 'msg91', vendorId: 'v-1', addressKey: 'number-1' };

describe('whose a receipt is', () => {
  test.each([
    ['our own reference names the call', `${MESSAGE}.3`, { messageId: MESSAGE, fence: 3 }],
    ['so does one device of a push', `${MESSAGE}.3.1`, { messageId: MESSAGE, fence: 3 }],
    ["another system's reference names none", 'order-4711', { messageId: null, fence: null }],
    ['no reference names none', undefined, { messageId: null, fence: null }],
  ])('%s', (_case, reference, named) => expect(namedByUs(reference)).toEqual(named));

  const calls = new Map([['v-1', { messageId: 'by-id', fence: 2 }]]);
  const numbers = new Map([['number-1', 'by-number']]);

  test("the vendor's id names the call of what nothing else does, and the number only the message", () => {
    expect(namedByVendor(strangers, calls)).toMatchObject({ messageId: 'by-id', fence: 2 });
    expect(namedByNumber(strangers, numbers)).toMatchObject({ messageId: 'by-number', isByNumber: true });
  });

  test('what is known to be of a message stays with it, whatever its id and its number say', () => {
    const known = { ...strangers, messageId: MESSAGE };
    expect(namedByVendor(known, calls)).toBe(known);
    expect(namedByNumber(known, numbers)).toBe(known);
  });

  test('what no id and no number names stays a stranger', () => {
    expect(namedByVendor(strangers, new Map())).toBe(strangers);
    expect(namedByNumber(strangers, new Map())).toBe(strangers);
  });
});

describe('the attempt that a receipt is about', () => {
  // Calls 1 and 2 were reported as failed; 3 is the last one.
  const message: Attempts = { provider: 'webhook', addressKey: 'number-1', reopened: 2, earlier: [1, 2] };
  const told = (kind: Heard['kind'], fence?: number, provider = 'webhook'): Heard => ({
    messageId: MESSAGE,
    kind,
    fence,
    provider,
  });

  test.each([
    ['of the first call', told('delivered', 1), 0],
    ['of the second', told('delivered', 2), 1],
    ['of the last', told('delivered', 3), 2],
    ['of nobody knows which call: it is about the last attempt, where it failed', told('failed'), 2],
  ])('%s', (_case, receipt, attempt) => expect(atItsAttempt(receipt, message)).toMatchObject({ attempt }));

  test.each([
    ['that an earlier one was taken', told('sent', 1)],
    ['that an earlier one failed', told('failed', 1)],
    ['that another provider failed', told('failed', 3, 'msg91')],
  ])('says nothing of the message any more: %s', (_case, receipt) => expect(atItsAttempt(receipt, message)).toBeNull());

  test('a tap in the app is of no call', () => expect(atItsAttempt(told('opened'), message)).not.toHaveProperty('attempt'));
});
