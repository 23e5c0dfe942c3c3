import { isStopWord } from './stop-words';

it.each(['STOP', ' stop. ', 'Stop!', 'ＳＴＯＰ', 'UNSUBSCRIBE', 'opt   out', 'रोकें', 'बंद करो', 'Band karo', '*STOP*'])(
  '%j is a stop',
  (text) => expect(isStopWord(text)).toBe(true),
);
it.each(['', 'stop sending the wrong size', 'do not stop', 'non-stop', 'ok', '🛑', 'stopping'])('%j is none', (text) =>
  expect(isStopWord(text)).toBe(false),
);
