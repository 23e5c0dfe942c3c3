import { type Condition, fieldOf, holds } from './condition';
import { FACTS } from './decide.test-kit';
import { type RunFacts } from './run';

const facts: RunFacts = { ...FACTS, properties: { plan: 'gold', items: 2, gift: false, note: null, tags: ['a'] } };

it.each<[Condition, boolean]>([
  [{ field: 'properties.plan', is: 'gold' }, true],
  [{ field: 'properties.plan', is: 'GOLD' }, false],
  [{ field: 'properties.items', is: '2' }, false],
  [{ field: 'properties.gift', is: false }, true],
  [{ field: 'reason.class', in: ['timeout', 'user_error'] }, true],
  [{ field: 'reason.class', in: ['timeout'] }, false],
  [{ field: 'reason.code', in: ['x'] }, false],
  [{ field: 'reason.class', notIn: ['business'] }, true],
  [{ field: 'reason.class', notIn: ['user_error'] }, false],
  [{ field: 'reason.code', notIn: ['x'] }, true],
  [{ field: 'amount.value', atLeast: 149_900 }, true],
  [{ field: 'amount.value', atLeast: 149_901 }, false],
  [{ field: 'amount.value', atMost: 149_900 }, true],
  [{ field: 'amount.value', atMost: 149_899 }, false],
  [{ field: 'properties.plan', atLeast: 0 }, false],
  [{ field: 'properties.missing', atMost: 5 }, false],
  [{ field: 'keys.order', startsWith: 'order_' }, true],
  [{ field: 'properties.items', startsWith: '2' }, false],
  [{ field: 'name', exists: true }, true],
  [{ field: 'properties.note', exists: true }, false],
  [{ field: 'properties.missing', exists: false }, true],
  [{ field: 'attempts', atLeast: 2 }, false],
])('%j: %s', (condition, answer) => expect(holds(condition, facts)).toBe(answer));

it.each(['constructor', 'properties.constructor', 'properties.__proto__', 'keys.toString', 'name.length', 'a.b.c.d.e.f'])(
  'the path %s reaches nothing',
  (path) => expect(fieldOf(facts, path)).toBeUndefined(),
);

describe('the same as a field of the run', () => {
  const run: RunFacts = { ...FACTS, properties: { items: ['a', 'b'], due_date: '2026-12-05', none: null } };
  const event = (properties: Record<string, unknown>): RunFacts => ({ ...FACTS, properties });
  it.each<[string, Condition, Record<string, unknown>, boolean]>([
    ['one item in common', { field: 'properties.items', sameAs: 'properties.items' }, { items: ['x', 'b'] }, true],
    ['no item in common', { field: 'properties.items', sameAs: 'properties.items' }, { items: ['x'] }, false],
    ['an item alone', { field: 'properties.item', sameAs: 'properties.items' }, { item: 'a' }, true],
    ['the same value', { field: 'properties.due_date', sameAs: 'properties.due_date' }, { due_date: '2026-12-05' }, true],
    ['another value', { field: 'properties.due_date', sameAs: 'properties.due_date' }, { due_date: '2027-01-05' }, false],
    ['nothing on either side', { field: 'properties.none', sameAs: 'properties.none' }, { none: null }, false],
  ])('%s', (_case, condition, properties, answer) => {
    expect(holds(condition, event(properties), run)).toBe(answer);
    expect(holds(condition, event(properties))).toBe(false);
  });
});
