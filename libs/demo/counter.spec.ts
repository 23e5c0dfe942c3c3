import { type LedgerEntry } from '@wapas/sandbox';
import { account, type Facts, type MessageRow, type RunRow } from './counter';
import { type Channel } from './customers';

/** Business time starts at 0 when real time is 1,000,000, and runs 240 times as fast. */
const anchor = { real: 1_000_000, business: 0, rate: 240 };
const MINUTE = 60_000;

test('a goal after an accepted message is a recovery of the last channel before it', () => {
  const facts = story({
    runs: [run({ goalAt: 130 * MINUTE })],
    messages: [message('push', 1 * MINUTE), message('sms', 120 * MINUTE)],
    ledger: [accepted('push', 'push'), accepted('sms', 'sms')],
  });
  expect(account(facts)).toMatchObject({ recovered: 1, organic: 0, recoveredByChannel: { push: 0, whatsapp: 0, sms: 1 } });
  expect(account(facts).timeToRecovery).toEqual({ median: 130 * MINUTE, p90: 130 * MINUTE });
});

test('a goal without a message is organic, and so is one whose messages were all refused', () => {
  const refused = { ...accepted('push', 'push'), accepted: false };
  const facts = story({ runs: [run({ goalAt: 10 * MINUTE })], messages: [message('push', MINUTE)], ledger: [refused] });
  expect(account(facts)).toMatchObject({ recovered: 0, organic: 1, messages: { push: 0 } });
});

test('a message that was called after the goal is not what brought it', () => {
  const late = { ...message('sms', 120 * MINUTE), paidAt: 60 * MINUTE };
  const facts = story({ runs: [run({ goalAt: 60 * MINUTE })], messages: [late], ledger: [accepted('sms', 'sms')] });
  expect(account(facts)).toMatchObject({ organic: 1, sendsAfterGoal: 1 });
});

test('two accepted attempts of one message are a duplicate, and one message', () => {
  const facts = story({ messages: [message('sms', MINUTE)], ledger: [accepted('sms', 'sms', 1), accepted('sms', 'sms', 2)] });
  expect(account(facts)).toMatchObject({ duplicateSends: 1, messages: { sms: 1 } });
});

test('a call that was open when the goal came is no send after it, unless it lands later than a call can', () => {
  const onTheWire = { ...message('sms', 120 * MINUTE), paidAt: 120 * MINUTE + 1 };
  const paidAtReal = anchor.real + (120 * MINUTE + 1) / anchor.rate;
  const landing = (at: number): number =>
    account(story({ messages: [onTheWire], ledger: [{ ...accepted('sms', 'sms'), at }] })).sendsAfterGoal;
  expect(landing(paidAtReal + 9_000)).toBe(0);
  expect(landing(paidAtReal + 11_000)).toBe(1);
});

test('lateness is real time from due to claim', () => {
  const late = (id: string, realMs: number): MessageRow => ({ ...message(id, MINUTE), calledAt: MINUTE + realMs * anchor.rate });
  const messages = Array.from({ length: 100 }, (_, index) => late(`m${index}`, index + 1));
  expect(account(story({ messages })).lateness).toEqual({ p50Ms: 50, p99Ms: 99 });
});

test('what falls due after the end of the story is not counted', () => {
  expect(account(story({ ledger: [accepted('someone-else', 'sms')] })).messages.sms).toBe(0);
});

function story(facts: Partial<Facts>): Facts {
  return { customers: 1, events: 1, unknown: 0, runs: [run({})], messages: [], ledger: [], anchor, ...facts };
}

function run({ goalAt = null }: { goalAt?: number | null }): RunRow {
  const endReason = goalAt === null ? null : 'goal_reached';
  return { id: 'run', journey: 'payment_failed', arm: 'treated', startedAt: 0, endReason, goalAt, goalReceivedAt: goalAt };
}

const message = (id: string, at: number): MessageRow => ({ id, runId: 'run', dueAt: at, calledAt: at, paidAt: null });

function accepted(messageId: string, channel: Channel, attempt = 1): LedgerEntry {
  const content = { title: '', body: '', data: {}, template: '', variables: {}, language: '' };
  const common = { address: 'somewhere', vendorId: 'v', seq: 1, at: anchor.real, accepted: true, content };
  return { ...common, reference: `${messageId}.${attempt}`, channel } as unknown as LedgerEntry;
}
