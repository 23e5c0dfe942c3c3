import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Templates } from '../../channels/channels.api';
import {
  compiled,
  exitReached,
  failedAgain,
  goalReached,
  type Happening,
  heard,
  notReached,
  passage,
  run,
  type RunOf,
} from '../rules/decide.test-kit';
import { type RunFacts } from '../rules/run';

const read = (name: string): unknown => parse(readFileSync(join(__dirname, `${name}.yaml`), 'utf8'));
const link = { url: 'https://pay.example/WAPAS/q3xTz0Vb1Lk', token: 'q3xTz0Vb1Lk' };
const templates = new Templates();

describe.each([
  ['payment_failed', { keys: { order: 'order_1' }, amount: { value: 149_900, currency: 'INR' }, properties: {} }],
  ['kyc_rejected', { keys: { kycApplication: 'kyc_310' }, properties: {} }],
])('%s', (name, facts) => {
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
  it('names no UPI address (rule 8)', () => expect(JSON.stringify(messages)).not.toContain('upi:'));
  it('keeps a control group of ten in a hundred', () => expect(version.holdoutPercent).toBe(10));
});

describe('payment_failed, told from T', () => {
  const version = compiled(read('payment_failed'));
  const at = (local: string, facts: Partial<RunFacts> = {}): RunOf => run(version, `2026-11-${local}+05:30`).about(facts);
  const day = '23T11:00:00';
  const timeout = { reason: { class: 'timeout' } };
  const PUSH = 'T+1m send push, message 2 until T+14m';
  const WHATSAPP = 'T+15m send whatsapp, message 2 until T+45m';
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
      [PUSH, 'T+1m note push failed', 'T+1m advance whatsapp to T+5m: push_no_address', 'T+5m send whatsapp, message 2 until T+45m', SMS, END], // prettier-ignore
    ],
    [
      'a number without WhatsApp gets its SMS at once',
      at(day),
      [notReached('whatsapp', 'bad_address').at('T+15m2s')],
      [PUSH, WHATSAPP, 'T+15m2s note whatsapp failed', 'T+15m2s advance sms to T+15m2s: whatsapp_bad_address', 'T+15m2s send sms until T+6h', END], // prettier-ignore
    ],
    [
      'a timeout is never told to pay again (rule 24)',
      at(day, timeout),
      [],
      ['T+1m send push until T+14m', 'T+15m send whatsapp until T+45m', 'T+2h skip sms: no_message_for_these_facts', END],
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
    [
      'the holdout hears nothing and is counted',
      at(day).inHoldout(),
      [goalReached().at('T+3h')],
      [
        'T+1m ghost push, message 2 until T+14m',
        'T+15m ghost whatsapp, message 2 until T+45m',
        'T+2h ghost sms until T+6h',
        'T+3h end: goal_reached',
      ],
    ],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));
});

describe('kyc_rejected, told from T', () => {
  const version = compiled(read('kyc_rejected'));
  const at = (local: string, reason = 'blurry'): RunOf =>
    run(version, `2026-11-${local}+05:30`).about({ keys: { kycApplication: 'kyc_310' }, reason: { class: reason } });
  const day = '23T11:00:00';
  const PUSH = 'T+1m send push until T+14m';
  const WHATSAPP = 'T+15m send whatsapp until T+45m';
  const SMS = 'T+3h send sms until T+7h';
  const END = 'T+7d end: window_over';

  it.each<[string, RunOf, Happening[], string[]]>([
    ['a blurry photo, and nobody answers', at(day), [], [PUSH, WHATSAPP, SMS, END]],
    [
      'a wrong document is asked for in other words',
      at(day, 'wrong_document'),
      [],
      ['T+1m send push, message 2 until T+14m', 'T+15m send whatsapp, message 2 until T+45m', SMS, END],
    ],
    ['a new try stops the nudges', at(day), [exitReached('resubmitted').at('T+10m')], [PUSH, 'T+10m end: resubmitted']],
    ['an approval is the goal', at(day), [goalReached().at('T+2d')], [PUSH, WHATSAPP, SMS, 'T+2d end: goal_reached']],
    [
      'a push that was opened is enough',
      at(day),
      [heard('push', 'opened').at('T+4m')],
      [PUSH, 'T+4m note push opened', 'T+15m skip whatsapp: push_engaged', 'T+3h skip sms: push_engaged', END],
    ],
    [
      'a WhatsApp that was read keeps the SMS back',
      at(day),
      [heard('whatsapp', 'read').at('T+40m')],
      [PUSH, WHATSAPP, 'T+40m note whatsapp read', 'T+3h skip sms: whatsapp_engaged', END],
    ],
    ['a rejection at 18:00 has no SMS at 21:00', at('23T18:00:00'), [], [PUSH, WHATSAPP, 'T+3h expire sms: outside_hours', END]],
    ['a rejection at night', at('23T23:30:00'), [], [PUSH, WHATSAPP, 'T+3h expire sms: outside_hours', END]],
    [
      'the holdout gets the notice, and no nudges',
      at(day).inHoldout(),
      [],
      [PUSH, 'T+15m ghost whatsapp until T+45m', 'T+3h ghost sms until T+7h', END],
    ],
  ])('%s', (_title, subject, happenings, story) => expect(passage(subject, happenings)).toEqual(story));
});
