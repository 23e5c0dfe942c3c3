import fc from 'fast-check';
import { accepted, type ErrorClass, failed, type ReceiptKind, type SendFailure } from '@wapas/provider-kit';
import { type AfterCall, afterCall, afterReceipt, blocksAddress, type Call, type MessageState } from './message-state';

const call = (change: Partial<Call> = {}): Call => ({
  messageId: 'message-1',
  attempt: 1,
  resendIsSafe: false,
  leftMs: 3_600_000,
  instead: null,
  maybeSent: false,
  others: [],
  hadOnceMore: false,
  closedForMs: null,
  ...change,
});
const failure = (kind: ErrorClass, rest: Partial<SendFailure> = {}) =>
  failed({ class: kind, scope: 'message', code: '1', ...rest });

describe('what an answer makes of a message', () => {
  it('accepted is sent', () => expect(afterCall(accepted('wamid.1'), call())).toEqual({ state: 'sent' }));

  it.each<[ErrorClass, Partial<AfterCall>]>([
    ['temporary', { state: 'retryable', reason: 'temporary' }],
    ['throttled', { state: 'retryable', reason: 'throttled' }],
    ['bad_address', { state: 'retryable', reason: 'bad_address', retryInMs: 0 }],
    ['opted_out', { state: 'rejected', reason: 'opted_out' }],
    ['bad_content', { state: 'rejected', reason: 'bad_content' }],
    ['bad_credentials', { state: 'rejected', reason: 'bad_credentials' }],
    ['refused', { state: 'rejected', reason: 'refused' }],
    ['unknown_outcome', { state: 'unknown', reason: 'unknown_outcome' }],
  ])('%s → %j', (kind, after) => expect(afterCall(failure(kind), call())).toMatchObject(after));

  it.each<[string, Partial<SendFailure>, boolean]>([
    ['from this address', { scope: 'address' }, true],
    ['from marketing only', { scope: 'address', only: 'marketing' }, false],
    ['from this message', { scope: 'message' }, false],
  ])('a customer who has opted out %s blocks the address: %j', (_case, rest, blocks) =>
    expect(blocksAddress(failure('opted_out', rest))).toBe(blocks),
  );

  it('what may have been accepted is sent again only where that is safe', () => {
    expect(afterCall(failure('unknown_outcome'), call()).state).toBe('unknown');
    expect(afterCall(failure('unknown_outcome'), call({ resendIsSafe: true }))).toMatchObject({
      state: 'retryable',
      maybeSent: true,
    });
    expect(afterCall(failure('unknown_outcome'), call({ resendIsSafe: true, attempt: 8 })).state).toBe('unknown');
  });

  it.each([
    [1, 6_000],
    [2, 16_000],
    [3, 64_000],
    [4, 120_000],
  ])('too many messages to one person: try %d is followed by one %d ms later', (attempt, retryInMs) =>
    expect(afterCall(failure('throttled', { scope: 'address', retryAfterMs: 6_000 }), call({ attempt }))).toEqual({
      state: 'retryable',
      reason: 'throttled',
      retryInMs,
    }),
  );

  it('a limit of the whole account is waited for as long as the vendor says, at every try', () =>
    expect(afterCall(failure('throttled', { scope: 'account', retryAfterMs: 6_000 }), call({ attempt: 4 }))).toMatchObject({
      retryInMs: 6_000,
    }));

  it('a route that is closed at night is waited for, as long as the step is worth it', () => {
    const closed = failure('throttled');
    expect(afterCall(closed, call({ closedForMs: 1_800_000 }))).toEqual({
      state: 'retryable',
      reason: 'throttled',
      retryInMs: 1_800_000,
    });
    expect(afterCall(closed, call({ closedForMs: 3_600_001 }))).toEqual({ state: 'expired', reason: 'too_late' });
  });

  it('a provider that says "not now" is asked again as long as the step is worth it, however often that is', () => {
    expect(afterCall(failure('throttled'), call({ attempt: 500 })).state).toBe('retryable');
    expect(afterCall(failure('temporary'), call({ attempt: 500 })).state).toBe('retryable');
  });

  it.each<[ErrorClass, Partial<Call>, string]>([
    ['throttled', {}, 'expired'],
    ['temporary', {}, 'expired'],
    ['throttled', { maybeSent: true }, 'unknown'],
    ['unknown_outcome', { resendIsSafe: true }, 'unknown'],
  ])('a try that would come after the deadline is not waited for: %s, %j → %s', (kind, change, state) => {
    expect(afterCall(failure(kind, { retryAfterMs: 60_000 }), call({ leftMs: 60_000, ...change })).state).toBe('retryable');
    expect(afterCall(failure(kind, { retryAfterMs: 60_000 }), call({ leftMs: 59_999, ...change })).state).toBe(state);
  });
});

describe('another provider of the channel', () => {
  it.each<[ErrorClass, SendFailure['scope'], number, string | undefined]>([
    ['bad_credentials', 'account', 1, 'second'],
    ['bad_credentials', 'sender', 1, 'second'],
    ['bad_content', 'template', 1, 'second'],
    ['refused', 'sender', 1, 'second'],
    ['refused', 'template', 1, 'second'],
    ['temporary', 'message', 2, undefined],
    ['temporary', 'message', 3, 'second'],
    // What is wrong with the message or the person is wrong everywhere.
    ['bad_content', 'message', 1, undefined],
    ['refused', 'message', 1, undefined],
    ['refused', 'address', 1, undefined],
    ['bad_address', 'address', 1, undefined],
    ['opted_out', 'address', 1, undefined],
    ['bad_credentials', 'address', 1, undefined],
    ['throttled', 'account', 9, undefined],
    // Never after a call that may have been taken.
    ['unknown_outcome', 'account', 1, undefined],
  ])('after %s of the %s, call %d: goes to %s', (kind, scope, attempt, moveTo) => {
    const after = (change: Partial<Call>) => afterCall(failure(kind, { scope }), call({ attempt, ...change }));
    expect(after({ instead: 'second' }).moveTo).toBe(moveTo);
    expect(after({ instead: 'second', maybeSent: true }).moveTo).toBeUndefined();
    expect(after({ instead: null }).moveTo).toBeUndefined();
  });
});

describe('the wait before another try', () => {
  const waitOf = (messageId: string, attempt: number): number =>
    afterCall(failure('temporary'), call({ messageId, attempt })).retryInMs ?? -1;
  const waits = (attempt: number): number[] =>
    Array.from({ length: 2_000 }, (_one, index) => waitOf(`message-${index}`, attempt));

  it.each([
    [1, 2_000],
    [2, 8_000],
    [3, 32_000],
    [4, 120_000],
    [7, 120_000],
  ])('of attempt %d lies anywhere between nothing and %d ms', (attempt, longest) => {
    const all = waits(attempt);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...all)).toBeLessThan(longest * 0.01);
    expect(Math.max(...all)).toBeLessThanOrEqual(longest);
    expect(Math.max(...all)).toBeGreaterThan(longest * 0.99);
    expect(all.reduce((sum, one) => sum + one, 0) / all.length / longest).toBeCloseTo(0.5, 1);
  });
  it('is the same whenever it is asked', () => expect(waits(3)).toEqual(waits(3)));
  it('is what the vendor says, when the vendor says it', () =>
    expect(afterCall(failure('throttled', { retryAfterMs: 61_000 }), call()).retryInMs).toBe(61_000));
});

describe('receipts', () => {
  const heard = (start: MessageState, kinds: readonly ReceiptKind[]): MessageState =>
    kinds.reduce<MessageState>(
      (state, kind, index) => afterReceipt(state, kinds.slice(0, index), { kind, class: 'refused' })?.state ?? state,
      start,
    );

  it.each<[string, MessageState, ReceiptKind[], MessageState]>([
    ['a sent message that was delivered', 'sent', ['delivered'], 'sent'],
    ['a sent message that failed', 'sent', ['failed'], 'rejected'],
    ['failed after delivered', 'sent', ['delivered', 'failed'], 'sent'],
    ['failed after read', 'sent', ['read', 'failed'], 'sent'],
    ['delivered after failed', 'sent', ['failed', 'delivered'], 'sent'],
    ['a click after failed', 'sent', ['failed', 'clicked'], 'sent'],
    ['"sent" after failed', 'sent', ['failed', 'sent'], 'rejected'],
    ['failed after "sent"', 'sent', ['sent', 'failed'], 'rejected'],
    ['an unknown message that was sent', 'unknown', ['sent'], 'sent'],
    ['an unknown message that was read', 'unknown', ['read'], 'sent'],
    ['an unknown message that failed', 'unknown', ['failed'], 'rejected'],
    ['a receipt that beats the record of its call', 'calling', ['delivered'], 'sent'],
    ['a failure of what was never sent', 'skipped', ['failed'], 'skipped'],
    ['a failure of what expired', 'expired', ['failed'], 'expired'],
  ])('%s', (_case, start, kinds, end) => expect(heard(start, kinds)).toBe(end));

  it('the class of the failure is the reason', () =>
    expect(afterReceipt('sent', [], { kind: 'failed', class: 'bad_address' })).toEqual({
      state: 'rejected',
      reason: 'bad_address',
    }));

  it('come in any order and any number, and end in one state', () =>
    fc.assert(
      fc.property(
        fc.constantFrom<MessageState[]>('calling', 'sent', 'unknown', 'retryable'),
        fc
          .array(fc.constantFrom<ReceiptKind[]>('sent', 'delivered', 'read', 'opened', 'clicked', 'replied', 'failed'), {
            minLength: 1,
            maxLength: 6,
          })
          .chain((kinds) =>
            fc.tuple(fc.constant(kinds), fc.shuffledSubarray([...kinds, ...kinds.slice(0, 2)], { minLength: kinds.length })),
          ),
        (start, [kinds, others]) => {
          fc.pre(new Set(kinds).size === new Set(others).size);
          const arrived = kinds.some((kind) => !['sent', 'failed'].includes(kind));
          const end = arrived || !kinds.includes('failed') ? 'sent' : 'rejected';
          expect([heard(start, kinds), heard(start, others)]).toEqual([end, end]);
        },
      ),
    ));
});
