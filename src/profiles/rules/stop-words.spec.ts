import { heardIn } from './stop-words';

it.each<[string, string]>([
  ['STOP', 'en'],
  [' stop. ', 'en'],
  ['ＳＴＯＰ', 'en'],
  ['Stop!!! 🙏', 'en'],
  ['Don’t message me', 'en'],
  ['opt\u00a0out', 'en'],
  ['Opt-out', 'en'],
  ['STOP please', 'en'],
  ['pls stop', 'en'],
  ['Stop it!', 'en'],
  ['रोकें', 'hi'],
  ['स्टॉप', 'hi'],
  ['मत भेजो', 'hi'],
  ['mat bhejo', 'hi'],
  ['স্টপ', 'bn'],
  ['ஸ்டாப்', 'ta'],
  ['നിര്\u200dത്തുക', 'ml'], // as it was written before 2008
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

it.each(['STOP WAPAS', 'stop wapas.', 'STOP-WAPAS', 'band karo WAPAS'])('"%s" stops what comes from WAPAS', (text) => {
  expect(heardIn(text, 'WAPAS')?.meaning).toBe('stop');
  expect(heardIn(text)).toBeNull();
  expect(heardIn(text, 'OTHERS')).toBeNull();
});

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
  'stop payment',
  'stop delivery',
  'please stop by tomorrow',
  'STOP '.repeat(1_000),
])('"%s" asks for nothing', (text) => expect(heardIn(text)).toBeNull());
