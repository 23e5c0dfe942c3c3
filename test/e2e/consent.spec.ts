import { hours, minutes, toIso, type Instant } from '@wapas/kernel';
import { START, until, World } from '../support/world';

let world: World;
let admin: string;
beforeAll(async () => {
  world = await World.start();
  admin = await world.key(['admin']);
});
afterAll(() => world?.stop());

async function api(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${world.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${admin}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
const state = (one: Record<string, unknown>, consents: Record<string, unknown> = {}) =>
  api('POST', '/v1/consents', { consents: [{ purpose: 'marketing', channel: 'whatsapp', state: 'granted', ...consents, person: one }] }); // prettier-ignore
const personOf = async (customerId: string): Promise<string> => {
  const { body } = await api('GET', `/v1/people?customerId=${customerId}`);
  return (body.people as { id: string }[])[0]?.id as string;
};
const at = (offset: number): string => toIso((START + offset) as Instant);
async function statesAt(personId: string, moment?: string): Promise<Record<string, string>> {
  const { body } = await api('GET', `/v1/people/${personId}/consents${moment ? `?at=${encodeURIComponent(moment)}` : ''}`);
  return Object.fromEntries(
    (body.states as { purpose: string; channel: string; state: string }[]).map((one) => [
      `${one.purpose} ${one.channel}`,
      one.state,
    ]),
  );
}
async function importFile(text: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${world.url}/v1/consents/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv' },
    body: text,
  });
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as { id: string };
  let found: Record<string, unknown> = {};
  await until(async () => {
    found = (await api('GET', `/v1/consents/imports/${id}`)).body;
    return found.state === 'done' || found.state === 'failed';
  }, 'the import to end');
  return found;
}

test('what a person agreed to at any moment in the past stays as it was known then', async () => {
  await world.moveTo(0);
  expect((await state({ customerId: 'ledger' }, { noticeVersion: '3', noticeLanguage: 'hi', proof: 'form 8' })).status).toBe(201);
  await world.moveTo(hours(1));
  await state({ customerId: 'ledger' }, { state: 'withdrawn', channel: 'all' });
  await world.moveTo(hours(2));
  // Told late: at 11:30 the customer had granted it, which nobody knew at 12:30.
  await state({ customerId: 'ledger' }, { channel: 'sms', at: at(minutes(30)) });
  await state({ customerId: 'ledger' }, { purpose: 'service' });
  const id = await personOf('ledger');
  expect(await statesAt(id, at(minutes(30)))).toEqual({ 'marketing whatsapp': 'granted' });
  expect(await statesAt(id, at(minutes(90)))).toEqual({ 'marketing all': 'withdrawn', 'marketing whatsapp': 'withdrawn' });
  expect(await statesAt(id)).toEqual({
    'service whatsapp': 'granted',
    'marketing all': 'withdrawn',
    'marketing whatsapp': 'withdrawn',
    'marketing sms': 'withdrawn',
  });
  expect(await statesAt(id, at(-1))).toEqual({});
});

test('the same statement told twice is one entry, and entries are never changed', async () => {
  for (let times = 0; times < 3; times += 1) await state({ customerId: 'twice' }, { at: at(0) });
  const { body } = await api('GET', `/v1/people/${await personOf('twice')}/consents`);
  expect(body.entries).toHaveLength(1);
});

test('a withdrawal by a shared phone alone binds everybody who has it', async () => {
  for (const customerId of ['share_1', 'share_2']) await state({ customerId, phone: '+919812300001' });
  const { body } = await state({ phone: '+919812300001' }, { state: 'withdrawn' });
  const ids = await Promise.all(['share_1', 'share_2'].map(personOf));
  expect((body.results as { people: string[] }[])[0]?.people).toEqual(expect.arrayContaining(ids));
});

test('a withdrawal that an event tells by a shared phone alone binds everybody who has it, and what it grants only who said it', async () => {
  for (const customerId of ['told_1', 'told_2']) await state({ customerId, phone: '+919812300002' }, { channel: 'sms' });
  const consents = [
    { purpose: 'marketing', channel: 'sms', state: 'withdrawn' },
    { purpose: 'service', channel: 'whatsapp', state: 'granted' },
  ];
  expect((await api('POST', '/v1/events', { event: 'Opted Out', person: { phone: '9812300002' }, consents })).status).toBe(202);
  await world.settled();
  for (const customerId of ['told_1', 'told_2'])
    expect(await statesAt(await personOf(customerId))).toEqual({ 'marketing sms': 'withdrawn' });
});

test.each<[string, string, (phone: string, state: string) => Promise<unknown>]>([
  ['a statement', '+919812300071', (phone, is) => state({ phone }, { state: is, purpose: 'all', channel: 'all' })],
  ['an event', '+919812300072', (phone, is) => api('POST', '/v1/events', { event: 'Said', person: { phone }, consents: [{ purpose: 'all', channel: 'all', state: is }] })], // prettier-ignore
  ['a file', '+919812300073', (phone, is) => importFile(`phone,purpose,channel,state,at\n${phone},all,all,${is},${at(0)}\n`)],
])(
  'what %s takes back by a phone alone binds whoever comes to have it later, until they agree themselves',
  async (_way, phone, say) => {
    await world.moveTo(hours(2));
    await say(phone, 'withdrawn');
    await world.settled();
    // The first is taken for who said it, the second shares their phone, the third has been a customer for long.
    const [first, second, third] = ['first', 'second', 'third'].map((one) => `${one}_${phone.slice(1)}`) as [
      string,
      string,
      string,
    ];
    await state({ customerId: third }, { channel: 'email' });
    for (const customerId of [first, second, third])
      expect((await api('POST', '/v1/events', { event: 'App Opened', person: { customerId, phone } })).status).toBe(202);
    await world.settled();
    const all = { 'marketing all': 'withdrawn', 'service all': 'withdrawn' };
    for (const customerId of [first, second]) expect(await statesAt(await personOf(customerId))).toEqual(all);
    expect(await statesAt(await personOf(third))).toMatchObject({ 'service all': 'withdrawn' });
    await world.moveTo(hours(3));
    await state({ customerId: second }, { channel: 'sms' });
    expect(await statesAt(await personOf(second))).toMatchObject({ ...all, 'marketing sms': 'granted' });
  },
);

test('an event tells what was said before it, with when and where; a time that lies ahead is refused with its place', async () => {
  const consent = { purpose: 'marketing', channel: 'email', state: 'granted' };
  const said = { ...consent, at: '2026-11-01T10:00:00+05:30', source: 'paper_form' };
  const told = (one: object) => api('POST', '/v1/events', { event: 'Profile Updated', person: { customerId: 'told_3' }, consents: [one] }); // prettier-ignore
  expect((await told(said)).status).toBe(202);
  await world.settled();
  const { body } = await api('GET', `/v1/people/${await personOf('told_3')}/consents`);
  expect(body.entries).toMatchObject([{ at: '2026-11-01T04:30:00.000Z', source: 'paper_form' }]);
  const codes = async (at: string) => ((await told({ ...said, at })).body.faults as { at: string; code: string }[]).map((one) => `${one.at} ${one.code}`); // prettier-ignore
  expect(await codes('2027-11-01T10:00:00Z')).toEqual(['/consents/0/at time_out_of_range']);
  expect(await codes('2026-11-01')).toEqual(['/consents/0/at bad_time']);
});

test('the latest word about a language and a time zone holds, whichever way it came and whenever it is heard', async () => {
  const traits = async () => (await api('GET', `/v1/people/${await personOf('tongue')}`)).body.traits as Record<string, unknown>;
  const said = async (offset: number, fields: object) => {
    const event = { event: 'Profile Updated', occurredAt: at(offset), person: { customerId: 'tongue', ...fields } };
    expect((await api('POST', '/v1/events', event)).status).toBe(202);
    await world.settled();
  };
  await world.moveTo(hours(1));
  await said(minutes(10), { language: 'hi', timeZone: 'Asia/Kolkata' });
  await said(minutes(20), { language: 'ta' });
  await said(minutes(15), { language: 'en', timeZone: 'Asia/Dubai' });
  expect(await traits()).toMatchObject({ language: 'ta', timeZone: 'Asia/Dubai' });
  expect((await api('PATCH', `/v1/people/${await personOf('tongue')}`, { language: 'bn' })).status).toBe(204);
  await said(minutes(30), { language: 'en' });
  expect(await traits()).toMatchObject({ language: 'bn', timeZone: 'Asia/Dubai' });
  await world.moveTo(hours(2));
  await said(minutes(90), { language: 'en' });
  expect(await traits()).toMatchObject({ language: 'en', timeZone: 'Asia/Dubai' });
  const { body } = await api('POST', '/v1/events', { event: 'Profile Updated', person: { customerId: 'tongue', timeZone: 'India/Bombay', language: 'Hindi!' } }); // prettier-ignore
  expect(body.faults).toMatchObject([
    { at: '/person/language', code: 'bad_format' },
    { at: '/person/timeZone', code: 'unknown_zone' },
  ]);
});

test('a file never outweighs a newer withdrawal, and sent again it changes nothing', async () => {
  await world.moveTo(hours(4));
  await state({ customerId: 'cust_file_7' }, { state: 'withdrawn' });
  const lines = Array.from({ length: 1_200 }, (_one, index) => `cust_file_${index},,marketing,whatsapp,granted,2026-01-05,crm`);
  const file = ['\ufeffcustomer_id,phone,purpose,channel,state,at,source', ...lines, ',12,marketing,sms,granted,2026-01-05,crm', 'x,,"marketing",sms,granted,,'].join('\r\n'); // prettier-ignore
  expect(await importFile(file)).toMatchObject({
    state: 'done',
    progress: 1,
    rows: 1_202,
    recorded: 1_200,
    refused: 2,
    faults: [
      { line: 1_202, code: 'bad_phone' },
      { line: 1_203, code: 'bad_time' },
    ],
  });
  expect(await statesAt(await personOf('cust_file_7'))).toEqual({ 'marketing whatsapp': 'withdrawn' });
  expect(await statesAt(await personOf('cust_file_8'))).toEqual({ 'marketing whatsapp': 'granted' });
  expect(await importFile(file)).toMatchObject({ state: 'done', recorded: 0 });
  expect(await world.sql('select from consent_import_part')).toEqual([]);
});

test.each([
  ['missing_column', 'phone,purpose\n+919812345678,marketing\n', 0, 'lacks channel, state, at'],
  ['unknown_column', 'phone,purpose,channel,state,at,note\n', 0, 'Column 6 ("note")'],
  ['unknown_column', 'phone;purpose;channel;state;at\n', 0, 'separated by commas'],
  ['not_csv', 'phone,purpose,channel,state,at\n"+91981,marketing\n', 1, 'it is no CSV'],
])('a file that cannot be used ends as failed: %s', async (code, text, rows, words) =>
  expect(await importFile(text)).toMatchObject({
    state: 'failed',
    rows,
    refused: rows,
    recorded: 0,
    faults: [{ code, detail: expect.stringContaining(words) as string }],
  }),
);

test('what is said about a channel that this deployment does not know is refused, with those that it knows', async () => {
  const detail = expect.stringMatching(/Use push, whatsapp, sms, email.* or all\./) as string;
  const told = await state({ customerId: 'by_fax' }, { channel: 'fax' });
  expect(told.status).toBe(422);
  expect(told.body.faults).toEqual([{ at: '/consents/0/channel', code: 'unknown_channel', detail }]);
  const suppressed = await api('POST', '/v1/suppressions', {
    person: { customerId: 'by_fax' },
    channel: 'fax',
    reason: 'complaint',
  });
  expect([suppressed.status, suppressed.body.faults]).toEqual([422, [{ at: '/channel', code: 'unknown_channel', detail }]]);
  const file =
    'customer_id,purpose,channel,state,at\nby_fax,marketing,fax,granted,2026-01-05\nby_mail,marketing,email,granted,2026-01-05\n';
  expect(await importFile(file)).toMatchObject({
    state: 'done',
    recorded: 1,
    refused: 1,
    faults: [{ line: 2, code: 'bad_channel', detail }],
  });
});

test('names everything that is wrong with statements at once', async () => {
  const consents = [
    { person: { phone: '12' }, purpose: 'marketing', channel: 'whatsap', state: 'granted', at: 'yesterday' },
    { person: { customerId: 'x' }, purpose: 'marketing', channel: 'sms', state: 'withdrawn', at: '2099-01-01T00:00:00Z' },
  ];
  const { status, body } = await api('POST', '/v1/consents', { consents });
  expect([status, (body.faults as { at: string; code: string }[]).map(({ at, code }) => `${at} ${code}`).sort()]).toEqual([
    422,
    [
      '/consents/0/at bad_time',
      '/consents/0/channel unknown_channel',
      expect.stringMatching(/^\/consents\/0\/person\/phone /),
      '/consents/1/at time_out_of_range',
    ],
  ]);
  const suppressed = await api('POST', '/v1/suppressions', {
    person: { customerId: 'x', phone: '12' },
    channel: 'whatsap',
    reason: 'complaint',
    expiresAt: 'soon',
  });
  expect((suppressed.body.faults as { at: string }[]).map(({ at }) => at).sort()).toEqual([
    '/channel',
    '/expiresAt',
    '/person',
    '/person/phone',
  ]);
});

test('a correction is told everything that is wrong with it at once, in words', async () => {
  await state({ customerId: 'mistaken' });
  const id = await personOf('mistaken');
  const wrong = { language: 'Hindi!', timeZone: 'IST', phone: '12', email: 'nobody', dnd: 'maybe' };
  const { status, body } = await api('PATCH', `/v1/people/${id}`, wrong);
  expect(status).toBe(422);
  const faults = body.faults as { at: string; code: string; detail: string }[];
  expect(faults.map(({ at, code }) => `${at} ${code}`).sort()).toEqual([
    '/dnd bad_value',
    '/email bad_format',
    '/language bad_format',
    '/phone bad_phone',
    '/timeZone unknown_zone',
  ]);
  expect(faults.filter(({ detail }) => detail.includes('/^'))).toEqual([]);
  expect((await api('PATCH', `/v1/people/${id}`, { phone: '9812300011', timeZone: null })).status).toBe(204);
});

/** A file of people nobody has seen, every so-manieth line faulty. */
function fileOf(people: string, lines: number, faultyEvery = 0): string {
  const body = Array.from(
    { length: lines },
    (_one, index) =>
    index % faultyEvery === 0 ? `${people}_${index},,marketing,sms,granted,,crm` : `${people}_${index},,marketing,sms,granted,2026-01-05,"crm"`, // prettier-ignore
  );
  return `customer_id,phone,purpose,channel,state,at,source\n${body.join('\n')}\n`;
}
async function send(text: string | Buffer): Promise<string> {
  const response = await fetch(`${world.url}/v1/consents/imports`, { method: 'POST', headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv' }, body: text }); // prettier-ignore
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}
const progressOf = async (id: string): Promise<Record<string, unknown>> => (await api('GET', `/v1/consents/imports/${id}`)).body;
const hasEnded = async (id: string): Promise<boolean> => ['done', 'failed'].includes((await progressOf(id)).state as string);
const lineOf = (text: string, of: string): number => text.slice(0, text.indexOf(of)).split('\n').length;

test('a file taken over deep in it is read from there: what lies before is not needed again', async () => {
  const text = `${fileOf('deep', 12_000)},12,marketing,sms,granted,2026-01-05,crm\n`;
  const id = await send(text);
  await until(async () => Number((await progressOf(id)).rows) >= 7_000, 'the import to be deep in the file');
  await world.pauseImports();
  const before = await progressOf(id);
  expect(before).toMatchObject({ state: 'running' });
  expect(before.progress).toBeCloseTo(Number(before.rows) / 12_001, 2);
  await world.sql(`delete from consent_import_part where import_id = $1 and seq = 0`, [id]);
  world.resumeImports();
  await until(() => hasEnded(id), 'the import to end');
  expect(await progressOf(id)).toMatchObject({
    state: 'done',
    progress: 1,
    rows: 12_001,
    recorded: 12_000,
    refused: 1,
    faults: [{ line: lineOf(text, ',12,marketing'), code: 'bad_phone' }],
  });
});

test('two containers that both hold a file to be theirs count each of its lines once, and its progress never goes back', async () => {
  await world.startAnother();
  const id = await send(fileOf('both', 10_000, 10));
  const seen: number[] = [];
  await until(async () => {
    await world.sql(`update consent_import set lease_until = clock_timestamp() - interval '1 second' where id = $1 and state = 'running'`, [id]); // prettier-ignore
    seen.push(Number((await progressOf(id)).progress));
    return hasEnded(id);
  }, 'the import to end');
  await world.stopOthers();
  expect(await progressOf(id)).toMatchObject({ state: 'done', rows: 10_000, recorded: 9_000, refused: 1_000 });
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test('a file that stops being CSV far down keeps the count of what was read before, and names the line', async () => {
  const text = `${fileOf('far', 1_700)}far_end,,"marketing,sms,granted,2026-01-05,crm\n${'x,,marketing,sms,granted,2026-01-05,crm\n'.repeat(20_000)}`; // prettier-ignore
  const id = await send(text);
  await until(() => hasEnded(id), 'the import to end');
  const found = await progressOf(id);
  expect(found).toMatchObject({
    state: 'failed',
    rows: 1_701,
    recorded: 1_700,
    refused: 1,
    faults: [{ line: 1_702, code: 'not_csv' }],
  });
  expect(Number(found.progress)).toBeCloseTo(text.indexOf('far_end') / text.length, 2);
});

test.each<[string, unknown, number, string]>([
  ['nobody', { consents: [{ person: {}, purpose: 'marketing', channel: 'sms', state: 'granted' }] }, 422, 'unprocessable'],
  ['no statement', { consents: [] }, 422, 'unprocessable'],
  ['a list where one statement belongs', { consents: [[]] }, 422, 'unprocessable'],
  ['what is nested too deep to be looked into', { consents: [{ person: JSON.parse(`${'['.repeat(2_500)}${']'.repeat(2_500)}`) as unknown, purpose: 'marketing', channel: 'sms', state: 'granted' }] }, 422, 'too_deep'], // prettier-ignore
  ['the future', { consents: [{ person: { customerId: 'x' }, purpose: 'marketing', channel: 'sms', state: 'granted', at: '2099-01-01T00:00:00Z' }] }, 422, 'unprocessable'], // prettier-ignore
  ['a version that cannot be stored', { consents: [{ person: { customerId: 'x' }, purpose: 'marketing', channel: 'sms', state: 'granted', noticeVersion: '1\u0000' }] }, 422, 'nul_character'], // prettier-ignore
  ['half of an id', { consents: [{ person: { customerId: 'x\ud800' }, purpose: 'marketing', channel: 'sms', state: 'granted' }] }, 422, 'lone_surrogate'], // prettier-ignore
  ['an unknown field', { consents: [{ person: { customerId: 'x' }, purpose: 'marketing', channel: 'sms', state: 'granted', personId: 'y' }] }, 422, 'unprocessable'], // prettier-ignore
])('a statement about %s is refused', async (_case, body, status) =>
  expect((await api('POST', '/v1/consents', body)).status).toBe(status),
);

test.each<[string, Record<string, unknown>, string | null]>([
  ['B29 a national number', { phone: '9812377001' }, '+919812377001'],
  ['B29 spaces and hyphens', { phone: '98123-77 002' }, '+919812377002'],
  ['B29 full-width digits', { phone: '+91９８１２３７７００３' }, '+919812377003'],
  ['B29 a premium number', { phone: '+1 900 555 0100' }, null],
  ['B29 a satellite number', { phone: '+881612345678' }, null],
  ['B29 forty digits', { phone: '9'.repeat(40) }, null],
  ['B29 a number of a country that is not allowed', { phone: '+14155550100' }, null],
  ['B29 a landline', { phone: '+911123456789' }, null],
  ['B29 words', { phone: 'call me' }, null],
  ['B32 an e-mail that smuggles a header', { email: 'a@b.in\r\nBcc: all@b.in' }, null],
  ['B32 an e-mail without a domain', { email: 'a@b' }, null],
  ['B30 a customer id that is too long', { customerId: 'x'.repeat(129) }, null],
])('%s in a consent is brought into form or refused, and never echoed', async (_case, person, phone) => {
  const { status, body } = await state(person);
  expect(status).toBe(phone === null ? 422 : 201);
  if (phone === null) expect(JSON.stringify(body)).not.toContain(String(Object.values(person)[0]).slice(0, 12));
  else expect((await api('GET', `/v1/people?phone=${encodeURIComponent(phone)}`)).body.people).toHaveLength(1);
});

test.each(['{{7*7}}', '${x}', '<script>alert(1)</script>', '=HYPERLINK("http://evil")', 'abc\u202ecba', '🙏'.repeat(900)])(
  'B30 a proof of %s is data: kept sealed, exported as it came',
  async (proof) => {
    const customerId = `proof_${proof.length}_${proof.charCodeAt(0)}`;
    expect((await state({ customerId }, { proof })).status).toBe(201);
    const { body } = await api('GET', `/v1/people/${await personOf(customerId)}/export`);
    expect((body.consents as { proof: string }[])[0]?.proof).toBe(proof);
  },
);

test.each<[string, string, string, unknown]>([
  ['a filter', 'GET', '/v1/quarantine?source=%00', undefined],
  ['a name in the address', 'DELETE', '/v1/sources/a%00b', undefined],
  ['an id of a gateway', 'POST', '/v1/inbound-messages', { channel: 'sms', phone: '+919812300008', text: 'STOP', id: 'x\u0000' }],
  ['a title', 'PUT', '/v1/sources/titled', { title: 'a\u0000', preset: 'payu', secrets: ['123456789'] }],
])('%s with U+0000 is refused, and nothing breaks', async (_case, method, path, body) =>
  expect(await api(method, path, body)).toMatchObject({ status: 422, body: { code: 'nul_character' } }),
);

test('a stop word suppresses the number at once, whoever has it; a start word takes that back; each counts once', async () => {
  await world.moveTo(hours(5));
  await state({ customerId: 'stopper', phone: '+919812300009' });
  const id = await personOf('stopper');
  const hear = async (text: string, messageId: string, when?: string) =>
    (await api('POST', '/v1/inbound-messages', { channel: 'sms', phone: '+919812300009', text, id: messageId, at: when })).body
      .outcome;
  const inForce = async () => ((await api('GET', `/v1/people/${id}/consents`)).body.suppressions as unknown[]).length;
  expect(await hear('ok thanks', 'm0')).toBe('not_a_command');
  expect([await hear('रोकें', 'm1'), await hear('रोकें', 'm1'), await inForce()]).toEqual(['stopped', 'duplicate', 1]);
  expect([await hear('START', 'm2', at(hours(4))), await inForce()]).toEqual(['resumed', 1]);
  await world.moveTo(hours(6));
  expect([await hear('START', 'm3'), await inForce()]).toEqual(['resumed', 0]);
});

test('a suppression ends by itself, or when it is lifted', async () => {
  await world.moveTo(hours(7));
  await state({ customerId: 'quiet' });
  const id = await personOf('quiet');
  const suppress = (change: Record<string, unknown>) =>
    api('POST', '/v1/suppressions', { person: { customerId: 'quiet' }, reason: 'complaint', ...change });
  const reasons = async () =>
    ((await api('GET', `/v1/people/${id}/consents`)).body.suppressions as { channel: string | null }[]).map(
      ({ channel }) => channel,
    );
  const { body } = await suppress({});
  await suppress({ channel: 'sms', purpose: 'marketing', expiresAt: at(hours(8)) });
  expect(await reasons()).toEqual([null, 'sms']);
  expect((await api('DELETE', `/v1/suppressions/${String(body.id)}`)).status).toBe(204);
  expect((await api('DELETE', `/v1/suppressions/${String(body.id)}`)).status).toBe(404);
  await world.moveTo(hours(8));
  expect(await reasons()).toEqual([]);
  expect((await suppress({ expiresAt: at(hours(7)) })).status).toBe(422);
});
