import { readCursor, writeCursor } from './cursor';

const SECRET = 'a secret of thirty-two characters.';
const place = { at: 1_764_000_000_000, id: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a' };
const cursor = writeCursor(place, 'list', SECRET);

test('a cursor leads back to its place, in its list', () => {
  expect(readCursor(cursor, 'list', SECRET)).toEqual(place);
  expect(readCursor(cursor, 'another list', SECRET)).toBeNull();
  expect(readCursor(cursor, 'list', 'another secret')).toBeNull();
});

test.each([
  ['letters that decoding skips, at the end', `${cursor}!!`],
  ['letters that decoding skips, within', `${cursor.slice(0, 9)} ${cursor.slice(9)}`],
  ['padding', `${cursor}=`],
  ['the half of it', cursor.slice(0, 40)],
  ['nothing', ''],
])('a cursor that is not letter by letter what was given out is refused: %s', (_, text) =>
  expect(readCursor(text, 'list', SECRET)).toBeNull(),
);
