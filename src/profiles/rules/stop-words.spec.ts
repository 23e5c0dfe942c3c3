import { heardIn } from './stop-words';

it.each<[string, string]>([
  ['STOP', 'en'],
  [' stop. ', 'en'],
  ['ＳＴＯＰ', 'en'],
  ['Stop!!! 🙏', 'en'],
  ['Don’t message me', 'en'],
  ['opt\u00a0out', 'en'],
  ['रोकें', 'hi'],
  ['बंद करो।', 'hi'],
  ['Band  Karo', 'hi'],
  ['rok do', 'hi'],
  ['বন্ধ করুন', 'bn'],
  ['थांबवा', 'mr'],
  ['ఆపండి', 'te'],
  ['நிறுத்து', 'ta'],
  ['બંધ કરો', 'gu'],
  ['ನಿಲ್ಲಿಸಿ', 'kn'],
  ['നിർത്തുക', 'ml'],
  ['ਬੰਦ ਕਰੋ', 'pa'],
  ['ବନ୍ଦ କରନ୍ତୁ', 'or'],
  ['بند کریں', 'ur'],
])('"%s" is a stop (%s)', (text, language) => expect(heardIn(text)).toEqual({ meaning: 'stop', language }));

it.each(['START', 'unstop', 'शुरू करें'])('"%s" is a start', (text) => expect(heardIn(text)?.meaning).toBe('start'));

it.each([
  '',
  '   ',
  '🙏',
  'ok',
  'yes',
  'stop sending me the wrong size',
  'please do not stop',
  'bus stop',
  'nonstop',
  'when will it end?',
  'STOP '.repeat(1_000),
])('"%s" asks for nothing', (text) => expect(heardIn(text)).toBeNull());
