import { type Instant } from '@wapas/kernel';
import { EventsAhead, isBehind } from './events-ahead';

const at = (moment: number, id: string) => ({ at: moment as Instant, id });

it('an event is given when its turn comes, once, however often it was found', () => {
  const ahead = new EventsAhead();
  for (const place of [at(5, 'b'), at(3, 'a'), at(5, 'b'), at(9, 'c')]) ahead.add(place);
  expect(ahead.take(at(2, 'z'))).toEqual([]);
  expect(ahead.take(at(5, 'z')).sort()).toEqual(['a', 'b']);
  expect(ahead.take(at(5, 'z'))).toEqual([]);
  expect(ahead.take(at(9, 'z'))).toEqual(['c']);
});

it('of events of one millisecond those behind the place wait for the next turn', () => {
  const ahead = new EventsAhead();
  for (const id of ['c', 'a', 'd', 'b']) ahead.add(at(5, id));
  expect(ahead.take(at(5, 'b')).sort()).toEqual(['a', 'b']);
  ahead.add(at(5, 'd'));
  expect(ahead.take(at(6, 'a')).sort()).toEqual(['c', 'd']);
});

it('of two places the later is behind; in one millisecond the one with the greater id', () => {
  expect([isBehind(at(6, 'a'), at(5, 'b')), isBehind(at(5, 'b'), at(6, 'a'))]).toEqual([true, false]);
  expect([isBehind(at(5, 'b'), at(5, 'a')), isBehind(at(5, 'a'), at(5, 'a'))]).toEqual([true, false]);
});
