import { type Instant, parseInstant } from '@wapas/kernel';
import { faultOfHeader, readConsentRow } from './consent-row';

const NOW = parseInstant('2026-11-25T12:00:00+05:30') as Instant;
const context = {
  now: NOW,
  e164: (text: string) => (/^\d{10}$/.test(text) ? `+91${text}` : undefined),
  isPlaceholder: (id: string) => id === 'NULL',
  channels: { has: (name: string) => ['whatsapp', 'sms'].includes(name), words: 'whatsapp, sms or all' },
};
const good = { customer_id: 'cust_1', phone: '9812345678', purpose: 'marketing', channel: 'whatsapp', state: 'granted', at: '2026-03-01T10:00:00Z' }; // prettier-ignore

it('a whole line is read, its identifiers normalised', () =>
  expect(
    readConsentRow({ ...good, email: ' Asha@Example.com ', source: 'crm', notice_version: '3', notice_language: 'hi', proof: 'form 8' }, context), // prettier-ignore
  ).toEqual({
    ok: true,
    row: {
      person: { customerId: 'cust_1', phone: '+919812345678', email: 'asha@example.com' },
      purpose: 'marketing',
      channel: 'whatsapp',
      state: 'granted',
      at: Date.parse('2026-03-01T10:00:00Z'),
      source: 'crm',
      noticeVersion: '3',
      noticeLanguage: 'hi',
      proof: 'form 8',
    },
  }));

it('what a database writes for nothing is no customer, and the number beside it counts', () => {
  expect(readConsentRow({ ...good, customer_id: 'NULL' }, context)).toMatchObject({
    row: { person: { customerId: undefined, phone: '+919812345678' } },
  });
  expect(readConsentRow({ ...good, customer_id: 'NULL', phone: 'NULL' }, context)).toEqual({
    ok: false,
    fault: { code: 'no_identifier' },
  });
});

it.each([
  ['granted', '2026-03-01', '2026-02-28T18:30:00.000Z'],
  ['withdrawn', '2026-03-01', '2026-03-01T18:29:59.999Z'],
  ['withdrawn', '2026-11-25', '2026-11-25T18:29:59.999Z'],
])('what was %s on a day alone (%s) counts from %s', (state, at, moment) =>
  expect(readConsentRow({ ...good, state, at }, context)).toMatchObject({ ok: true, row: { at: Date.parse(moment) } }),
);

it.each<[string, Record<string, string | undefined>]>([
  ['no_identifier', { customer_id: ' ', phone: undefined }],
  ['bad_phone', { phone: '12' }],
  ['bad_email', { email: 'a@b\r\nbcc: x' }],
  ['bad_purpose', { purpose: 'Marketing ' }],
  ['bad_purpose', { purpose: undefined }],
  ['bad_channel', { channel: 'Whats App' }],
  ['bad_channel', { channel: '' }],
  ['bad_channel', { channel: 'fax' }],
  ['bad_state', { state: 'yes' }],
  ['bad_time', { at: '' }],
  ['bad_time', { at: '01/03/2026' }],
  ['bad_time', { at: '2026-02-30' }],
  ['bad_time', { at: '2026-03-01T10:00:00' }],
  ['time_in_future', { at: '2026-11-25T12:00:01+05:30' }],
  ['time_in_future', { at: '2026-11-27', state: 'withdrawn' }],
  ['bad_language', { notice_language: 'Hindi' }],
  ['bad_source', { source: '=HYPERLINK("x")' }],
  ['bad_text', { proof: 'a\u0000b' }],
  ['bad_text', { customer_id: '\ud800' }],
  ['bad_text', { customer_id: 'x'.repeat(129) }],
])('%s: %j', (code, change) =>
  expect(readConsentRow({ ...good, ...change }, context)).toMatchObject({ ok: false, fault: { code } }),
);

it('a channel that nobody knows is told which there are; all is one', () => {
  expect(readConsentRow({ ...good, channel: 'fax' }, context)).toEqual({
    ok: false,
    fault: { code: 'bad_channel', detail: 'Use whatsapp, sms or all.' },
  });
  expect(readConsentRow({ ...good, channel: 'all' }, context)).toMatchObject({ ok: true });
});

it.each<[string | null, string[]]>([
  [null, ['phone', 'purpose', 'channel', 'state', 'at']],
  ['missing_column', ['purpose', 'channel', 'state', 'at']],
  ['missing_column', ['phone', 'purpose', 'channel', 'state']],
  ['unknown_column', ['phone', 'purpose', 'channel', 'state', 'at', 'notes']],
  ['column_twice', ['phone', 'phone', 'purpose', 'channel', 'state', 'at']],
])('a header is judged %s: %j', (fault, columns) => expect(faultOfHeader(columns)?.code ?? null).toBe(fault));

it.each([
  ['notes', 'Column 6 ("notes") is none of'],
  ['+919812345678', 'Column 6 is none of'],
  ['asha@example.com', 'Column 6 is none of'],
])('a column that nobody knows is named, unless it may be data: %s', (name, words) =>
  expect(faultOfHeader(['phone', 'purpose', 'channel', 'state', 'at', name])?.detail).toContain(words),
);
