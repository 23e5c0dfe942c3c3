import { type EntityKey } from '@wapas/entity-keys';
import { isLeft, type KnownChange, whoFollows } from './number-change';
import { type KnownIdentifier } from './resolve-people';

const [a, b, c] = ['a', 'b', 'c'] as unknown as [EntityKey, EntityKey, EntityKey];
const move = (from: EntityKey, to: EntityKey): KnownChange => ({ from, to });

it.each<[string, readonly KnownChange[], readonly EntityKey[]]>([
  ['nobody has moved', [], []],
  ['somebody has moved on', [move(a, b)], [a]],
  ['they have moved on twice', [move(a, b), move(b, c)], [a, b]],
  ['they have come back', [move(a, b), move(b, a)], [b]],
])('a number is left as long as nobody has moved to it since: %s', (_case, changes, left) =>
  expect([a, b, c].filter((key) => isLeft(key, changes))).toEqual(left),
);

const phone = (personId: string, key: EntityKey, kind: KnownIdentifier['kind'] = 'phone'): KnownIdentifier => ({ key, kind, personId }); // prettier-ignore
const customer = (personId: string): KnownIdentifier => phone(personId, `id of ${personId}` as EntityKey, 'customer');

it.each<[string, readonly KnownIdentifier[], string | undefined]>([
  ['nobody has the old number', [phone('q', b)], undefined],
  ['one guest has it', [phone('p', a)], 'p'],
  ['one customer has it', [phone('p', a), customer('p')], 'p'],
  ['two customers share it', [phone('p', a), customer('p'), phone('q', a), customer('q')], undefined],
  ['a customer and a guest share it', [phone('p', a), customer('p'), phone('q', a)], 'q'],
  ['they have both already', [phone('p', a), phone('p', b)], 'p'],
  ['a customer moves to a number of another', [phone('p', a), customer('p'), phone('q', b), customer('q')], 'p'],
  ['a customer moves to a number of a guest', [phone('p', a), customer('p'), phone('q', b)], 'p'],
  ['a guest moves to a number of a customer', [phone('p', a), phone('q', b), customer('q')], undefined],
  ['a guest moves to a number of a guest', [phone('p', a), phone('q', b)], undefined],
  ['who had the old number was erased', [phone('p', a, 'erased')], undefined],
  ['who had the new number was erased', [phone('p', a), phone('q', b, 'erased')], 'p'],
])('who follows to a new number when %s', (_case, known, wanted) => expect(whoFollows(move(a, b), known)).toBe(wanted));
