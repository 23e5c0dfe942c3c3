import { parseInstant, toIso, type Instant } from '@wapas/kernel';
import { downtimeOf, type SaidOfRails } from './downtime';
import { fullNameOf } from './rail';

const at = (text: string): Instant => parseInstant(text) as Instant;
const said = (name: string, properties: Record<string, unknown>, more: object = {}): SaidOfRails => ({
  source: 'razorpay',
  occurredAt: at('2026-11-23T05:00:00Z'),
  test: false,
  saysOver: name === 'Resolved',
  properties,
  ...more,
});
const railsOf = (properties: Record<string, unknown>): string[] =>
  (downtimeOf(said('Started', properties))?.rails ?? []).map(fullNameOf);

it.each<[string, Record<string, unknown>, string[]]>([
  ['a method is down as a whole', { method: 'UPI' }, ['method:upi']],
  ['a bank of a method: the method is up', { method: 'netbanking', bank: 'SBIN' }, ['bank:sbin']],
  ['several banks at once', { method: 'net_banking', bank: ['HDFC Bank', 'Axis Bank'] }, ['bank:hdfc bank', 'bank:axis bank']],
  ['a network of cards', { method: 'card', network: 'visa' }, ['network:visa']],
  [
    'the cards of an issuer in one network: other issuers are up',
    { method: 'card', issuer: 'HSBC', network: 'visa' },
    ['issuer:hsbc'],
  ],
  ['a gateway, when no method is named', { gateway: 'razorpay' }, ['gateway:razorpay']],
  ['a method of a gateway: at other gateways it is up', { method: 'wallet', gateway: 'Razorpay' }, ['method:wallet@razorpay']],
  [
    'banks of several gateways',
    { bank: ['SBIN', 'HDFC'], gateway: ['razorpay', 'cashfree'] },
    ['bank:sbin@razorpay', 'bank:sbin@cashfree', 'bank:hdfc@razorpay', 'bank:hdfc@cashfree'],
  ],
  ['nothing that is a rail', { colour: 'red', method: 7, bank: ['x'.repeat(65)] }, []],
])('%s', (_case, properties, rails) => expect(railsOf(properties)).toEqual(rails));

it('is over when it is resolved, or when hardly anybody notices it', () => {
  const isOver = (name: string, severity?: string) => downtimeOf(said(name, { method: 'upi', severity }))?.isOver;
  expect([isOver('Started'), isOver('Started', 'high'), isOver('Updated', 'MEDIUM')]).toEqual([false, false, false]);
  expect([isOver('Resolved', 'high'), isOver('Updated', 'LOW')]).toEqual([true, true]);
});

it('begins and ends when it was announced for; without an end nobody is held for more than six hours by one word', () => {
  const times = (properties: object) => {
    const { holdsFrom, holdsUntil } = downtimeOf(said('Started', { method: 'upi', ...properties })) ?? {};
    return [holdsFrom, holdsUntil].map((one) => one && toIso(one));
  };
  expect(times({})).toEqual(['2026-11-23T05:00:00.000Z', '2026-11-23T11:00:00.000Z']);
  expect(times({ begins: '2026-11-23T04:50:00Z' })).toEqual(['2026-11-23T05:00:00.000Z', '2026-11-23T11:00:00.000Z']);
  expect(times({ begins: '2026-11-24T18:30:00Z', ends: '2026-11-24T20:30:00Z' })).toEqual([
    '2026-11-24T18:30:00.000Z',
    '2026-11-24T20:30:00.000Z',
  ]);
});

it('a test holds nobody', () => expect(downtimeOf(said('Started', { method: 'upi' }, { test: true }))).toBeUndefined());
