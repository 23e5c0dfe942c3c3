import { after, hours, type Instant, minutes } from '@wapas/kernel';
import { FACTS, journey, T } from './decide.test-kit';
import { Timeline } from './timeline';
import { type VirtualEvent, VirtualRuns } from './virtual-runs';

const at = (minute: number): Instant => after(T, minutes(minute));
const NEW = { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null };

function world(mostLive = 10) {
  const sent: string[] = [];
  const runs = new VirtualRuns<string>({
    version: journey(),
    decided: (run, _before, decisions, now) => {
      for (const one of decisions) if (one.kind === 'send') sent.push(`${run.tag} ${one.step} ${(now - T) / minutes(1)}`);
    },
    remembersEnded: false,
    mostLive,
  });
  const event = (name: string, order: string, minute: number): VirtualEvent => ({
    id: `${name}-${order}-${minute}`,
    name,
    occurredAt: at(minute),
    facts: FACTS,
    keys: [{ kind: 'order', key: order }],
  });
  const fail = (order: string, minute: number, past = NEW) => {
    runs.playUntil(at(minute));
    return runs.enter(
      event(journey().trigger.event, order, minute),
      { matter: order, person: order, unit: order, arm: 'treated', shadow: false, hasPerson: true, closed: null, endings: [], past, tag: () => order }, // prettier-ignore
      at(minute),
    ).kind;
  };
  const pay = (order: string, minute: number): void => {
    runs.playUntil(at(minute));
    runs.hear(event(journey().goal.events[0] as string, order, minute), at(minute));
  };
  return { runs, sent, fail, pay };
}

test('runs live beside each other, and a goal stops the one it is about', () => {
  const { runs, sent, fail, pay } = world();
  expect([fail('a', 0), fail('b', 0)]).toEqual(['started', 'started']);
  pay('a', 5);
  runs.playUntil();
  expect(sent.filter((one) => one.startsWith('a'))).toEqual(['a push 1']);
  expect(sent.filter((one) => one.startsWith('b')).length).toBeGreaterThan(1);
  expect(runs.liveCount).toBe(0);
});

test('at the bound no further run is lived until one has ended', () => {
  const { runs, fail, pay } = world(1);
  expect([fail('a', 0), fail('b', 1)]).toEqual(['started', 'no_room']);
  pay('a', 2);
  expect([fail('b', 3), runs.liveCount]).toEqual(['started', 1]);
});

test('a trigger of a matter that had a live run before the clock began joins that', () => {
  const { fail } = world();
  expect(fail('a', 0, { ...NEW, isLive: true, entries: 1 })).toBe('attached');
});

test('the clock can run on for days', () => {
  const { runs, fail } = world();
  fail('a', 0);
  runs.playUntil(after(T, hours(24 * 30)));
  expect(runs.liveCount).toBe(0);
});

test('what is to come comes earliest first, and of one moment in the order in which it was put there', () => {
  const timeline = new Timeline<number>();
  const order = [5, 3, 9, 3, 1, 7, 3, 9, 0, 5];
  order.forEach((minute, index) => timeline.add(at(minute), index));
  const taken = [];
  for (let next = timeline.take(); next; next = timeline.take()) taken.push(next.entry);
  expect(taken).toEqual([8, 4, 1, 3, 6, 0, 9, 5, 2, 7]);
  expect(timeline.nextAt).toBeNull();
});
