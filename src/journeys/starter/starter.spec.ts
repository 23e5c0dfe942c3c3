import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyKind } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { parse } from 'yaml';
import { Templates } from '../../channels/channels.api';
import {
  compiled,
  exitReached,
  FACTS,
  failedAgain,
  goalReached,
  type Happening,
  heard,
  notReached,
  passage,
  run,
  runAbout,
  type RunOf,
  seen,
  T,
} from '../rules/decide.test-kit';
import { type JourneyVersion } from '../rules/definition';
import { meaningOf } from '../rules/endings';
import { enrol } from '../rules/enrol';
import { type RunFacts } from '../rules/run';
import { startRun } from '../rules/start-run';

const read = (name: string): unknown => parse(readFileSync(join(__dirname, `${name}.yaml`), 'utf8'));
const link = { url: 'https://pay.example/WAPAS/q3xTz0Vb1Lk', token: 'q3xTz0Vb1Lk' };
const templates = new Templates();

const CUSTOMER = { isCustomer: true, hasPhone: true, hasEmail: false, hasPush: true };
const rupees = (value: number) => ({ value: value * 100, currency: 'INR' });

describe.each([
  ['payment_failed', 10, { keys: { order: 'order_1' }, amount: rupees(1_499), properties: {} }],
  ['cart_abandoned', 15, { keys: { cart: 'cart_1' }, amount: rupees(2_399), properties: { product: 'Blue kurta' } }],
  ['checkout_abandoned_guest', 10, { keys: { checkout: 'chk_1' }, amount: rupees(899), properties: {} }],
  ['kyc_rejected', 10, { keys: { kycApplication: 'kyc_310' }, properties: {} }],
  ['kyc_incomplete', 10, { keys: { kycApplication: 'kyc_310' }, properties: { next_step: 'selfie', minutes_left: 3 } }],
  [
    'mandate_bounced',
    10,
    { keys: { mandate: 'mnd_1' }, amount: rupees(5_000), properties: { due_date: '2026-11-23', next_attempt_on: '2026-11-26' } },
  ],
])('%s', (name, holdout, facts) => {
  const version = compiled(read(name));
  const messages = version.steps.flatMap(({ channel, messages: all }) => all.map(({ template }) => ({ channel, template })));

  it('has templates that their channels take', () =>
    expect(messages.flatMap(({ channel, template }) => templates.faultsOf(channel, template))).toEqual([]));
  it('prints each of them from what its source sends', () =>
    expect(messages.map(({ channel, template }) => templates.render(channel, template, facts, link))).toEqual(
      messages.map(() => expect.objectContaining({ ok: true }) as unknown),
    ));
  it('offers nothing and hurries nobody, or it would be marketing (rules 2 and 3)', () =>
    expect(JSON.stringify(messages)).not.toMatch(/%|\b(offer|coupon|discount|free|hurry|sale|last chance|don't miss)\b/i));
  it('has each push replace what was pushed about the same before', () => {
    const keyOf = (text: Record<string, unknown>) => (text as { collapseKey?: string }).collapseKey;
    const rendered = messages.flatMap(({ channel, template }) => {
      const made = channel === 'push' ? templates.render(channel, template, facts, link) : null;
      return made?.ok ? [keyOf(made.content as unknown as Record<string, unknown>)] : [];
    });
    expect(rendered).toEqual(rendered.map(() => expect.stringContaining(Object.values(facts.keys)[0] as string) as unknown));
  });
  it('names no UPI address (rule 8)', () => expect(JSON.stringify(messages)).not.toContain('upi:'));
  it('keeps a control group', () => expect(version.holdoutPercent).toBe(holdout));
});

describe('payment_failed, told from T', () => {
  const version = compiled(read('payment_failed'));
  const at = (local: string, facts: Partial<RunFacts> = {}): RunOf => run(version, `2026-11-${local}+05:30`).about(facts);
  const day = '23T11:00:00';
  const timeout = { reason: { class: 'timeout' } };
  const PUSH = 'T+1m send push, message 4 until T+14m';
  const WHATSAPP = 'T+15m send whatsapp, message 4 until T+45m';
  const SMS = 'T+2h send sms until T+6h';
  const END = 'T+1d end: window_over';
  const PAID_BEFORE_SMS = 'T+1h59m59s end: goal_reached';

  it.each<[string, RunOf, Happening[], string[]]>([
    ['a wrong PIN, and nobody answers', at(day), [], [PUSH, WHATSAPP, SMS, END]],
    ['an order paid one second before T+2h gets no SMS', at(day), [goalReached().at('T+1h59m59s')], [PUSH, WHATSAPP, PAID_BEFORE_SMS]], // prettier-ignore
    ['an order paid within the minute hears nothing', at(day), [goalReached().at('T+59s')], ['T+59s end: goal_reached']],
    ['a cancelled order hears nothing more', at(day), [exitReached('order_cancelled').at('T+3m')], [PUSH, 'T+3m end: order_cancelled']], // prettier-ignore
    [
      'a push that was opened is enough',
      at(day),
      [heard('push', 'opened').at('T+4m')],
      [PUSH, 'T+4m note push opened', 'T+15m skip whatsapp: push_engaged', 'T+2h skip sms: push_engaged', END],
    ],
    [
      'a WhatsApp that was read keeps the SMS back',
      at(day),
      [heard('whatsapp', 'delivered').at('T+15m3s'), heard('whatsapp', 'read').at('T+40m')],
      [PUSH, WHATSAPP, 'T+15m3s note whatsapp delivered', 'T+40m note whatsapp read', 'T+2h skip sms: whatsapp_engaged', END],
    ],
    [
      'a WhatsApp that was only delivered does not',
      at(day),
      [heard('whatsapp', 'delivered').at('T+15m3s')],
      [PUSH, WHATSAPP, 'T+15m3s note whatsapp delivered', SMS, END],
    ],
    [
      'a guest without the app hears by WhatsApp at T+5m and by SMS in its time',
      at(day),
      [notReached('push', 'no_address').at('T+1m')],
      [PUSH, 'T+1m note push failed', 'T+1m advance whatsapp to T+5m: push_no_address', 'T+5m send whatsapp, message 4 until T+45m', SMS, END], // prettier-ignore
    ],
    [
      'a number without WhatsApp gets its SMS at once',
      at(day),
      [notReached('whatsapp', 'bad_address').at('T+15m2s')],
      [PUSH, WHATSAPP, 'T+15m2s note whatsapp failed', 'T+15m2s advance sms to T+15m2s: whatsapp_bad_address', 'T+15m2s send sms until T+6h', END], // prettier-ignore
    ],
    [
      'a timeout is never told to pay again (rule 24)',
      runAbout(version, timeout),
      [],
      [
        'T+0s begin T at T+0s: status_unknown',
        'T+1m send push until T+14m',
        'T+15m send whatsapp until T+45m',
        'T+2h skip sms: no_message_for_these_facts',
        END,
      ],
    ],
    [
      'a timeout that is found to be paid meanwhile hears nothing',
      runAbout(version, timeout),
      [goalReached().at('T-4m')],
      ['T-4m end: goal_reached'],
    ],
    [
      'a wrong PIN that is followed by a timeout waits for the bank as well, and is never told to pay again after that',
      at(day),
      [failedAgain(timeout).at('T+10m')],
      [PUSH, 'T+10m attach', 'T+15m hold whatsapp to T+20m: awaiting_status', 'T+20m send whatsapp until T+45m', 'T+2h skip sms: no_message_for_these_facts', END], // prettier-ignore
    ],
    [
      'twice over the same method: another way to pay (rule 31)',
      at(day, { properties: { method: 'upi' } }),
      [failedAgain({ properties: { method: 'upi' } }).at('T+10m')],
      [PUSH, 'T+10m attach', 'T+15m send whatsapp, message 2 until T+45m', SMS, END],
    ],
    [
      'over another method the second time: as before',
      at(day, { properties: { method: 'upi' } }),
      [failedAgain({ properties: { method: 'card' } }).at('T+10m')],
      [PUSH, 'T+10m attach', WHATSAPP, SMS, END],
    ],
    [
      'a card that cannot be used: another way to pay at once',
      at(day, { reason: { class: 'instrument' } }),
      [],
      ['T+1m send push, message 3 until T+14m', 'T+15m send whatsapp, message 3 until T+45m', SMS, END],
    ],
    [
      'who is at the checkout right now is left alone for five minutes (rule 33)',
      at(day),
      [seen().at('T+14m')],
      [PUSH, 'T+14m see the customer active', 'T+15m hold whatsapp to T+20m: customer_active', 'T+20m send whatsapp, message 4 until T+45m', SMS, END], // prettier-ignore
    ],
    [
      'a timeout that is followed by a wrong PIN is told to try again from then on',
      at(day, timeout),
      [failedAgain().at('T+10m')],
      ['T+1m send push until T+14m', 'T+10m attach', WHATSAPP, SMS, END],
    ],
    [
      "a failure at night: push and WhatsApp belong to the customer's own action, the SMS does not",
      at('23T23:30:00'),
      [],
      [PUSH, WHATSAPP, 'T+2h expire sms: outside_hours', END],
    ],
    ['a failure at 20:00 has no SMS at 22:00', at('23T20:00:00'), [], [PUSH, WHATSAPP, 'T+2h expire sms: outside_hours', END]],
    ['a failure at 19:59:59 has one', at('23T19:59:59'), [], [PUSH, WHATSAPP, SMS, END]],
    ['a failure at 06:00 has one at 08:00 sharp', at('24T06:00:00'), [], [PUSH, WHATSAPP, SMS, END]],
    [
      'a number without WhatsApp at 07:40 gets its SMS at 08:00 when the hours open',
      at('24T07:40:00'),
      [notReached('whatsapp', 'bad_address').at('T+15m2s')],
      [
        PUSH,
        WHATSAPP,
        'T+15m2s note whatsapp failed',
        'T+15m2s advance sms to T+15m2s: whatsapp_bad_address',
        'T+15m2s hold sms to T+20m: outside_hours',
        'T+20m send sms until T+6h',
        END,
      ],
    ],
    ['a support ticket leaves it to people', at(day), [exitReached('support_ticket').at('T+3m')], [PUSH, 'T+3m end: support_ticket']], // prettier-ignore
    ['money that came back ends it', at(day), [exitReached('refunded').at('T+20m')], [PUSH, WHATSAPP, 'T+20m end: refunded']],
    [
      'who answered, tried again and failed again is helped from the start',
      at(day),
      [heard('push', 'clicked').at('T+3m'), failedAgain().at('T+10m')],
      [
        PUSH,
        'T+3m note push clicked',
        'T+10m attach',
        'T+10m restart T at T+10m: another_attempt',
        'T+11m send push, message 4 until T+24m',
        'T+25m send whatsapp, message 4 until T+55m',
        'T+2h10m send sms until T+6h10m',
        'T+1d10m end: window_over',
      ],
    ],
    ['paid on the second day is a late success', at(day), [goalReached().at('T+2d')], [PUSH, WHATSAPP, SMS, END, 'T+2d late_goal']], // prettier-ignore
    [
      'a pending payment hears only that the bank is being asked, after ten minutes without word',
      runAbout(version, { reason: { class: 'pending' } }),
      [],
      [
        'T+0s begin T at T+0s: status_unknown',
        'T+1m send push until T+14m',
        'T+15m send whatsapp until T+45m',
        'T+2h skip sms: no_message_for_these_facts',
        END,
      ],
    ],
    [
      'the holdout hears nothing and is counted',
      at(day).inHoldout(),
      [goalReached().at('T+3h')],
      [
        'T+1m ghost push, message 4 until T+14m',
        'T+15m ghost whatsapp, message 4 until T+45m',
        'T+2h ghost sms until T+6h',
        'T+3h end: goal_reached',
      ],
    ],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));

  it.each<[string, string, string]>([
    ['a wrong PIN can be tried again', 'user_error', 'start'],
    ['the bank said no: one soft note more', 'payer_declined', 'start'],
    ['a reason nobody knows', 'unknown', 'start'],
    ['a payment refused as fraud or risk is not asked for again', 'risk', 'filter_not_met'],
    ['something has happened to the account holder: people, not messages', 'account_holder', 'filter_not_met'],
    ["the seller's own fault is not the customer's to repair", 'business', 'filter_not_met'],
  ])('%s', (_title, reason, outcome) =>
    expect(refusalOf(version, ['order', 'payment'], { keys: { order: 'order_1' }, reason: { class: reason } })).toBe(outcome),
  );
});

it.each<[string, string, KeyKind, string, string | undefined]>([
  ['payment_failed', 'Payment Failed', 'order', 'risk', 'for_people'],
  ['payment_failed', 'Payment Failed', 'payment', 'account_holder', 'for_people'],
  ['payment_failed', 'Payment Failed', 'order', 'user_error', undefined],
  ['kyc_rejected', 'KYC Rejected', 'kyc_application', 'risk', 'for_people'],
  ['kyc_rejected', 'KYC Rejected', 'kyc_application', 'glare', undefined],
])('%s: one more %s by its %s that says %s ends it as %s', (name, event, kind, reason, ending) => {
  const facts = { ...FACTS, reason: { class: reason } };
  const meaning = meaningOf(compiled(read(name)), FACTS, { id: 'evt-2', name: event, occurredAt: T, facts }, kind, T);
  expect(meaning?.kind === 'exit_reached' ? meaning.reason : undefined).toBe(ending);
});

it.each<[string, string, KeyKind]>([
  ['payment_failed', 'Order Paid', 'order'],
  ['payment_failed', 'Payment Captured', 'payment'],
  ['payment_failed', 'Order Placed COD', 'order'],
  ['payment_failed', 'Order Completed', 'order'],
  ['cart_abandoned', 'Order Placed COD', 'cart'],
  ['cart_abandoned', 'Order Completed', 'cart'],
  ['checkout_abandoned_guest', 'Order Paid', 'phone'],
  ['checkout_abandoned_guest', 'Order Placed COD', 'checkout'],
  ['checkout_abandoned_guest', 'Order Completed', 'checkout'],
  ['kyc_rejected', 'KYC Approved', 'kyc_application'],
  ['kyc_incomplete', 'KYC Submitted', 'kyc_application'],
  ['mandate_bounced', 'Mandate Authorised', 'mandate'],
])('%s: %s by its %s is the goal', (name, event, kind) =>
  expect(meaningOf(compiled(read(name)), FACTS, { id: 'evt-2', name: event, occurredAt: T, facts: FACTS }, kind, T)?.kind).toBe(
    'goal_reached',
  ),
);

describe('kyc_rejected, told from T', () => {
  const version = compiled(read('kyc_rejected'));
  const at = (local: string, reason = 'blurry'): RunOf =>
    run(version, `2026-11-${local}+05:30`).about({ keys: { kycApplication: 'kyc_310' }, reason: { class: reason } });
  const day = '23T11:00:00';
  const PUSH = 'T+1m send push until T+14m';
  const WHATSAPP = 'T+15m send whatsapp until T+45m';
  const SMS = 'T+3h send sms until T+7h';
  const REMINDER = 'T+1d send reminder until T+1d10h';
  const LAST = 'T+3d send last_reminder until T+3d10h';
  const END = 'T+7d end: window_over';

  it.each<[string, RunOf, Happening[], string[]]>([
    ['a blurry photo, and nobody answers', at(day), [], [PUSH, WHATSAPP, SMS, REMINDER, LAST, END]],
    [
      'a wrong document is asked for in other words',
      at(day, 'wrong_document'),
      [],
      ['T+1m send push, message 2 until T+14m', 'T+15m send whatsapp, message 2 until T+45m', SMS, REMINDER, LAST, END],
    ],
    ['a face that has to be photographed again', at(day, 'selfie'), [], [PUSH, WHATSAPP.replace('whatsapp', 'whatsapp, message 2'), SMS, REMINDER, LAST, END]], // prettier-ignore
    [
      'who is at it right now is left alone for five minutes',
      at(day),
      [seen().at('T+2h59m')],
      [PUSH, WHATSAPP, 'T+2h59m see the customer active', 'T+3h hold sms to T+3h5m: customer_active', 'T+3h5m send sms until T+7h', REMINDER, LAST, END], // prettier-ignore
    ],
    ['a new try stops the nudges', at(day), [exitReached('resubmitted').at('T+10m')], [PUSH, 'T+10m end: resubmitted']],
    ['an approval is the goal', at(day), [goalReached().at('T+2d')], [PUSH, WHATSAPP, SMS, REMINDER, 'T+2d end: goal_reached']],
    [
      'a push that was opened is enough',
      at(day),
      [heard('push', 'opened').at('T+4m')],
      [PUSH, 'T+4m note push opened', 'T+15m skip whatsapp: push_engaged', 'T+3h skip sms: push_engaged', REMINDER, LAST, END],
    ],
    [
      'a WhatsApp that was read keeps the SMS back',
      at(day),
      [heard('whatsapp', 'read').at('T+40m')],
      [PUSH, WHATSAPP, 'T+40m note whatsapp read', 'T+3h skip sms: whatsapp_engaged', REMINDER, LAST, END],
    ],
    [
      'a rejection at 18:00 has no SMS at 21:00',
      at('23T18:00:00'),
      [],
      [PUSH, WHATSAPP, 'T+3h expire sms: outside_hours', REMINDER, LAST, END],
    ],
    [
      'a rejection at night: its reminders wait for the morning',
      at('23T23:30:00'),
      [],
      [
        PUSH,
        WHATSAPP,
        'T+3h expire sms: outside_hours',
        'T+1d hold reminder to T+1d8h30m: outside_hours',
        'T+1d8h30m send reminder until T+1d10h',
        'T+3d hold last_reminder to T+3d8h30m: outside_hours',
        'T+3d8h30m send last_reminder until T+3d10h',
        END,
      ],
    ],
    [
      'a reminder that was clicked is the last one',
      at(day),
      [heard('reminder', 'clicked').at('T+1d1h')],
      [PUSH, WHATSAPP, SMS, REMINDER, 'T+1d1h note reminder clicked', 'T+3d skip last_reminder: reminder_engaged', END],
    ],
    ['a support ticket leaves it to people', at(day), [exitReached('support_ticket').at('T+2h')], [PUSH, WHATSAPP, 'T+2h end: support_ticket']], // prettier-ignore
    [
      'the holdout gets the notice, and no nudges',
      at(day).inHoldout(),
      [],
      [
        PUSH,
        'T+15m ghost whatsapp until T+45m',
        'T+3h ghost sms until T+7h',
        'T+1d ghost reminder until T+1d10h',
        'T+3d ghost last_reminder until T+3d10h',
        END,
      ],
    ],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));
});

describe('cart_abandoned, told from T', () => {
  const version = compiled(read('cart_abandoned'));
  const at = (local: string): RunOf =>
    run(version, `2026-11-${local}+05:30`).about({ keys: { cart: 'cart_1' }, properties: { product: 'Kurta' } });
  const day = at('23T11:00:00');
  const PUSH = 'T+1s send push until T+1h1s';
  const WHATSAPP = 'T+4h send whatsapp until T+20h';
  const SMS = 'T+1d send sms until T+1d16h';
  const END = 'T+3d end: window_over';
  it.each<[string, RunOf, Happening[], string[]]>([
    ['a cart that nobody comes back to', day, [], [PUSH, WHATSAPP, SMS, END]],
    ['an order with a cart item', day, [goalReached().at('T+3h')], [PUSH, 'T+3h end: goal_reached']],
    ['a cart that was emptied', day, [exitReached('cart_emptied').at('T+1h')], [PUSH, 'T+1h end: cart_emptied']],
    ['a checkout', day, [exitReached('checkout_started').at('T+1h')], [PUSH, 'T+1h end: checkout_started']],
    ['another price', day, [exitReached('price_changed').at('T+5h')], [PUSH, WHATSAPP, 'T+5h end: price_changed']],
    ['nothing left in stock', day, [exitReached('out_of_stock').at('T+5h')], [PUSH, WHATSAPP, 'T+5h end: out_of_stock']],
    [
      'a push that was opened is enough',
      day,
      [heard('push', 'opened').at('T+2m')],
      [PUSH, 'T+2m note push opened', 'T+4h skip whatsapp: push_engaged', 'T+1d skip sms: push_engaged', END],
    ],
    [
      'a WhatsApp that was read keeps the SMS back',
      day,
      [heard('whatsapp', 'read').at('T+5h')],
      [PUSH, WHATSAPP, 'T+5h note whatsapp read', 'T+1d skip sms: whatsapp_engaged', END],
    ],
    [
      'who is in the app is left alone for five minutes',
      day,
      [seen().at('T+3h58m')],
      [PUSH, 'T+3h58m see the customer active', 'T+4h hold whatsapp to T+4h5m: customer_active', 'T+4h5m send whatsapp until T+20h', SMS, END], // prettier-ignore
    ],
    [
      'without the app the WhatsApp comes after an hour',
      day,
      [notReached('push', 'no_address').at('T+2s')],
      [PUSH, 'T+2s note push failed', 'T+2s advance whatsapp to T+1h: push_no_address', 'T+1h send whatsapp until T+20h', SMS, END], // prettier-ignore
    ],
    [
      'left at 20:00: the WhatsApp waits for 10:00',
      at('23T20:00:00'),
      [],
      [PUSH, 'T+4h hold whatsapp to T+14h: outside_hours', 'T+14h send whatsapp until T+20h', SMS, END],
    ],
    [
      'left at 23:00: no push at night, and the SMS waits for the legal hour',
      at('23T23:00:00'),
      [],
      [
        'T+1s expire push: outside_hours',
        'T+4h hold whatsapp to T+11h: outside_hours',
        'T+11h send whatsapp until T+20h',
        'T+1d hold sms to T+1d11h: outside_hours',
        'T+1d11h send sms until T+1d16h',
        END,
      ],
    ],
    [
      'the holdout hears nothing and is counted',
      day.inHoldout(),
      [goalReached().at('T+2d')],
      ['T+1s ghost push until T+1h1s', 'T+4h ghost whatsapp until T+20h', 'T+1d ghost sms until T+1d16h', 'T+2d end: goal_reached'], // prettier-ignore
    ],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));

  const enters = (facts: Partial<RunFacts>): string => refusalOf(version, ['cart', 'customer'], facts);
  it.each([
    ['a known customer with something in the cart', {}, 'start'],
    ['an empty cart', { amount: undefined }, 'filter_not_met'],
    ['a guest', { profile: { ...CUSTOMER, isCustomer: false } }, 'filter_not_met'],
  ])('%s: %s', (_title, facts, outcome) => expect(enters({ profile: CUSTOMER, ...facts })).toBe(outcome));
});

describe('checkout_abandoned_guest, told from T', () => {
  const version = compiled(read('checkout_abandoned_guest'));
  const at = (local: string): RunOf => run(version, `2026-11-${local}+05:30`);
  const day = at('23T11:00:00');
  const WHATSAPP = 'T+1s send whatsapp until T+1h1s';
  const SMS = 'T+3h send sms until T+17h';
  const END = 'T+1d end: window_over';
  it.each<[string, RunOf, Happening[], string[]]>([
    ['nobody comes back', day, [], [WHATSAPP, SMS, END]],
    ['an order of that phone', day, [goalReached().at('T+2h')], [WHATSAPP, 'T+2h end: goal_reached']],
    ['an attempt to pay belongs to another journey', day, [exitReached('payment_failed').at('T+2h')], [WHATSAPP, 'T+2h end: payment_failed']], // prettier-ignore
    ['another price', day, [exitReached('price_changed').at('T+2h')], [WHATSAPP, 'T+2h end: price_changed']],
    ['a checkout that was cancelled', day, [exitReached('checkout_cancelled').at('T+2h')], [WHATSAPP, 'T+2h end: checkout_cancelled']], // prettier-ignore
    [
      'a WhatsApp that was read keeps the SMS back',
      day,
      [heard('whatsapp', 'read').at('T+1h')],
      [WHATSAPP, 'T+1h note whatsapp read', 'T+3h skip sms: whatsapp_engaged', END],
    ],
    [
      'a number without WhatsApp gets its SMS after twenty minutes',
      day,
      [notReached('whatsapp').at('T+2s')],
      [WHATSAPP, 'T+2s note whatsapp failed', 'T+2s advance sms to T+20m: whatsapp_bad_address', 'T+20m send sms until T+17h', END], // prettier-ignore
    ],
    ['left at 20:00', at('23T20:00:00'), [], [WHATSAPP, 'T+3h hold sms to T+14h: outside_hours', 'T+14h send sms until T+17h', END]], // prettier-ignore
    [
      'left at 23:00',
      at('23T23:00:00'),
      [],
      ['T+1s expire whatsapp: outside_hours', 'T+3h hold sms to T+11h: outside_hours', 'T+11h send sms until T+17h', END],
    ],
    ['the holdout', day.inHoldout(), [], ['T+1s ghost whatsapp until T+1h1s', 'T+3h ghost sms until T+17h', END]],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));

  const guest = {
    keys: { checkout: 'chk_1' },
    profile: { ...CUSTOMER, isCustomer: false },
    properties: { marketing_consent: true },
  };
  it.each<[string, Partial<RunFacts>, string]>([
    ['who ticked the box', {}, 'start'],
    ['without the tick no message at all', { properties: {} }, 'filter_not_met'],
    ['without a phone', { profile: { ...guest.profile, hasPhone: false } }, 'filter_not_met'],
    ['after an attempt to pay', { keys: { checkout: 'chk_1', payment: 'pay_1' } }, 'filter_not_met'],
    ['with an order it is payment_failed', { keys: { checkout: 'chk_1', order: 'order_1' } }, 'filter_not_met'],
    ['who is logged in', { profile: CUSTOMER }, 'filter_not_met'],
  ])('%s', (_title, facts, outcome) => expect(refusalOf(version, ['checkout', 'phone'], { ...guest, ...facts })).toBe(outcome));
});

describe('kyc_incomplete, told from T', () => {
  const version = compiled(read('kyc_incomplete'));
  const at = (local: string, reason?: string): RunOf =>
    run(version, `2026-11-${local}+05:30`).about({ reason: reason === undefined ? undefined : { class: reason } });
  const day = at('23T11:00:00');
  const PUSH = 'T+1s send push, message 2 until T+3h1s';
  const WHATSAPP = 'T+4h send whatsapp until T+19h';
  const SMS = 'T+1d send sms until T+1d12h';
  const LAST = 'T+3d send last until T+3d12h';
  const END = 'T+7d end: window_over';
  it.each<[string, RunOf, Happening[], string[]]>([
    ['nobody goes on', day, [], [PUSH, WHATSAPP, SMS, LAST, END]],
    ['an OTP that did not arrive is offered another way', at('23T11:00:00', 'aadhaar_otp'), [], ['T+1s send push until T+3h1s', WHATSAPP, SMS, LAST, END]], // prettier-ignore
    ['it is submitted', day, [goalReached().at('T+5h')], [PUSH, WHATSAPP, 'T+5h end: goal_reached']],
    ['it is rejected: another journey', day, [exitReached('rejected').at('T+5h')], [PUSH, WHATSAPP, 'T+5h end: rejected']],
    ['a support ticket leaves it to people', day, [exitReached('support_ticket').at('T+5h')], [PUSH, WHATSAPP, 'T+5h end: support_ticket']], // prettier-ignore
    [
      'a push that was opened is enough until the last reminder',
      day,
      [heard('push', 'opened').at('T+1m')],
      [PUSH, 'T+1m note push opened', 'T+4h skip whatsapp: push_engaged', 'T+1d skip sms: push_engaged', LAST, END],
    ],
    [
      'a WhatsApp that was clicked is the last message',
      day,
      [heard('whatsapp', 'clicked').at('T+5h')],
      [PUSH, WHATSAPP, 'T+5h note whatsapp clicked', 'T+1d skip sms: whatsapp_engaged', 'T+3d skip last: whatsapp_clicked', END],
    ],
    [
      'who is at it right now is left alone',
      day,
      [seen().at('T+3h59m')],
      [PUSH, 'T+3h59m see the customer active', 'T+4h hold whatsapp to T+4h5m: customer_active', 'T+4h5m send whatsapp until T+19h', SMS, LAST, END], // prettier-ignore
    ],
    [
      'stalled at 23:00: nothing before nine',
      at('23T23:00:00'),
      [],
      [
        'T+1s expire push: outside_hours',
        'T+4h hold whatsapp to T+10h: outside_hours',
        'T+10h send whatsapp until T+19h',
        'T+1d hold sms to T+1d10h: outside_hours',
        'T+1d10h send sms until T+1d12h',
        'T+3d hold last to T+3d10h: outside_hours',
        'T+3d10h send last until T+3d12h',
        END,
      ],
    ],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));
});

describe('mandate_bounced, told from T', () => {
  const version = compiled(read('mandate_bounced'));
  const at = (local: string, reason = 'insufficient_funds'): RunOf =>
    run(version, `2026-11-${local}+05:30`).about({ reason: { class: reason } });
  // Far from pay-day.
  const day = at('11T11:00:00');
  const PUSH = 'T+30m send push, message 4 until T+4h-1ms';
  const WHATSAPP = 'T+30m send whatsapp, message 4 until T+4h-1ms';
  const SMS = 'T+4h send sms until T+18h-1ms';
  const HELD = 'T+18h hold reminder to T+22h30m: outside_hours';
  const REMINDER = 'T+22h30m send reminder until T+1d18h';
  const END = 'T+5d end: window_over';
  it.each<[string, RunOf, Happening[], string[]]>([
    ['no balance, and nobody answers', day, [], [PUSH, WHATSAPP, SMS, HELD, REMINDER, END]],
    [
      'a dead mandate is asked to be renewed',
      at('11T11:00:00', 'mandate_dead'),
      [],
      ['T+30m send push until T+4h-1ms', 'T+30m send whatsapp until T+4h-1ms', SMS, HELD, REMINDER, END],
    ],
    [
      'a SIP is spoken of as one',
      day.about({ reason: { class: 'insufficient_funds' }, properties: { product: 'sip' } }),
      [],
      ['T+30m send push, message 2 until T+4h-1ms', 'T+30m send whatsapp, message 2 until T+4h-1ms', SMS, HELD, REMINDER, END],
    ],
    [
      'the next try is named where it is known',
      day.about({ reason: { class: 'insufficient_funds' }, properties: { next_attempt_on: '2026-11-26' } }),
      [],
      ['T+30m send push, message 3 until T+4h-1ms', 'T+30m send whatsapp, message 3 until T+4h-1ms', SMS, HELD, REMINDER, END],
    ],
    [
      'the debit is tried again: this run is over',
      day,
      [exitReached('presented_again').at('T+5h')],
      [PUSH, WHATSAPP, SMS, 'T+5h end: presented_again'],
    ],
    ['paid within half an hour by whatever route', day, [goalReached().at('T+29m')], ['T+29m end: goal_reached']],
    ['a dispute', day, [exitReached('dispute').at('T+1h')], [PUSH, WHATSAPP, 'T+1h end: dispute']],
    ['hardship', day, [exitReached('hardship').at('T+1h')], [PUSH, WHATSAPP, 'T+1h end: hardship']],
    [
      'a WhatsApp that was read keeps the SMS back, not the reminder',
      day,
      [heard('whatsapp', 'read').at('T+1h')],
      [PUSH, WHATSAPP, 'T+1h note whatsapp read', 'T+4h skip sms: whatsapp_engaged', HELD, REMINDER, END],
    ],
    [
      'one that was clicked keeps both back',
      day,
      [heard('whatsapp', 'clicked').at('T+1h')],
      [PUSH, WHATSAPP, 'T+1h note whatsapp clicked', 'T+4h skip sms: whatsapp_engaged', 'T+18h skip reminder: whatsapp_clicked', END], // prettier-ignore
    ],
    [
      'a bounce at 17:00: the SMS waits for 08:00',
      at('11T17:00:00'),
      [],
      [
        PUSH,
        WHATSAPP,
        'T+4h hold sms to T+15h: outside_hours',
        'T+15h send sms until T+18h-1ms',
        'T+18h hold reminder to T+1d16h30m: outside_hours',
        'T+1d16h30m send reminder until T+1d18h',
        END,
      ],
    ],
    [
      'a bounce at 23:00: the first notice is the SMS in the morning',
      at('11T23:00:00'),
      [],
      [
        'T+30m expire push: outside_hours',
        'T+30m expire whatsapp: outside_hours',
        'T+4h hold sms to T+9h: outside_hours',
        'T+9h send sms until T+18h-1ms',
        'T+18h hold reminder to T+1d10h30m: outside_hours',
        'T+1d10h30m send reminder until T+1d18h',
        END,
      ],
    ],
    [
      'no balance three days before pay-day: the reminder waits for it',
      at('24T11:00:00'),
      [],
      [PUSH, WHATSAPP, SMS, 'T+18h hold reminder to T+3d22h30m: outside_days', 'T+3d22h30m send reminder until T+4d22h30m', END],
    ],
    [
      'paid while it waits',
      at('24T11:00:00'),
      [goalReached().at('T+2d')],
      [PUSH, WHATSAPP, SMS, 'T+18h hold reminder to T+3d22h30m: outside_days', 'T+2d end: goal_reached'],
    ],
    [
      'the bank tries again on a known day: the reminder does not wait past it',
      at('24T11:00:00').about({ reason: { class: 'insufficient_funds' }, properties: { next_attempt_on: '2026-11-26' } }),
      [],
      ['T+30m send push, message 3 until T+4h-1ms', 'T+30m send whatsapp, message 3 until T+4h-1ms', SMS, HELD, REMINDER, END],
    ],
    ['on pay-day itself it goes in its time', at('28T11:00:00'), [], [PUSH, WHATSAPP, SMS, HELD, REMINDER, END]],
    [
      'a dead mandate does not wait for pay-day',
      at('24T11:00:00', 'mandate_dead'),
      [],
      ['T+30m send push until T+4h-1ms', 'T+30m send whatsapp until T+4h-1ms', SMS, HELD, REMINDER, END],
    ],
    [
      'the holdout gets the notices of the first day (rule 17), and no reminder',
      day.inHoldout(),
      [],
      [PUSH, WHATSAPP, SMS, HELD, 'T+22h30m ghost reminder until T+1d18h', END],
    ],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));

  it.each([
    ['upi_autopay', '09:59:59', '09:59:59'],
    ['upi_autopay', '10:00:00', '13:30:00'],
    ['upi_autopay', '12:59:59', '13:30:00'],
    ['upi_autopay', '13:00:00', '13:00:00'],
    ['upi_autopay', '17:00:00', '22:00:00'],
    ['upi_autopay', '21:30:00', '21:30:00'],
    ['enach', '11:00:00', '11:00:00'],
  ])('a debit by %s that fails at %s may be queued only: T is %s (rule 29)', (rail, failed, begun) => {
    const at = (time: string) => Date.parse(`2026-11-23T${time}+05:30`) as Instant;
    const facts = { ...FACTS, properties: { rail, due_date: '2026-11-23' } };
    const state = startRun(version, { id: 'run-1', unit: 'person-1', arm: 'treated', facts, shadow: false }, at(failed));
    expect(state.startedAt).toBe(at(begun));
    expect(state.dueAt).toBe(failed === begun ? at(begun) + 1_800_000 : at(begun));
  });

  it.each([
    ['insufficient_funds', { due_date: '2026-11-23' }, 'start'],
    ['infrastructure', { due_date: '2026-11-23' }, 'filter_not_met'],
    ['insufficient_funds', {}, 'no_key_to_correlate'],
  ])('%s with %j: %s', (reason, properties, outcome) =>
    expect(refusalOf(version, ['mandate'], { reason: { class: reason }, properties })).toBe(outcome),
  );
});

/** Whether a trigger that says this enters, and why not. */
function refusalOf(version: JourneyVersion, kinds: KeyKind[], facts: Partial<RunFacts>): string {
  const enrolment = enrol(
    version,
    {
      occurredAt: T,
      kinds: new Set(kinds),
      run: { ...FACTS, ...facts },
      hasPerson: true,
      endings: [],
      live: false,
      lastEndedAt: null,
      entries: 0,
      personEnteredAt: null,
      closed: null,
    },
    T,
  );
  return enrolment.kind === 'refuse' ? enrolment.reason : enrolment.kind;
}
