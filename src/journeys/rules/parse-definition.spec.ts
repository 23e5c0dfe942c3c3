import { compileVersion } from './compile-version';
import { type JourneyDefinition } from './journey-definition';
import { parseDefinition } from './parse-definition';

const step = (change: Readonly<Record<string, unknown>> = {}) => ({
  key: 'push',
  after: '1m',
  channel: 'push',
  messages: [{ template: { title: 'x' } }],
  ...change,
});
const definition = (change: Readonly<Record<string, unknown>> = {}): unknown => ({
  format: 'wapas.journey/1',
  key: 'payment_failed',
  name: 'Payment failed',
  trigger: { event: 'Payment Failed' },
  correlateBy: ['order'],
  goal: { events: ['Payment Captured'], by: ['order'] },
  window: '24h',
  steps: [step()],
  ...change,
});
function faultsOf(value: unknown): string[] {
  const parsed = parseDefinition(value);
  if (parsed.ok) return [];
  for (const { detail } of parsed.faults) expect(detail).toMatch(/^\S.*\.$/);
  return parsed.faults.map(({ at, code }) => `${at} ${code}`);
}
const where = (...fields: string[]) => ({
  trigger: { event: 'Payment Failed', where: fields.map((field) => ({ field, is: 'x' })) },
});
const where2 = (condition: object) => ({ trigger: { event: 'Payment Failed', where: [condition] } });
const variants = (one: number, other: number, key = 'b') => ({
  steps: [
    step({
      messages: [
        {
          variants: [
            { key: 'a', percent: one, template: {} },
            { key, percent: other, template: {} },
          ],
        },
      ],
    }),
  ],
});
const hours = (change: object, rest: object = {}) => ({
  steps: [step({ hours: { from: '08:00', to: '22:00', ...change }, ...rest })],
});

const asking = (ifs: object[], unless: object[]) => ({ steps: [step(), step({ key: 'sms', after: '2h', if: ifs, unless })] });
const push = (signal: string, answer?: string) => ({ step: 'push', signal, ...(answer && { answer }) });
const amount = (...bounds: object[]) => ({
  trigger: { event: 'Payment Failed', where: bounds.map((bound) => ({ field: 'amount.value', ...bound })) },
});
const city = (...asked: object[]) => ({
  trigger: { event: 'Payment Failed', where: asked.map((one) => ({ field: 'properties.city', ...one })) },
});
const cancelled = { event: 'Order Cancelled', reason: 'order_cancelled' };
const stated = { where: [{ field: 'properties.by', is: 'shop' }] };

it.each<[string, Readonly<Record<string, unknown>>, string[]]>([
  ['an amount above and below', amount({ atLeast: 6 }, { atMost: 4 }), ['/trigger/where/1 never_holds']],
  ['an amount from and up to the same', amount({ atLeast: 5 }, { atMost: 5 }), []],
  ['two of one city', city({ is: 'Pune' }, { is: 'Delhi' }), ['/trigger/where/1 never_holds']],
  ['one of a list and none of it', city({ in: ['Pune', 'Delhi'] }, { notIn: ['Delhi'] }, { notIn: ['Pune'] }), ['/trigger/where/2 never_holds']], // prettier-ignore
  ['one of a list but one', city({ in: ['Pune', 'Delhi'] }, { notIn: ['Delhi'] }), []],
  ['what is not there and is something', city({ exists: false }, { is: 'Pune' }), ['/trigger/where/1 never_holds']],
  ['what is not there and not one of a list', city({ exists: false }, { notIn: ['Pune'] }), []],
  ['two beginnings', city({ startsWith: 'Pu' }, { startsWith: 'De' }), ['/trigger/where/1 never_holds']],
  ['a beginning of a beginning', city({ startsWith: 'Pu' }, { startsWith: 'Pune' }), []],
  ['a beginning and another name', city({ startsWith: 'Pu' }, { in: ['Delhi'] }), ['/trigger/where/1 never_holds']],
  ['a text and a number', city({ startsWith: 'Pu' }, { atLeast: 5 }), ['/trigger/where/1 never_holds']],
  ['two fields that differ', { trigger: { event: 'Payment Failed', where: [{ field: 'properties.a', is: 1 }, { field: 'properties.b', is: 2 }] } }, []], // prettier-ignore
  ['a message for nobody', { steps: [step({ messages: [{ when: [{ field: 'attempts', atLeast: 3 }, { field: 'attempts', is: 2 }], template: {} }] })] }, ['/steps/0/messages/0/when/1 never_holds']], // prettier-ignore
  ['an exit that never holds', { exits: [{ ...cancelled, where: [{ field: 'attempts', is: 1 }, { field: 'attempts', is: 2 }] }] }, ['/exits/0/where/1 never_holds']], // prettier-ignore
  [
    'a step if a push was opened, unless it was',
    asking([push('opened')], [push('opened')]),
    ['/steps/1/unless/0 step_never_sent'],
  ],
  ['read is opened', asking([push('opened')], [push('read')]), ['/steps/1/unless/0 step_never_sent']],
  ['who clicked has read', asking([push('clicked')], [push('engaged')]), ['/steps/1/unless/0 step_never_sent']],
  ['delivered, and not read', asking([push('delivered')], [push('read')]), []],
  ['not delivered for certain, twice', asking([push('delivered', 'no')], [push('delivered', 'no')]), ['/steps/1/unless/0 step_never_sent']], // prettier-ignore
  ['not read, for all that is known, and not for certain', asking([push('read', 'unknown')], [push('read', 'no')]), []],
  ['read and not', asking([push('read'), push('read', 'no')], []), ['/steps/1/if/1 step_never_sent']],
  ['an exit that is the goal', { exits: [{ event: 'Payment Captured', reason: 'paid' }] }, ['/exits/0/event exit_is_goal']],
  ['an exit that is the goal by another key', { exits: [{ event: 'Payment Captured', reason: 'paid', by: ['customer'] }] }, []],
  ['an exit that is what the goal is not', { goal: { events: ['Payment Captured'], by: ['order'], ...stated }, exits: [{ event: 'Payment Captured', reason: 'paid' }] }, []], // prettier-ignore
  ['an exit that is another way to the goal', { goal: { events: ['Payment Captured'], by: ['order'], or: [{ events: ['Order Paid'], by: ['order', 'cart'] }] }, exits: [{ event: 'Order Paid', reason: 'paid', by: ['cart'] }] }, ['/exits/0/event exit_is_goal']], // prettier-ignore
  ['an exit behind one that asks nothing', { exits: [cancelled, { ...cancelled, reason: 'by_shop', ...stated }] }, ['/exits/1 exit_never_taken']], // prettier-ignore
  ['an exit before one that asks nothing', { exits: [{ ...cancelled, reason: 'by_shop', ...stated }, cancelled] }, []],
  ['the same exit twice', { exits: [{ ...cancelled, ...stated }, { ...cancelled, reason: 'by_shop', ...stated }] }, ['/exits/1 exit_never_taken']], // prettier-ignore
  ['an exit behind one by another key', { exits: [{ ...cancelled, by: ['order'] }, { ...cancelled, reason: 'other', by: ['customer'] }] }, []], // prettier-ignore
  ['an exit behind two that take all its keys', { exits: [{ ...cancelled, by: ['order'] }, { ...cancelled, by: ['customer'] }, { ...cancelled, reason: 'other', by: ['order', 'customer'] }] }, ['/exits/2 exit_never_taken']], // prettier-ignore
  ['a message two places behind one that asks nothing', { steps: [step({ messages: [{ template: {} }, { when: [{ field: 'attempts', is: 1 }], template: {} }, { when: [{ field: 'attempts', is: 2 }], template: {} }] })] }, ['/steps/0/messages/1 message_never_used', '/steps/0/messages/2 message_never_used']], // prettier-ignore
])('what contradicts itself is refused, and what does not is not: %s', (_case, change, faults) =>
  expect(faultsOf(definition(change))).toEqual(faults),
);

it('a sound definition has no faults', () => expect(faultsOf(definition())).toEqual([]));

it.each<[string, Readonly<Record<string, unknown>>, string[]]>([
  ['a step at 0', { steps: [step({ after: '0s' })] }, ['/steps/0/after delay_out_of_range']],
  ['a step at -1', { steps: [step({ after: '-1s' })] }, ['/steps/0/after bad_value']],
  ['a step at a number', { steps: [step({ after: 60 })] }, ['/steps/0/after bad_value']],
  ['a step at 400d', { window: '30d', steps: [step({ after: '400d' })] }, ['/steps/0/after delay_out_of_range', '/steps/0/after step_after_window']], // prettier-ignore
  ['a step at 1e12', { steps: [step({ after: '1e12' })] }, ['/steps/0/after bad_value']],
  ['a step at a trillion seconds', { steps: [step({ after: '1000000000000s' })] }, ['/steps/0/after bad_value']],
  ['a step at the end of the window', { steps: [step({ after: '24h' })] }, ['/steps/0/after step_after_window']],
  ['a window of 0', { window: '0s' }, ['/window window_out_of_range', '/steps/0/after step_after_window']],
  ['a window of 31 days', { window: '31d' }, ['/window window_out_of_range']],
  ['a step that is always too late', { steps: [step({ maxDelay: '0s' })] }, ['/steps/0/maxDelay delay_out_of_range']],
  ['a step that is never too late', { steps: [step({ maxDelay: '400d' })] }, ['/steps/0/maxDelay delay_out_of_range']],
  ['a trigger that is always too old', { trigger: { event: 'Payment Failed', maxAge: '0s' } }, ['/trigger/maxAge delay_out_of_range']], // prettier-ignore
  ['a least delay beyond the hour', { steps: [step({ minDelay: '2m' })] }, ['/steps/0/minDelay min_delay_too_long']],
  ['steps out of order', { steps: [step({ after: '2h' }), step({ key: 'sms' })] }, ['/steps/1/after steps_out_of_order']],
  ['two steps at one moment', { steps: [step(), step({ key: 'sms' })] }, ['/steps/1/after steps_out_of_order']],
  ['the same step twice', { steps: [step(), step({ after: '2m' })] }, ['/steps/1/key duplicate_step']],
  ['a signal of an unknown step', { steps: [step({ unless: [{ step: 'email', signal: 'opened' }] })] }, ['/steps/0/unless/0/step unknown_step']], // prettier-ignore
  ['a signal of the step itself', { steps: [step({ unless: [{ step: 'push', signal: 'opened' }] })] }, ['/steps/0/unless/0/step unknown_step']], // prettier-ignore
  ['a signal that runs are not told of', { steps: [step(), step({ key: 'sms', after: '2m', unless: [{ step: 'push', signal: 'sent' }] })] }, ['/steps/1/unless/0/signal bad_value']], // prettier-ignore
  ['an unknown zone', hours({ zone: 'Asia/Bombay2' }), ['/steps/0/hours/zone unknown_zone']],
  ['hours that never open', hours({ to: '08:00' }), ['/steps/0/hours hours_never_open']],
  ['days of the month without hours', { steps: [step({ days: { from: 28, to: 3 } })] }, ['/steps/0/days days_without_hours']],
  ['every day of the month', hours({}, { days: { from: 4, to: 3 } }), ['/steps/0/days days_never_end']],
  ['every day of the month from its first', hours({}, { days: { from: 1, to: 31 } }), ['/steps/0/days days_never_end']],
  ['a day that no month has', hours({}, { days: { from: 28, to: 32 } }), ['/steps/0/days/to bad_value']],
  ['days of nowhere', hours({}, { days: { from: 28, to: 3, zone: 'Asia/Atlantis' } }), ['/steps/0/days/zone unknown_zone']],
  ['days for a misspelt fact', hours({}, { days: { from: 28, to: 3, when: [{ field: 'reason.klass', is: 'x' }] } }), ['/steps/0/days/when/0/field unknown_fact']], // prettier-ignore
  ['an hour 24', hours({ to: '24:00' }), ['/steps/0/hours/to bad_value']],
  ['no steps', { steps: [] }, ['/steps bad_value']],
  ['no goal', { goal: undefined }, ['/goal missing_field']],
  ['a goal without events', { goal: { events: [], by: ['order'] } }, ['/goal/events bad_value']],
  ['a goal that is the trigger', { goal: { events: ['Payment Failed'], by: ['order'] } }, ['/goal/events goal_is_trigger']],
  ['an exit that is the trigger', { exits: [{ event: 'Payment Failed', reason: 'x' }] }, ['/exits/0/event exit_is_trigger']],
  ['a silence that is the trigger', { silence: ['Payment Failed'] }, ['/silence silence_is_trigger']],
  ['an unknown field', { stepz: [] }, ['/stepz unknown_field']],
  ['an unknown field of a step', { steps: [step({ channels: [] })] }, ['/steps/0/channels unknown_field']],
  ['an unknown format', { format: 'wapas.journey/2' }, ['/format bad_value']],
  ['everybody in the holdout', { holdoutPercent: 100 }, ['/holdoutPercent bad_value']],
  ['an e-mail to correlate by', { correlateBy: ['email'] }, ['/correlateBy/0 bad_value']],
  ['a path to internals', where('a.constructor.constructor'), ['/trigger/where/0/field unknown_fact']],
  ['internals of a property', where('properties.constructor', 'properties.__proto__'), ['/trigger/where/0/field unknown_fact', '/trigger/where/1/field unknown_fact']], // prettier-ignore
  ['a misspelt fact', where('reason.klass', 'keys.kyc_application', 'amount'), [0, 1, 2].map((n) => `/trigger/where/${n}/field unknown_fact`)], // prettier-ignore
  ['a path with brackets', where('properties["x"]'), ['/trigger/where/0/field bad_value']],
  ['a regular expression', { trigger: { event: 'x', where: [{ field: 'name', matches: '(a+)+$' }] } }, ['/trigger/where/0/matches unknown_field']], // prettier-ignore
  ['two operators at once', { trigger: { event: 'x', where: [{ field: 'name', is: 'a', startsWith: 'b' }] } }, ['/trigger/where/0 bad_value']], // prettier-ignore
  ['a hold of 0', { hold: { for: '0s' } }, ['/hold/for delay_out_of_range']],
  ['a hold during no time at all', { hold: { for: '30m', during: [{ from: '10:00', to: '10:00' }] } }, ['/hold/during/0 hours_never_end']], // prettier-ignore
  ['a hold during hours of nowhere', { hold: { for: '30m', during: [{ from: '10:00', to: '13:00', zone: 'Asia/Atlantis' }] } }, ['/hold/during/0/zone unknown_zone']], // prettier-ignore
  ['a hold that waits for its own trigger', { hold: { for: '10m', confirmedBy: ['Payment Failed'] } }, ['/hold/confirmedBy trigger_confirms_itself']], // prettier-ignore
  ['a comparison without an event', where2({ field: 'properties.x', sameAs: 'properties.x' }), ['/trigger/where/0/sameAs nothing_to_compare']], // prettier-ignore
  ['a comparison with internals', { goal: { events: ['Payment Captured'], by: ['order'], where: [{ field: 'properties.x', sameAs: 'a.b' }] } }, ['/goal/where/0/sameAs unknown_fact']], // prettier-ignore
  ['a matter named by a misspelt fact', { correlateWith: ['due_date'] }, ['/correlateWith/0 unknown_fact']],
  ['another way that is the trigger', { goal: { events: ['Payment Captured'], by: ['order'], or: [{ events: ['Payment Failed'], by: ['phone'] }] } }, ['/goal/or/0/events goal_is_trigger']], // prettier-ignore
  [
    'an exit that calls itself the goal',
    { exits: [{ event: 'Cart Emptied', reason: 'goal_reached' }] },
    ['/exits/0/reason reserved_reason'],
  ],
  ['an event that nobody can send', { trigger: { event: ' Payment Failed' } }, ['/trigger/event bad_value']],
  [
    'a goal in letters that no event has',
    { goal: { events: ['Zahlung bestätigt'], by: ['order'] } },
    ['/goal/events/0 bad_value'],
  ],
  ['a flag that is compared with a word', { trigger: { event: 'Payment Failed', where: [{ field: 'profile.hasPush', is: 'true' }] } }, ['/trigger/where/0/is other_kind_of_fact']], // prettier-ignore
  ['an amount that begins with something', { trigger: { event: 'Payment Failed', where: [{ field: 'amount.value', startsWith: '1' }] } }, ['/trigger/where/0/startsWith other_kind_of_fact']], // prettier-ignore
  ['a reason that is a number', { exits: [{ event: 'X', reason: 'x', where: [{ field: 'reason.class', notIn: ['a', 5] }] }] }, ['/exits/0/where/0/notIn other_kind_of_fact']], // prettier-ignore
  ['a message behind one that is always taken', { steps: [step({ messages: [{ template: {} }, { when: [{ field: 'reason.class', is: 'timeout' }], template: {} }] })] }, ['/steps/0/messages/1 message_never_used']], // prettier-ignore
  ['an unknown law', { legalHours: ['sundays'] }, ['/legalHours/0 bad_value']],
  ['hours outside the law', { steps: [step({ channel: 'sms', purpose: 'marketing', hours: { from: '21:00', to: '23:00' } })] }, ['/steps/0/hours hours_never_open']], // prettier-ignore
  ['together with nobody', { steps: [step({ together: true })] }, ['/steps/0/together not_together']],
  ['together at another moment', { steps: [step(), step({ key: 'sms', after: '2m', together: true })] }, ['/steps/1/together not_together']], // prettier-ignore
  ['neither template nor variants', { steps: [step({ messages: [{}] })] }, ['/steps/0/messages/0 template_or_variants']],
  ['variants of 90 in a hundred', variants(40, 50), ['/steps/0/messages/0/variants shares_do_not_add_up']],
  ['a variant twice', variants(50, 50, 'a'), ['/steps/0/messages/0/variants duplicate_variant']],
  ['an answer that is neither', { steps: [step(), step({ key: 'sms', after: '2m', if: [{ step: 'push', signal: 'opened', answer: 'maybe' }] })] }, ['/steps/1/if/0/answer bad_value']], // prettier-ignore
  ['10,000 steps', { steps: Array.from({ length: 10_000 }, (_one, n) => step({ key: `s${n}`, after: `${n + 1}s` })) }, ['/steps too_many_steps']], // prettier-ignore
  ['a condition of a step', { steps: [step({ when: [{ field: 'x', exists: true }] })] }, ['/steps/0/when/0/field unknown_fact']],
  ['a condition of a message', { steps: [step({ messages: [{ when: [{ field: 'x', exists: true }], template: {} }] })] }, ['/steps/0/messages/0/when/0/field unknown_fact']], // prettier-ignore
])('%s is refused', (_case, change, faults) => expect(faultsOf(definition(change))).toEqual(faults));

it.each(['IST', 'EST', 'CET', '+05:30', 'UTC+5', 'local', 'system', ''])(
  '%j is no zone: it means another place to another system, or none',
  (zone) => {
    const parsed = parseDefinition(
      definition({
        hold: { for: '30m', during: [{ from: '10:00', to: '13:00', zone }] },
        steps: [step({ hours: { from: '08:00', to: '22:00', zone }, days: { from: 28, to: 3, zone } })],
      }),
    );
    expect(parsed.ok || parsed.faults.map(({ at, code }) => `${at} ${code}`)).toEqual([
      '/steps/0/hours/zone unknown_zone',
      '/steps/0/days/zone unknown_zone',
      '/hold/during/0/zone unknown_zone',
    ]);
    expect(!parsed.ok && parsed.faults[0]?.detail).toBe(
      'Use the IANA name of a time zone, such as Asia/Kolkata. An abbreviation or an offset is another place to another system.',
    );
  },
);

it.each(['asia/kolkata', 'Asia/Calcutta'])('hours in %s are held against the law like those in Asia/Kolkata', (zone) =>
  expect(faultsOf(definition(hours({ from: '21:00', to: '23:00', zone }, { channel: 'sms', purpose: 'marketing' })))).toEqual([
    '/steps/0/hours hours_never_open',
  ]),
);

it('an exit may be the trigger when it says which further ones end a run', () => {
  const exits = [{ event: 'Payment Failed', reason: 'fraud', where: [{ field: 'reason.class', is: 'risk' }] }];
  expect(faultsOf(definition({ exits }))).toEqual([]);
});

it.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['a length of time', { window: '1 day' }, 'Give a length of time such as 90s, 15m, 2h, 7d or 1h30m.'],
  ['a key', { key: 'Payment-Failed' }, 'Use lower-case letters, digits and _, a letter first, at most 64 characters.'],
  ['a field', where('reason class'), 'Name a field such as reason.class or properties.city.'],
  ['a name', { name: 7 }, 'Give a text.'],
  ['a value to compare with', where2({ field: 'name', is: {} }), 'Give a text or a number or true or false.'],
  ['a share', { holdoutPercent: 100 }, 'Use 50 or less.'],
  ['the format', { format: 'wapas.journey/2' }, 'Write wapas.journey/1.'],
  ['a list', { steps: [] }, 'Give at least 1 of them.'],
  ['a list without repetitions', { correlateBy: ['order', 'order'] }, 'Say each of them once.'],
  ['an event', { trigger: { event: '' } }, 'Give the name of an event as it is sent: printable ASCII, a letter or digit first.'],
  ['a journey’s name', { name: '' }, 'Give a text that is not empty.'],
  ['a condition', where2({ field: 'name', is: 'a', startsWith: 'b' }), 'Give one field and one operator, no less and no more.'],
])('how %s is written is said, not only that it is not', (_what, change, detail) => {
  const parsed = parseDefinition(definition(change));
  expect(!parsed.ok && parsed.faults.map((fault) => fault.detail)).toEqual([detail]);
});

it.each([undefined, null, 'text', 7, [], {}])('%j is no definition', (value) =>
  expect(faultsOf(value).length).toBeGreaterThan(0),
);

it('says everything at once, with a place for each', () =>
  expect(
    faultsOf(
      definition({
        window: '40d',
        goal: { events: ['Payment Failed'], by: ['order'] },
        steps: [
          step({ after: '2h', hours: { from: '08:00', to: '22:00', zone: 'Nowhere' } }),
          step({ after: '1h', maxDelay: '0s' }),
        ],
      }),
    ),
  ).toEqual([
    '/window window_out_of_range',
    '/steps/1/maxDelay delay_out_of_range',
    '/steps/1/after steps_out_of_order',
    '/steps/0/hours/zone unknown_zone',
    '/steps/1/key duplicate_step',
    '/goal/events goal_is_trigger',
  ]));

describe('faults of form and faults of meaning are said in one round', () => {
  const push = step();
  const sms = (change: object = {}) => step({ key: 'sms', channel: 'sms', after: '2h', ...change });
  it.each<[string, Readonly<Record<string, unknown>>, string[]]>([
    ['in two fields of the definition', { name: 7, goal: { events: ['Payment Failed'], by: ['order'] } }, ['/name bad_value', '/goal/events goal_is_trigger']], // prettier-ignore
    ['in a field that is missing and one that is there', { correlateBy: undefined, window: '40d' }, ['/correlateBy missing_field', '/window window_out_of_range']], // prettier-ignore
    ['in two steps', { steps: [step({ mandatory: 'yes' }), sms({ maxDelay: '0s' })] }, ['/steps/0/mandatory bad_value', '/steps/1/maxDelay delay_out_of_range']], // prettier-ignore
    ['in one step', { steps: [step({ after: '0s', messages: [] })] }, ['/steps/0/messages bad_value', '/steps/0/after delay_out_of_range']], // prettier-ignore
    [
      'beside a step that is none',
      { steps: [7, step({ after: '25h' })] },
      ['/steps/0 bad_value', '/steps/1/after step_after_window'],
    ],
    ['in two hours', { steps: [step({ hours: { from: '8', to: '22:00', zone: 'Nowhere' } })] }, ['/steps/0/hours/from bad_value', '/steps/0/hours/zone unknown_zone']], // prettier-ignore
    ['in two days', { steps: [step({ days: { from: 0, to: 3, zone: 'Nowhere' } })] }, ['/steps/0/days/from bad_value', '/steps/0/days/zone unknown_zone', '/steps/0/days days_without_hours']], // prettier-ignore
    ['in one hold', { hold: { for: 'long', during: [{ from: '10:00', to: '10:00' }, null] } }, ['/hold/for bad_value', '/hold/during/1 bad_value', '/hold/during/0 hours_never_end']], // prettier-ignore
    ['in one condition', where2({ field: 'reason.klass', is: {} }), ['/trigger/where/0/is bad_value', '/trigger/where/0/field unknown_fact']], // prettier-ignore
    ['in a condition of two operators', where2({ field: 'name', is: 'x', sameAs: 'a.b' }), ['/trigger/where/0 bad_value', '/trigger/where/0/sameAs unknown_fact', '/trigger/where/0/sameAs nothing_to_compare']], // prettier-ignore
    ['in one message', { steps: [step({ messages: [{ wen: [], template: {}, variants: [{ key: 'a', percent: 50, template: {} }, { key: 'b', percent: 50, template: {} }] }] })] }, ['/steps/0/messages/0/wen unknown_field', '/steps/0/messages/0 template_or_variants']], // prettier-ignore
    ['in variants', { steps: [step({ messages: [{ variants: [{ key: 'a', percent: 50, template: 'x' }, { key: 'a', percent: 40, template: {} }] }] })] }, ['/steps/0/messages/0/variants/0/template bad_value', '/steps/0/messages/0/variants shares_do_not_add_up', '/steps/0/messages/0/variants duplicate_variant']], // prettier-ignore
    ['in two exits', { exits: [{ event: 'Payment Failed' }, null] }, ['/exits/0/reason missing_field', '/exits/1 bad_value', '/exits/0/event exit_is_trigger']], // prettier-ignore
    ['in another way to the goal', { goal: { by: ['order'], or: [{ events: ['Payment Failed'], by: [] }] } }, ['/goal/events missing_field', '/goal/or/0/by bad_value', '/goal/or/0/events goal_is_trigger']], // prettier-ignore
    ['around a step whose hour cannot be read', { steps: [sms(), step({ key: 'a', after: 'soon' }), push] }, ['/steps/1/after bad_value', '/steps/2/after steps_out_of_order']], // prettier-ignore
    ['in a list that is too long', { goal: { events: Array.from({ length: 21 }, (_one, n) => (n === 0 ? 'Payment Failed' : `e${n}`)), by: ['order'] } }, ['/goal/events bad_value', '/goal/events goal_is_trigger']], // prettier-ignore
    ['behind 50 steps', { goal: undefined, steps: Array.from({ length: 51 }, (_one, n) => step({ key: `s${n}`, after: `${n}s` })) }, ['/steps too_many_steps', '/goal missing_field', '/steps/0/after delay_out_of_range']], // prettier-ignore
  ])('%s', (_case, change, faults) => expect(faultsOf(definition(change))).toEqual(faults));

  it.each<[string, Readonly<Record<string, unknown>>, string[]]>([
    ['a trigger without its event', { trigger: {} }, ['/trigger/event missing_field']],
    ['a window that cannot be read', { window: 'long', steps: [step({ after: '25h' })] }, ['/window bad_value']],
    ['an hour that cannot be read', { steps: [push, sms({ after: 'soon' }), step({ key: 'b', after: '3h' })] }, ['/steps/1/after bad_value']], // prettier-ignore
    ['a least delay before an hour that cannot be read', { steps: [step({ after: 'soon', minDelay: '3h' })] }, ['/steps/0/after bad_value']], // prettier-ignore
    [
      'a together that is no yes or no',
      { steps: [push, sms({ after: '1m', together: 'yes' })] },
      ['/steps/1/together bad_value'],
    ],
    ['a together written otherwise', { steps: [push, sms({ after: '1m', togther: true })] }, ['/steps/1/togther unknown_field']],
    ['a step that is asked about and has a malformed key', { steps: [step({ key: 'Push' }), sms({ unless: [{ step: 'push', signal: 'opened' }] })] }, ['/steps/0/key bad_value']], // prettier-ignore
    ['a step that is asked about and is none', { steps: ['push', sms({ unless: [{ step: 'push', signal: 'opened' }] })] }, ['/steps/0 bad_value']], // prettier-ignore
    ['two steps without keys', { steps: [step({ key: undefined }), sms({ key: undefined })] }, ['/steps/0/key missing_field', '/steps/1/key missing_field']], // prettier-ignore
    ['days beside hours that are none', { steps: [step({ days: { from: 28, to: 3 }, hours: '08:00-22:00' })] }, ['/steps/0/hours bad_value']], // prettier-ignore
    ['days beside hours written otherwise', { steps: [step({ days: { from: 28, to: 3 }, hour: { from: '08:00', to: '22:00' } })] }, ['/steps/0/hour unknown_field']], // prettier-ignore
    ['hours by a zone that is none', hours({ from: '21:00', to: '23:00', zone: 5.5 }, { channel: 'sms', purpose: 'marketing' }), ['/steps/0/hours/zone bad_value']], // prettier-ignore
    ['hours by a zone written otherwise', hours({ from: '21:00', to: '23:00', timezone: 'Asia/Dubai' }, { channel: 'sms', purpose: 'marketing' }), ['/steps/0/hours/timezone unknown_field']], // prettier-ignore
    ['conditions of an exit that are none', { exits: [{ event: 'Payment Failed', reason: 'x', where: 'risk' }] }, ['/exits/0/where bad_value']], // prettier-ignore
    ['conditions of an exit written otherwise', { exits: [{ event: 'Payment Failed', reason: 'x', when: [] }] }, ['/exits/0/when unknown_field']], // prettier-ignore
    ['conditions of a hold that are none', { hold: { for: '10m', confirmedBy: ['Payment Failed'], when: 'x' } }, ['/hold/when bad_value']], // prettier-ignore
    [
      'a template that is none',
      { steps: [step({ messages: [{ template: 'Pay now' }] })] },
      ['/steps/0/messages/0/template bad_value'],
    ],
    ['a template written otherwise', { steps: [step({ messages: [{ templates: {} }] })] }, ['/steps/0/messages/0/templates unknown_field']], // prettier-ignore
    ['a share that is none', { steps: [step({ messages: [{ variants: [{ key: 'a', percent: '50', template: {} }, { key: 'b', percent: 50, template: {} }] }] })] }, ['/steps/0/messages/0/variants/0/percent bad_value']], // prettier-ignore
    ['a variant that is none', { steps: [step({ messages: [{ variants: ['a', { key: 'b', percent: 50, template: {} }] }] })] }, ['/steps/0/messages/0/variants/0 bad_value']], // prettier-ignore
  ])('and %s brings no second fault of its own', (_case, change, faults) => expect(faultsOf(definition(change))).toEqual(faults));

  it('whatever stands in whatever place, nothing breaks', () => {
    expect(faultsOf(WHOLE)).toEqual([]);
    for (const at of pointersIn(WHOLE))
      for (const junk of [null, 7, 'x', [], {}, [null], [[]], [{}], { key: null }])
        expect(() => parseDefinition(changed(WHOLE, at, junk))).not.toThrow();
  });
});

it('a version has its defaults filled in', () => {
  const version = compileVersion(
    definition({
      steps: [step(), step({ key: 'sms', after: '2h', hours: { from: '08:00', to: '22:30' } })],
    }) as JourneyDefinition,
    3,
  );
  expect(version).toMatchObject({
    version: 3,
    holdoutPercent: 10,
    reentryAfter: 0,
    exits: [],
    silence: [],
    trigger: { where: [], maxAge: 86_400_000 },
  });
  expect(version.steps).toMatchObject([
    { minDelay: 60_000, maxDelay: 1_800_000, unless: [], mandatory: false, hours: undefined },
    { minDelay: 300_000, hours: { from: 480, to: 1_350, zone: 'Asia/Kolkata', outside: 'expire', exceptWithin: 0 } },
  ]);
});

const WHOLE = definition({
  description: 'all of it',
  trigger: { event: 'Payment Failed', maxAge: '1h', where: [{ field: 'amount.value', atLeast: 1 }] },
  hold: {
    when: [{ field: 'reason.class', in: ['timeout'] }],
    for: '10m',
    during: [{ from: '10:00', to: '13:00', zone: 'Asia/Kolkata' }],
    confirmedBy: ['Payment Dropped'],
    onUnknown: 'skip',
  },
  correlateWith: ['properties.due_date'],
  reentryAfter: '1h',
  reentryAfterForPerson: '1h',
  maxEntries: 3,
  attempts: 'restart',
  maxLaps: 2,
  goal: {
    events: ['Payment Captured'],
    by: ['order'],
    where: [{ field: 'properties.x', sameAs: 'properties.y' }],
    or: [{ events: ['Order Paid'], by: ['order'], where: [{ field: 'name', exists: true }] }],
  },
  exits: [{ event: 'Payment Failed', reason: 'fraud', by: ['order'], where: [{ field: 'reason.class', is: 'risk' }] }],
  silence: ['Payment Authorized'],
  lateGoal: '3d',
  postpone: { events: ['Checkout Viewed'], within: '3m', by: '5m', most: 2 },
  maxMessages: 4,
  incidents: 'ignore',
  legalHours: ['loan_contact_in'],
  holdoutPercent: 5,
  steps: [
    step(),
    step({
      key: 'sms',
      after: '2h',
      minDelay: '5m',
      maxDelay: '30m',
      channel: 'sms',
      purpose: 'marketing',
      when: [{ field: 'known.language', notIn: ['ta'] }],
      if: [{ step: 'push', signal: 'failed', answer: 'no' }],
      unless: [{ step: 'push', signal: 'opened' }],
      hours: { from: '10:00', to: '18:00', zone: 'Asia/Kolkata', outside: 'hold', exceptWithin: '20m' },
      days: { from: 28, to: 3, zone: 'Asia/Kolkata', when: [{ field: 'attempts', atMost: 3 }] },
      mandatory: false,
      messages: [
        {
          when: [{ field: 'name', startsWith: 'P' }],
          variants: [
            { key: 'a', percent: 50, template: {} },
            { key: 'b', percent: 50, template: {} },
          ],
        },
        { template: {} },
      ],
    }),
    step({ key: 'email', after: '2h', together: true, channel: 'email' }),
  ],
});
function pointersIn(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, part]) => pointersIn(part, `${at}/${name}`))].filter((one) => one !== '');
}
function changed(whole: unknown, at: string, junk: unknown): unknown {
  const value = structuredClone(whole) as Record<string, unknown>;
  const names = at.slice(1).split('/');
  const last = names.pop() as string;
  const holder = names.reduce((part, name) => part[name] as Record<string, unknown>, value);
  holder[last] = junk;
  return value;
}
