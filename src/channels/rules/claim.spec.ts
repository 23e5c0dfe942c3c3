import { after, durationOf, type Instant } from '@wapas/kernel';
import { countHad, type MessageCaps, type TakenMessage } from './caps';
import { judge, type RecordedClaim, type RecordedMessage, recordOf, replayClaims } from './claim';
import { type SendFacts } from './may-send';

const NOW = 1_764_500_000_000 as Instant;
const LIMITS = { perDay: 4, marketingPerDay: 1, marketingPerWeek: 3 };
const NO_SPEND = { price: null, purses: [] };
const facts: SendFacts = {
  now: NOW,
  notAfter: NOW,
  guard: { keys: [], since: NOW, stops: {} },
  marks: [],
  calledOff: null,
  refusal: null,
  down: null,
  paused: null,
  hasAddress: true,
  countryIsAllowed: true,
  test: false,
  addressIsForTests: false,
};
const minutesAgo = (count: number): Instant => after(NOW, durationOf(-count * 60_000));
const taken = (calledAt: Instant, marketing = false): TakenMessage => ({ personId: 'asha', runId: 'other', marketing, calledAt });

function claimed(caps: MessageCaps | null, before: readonly TakenMessage[]): RecordedClaim {
  const message = { personId: 'asha', runId: 'run', caps };
  const had = countHad(message, before, NOW);
  return recordOf(facts, had, LIMITS, NO_SPEND, judge(facts, message, had, LIMITS, NO_SPEND));
}

const replay = (caps: MessageCaps | null, claim: RecordedClaim) =>
  replayClaims({ messageId: 'message', personId: 'asha', runId: 'run', caps, step: 'push', lap: 1, guard: facts.guard, notAfter: NOW, test: false, state: 'sent', reason: null, claims: [claim] } satisfies RecordedMessage).map(({ recorded, replayed }) => [recorded, replayed]); // prettier-ignore

const service: MessageCaps = { marketing: false, perRun: 3 };
const marketing: MessageCaps = { marketing: true, perRun: 3 };

it.each<[string, MessageCaps | null, TakenMessage[], string | undefined]>([
  ['a first message', service, [], undefined],
  ['a fourth within a day', service, [1, 2, 3].map((count) => taken(minutesAgo(count))), undefined],
  ['a fifth', service, [1, 2, 3, 4].map((count) => taken(minutesAgo(count))), 'skipped:cap_of_person'],
  ['a second of marketing', marketing, [taken(minutesAgo(30), true)], 'skipped:cap_of_marketing_day'],
  ['a mandatory notice', null, [1, 2, 3, 4, 5].map((count) => taken(minutesAgo(count))), undefined],
])('%s: what was said of its claim follows from what is kept of it', (_what, caps, before, said) => {
  const claim = claimed(caps, before);
  expect(claim.said).toBe(said);
  expect(replay(caps, claim)).toEqual([]);
});

test('what is kept of a claim does not grow with what its person was sent before', () => {
  const afterOne = claimed(null, [taken(minutesAgo(1))]);
  const afterAThousand = claimed(
    null,
    Array.from({ length: 1_000 }, (_, index) => taken(minutesAgo(index))),
  );
  expect(afterAThousand.had).toEqual([0, 1_000, 0, 0]);
  expect(JSON.stringify(afterAThousand).length).toBeLessThan(JSON.stringify(afterOne).length + 10);
});

test('a claim that says otherwise than what it was judged by is told', () => {
  const claim = claimed(service, [1, 2, 3, 4].map((count) => taken(minutesAgo(count)))); // prettier-ignore
  expect(replay(service, { ...claim, had: [0, 3, 0, 0] })).toEqual([['skipped:cap_of_person', 'may_send']]);
});

test('claims from when every earlier message was kept with them are judged by those', () => {
  const limits = [4, 1, 3] as const;
  const kept = (count: number) => Array.from({ length: count }, (_, index) => ['other', false, minutesAgo(index)] as const);
  expect(replay(service, { at: NOW, taken: kept(3), limits })).toEqual([]);
  expect(replay(service, { at: NOW, taken: kept(4), limits })).toEqual([['may_send', 'skipped:cap_of_person']]);
});
