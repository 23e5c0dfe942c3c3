import { givenVerification, givenWebhook } from './given-webhook';

const at = Date.UTC(2026, 10, 29);
const receipt = { kind: 'delivered', at, attemptId: 'a.1' };

it('what can be used is heard as it is', () => {
  const given = {
    receipts: [
      receipt,
      {
        kind: 'failed',
        at,
        attemptId: 'a.2',
        holdsForMs: 60_000,
        strikes: { count: 3, withinMs: 60_000 },
        billing: { parts: 2 },
      },
      { kind: 'failed', at, vendorId: 'v', code: 'E1', class: 'refused', scope: 'message', phone: '+919812345678' },
    ],
    inbound: [{ id: 'i', at, kind: 'text', text: 'STOP' }],
    preferences: [{ value: 'stop', purpose: 'marketing', at, phone: '+919812345678' }],
    numberChanges: [{ id: 'n', at, from: '+919812345678', to: '+919812345679' }],
    templates: [{ template: 't', language: 'en', status: 'paused' }],
    account: [
      { scope: 'account', code: 'BAN' },
      { scope: 'sender', code: 'TIER', mostPeoplePerDay: null },
    ],
    unlisted: ['E9'],
    leftovers: ['state NEW'],
  };
  expect(givenWebhook(given)).toEqual({ heard: given, faults: [] });
});

it.each([undefined, null, 'x', {}, { receipts: 'x' }, Promise.resolve({ receipts: [] })])('%j is no parsed webhook', (given) =>
  expect(givenWebhook(given)).toBeNull(),
);

it.each<[string, unknown, string]>([
  ['receipts', null, 'an entry of receipts'],
  ['receipts', { ...receipt, kind: 'exploded' }, 'kind of receipts'],
  ['receipts', { ...receipt, at: Number.NaN }, 'at of receipts'],
  ['receipts', { ...receipt, at: '2026-11-29' }, 'at of receipts'],
  ['receipts', { ...receipt, at: Math.floor(at / 1_000) }, 'at of receipts'],
  ['receipts', { ...receipt, attemptId: 12 }, 'attemptId of receipts'],
  ['receipts', { ...receipt, vendorId: 'a\u0000b' }, 'vendorId of receipts'],
  ['receipts', { ...receipt, phone: 'a phone' }, 'phone of receipts'],
  ['receipts', { ...receipt, kind: 'failed', class: 'unknown_outcome' }, 'class of receipts'],
  ['receipts', { ...receipt, kind: 'failed', scope: 'moon' }, 'scope of receipts'],
  ['receipts', { ...receipt, kind: 'failed', holdsForMs: Number.NaN }, 'holdsForMs of receipts'],
  ['receipts', { ...receipt, kind: 'failed', holdsForMs: Number.POSITIVE_INFINITY }, 'holdsForMs of receipts'],
  ['receipts', { ...receipt, kind: 'failed', strikes: { count: 1.5, withinMs: 1 } }, 'strikes of receipts'],
  ['receipts', { ...receipt, billing: { parts: 1.5 } }, 'billing of receipts'],
  ['receipts', { ...receipt, billing: { billable: 'no' } }, 'billing of receipts'],
  ['receipts', { ...receipt, billing: 'yes' }, 'billing of receipts'],
  ['account', { scope: 'sender', code: 'TIER', mostPeoplePerDay: 1e12 }, 'mostPeoplePerDay of account'],
  ['inbound', { id: null, at, kind: 'text' }, 'id of inbound'],
  ['preferences', { value: 'stop', at, phone: 7 }, 'phone of preferences'],
  ['numberChanges', { id: 'n', at, from: '+919812345678' }, 'to of numberChanges'],
  ['templates', { template: 't' }, 'language of templates'],
  ['account', { scope: 'moon', code: 'x' }, 'scope of account'],
])('of %s, %j is left out and named, and the rest is heard', (list, part, fault) => {
  const before = list === 'receipts' ? [receipt] : [];
  const given = givenWebhook({ receipts: [receipt], leftovers: [], [list]: [...before, part] });
  expect([given?.faults, given?.heard.receipts]).toEqual([[`${fault} cannot be used`], [receipt]]);
  expect((given?.heard as unknown as Record<string, unknown>)[list]).toEqual(before);
});

it('leftovers that are forgotten or no words are none', () => {
  expect(givenWebhook({ receipts: [] })?.heard.leftovers).toEqual([]);
  expect(givenWebhook({ receipts: [], leftovers: [7, 'x'] })?.heard.leftovers).toEqual(['x']);
});

it.each([undefined, null, true, {}, { authentic: 'yes' }, Promise.resolve({ authentic: true })])('%j believes nobody', (given) =>
  expect(givenVerification(given)).toBeNull(),
);
