import fc from 'fast-check';
import { after, durationOf, minutes } from '@wapas/kernel';
import { FACTS, journey, T } from './decide.test-kit';
import { sinceT } from './in-words';
import { BEHAVIOURS, inventCustomer } from './invent-customer';
import { type Script, simulate, type SimulatedEvent } from './simulate';

const keys = [
  { kind: 'order' as const, value: 'order_1' },
  { kind: 'customer' as const, value: 'cust_1' },
];
const event = (name: string, at: number, change: Partial<SimulatedEvent> = {}): SimulatedEvent => ({
  id: `${name}@${at}`,
  name,
  occurredAt: after(T, durationOf(at)),
  facts: FACTS,
  keys,
  ...change,
});
const PLAIN: Pick<Script, 'arm' | 'shadow' | 'unit' | 'withheld'> = {
  arm: 'treated',
  shadow: false,
  unit: 'u',
  withheld: () => null,
};
const told = (events: SimulatedEvent[], change: Partial<Script> = {}, version = journey()): string[] =>
  simulate(version, { events, answers: [], ...PLAIN, ...change }).map(
    ({ words, outcome, reason }) => words ?? [outcome, ...(outcome === 'not_entered' ? [reason] : [])].join(': '),
  );
const WHOLE = ['send push until T+14m', 'send whatsapp until T+45m', 'send sms until T+6h', 'end: window_over'];

it('tells what would be decided, in order', () =>
  expect(told([event('Payment Failed', 0)])).toEqual(['Payment Failed', 'treated', ...WHOLE]));
it('ends at the goal', () =>
  expect(told([event('Payment Failed', 0), event('Payment Captured', minutes(10))])).toEqual([
    'Payment Failed',
    'treated',
    'send push until T+14m',
    'Payment Captured',
    'end: goal_reached',
  ]));
it('a goal that came before its trigger keeps it out', () =>
  expect(told([event('Payment Captured', 0), event('Payment Failed', 1_000)])).toEqual([
    'Payment Captured',
    'Payment Failed',
    'not_entered: goal_already_reached',
  ]));
it('begins at once when the same moment had told before the trigger that it did fail', () => {
  const version = journey({}, { hold: { for: '10m', confirmedBy: ['Payment Declined'] } });
  const [held, confirmed] = [[event('Payment Failed', 0)], [event('Payment Declined', 0), event('Payment Failed', 0)]].map(
    (events) => told(events, {}, version),
  );
  expect(held?.slice(2, 3)).toEqual(['begin T at T+0s: status_unknown']);
  expect(confirmed?.slice(0, 4)).toEqual(['Payment Declined', 'Payment Failed', 'treated', 'begin T at T-10m: confirmed']);
});
it('lets the customer answer what was sent', () =>
  expect(told([event('Payment Failed', 0)], { answers: [{ step: 'push', signal: 'opened', after: minutes(2) }] })).toEqual([
    'Payment Failed',
    'treated',
    'send push until T+14m',
    'opened',
    'skip whatsapp: push_engaged',
    'skip sms: push_engaged',
    'end: window_over',
  ]));
it('lets a channel fail', () =>
  expect(told([event('Payment Failed', 0)], { answers: [{ step: 'push', signal: 'failed', after: minutes(1) }] })).toContain(
    'advance whatsapp to T+5m: push_bad_address',
  ));
it('a ghost is answered by nobody', () => {
  const answers = [{ step: 'push', signal: 'opened' as const, after: minutes(2) }];
  expect(told([event('Payment Failed', 0)], { answers, arm: 'holdout' })).toEqual([
    'Payment Failed',
    'holdout',
    ...WHOLE.map((line) => line.replace('send', 'ghost')),
  ]);
});
it('steps that go together all go, and the journey goes on', () => {
  const together = journey({ whatsapp: { after: '1m', together: true, minDelay: undefined, maxDelay: '13m' } });
  expect(told([event('Payment Failed', 0)], {}, together).slice(2)).toEqual([
    'send push until T+14m',
    'send whatsapp until T+14m',
    'send sms until T+6h',
    'end: window_over',
  ]);
});
it('an event that silences keeps back what comes after it, whenever it came about this order', () => {
  const quiet = journey({}, { silence: ['Payment Authorized'] });
  const authorised = (at: number, change = {}) =>
    told([event('Payment Failed', 0), event('Payment Authorized', at, change)], {}, quiet);
  const keptBack = (lines: string[]) => lines.filter((line) => line.startsWith('skipped'));
  expect(keptBack(authorised(minutes(5)))).toEqual(['skipped whatsapp: silenced', 'skipped sms: silenced']);
  expect(keptBack(authorised(-300_000))).toHaveLength(3);
  expect(keptBack(authorised(minutes(5), { keys: [{ kind: 'order', value: 'order_2' }, ...keys.slice(1)] }))).toEqual([]);
});
it('what is kept back is said, is answered by nobody, and brings the next step forward when its customer was not reached', () => {
  const keptBack = (wasNotReached: boolean): string[] =>
    told([event('Payment Failed', 0)], {
      answers: [{ step: 'push', signal: 'opened', after: minutes(2) }],
      withheld: ({ step }) => (step === 'push' ? { reason: 'missing_name', wasNotReached } : null),
    });
  expect(keptBack(true).slice(2, 6)).toEqual([
    'send push until T+14m',
    'skipped push: missing_name',
    'advance whatsapp to T+5m: push_missing_name',
    'send whatsapp until T+45m',
  ]);
  expect(keptBack(false).slice(3, 5)).toEqual(['skipped push: missing_name', 'send whatsapp until T+45m']);
});
it('what went out before is counted, and what failed is not', () => {
  const counted: number[] = [];
  const withheld: Script['withheld'] = ({ went }) => {
    counted.push(went.length);
    return null;
  };
  told([event('Payment Failed', 0)], { withheld, answers: [{ step: 'push', signal: 'failed', after: minutes(1) }] });
  expect(counted).toEqual([0, 0, 1]);
});
it.each([
  [0, 'T+0s'],
  [500, 'T+0s500ms'],
  [899_999, 'T+15m-1ms'],
  [7_200_500, 'T+2h500ms'],
  [-60_000, 'T-1m'],
])('%d ms from T are read as %s', (length, text) => expect(sinceT(after(T, durationOf(length)), T)).toBe(text));
it('a made-up customer has what the messages print', () => {
  const body = '{{properties.product}} until {{ properties.ends_on | date }} {{amount|money}}';
  const printing = journey({ push: { messages: [{ template: { body } }] } });
  const [trigger] = inventCustomer(printing, 'silent', T).events;
  expect(trigger?.facts.properties).toEqual({ product: 'product', ends_on: '2026-12-05' });
});
it('another order is another run', () =>
  expect(
    told([
      event('Payment Failed', 0),
      event('Payment Failed', 1_000, { keys: [{ kind: 'order', value: 'order_2' }, ...keys.slice(1)] }),
    ]).filter((line) => line === 'treated'),
  ).toHaveLength(2));

it('whatever the order in which a payment is told of, nothing is sent after the goal and the end is the same', () =>
  fc.assert(
    fc.property(
      fc.shuffledSubarray(['Payment Failed', 'Payment Failed', 'Payment Captured', 'Order Cancelled'], { minLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 7_200_000 }), { minLength: 4, maxLength: 4 }),
      (names, gaps) => {
        let at = 0;
        const events = names.map((name, index) => event(name, (at += gaps[index] ?? 0)));
        const entries = simulate(journey(), { events, answers: [], ...PLAIN });
        const stop = entries.findIndex(({ outcome }) => outcome === 'Payment Captured' || outcome === 'Order Cancelled');
        expect(entries.slice(stop).filter(({ outcome }) => outcome === 'send')).toEqual([]);
      },
    ),
  ));

it.each(BEHAVIOURS)('an invented customer who is %s comes to an end', (behaviour) => {
  const { events, answers } = inventCustomer(journey(), behaviour, T);
  const entries = told(events, { answers });
  expect(entries.slice(0, 2)).toEqual(['Payment Failed', 'treated']);
  const ends = {
    silent: 'end: window_over',
    engages: 'end: window_over',
    unreachable: 'end: window_over',
    returns: 'end: goal_reached',
  };
  expect(entries.at(-1)).toBe(ends[behaviour]);
});
