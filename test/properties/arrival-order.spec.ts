import fc from 'fast-check';
import { type Instant, minutes, parseInstant } from '@wapas/kernel';
import { printFigure } from '../support/figures';
import { type FinalState, type OrderEvent, OrderModel } from './order-model';

const seconds = (count: number): number => count * 1_000;
const T = parseInstant('2026-11-23T11:00:00+05:30') as Instant;
const END = (T + minutes(240)) as Instant;
const event = (id: string, name: string, at: number): OrderEvent => ({ id, name, occurredAt: (T + at) as Instant });

/** Six things that may happen to one order, in the order in which they happened. */
const STORY: readonly OrderEvent[] = [
  event('failed_1', 'Payment Failed', 0),
  event('failed_2', 'Payment Failed', seconds(30)),
  event('authorized', 'Payment Authorized', seconds(50)),
  event('captured', 'Payment Captured', seconds(60)),
  event('order_paid', 'Order Paid', seconds(61)),
  event('refunded', 'Payment Refunded', seconds(90)),
];

interface Arrival {
  readonly event: OrderEvent;
  /** Time since the arrival before. */
  readonly gap: number;
  /** Whether a worker comes round right before it. */
  readonly claimBefore: boolean;
}

/** Plays arrivals through the rules. Gives where the order ends, and how many sends followed a goal that was known. */
function play(arrivals: readonly Arrival[]): { final: FinalState; sends: number; late: number } {
  const model = new OrderModel();
  let now = T;
  for (const { event: one, gap, claimBefore } of arrivals) {
    now = (now + gap) as Instant;
    model.advance(now);
    if (claimBefore) model.claim(now);
    model.arrive(one, now);
  }
  model.claim(now);
  model.advance(END);
  model.claim(END);
  return {
    final: model.final(END),
    sends: model.sends.length,
    late: model.sends.filter(({ goalWasKnown }) => goalWasKnown).length,
  };
}

const inOrder = (events: readonly OrderEvent[]): FinalState => {
  const happened = [...new Map(events.map((one) => [one.id, one])).values()].sort((a, b) => a.occurredAt - b.occurredAt);
  return play(happened.map((one) => ({ event: one, gap: 0, claimBefore: false }))).final;
};

function* permutations<One>(left: readonly One[], taken: readonly One[] = []): Generator<readonly One[]> {
  if (taken.length > 0) yield taken;
  for (const one of left)
    yield* permutations(
      left.filter((other) => other !== one),
      [...taken, one],
    );
}

test('every permutation of up to six events of an order, and every event of it once more at every place, ends in one state', () => {
  let played = 0;
  let late = 0;
  const differing: string[] = [];
  const expected = new Map<string, FinalState>();
  for (const order of permutations(STORY)) {
    const name = [...order].map(({ id }) => id).sort().join(' '); // prettier-ignore
    if (!expected.has(name)) expected.set(name, inOrder(order));
    for (const events of withDuplicates(order)) {
      // 25 s apart: the push falls due between arrivals, and is claimed before some and after others.
      const result = play(events.map((one, index) => ({ event: one, gap: seconds(25), claimBefore: index % 2 === 0 })));
      played += 1;
      late += result.late;
      if (JSON.stringify(result.final) !== JSON.stringify(expected.get(name)))
        differing.push(events.map(({ id }) => id).join(' '));
    }
  }
  printFigure('order of arrival', {
    sequences: played,
    'ending differently': differing.length,
    'sends after a known goal': late,
  });
  expect(played).toBe(32_292);
  expect({ differing: differing.slice(0, 3), late }).toEqual({ differing: [], late: 0 });
});

function* withDuplicates(order: readonly OrderEvent[]): Generator<readonly OrderEvent[]> {
  yield order;
  for (let from = 0; from < order.length; from += 1)
    for (let to = from + 1; to <= order.length; to += 1)
      yield [...order.slice(0, to), order[from] as OrderEvent, ...order.slice(to)];
}

const NAMES = ['Payment Failed', 'Payment Failed', 'Payment Failed', 'Payment Authorized', 'Payment Captured', 'Order Paid', 'Payment Link Paid', 'Order Cancelled', 'Payment Refunded', 'Order Shipped']; // prettier-ignore

test('10,000 longer stories, shuffled, repeated and spread over two hours, end in one state; no send follows a known goal', () => {
  let sends = 0;
  let stories = 0;
  const story = fc
    .array(fc.record({ name: fc.constantFrom(...NAMES), at: fc.integer({ min: 0, max: 3_600 }) }), {
      minLength: 7,
      maxLength: 25,
    })
    .map((parts) => parts.map(({ name, at }, index) => event(`e${index}`, name, seconds(at))));
  const playing = story.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
      fc.array(fc.record({ gap: fc.integer({ min: 0, max: 180 }), claimBefore: fc.boolean() }), {
        minLength: events.length * 2,
        maxLength: events.length * 2,
      }),
    ),
  );
  fc.assert(
    fc.property(playing, ([events, shuffled, times]) => {
      const result = play(
        shuffled.map((one, index) => {
          const { gap, claimBefore } = times[index] as (typeof times)[0];
          return { event: one, gap: seconds(gap), claimBefore };
        }),
      );
      sends += result.sends;
      stories += 1;
      expect(result.late).toBe(0);
      expect(result.final).toEqual(inOrder(events));
    }),
    { numRuns: 10_000 },
  );
  printFigure('longer stories', { stories, sends, 'sends after a known goal': 0 });
  expect(sends).toBeGreaterThan(1_000);
});
