import fc from 'fast-check';
import { type Instant } from '@wapas/kernel';
import { type ConsentEntry, type ConsentState, holding, purposeOf } from './consent';
import { type ContactFacts, mayContact, type Suppression } from './may-contact';

const NOTHING_KNOWN: ContactFacts = { erased: false, minor: false, dnd: 'unknown', consents: [], suppressions: [] };
const NOW = 1_000 as Instant;
const policy = { serviceOptIn: ['whatsapp'] };
const said = (purpose: ConsentEntry['purpose'], channel: string, state: ConsentState, at = 1): ConsentEntry => ({
  purpose,
  channel,
  state,
  at: at as Instant,
});
const stop = (change: Partial<Suppression> = {}): Suppression => ({ channel: null, purpose: null, expiresAt: null, ...change });

it.each<[string, Partial<ContactFacts>, 'service' | 'marketing', string, string | null]>([
  ['a service push needs no record', {}, 'service', 'push', null],
  ['a service SMS needs no record and reaches DND', { dnd: 'on' }, 'service', 'sms', null],
  ['a service WhatsApp without an opt-in is not sent', {}, 'service', 'whatsapp', 'no_consent'],
  [
    'a service WhatsApp with an opt-in is sent',
    { consents: [said('service', 'whatsapp', 'granted')] },
    'service',
    'whatsapp',
    null,
  ],
  [
    'marketing consent on WhatsApp is an opt-in there',
    { consents: [said('marketing', 'whatsapp', 'granted')] },
    'service',
    'whatsapp',
    null,
  ],
  [
    'marketing consent on SMS is no opt-in on WhatsApp',
    { consents: [said('marketing', 'sms', 'granted')] },
    'service',
    'whatsapp',
    'no_consent',
  ],
  [
    'an opt-in for service is no marketing consent',
    { consents: [said('service', 'whatsapp', 'granted')] },
    'marketing',
    'whatsapp',
    'no_consent',
  ],
  [
    'a withdrawal stops service messages where none was needed',
    { consents: [said('service', 'sms', 'withdrawn')] },
    'service',
    'sms',
    'consent_withdrawn',
  ],
  [
    'a withdrawn opt-in is not made up for by marketing consent',
    { consents: [said('service', 'whatsapp', 'withdrawn'), said('marketing', 'whatsapp', 'granted')] },
    'service',
    'whatsapp',
    'consent_withdrawn',
  ],
  ['marketing push needs consent', {}, 'marketing', 'push', 'no_consent'],
  ['a promotional SMS to a number of unknown DND state needs consent', {}, 'marketing', 'sms', 'dnd_no_consent'],
  ['a promotional SMS to a number on DND needs consent', { dnd: 'on' }, 'marketing', 'sms', 'dnd_no_consent'],
  [
    'a promotional SMS with recorded consent passes DND',
    { dnd: 'on', consents: [said('marketing', 'sms', 'granted')] },
    'marketing',
    'sms',
    null,
  ],
  ['a promotional SMS to a number off DND still needs consent', { dnd: 'off' }, 'marketing', 'sms', 'no_consent'],
  [
    'marketing never goes to a minor',
    { minor: true, consents: [said('marketing', 'all', 'granted')] },
    'marketing',
    'push',
    'minor',
  ],
  ['a service message goes to a minor', { minor: true }, 'service', 'push', null],
  ['a suppression of everything stops service too', { suppressions: [stop()] }, 'service', 'sms', 'suppressed'],
  ['a suppression of marketing lets service pass', { suppressions: [stop({ purpose: 'marketing' })] }, 'service', 'sms', null],
  ['a suppression of one channel leaves the others', { suppressions: [stop({ channel: 'sms' })] }, 'service', 'push', null],
  [
    'a suppression outweighs consent',
    { suppressions: [stop()], consents: [said('all', 'all', 'granted')] },
    'marketing',
    'sms',
    'suppressed',
  ],
  [
    'a suppression holds until its last moment',
    { suppressions: [stop({ expiresAt: 1_001 as Instant })] },
    'service',
    'sms',
    'suppressed',
  ],
  ['a suppression ends with its expiry', { suppressions: [stop({ expiresAt: NOW })] }, 'service', 'sms', null],
  [
    'taking everything back outweighs what was given before',
    { consents: [said('marketing', 'sms', 'granted', 1), said('all', 'all', 'withdrawn', 2)] },
    'marketing',
    'sms',
    'consent_withdrawn',
  ],
  [
    'giving one thing again outweighs having taken all back',
    { consents: [said('marketing', 'sms', 'granted', 3), said('all', 'all', 'withdrawn', 2)] },
    'marketing',
    'sms',
    null,
  ],
])('%s', (_case, facts, purpose, channel, refusal) =>
  // prettier-ignore
  expect(mayContact({ ...NOTHING_KNOWN, ...facts }, { channel, purpose }, policy, NOW)).toBe(refusal),
);

it.each([
  ['utility', 'service'],
  ['UTILITY', 'service'],
  ['transactional', 'service'],
  ['authentication', 'service'],
  ['marketing', 'marketing'],
  ['promotional', 'marketing'],
  ['whatever comes next', 'marketing'],
])('a message of category %s is %s', (category, purpose) => expect(purposeOf(category)).toBe(purpose));

const anyEntry = fc.record({
  purpose: fc.constantFrom('service' as const, 'marketing' as const, 'all' as const),
  channel: fc.constantFrom('sms', 'whatsapp', 'all'),
  state: fc.constantFrom('granted' as const, 'withdrawn' as const),
  at: fc.integer({ min: 0, max: 5 }).map((at) => at as Instant),
});

it('the order in which entries came never changes what holds', () =>
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 8 }), fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (entries, order) => {
      const shuffled = entries.map((entry, index) => ({ entry, by: order[index] as number })).sort((a, b) => a.by - b.by);
      const one = holding(entries, 'marketing', 'sms');
      const other = holding(
        shuffled.map(({ entry }) => entry),
        'marketing',
        'sms',
      );
      expect([other?.state, other?.at]).toEqual([one?.state, one?.at]);
    }),
  ));

it('a grant older than a withdrawal never brings anything back', () =>
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 8 }), fc.integer({ min: 0, max: 5 }), (entries, at) => {
      const withdrawn = [...entries, said('all', 'all', 'withdrawn', 5)].filter((one) => one.at < 5 || one.state === 'withdrawn');
      expect(holding([...withdrawn, said('all', 'all', 'granted', Math.min(at, 5))], 'service', 'sms')?.state).toBe('withdrawn');
    }),
  ));
