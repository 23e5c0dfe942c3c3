import { createHmac } from 'node:crypto';
import { type Instant } from '@wapas/kernel';
import { type HmacRecipe, isAuthentic, isBound, type SignatureRecipe } from './signature';

const NOW = 1_763_874_129_000 as Instant;
const rawBody = Buffer.from('{"amount":170.00}');
const mac = (text: string | Buffer, algorithm = 'sha256') => createHmac(algorithm, 'a-secret').update(text);
const proves = (recipe: SignatureRecipe, headers: Record<string, string>, secrets = ['a-secret']): boolean =>
  isAuthentic(recipe, { headers, rawBody }, secrets, NOW);

const list: HmacRecipe = {
  kind: 'hmac',
  signature: { header: 'x-sign', separator: ',', prefix: 'v1=' },
  algorithm: 'sha256',
  encoding: 'hex',
  signed: '{timestamp}.{body}',
  timestamp: { header: 'x-sign', separator: ',', prefix: 't=', unit: 's', toleranceSeconds: 300 },
};
const t = NOW / 1_000;
const v1 = mac(`${t}.${rawBody.toString()}`).digest('hex');
it.each<[string, string, boolean]>([
  ['time and signature in one header', `t=${t},v1=${v1}`, true],
  ['several signatures, one of ours', `t=${t},v1=${'0'.repeat(64)},v1=${v1}`, true],
  ['other schemes beside it', `t=${t},v0=${v1},v1=${v1}`, true],
  ['only another scheme', `t=${t},v0=${v1}`, false],
  ['another time than was signed', `t=${t + 1},v1=${v1}`, false],
  ['no time', `v1=${v1}`, false],
  ['a time in words', `t=now,v1=${v1}`, false],
  ['more signatures than anybody sends', `t=${t},${'v1=0,'.repeat(20)}v1=${v1}`, false],
])('a list of signatures: %s is %s: %s', (_title, header, expected) => expect(proves(list, { 'x-sign': header })).toBe(expected));

it('time and body without anything between them, in milliseconds and base64', () => {
  const recipe: HmacRecipe = {
    kind: 'hmac',
    signature: { header: 'x-sign' },
    algorithm: 'sha256',
    encoding: 'base64',
    signed: '{timestamp}{body}',
    timestamp: { header: 'x-time', unit: 'ms', toleranceSeconds: 300 },
  };
  const signature = mac(`${NOW}${rawBody.toString()}`).digest('base64');
  expect(proves(recipe, { 'x-sign': signature, 'x-time': String(NOW) })).toBe(true);
  expect(proves(recipe, { 'x-sign': signature, 'x-time': String(NOW / 1_000) })).toBe(false);
});

it('an algorithm that the sender names is taken from those we know, and no other', () => {
  const recipe: HmacRecipe = {
    kind: 'hmac',
    signature: { header: 'x-digest' },
    algorithm: 'sha256',
    algorithmIn: { header: 'x-alg', values: { HMAC_SHA256_HEX: 'sha256', HMAC_SHA512_HEX: 'sha512' } },
    encoding: 'hex',
  };
  const digest = (algorithm: string): string => mac(rawBody, algorithm).digest('hex');
  expect(proves(recipe, { 'x-digest': digest('sha512'), 'x-alg': 'HMAC_SHA512_HEX' })).toBe(true);
  expect(proves(recipe, { 'x-digest': digest('sha256'), 'x-alg': 'HMAC_SHA512_HEX' })).toBe(false);
  expect(proves(recipe, { 'x-digest': digest('md5'), 'x-alg': 'HMAC_MD5_HEX' })).toBe(false);
  expect(proves(recipe, { 'x-digest': digest('sha256') })).toBe(false);
});

it('a header that is signed has to be there', () => {
  const recipe: HmacRecipe = {
    kind: 'hmac',
    signature: { header: 'x-sign' },
    algorithm: 'sha1',
    encoding: 'hex',
    signed: '{header:x-id}.{body}',
  };
  const signature = mac(`e1.${rawBody.toString()}`, 'sha1').digest('hex');
  expect(proves(recipe, { 'x-sign': signature, 'x-id': 'e1' })).toBe(true);
  expect(proves(recipe, { 'x-sign': mac(`.${rawBody.toString()}`, 'sha1').digest('hex') })).toBe(false);
});

const body: HmacRecipe = { kind: 'hmac', signature: { header: 'x' }, algorithm: 'sha256', encoding: 'hex' };
const fields = { kind: 'field_hash', field: '/h', algorithm: 'sha512', encoding: 'hex', signed: '{secret}|{/id}' } as const;
it.each([
  ['a field of a signed body', body, '/id', true],
  ['a header beside a signed body', body, 'header:x-id', false],
  ['a header that is signed', { ...body, signed: '{header:x-id}.{body}' }, 'header:x-id', true],
  ['a field and a header', body, { join: ['/id', 'header:x-id'] }, false],
  ['a hashed field', fields, '/id', true],
  ['a field that is not hashed', fields, '/other', false],
  ['a field that is not always hashed', { ...fields, signedWhen: [{ present: '/x', signed: '{secret}' }] }, '/id', false],
  ['anything behind a password', { kind: 'basic' }, 'header:x-id', true],
  ['nothing', body, undefined, false],
] as [string, SignatureRecipe, Parameters<typeof isBound>[1], boolean][])(
  '%s proves a repetition: %#',
  (_title, recipe, value, expected) => expect(isBound(recipe, value)).toBe(expected),
);
