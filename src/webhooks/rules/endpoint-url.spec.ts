import { faultOfUrl } from './endpoint-url';

const isPublic = (url: string): boolean => url.startsWith('https://crm.example/');

it.each([
  ['https://crm.example/hooks', null],
  ['https://10.0.0.7/hooks', 'address_not_public'],
  ['https://localhost/hooks', 'address_not_public'],
  ['http://crm.example/hooks', 'not_https'],
  ['ftp://crm.example/', 'bad_url'],
  ['crm.example', 'bad_url'],
  ['https://user@crm.example/', 'bad_url'],
  ['https://crm.example/#x', 'bad_url'],
  [`https://crm.example/${'x'.repeat(2_048)}`, 'bad_url'],
])('an endpoint at %.40s: %s', (url, code) => expect(faultOfUrl(url, false, isPublic)?.code ?? null).toBe(code));

it.each([
  ['http://10.0.0.7:9000/hooks', null],
  ['http://user:secret@10.0.0.7/', 'bad_url'],
  ['ftp://10.0.0.7/', 'bad_url'],
])('where private addresses are allowed, %s: %s', (url, code) =>
  expect(faultOfUrl(url, true, isPublic)?.code ?? null).toBe(code),
);
