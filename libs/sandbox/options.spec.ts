import { readOptions } from './options';
import { Router } from './router';

describe('options', () => {
  it('are read from SANDBOX_ names, with defaults for the rest', () => {
    const read = readOptions({
      PATH: '/bin',
      SANDBOX_PORT: '4010',
      SANDBOX_FSYNC: 'off',
      SANDBOX_MSG91_AUTH_KEY: 'k',
      SANDBOX_WHATSAPP_BUTTON_PREFIX: 'http://127.0.0.1:8080/WAPAS/',
      SANDBOX_CLOCK_START: '2026-11-23T10:00:00+05:30',
      SANDBOX_SMS_TEMPLATES: '[{"id":"1","text":"##a##"}]',
    });
    expect(read).toMatchObject({
      ok: true,
      options: {
        port: 4010,
        fsync: false,
        msg91AuthKey: 'k',
        whatsappButtonPrefix: { '*': 'http://127.0.0.1:8080/WAPAS/' },
        clockStart: Date.parse('2026-11-23T04:30:00Z'),
        smsTemplates: [{ id: '1', text: '##a##' }],
        receiptsAutomatic: true,
      },
    });
  });

  it('all problems are told at once, by name, without the value', () => {
    const read = readOptions({
      SANDBOX_PORT: 'x',
      SANDBOX_FCM_PUBLIC_KEY: 'secret-ish',
      SANDBOX_WHATSAPP_TOKN: 'y',
      SANDBOX_WHATSAPP_WEBHOOK_URL: 'ftp://z',
    });
    expect(read.ok ? [] : read.problems).toEqual([
      'SANDBOX_WHATSAPP_TOKN is not a setting of the sandbox',
      'SANDBOX_PORT is not readable: expected a number',
      'SANDBOX_FCM_PUBLIC_KEY is not readable: expected a public key in PEM',
      'SANDBOX_WHATSAPP_WEBHOOK_URL is not readable: expected an http:// address',
    ]);
  });
});

describe('addresses', () => {
  const router = new Router([
    { method: 'POST', path: '/a/:name/b', handle: () => null },
    { method: 'GET', path: '/a/:name', handle: () => null },
  ]);

  it.each([
    ['POST', '/a/x%2Fy/b/', { found: true, params: { name: 'x/y' } }],
    ['GET', '/a/100%', { found: true, params: { name: '100%' } }],
    ['POST', '/a/x', { found: false, status: 405 }],
    ['GET', '/b', { found: false, status: 404 }],
  ])('%s %s', (method, path, expected) => {
    expect(router.match(method, path)).toMatchObject(expected);
  });
});
