import { personsIn } from './persons-in';

const phones = { defaultCountry: 'IN', allowedCountries: ['IN'] };
const found = (body: string | Buffer): string[] =>
  personsIn(Buffer.from(body), phones).map(({ kind, value }) => `${kind}:${value}`);

it.each<[string, string, string[]]>([
  ['a phone in any spelling', '{"a":{"contact":"98123 45678"}}', ['phone:+919812345678']],
  ['a phone as a number', '{"phone":9812345678}', ['phone:+919812345678', 'customer:9812345678']],
  ['an e-mail in any case', '{"a":["Asha@Example.com"]}', ['email:asha@example.com']],
  ['an id under any name', '{"who":{"is":"cust_8812"}}', ['customer:cust_8812']],
  ['the fields of a form', 'udf1=cust_8812&phone=9812345678&email=asha%40example.com', ['customer:cust_8812', 'phone:+919812345678', 'email:asha@example.com']], // prettier-ignore
  ['broken JSON', '{"contact":"+919812345678","na', ['phone:+919812345678']],
])('finds %s', (_case, body, wanted) => expect(found(body)).toEqual(expect.arrayContaining(wanted)));

it.each(['', 'null', '[]', '{"a":"two words"}', '{"a":1.5,"b":true}'])('finds nobody in %j', (body) =>
  expect(found(body).filter((one) => !/^customer:(null|true|false)$/.test(one))).toEqual([]),
);

it('stops at a bound, however large or deep the body is', () => {
  expect(found(JSON.stringify(Array.from({ length: 5_000 }, (_, i) => `id_${i}`))).length).toBeLessThanOrEqual(200);
  expect(found(`${'['.repeat(100_000)}"cust_1"${']'.repeat(100_000)}`).length).toBeLessThanOrEqual(200);
  expect(found(Buffer.alloc(3_000_000, 'a ')).length).toBeLessThanOrEqual(200);
});
