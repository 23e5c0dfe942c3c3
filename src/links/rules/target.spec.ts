import { allowedTarget, isClick } from './target';

const HOSTS = ['pay.example', 'shop.example:8443'];

it.each([
  ['https://pay.example/orders/1?x=1#y', 'https://pay.example/orders/1?x=1#y'],
  ['HTTPS://PAY.EXAMPLE/Orders', 'https://pay.example/Orders'],
  ['https://pay.example:443/', 'https://pay.example/'],
  ['https://shop.example:8443/', 'https://shop.example:8443/'],
  ['https://pay.example/?next=//evil.com', 'https://pay.example/?next=//evil.com'],
  // What stands in a Location header is one line of ASCII.
  ['https://pay.example/\r\nSet-Cookie: a=b', 'https://pay.example/Set-Cookie:%20a=b'],
  ['https://pay.example/भुगतान', 'https://pay.example/%E0%A4%AD%E0%A5%81%E0%A4%97%E0%A4%A4%E0%A4%BE%E0%A4%A8'],
  ['https:pay.example/x', 'https://pay.example/x'],
])('%j leads to %s', (target, address) => expect(allowedTarget(target, HOSTS, false)).toBe(address));

it.each([
  '',
  'orders/1',
  '/orders/1',
  '//evil.com',
  '//pay.example',
  'https:evil.com',
  'https://evil.com',
  'https://evil.com/pay.example',
  'https://pay.example@evil.com',
  'https://evil.com\\@pay.example/',
  'https://evil.com#@pay.example/',
  'https://user@pay.example/',
  'https://user:secret@pay.example/',
  'https://pay.example.evil.com/',
  'https://evilpay.example/',
  'https://sub.pay.example/',
  'https://pay.example./',
  'https://pay.example:8443/',
  'https://shop.example/',
  'https://pаy.example/', // a Cyrillic а
  'http://pay.example/',
  'http://127.0.0.1/',
  'javascript:alert(1)',
  'javascript://pay.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'upi://pay?pa=shop@bank',
  'intent://pay.example/#Intent;S.browser_fallback_url=https://evil.com;end',
  'file:///etc/passwd',
  'ftp://pay.example/',
])('%j leads nowhere', (target) => expect(allowedTarget(target, HOSTS, false)).toBeNull());

it.each([
  ['http://127.0.0.1:4010/pay', true],
  ['http://localhost:4010/pay', true],
  ['http://[::1]:4010/pay', true],
  ['http://10.0.0.1:4010/pay', false],
  ['http://127.0.0.1.evil.com:4010/pay', false],
  ['http://127.0.0.1:4011/pay', false],
  ['http://pay.example/', false],
])('in the sandbox %s is allowed: %s', (target, allowed) => {
  const hosts = ['127.0.0.1:4010', 'localhost:4010', '[::1]:4010', '10.0.0.1:4010', '127.0.0.1.evil.com:4010', 'pay.example'];
  expect(allowedTarget(target, hosts, true) !== null).toBe(allowed);
  expect(allowedTarget(target, hosts, false)).toBeNull();
});

const PHONE =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
it.each([
  ['GET', PHONE, true],
  ['GET', 'Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36', true],
  ['HEAD', PHONE, false],
  ['POST', PHONE, false],
  ['GET', undefined, false],
  ['GET', '', false],
  ['GET', 'WhatsApp/2.23.20.0', false],
  ['GET', 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)', false],
  ['GET', 'TelegramBot (like TwitterBot)', false],
  ['GET', 'Slackbot-LinkExpanding 1.0', false],
  ['GET', 'Mozilla/5.0 (compatible; Googlebot/2.1)', false],
  ['GET', 'Mozilla/5.0 (compatible; SomeNewBot; +https://example.com)', false],
  ['GET', 'SkypeUriPreview Preview/0.5', false],
])('%s by %j is a click: %s', (method, agent, click) => expect(isClick(method, agent)).toBe(click));
