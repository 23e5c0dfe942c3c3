import { EmbeddedPostgresError } from '@wapas/database/embedded';
import { ConfigError } from './config/config';
import { inOperatorsWords } from './why-not-started';

const failing = (message: string, fields: object): Error => Object.assign(new Error(message), fields);

const refused = failing('connect ECONNREFUSED 127.0.0.1:5432', { code: 'ECONNREFUSED', syscall: 'connect' });

it.each<[string, Error, RegExp]>([
  ['a wrong password', failing('password authentication failed for user "wapas"', { code: '28P01' }), /^The server of DATABASE_URL refuses: password authentication failed for user "wapas"\.$/], // prettier-ignore
  [
    'a database that was never made',
    failing('database "wapas" does not exist', { code: '3D000' }),
    /database "wapas" does not exist/,
  ],
  [
    'a user who may make no tables',
    failing('permission denied for schema public', { code: '42501' }),
    /DATABASE_URL refuses: permission/,
  ],
  ['a server that is down', refused, /^No database can be reached at DATABASE_URL: connect ECONNREFUSED 127\.0\.0\.1:5432\. Is the server running/], // prettier-ignore
  [
    'a server that is down at both addresses of its host',
    new AggregateError([refused, refused]),
    /ECONNREFUSED 127\.0\.0\.1:5432/,
  ],
  [
    'a host that nobody knows',
    failing('getaddrinfo ENOTFOUND db.invalid', { syscall: 'getaddrinfo' }),
    /DATABASE_URL: .* db\.invalid/,
  ],
  [
    'a server behind a wall',
    failing('Connection terminated due to connection timeout', {}),
    /^No database can be reached at DATABASE_URL/,
  ],
  [
    'a port that is taken',
    failing('x', { code: 'EADDRINUSE', syscall: 'listen', address: '0.0.0.0', port: 8080 }),
    /^PORT 8080 is taken/,
  ],
  [
    'a port for root alone',
    failing('x', { code: 'EACCES', syscall: 'listen', address: '0.0.0.0', port: 80 }),
    /^PORT 80 is not for/,
  ],
  [
    'an address of another machine',
    failing('x', { code: 'EADDRNOTAVAIL', syscall: 'listen', address: '10.9.9.9' }),
    /^HOST 10\.9\.9\.9/,
  ],
  ['an embedded database that cannot be', new EmbeddedPostgresError('disk_full', 'The disk is full.'), /^The disk is full\.$/],
])('%s is told in a sentence that names the setting, and without a stack', (_case, error, sentence) => {
  const told = inOperatorsWords(error);
  expect(told).toBeInstanceOf(ConfigError);
  expect((told as ConfigError).problems).toEqual([expect.stringMatching(sentence)]);
});

it.each<[string, unknown]>([
  ['a bug', new TypeError('x is not a function')],
  ['a connection that was lost in the middle', failing('Connection terminated unexpectedly', {})],
  ['a statement that is wrong', failing('syntax error at or near "selct"', { code: '42601' })],
  ['what is no error at all', undefined],
])('%s stays as it is', (_case, error) => expect(inOperatorsWords(error)).toBe(error));
