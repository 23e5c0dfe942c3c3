import fc from 'fast-check';
import { type Instant, minutes, toIso } from '@wapas/kernel';
import { printFigure } from '../support/figures';
import { introduce, treatEverybody } from '../support/stories';
import { START, World } from '../support/world';
import { type OrderEvent, OrderModel } from '../properties/order-model';

const seconds = (count: number): number => count * 1_000;
const ORDERS = 150;
const PHASES = 12;
const NAMES = ['Payment Failed', 'Payment Failed', 'Payment Failed', 'Payment Failed', 'Payment Authorized', 'Payment Captured', 'Order Paid', 'Order Cancelled', 'Payment Refunded']; // prettier-ignore

let world: World;
beforeAll(async () => {
  world = await World.start();
  await treatEverybody(world);
});
afterAll(() => world?.stop());

/** Stories drawn once from a fixed seed, each event twice, in shuffled order. */
const stories = fc.sample(
  fc
    .array(fc.record({ name: fc.constantFrom(...NAMES), at: fc.integer({ min: 0, max: 120 }) }), {
      minLength: 1,
      maxLength: PHASES / 2,
    })
    .chain((parts) => {
      const events = parts.map(({ name, at }, index) => ({
        id: `e${index}`,
        name,
        occurredAt: (START + seconds(at)) as Instant,
      }));
      return fc.record({
        events: fc.constant(events),
        arrivals: fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
      });
    }),
  { numRuns: ORDERS, seed: 2026 },
);

test('150 shuffled and repeated stories over real Postgres end as the rules say, and no send follows a goal committed before it', async () => {
  const key = await world.key(['ingest']);
  const people = stories.map((_story, index) => ({ id: `order_c${index}`, phone: `+9197${String(10_000_000 + index)}`, order: `shuffled_${index}` })); // prettier-ignore
  await introduce(world, people);
  for (let phase = 0; phase < PHASES; phase += 1) {
    await world.moveTo(seconds(20 * phase));
    const events = stories.flatMap(({ arrivals }, index) => {
      const one: OrderEvent | undefined = arrivals[phase];
      return one === undefined ? [] : [{ event: one.name, eventId: `${index}-${one.id}`, occurredAt: toIso(one.occurredAt), person: { customerId: people[index]?.id }, keys: { order: people[index]?.order }, amount: { value: 149_900, currency: 'INR' }, reason: { class: 'user_error' } }]; // prettier-ignore
    });
    // Two writers at once, so that events of neighbouring orders cross.
    const halves = [events.filter((_one, index) => index % 2 === 0), events.filter((_one, index) => index % 2 === 1)];
    const answers = await Promise.all(
      halves
        .filter((half) => half.length > 0)
        .map((half) =>
          fetch(`${world.url}/v1/events/batch`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
            body: JSON.stringify({ events: half }),
          }),
        ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  }
  await world.settled();
  await world.moveTo(minutes(30));
  const runs = await world.runs();
  const late = await world.sql(
    `select from message m join run r on r.id = m.run_id join run_key k on k.run_id = r.id
     join event_mark g on g.key = k.key and g.event_name in ('Payment Captured', 'Order Paid', 'Payment Link Paid')
     join event e on e.id = g.event_id where m.called_at > e.received_at`,
  );
  const ends = stories.map((_story, index) => {
    const live = runs.find(({ facts, isLive }) => isLive && facts.keys.order === people[index]?.order);
    return { isLive: live !== undefined, attempts: live?.facts.attempts ?? null };
  });
  const expected = stories.map(({ events }) => {
    const model = new OrderModel();
    for (const one of [...events].sort((a, b) => a.occurredAt - b.occurredAt)) model.arrive(one, START);
    const { isLive, attempts } = model.final(START);
    return { isLive, attempts };
  });
  const [sent] = await world.sql<{ count: number }>(`select count(*)::int as count from message where state = 'sent'`);
  printFigure('order of arrival over Postgres', { stories: ORDERS, sends: sent?.count ?? 0, 'sends after a goal': late.length });
  expect(ends).toEqual(expected);
  expect(late).toEqual([]);
  expect(sent?.count).toBeGreaterThan(20);
});
