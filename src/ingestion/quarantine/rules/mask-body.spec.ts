import { maskBody } from './mask-body';

const masked = (text: string): string => maskBody(Buffer.from(text)).text;

it.each<[string, string, string]>([
  ['a phone, to its last four digits', '{"contact":"+919812345678"}', '{"contact":"••••5678"}'],
  ['a phone as a number', '{"phone": 9812345678}', '{"phone": ••••5678}'],
  ['a phone where nobody would look for one', '{"x":"+91 98123-45678"}', '{"x":"••••(15)"}'],
  ['a number in a list', '{"x":["919812345678"]}', '{"x":["••••5678"]}'],
  ['a name', '{"customer_name":"Asha","card":{"holder":"ASHA R"}}', '{"customer_name":"••••","card":{"holder":"••••"}}'],
  ['an e-mail', '{"x":"asha@example.com"}', '{"x":"••••"}'],
  ['an escaped e-mail in a form', 'txnid=7&x=asha%40example.com', 'txnid=7&x=••••'],
  [
    'the fields of a form',
    'key=k&firstname=Asha&phone=9812345678&status=failure',
    'key=k&firstname=••••&phone=••••5678&status=failure',
  ],
  ['free text', '{"comment":"her PAN is ABCDE1234F"}', '{"comment":"••••(21)"}'],
  ['letters beyond ASCII, escaped or not', '{"a":"आशा","b":"\\u0905"}', '{"a":"••••(3)","b":"••••(6)"}'],
  ['an escaped quote inside a name', '{"name":"A\\"sha","ok":1}', '{"name":"••••","ok":1}'],
  ['a name that the body breaks off in', '{"name":"Ash', '{"name":"••••'],
  ['a password', '{"client_secret":"cs_12345"}', '{"client_secret":"••••"}'],
])('masks %s', (_case, given, shown) => expect(masked(given)).toBe(shown));

it('keeps what a mapping is mended with: shape, names, codes, ids, times', () => {
  const body =
    '{"event_name":"ORDER_FAILED","created_at":1763874129,"at_ms":1763874129000,"order_id":"order_MkT9","amount":149900,"ok":null,"list":[{"code":"U30"}]}';
  expect(masked(body)).toBe(body);
});

it('shows a beginning only, and says so', () => {
  expect(maskBody(Buffer.from('"ok"'))).toEqual({ text: '"ok"', isShortened: false });
  const { text, isShortened } = maskBody(Buffer.from(JSON.stringify({ a: 'x'.repeat(20_000) })));
  expect({ length: text.length, isShortened }).toEqual({ length: 8_192, isShortened: true });
});

it('is quick with bodies made to be slow', () => {
  for (const evil of [
    '"'.repeat(32_768),
    '"name'.repeat(6_000),
    `{"name":"${'\\'.repeat(32_000)}`,
    '1 '.repeat(16_000),
    'a'.repeat(32_768),
  ])
    expect(maskBody(Buffer.from(evil)).text.length).toBeLessThanOrEqual(8_192);
}, 2_000);
