import { isOutOfReach, isTooSlow } from './database';

it.each<[string, object, boolean]>([
  ['refuses', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.0.0.5:5432' }, true],
  ['has a name that resolves to nothing just now', { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND db.internal' }, true],
  ['has a name that nobody could be asked about', { code: 'EAI_AGAIN', message: 'getaddrinfo EAI_AGAIN db.internal' }, true],
  ['is in a network that cannot be reached', { code: 'ENETUNREACH', message: 'connect ENETUNREACH 10.0.0.5:5432' }, true],
  ['is full', { code: '53100', message: 'could not extend file' }, true],
  ['takes no writes any more', { code: '25006', message: 'cannot execute INSERT in a read-only transaction' }, true],
  ['is shutting down', { code: '57P01', message: 'terminating connection due to administrator command' }, true],
  ['refuses a row', { code: '23505', message: 'duplicate key value violates unique constraint' }, false],
])('a database that %s', (_title, failure, isTrouble) => {
  expect(isOutOfReach(Object.assign(new Error(), failure))).toBe(isTrouble);
});

it('a statement that took too long is trouble of its own: the next try may be as slow', () => {
  const givenUp = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
  expect([isTooSlow(givenUp), isOutOfReach(givenUp)]).toEqual([true, false]);
});
