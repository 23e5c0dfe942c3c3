import { explainFailure } from './errors';

const where = { dataDir: '/data', port: 5432 };

it.each([
  'FATAL:  could not extend file "base/1/13321": No space left on device',
  'FATAL:  could not extend file "base/1/13321": wrote only 4096 of 8192 bytes at block 0',
  'could not write to file "pg_wal/xlogtemp.1": File too large',
  'PANIC:  could not write to file "pg_wal/000000010000000000000001": Disk quota exceeded',
])('a disk that is full is called full: %s', (line) =>
  expect(explainFailure('initdb', 'ended with code 1', ['running bootstrap script ... ok', line], where)).toMatchObject({
    code: 'disk_full',
    message: expect.stringContaining('/data') as string,
  }),
);

it('what nobody can name comes with the last words', () =>
  expect(explainFailure('initdb', 'ended with code 1', ['something else'], where)).toMatchObject({
    code: 'start_failed',
    message: expect.stringContaining('something else') as string,
  }));
