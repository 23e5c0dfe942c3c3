import { ratesToPrint, statedAnswer, whatIfRates } from './stated-answers';

const names = Array.from({ length: 4_000 }, (_, number) => `trigger-${number}:1:step`);
const shareOf = (channel: string, signal: string, own = {}): number =>
  names.filter((name) => statedAnswer(whatIfRates(own), channel, name).signals.some((one) => one.signal === signal)).length /
  names.length;

test.each([
  ['push', 'delivered', 0.37],
  ['push', 'opened', 0.37 * 0.3],
  ['whatsapp', 'clicked', 0.15],
  ['whatsapp', 'read', 0.68 - 0.15],
  ['sms', 'clicked', 0.08],
  ['email', 'opened', 0.18 - 0.03],
])('over many messages the share of %s that is %s is the stated one', (channel, signal, rate) =>
  expect(Math.abs(shareOf(channel, signal) - rate)).toBeLessThan(0.025),
);

test('the same message gets the same answer, and another rate of one channel changes no other', () => {
  for (const name of names.slice(0, 50)) {
    expect(statedAnswer(whatIfRates({}), 'push', name)).toEqual(statedAnswer(whatIfRates({}), 'push', name));
    expect(statedAnswer(whatIfRates({ smsClicked: 1 }), 'push', name)).toEqual(statedAnswer(whatIfRates({}), 'push', name));
  }
});

test('who pays does so after the click; with a rate of none nobody does', () => {
  for (const name of names.slice(0, 200)) {
    const answer = statedAnswer(whatIfRates({ smsClicked: 1, paidAfterClick: 1 }), 'sms', name);
    expect(answer.paysAfter).toBeGreaterThan(answer.signals[0]?.after ?? Infinity);
    expect(statedAnswer(whatIfRates({ smsClicked: 1, paidAfterClick: 0 }), 'sms', name).paysAfter).toBeUndefined();
  }
});

test('a channel that no rate is stated for is silent', () =>
  expect(statedAnswer(whatIfRates({}), 'rcs', 'one')).toEqual({ signals: [] }));

test('every rate is printed with its source, and one of one’s own as such', () => {
  const printed = ratesToPrint({ pushOpened: 0.5 });
  expect(printed['pushOpened']).toEqual({ value: 0.5, source: null, dated: null, note: 'Given with the request.', isOwn: true });
  expect(printed['whatsappRead']).toMatchObject({ value: 0.68, isOwn: false, dated: '2026-07' });
});
