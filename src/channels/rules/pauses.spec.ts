import { type Pause, pausesAfter, refusalOf, templateOf } from './pauses';

const call = { provider: 'whatsapp-cloud', template: 'paid_v1/en', isReport: false };
const short = (failure: Parameters<typeof pausesAfter>[0], about = call) =>
  pausesAfter(failure, about).map(
    ({ scope, subject, isHold, marketingOnly, lastsMs, needed }) =>
      `${isHold ? 'hold' : 'pause'} ${scope} ${subject}${marketingOnly ? ' marketing' : ''} ${lastsMs ?? 'until told'} ${needed}`,
  );

it.each([
  ['a dead token', { class: 'bad_address', scope: 'address', code: 'x' }, []],
  ['a plain refusal', { class: 'refused', scope: 'message', code: 'x' }, []],
  ['an unknown outcome', { class: 'unknown_outcome', scope: 'account', code: 'x' }, []],
  ['a wrong key', { class: 'bad_credentials', scope: 'account', code: 'x' }, ['pause provider  until told 1']],
  [
    'a template that was paused',
    { class: 'bad_content', scope: 'template', code: 'x' },
    ['pause template paid_v1/en until told 1'],
  ],
  ['spam on the number', { class: 'refused', scope: 'sender', only: 'marketing', code: 'x' }, ['pause provider  marketing until told 1']], // prettier-ignore
  ['a rate with a wait', { class: 'throttled', scope: 'account', retryAfterMs: 17_000, code: 'x' }, ['hold provider  17000 1']],
  ['a rate with an hour of wait', { class: 'throttled', scope: 'account', retryAfterMs: 3_600_000, code: 'x' }, ['hold provider  60000 1']], // prettier-ignore
  ['a rate that names no wait', { class: 'throttled', scope: 'account', code: 'x' }, []],
  ['a rate between two people', { class: 'throttled', scope: 'address', retryAfterMs: 6_000, code: 'x' }, []],
] as const)('%s', (_what, failure, expected) => expect(short(failure)).toEqual(expected));

it('a report about one message needs three more like it', () =>
  expect(short({ class: 'bad_content', scope: 'template', code: '16' }, { ...call, isReport: true })).toEqual([
    'pause template paid_v1/en until told 4',
  ]));

describe('what is paused', () => {
  const whatsapp = { template: 'paid_v1', language: 'en', body: [] };
  const pause = (change: Partial<Pause>): Pause => ({
    provider: 'whatsapp-cloud',
    scope: 'provider',
    subject: '',
    marketingOnly: false,
    isHold: false,
    reason: 'bad_credentials',
    code: '190',
    ...change,
  });

  it.each([
    ['nothing', [], null],
    ['its provider', [pause({})], 'provider_paused'],
    ['another provider', [pause({ provider: 'msg91' })], null],
    ['its template', [pause({ scope: 'template', subject: 'paid_v1/en' })], 'template_paused'],
    ['the template in another language', [pause({ scope: 'template', subject: 'paid_v1/hi' })], null],
    ['marketing alone', [pause({ marketingOnly: true })], null],
    ['only until a moment passes: it waits instead', [pause({ isHold: true })], null],
  ])('%s', (_what, pauses, refusal) =>
    expect(refusalOf(pauses, 'whatsapp-cloud', { content: whatsapp, purpose: 'service' })).toBe(refusal),
  );

  it('marketing alone is paused for marketing', () => {
    const marketing = { content: whatsapp, purpose: 'marketing' as const };
    expect(refusalOf([pause({ marketingOnly: true })], 'whatsapp-cloud', marketing)).toBe('provider_paused');
    expect(refusalOf([pause({ marketingOnly: true, isHold: true })], 'whatsapp-cloud', marketing)).toBeNull();
  });

  it('a push has no template of its own', () => {
    expect(templateOf({ title: 'a', body: 'b' })).toBeNull();
    expect(templateOf({ template: '64f0', variables: {} })).toBe('64f0');
    expect(templateOf({ fields: { text: 'a' } })).toBeNull();
  });
});
