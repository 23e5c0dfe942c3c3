import { type Instant, minutes } from '@wapas/kernel';
import { parseDerived } from './definition';
import { settleWait } from './settle-wait';

const at = (minute: number): Instant => minutes(minute) as number as Instant;
const terms = { idle: minutes(30), isRetired: false };

it.each([
  ['silent for the whole time', { lastAt: 0, endedAt: null }, 30, { kind: 'derive', at: at(30) }],
  ['looked at late: the event keeps its time', { lastAt: 0, endedAt: null }, 500, { kind: 'derive', at: at(30) }],
  ['active since: looks again', { lastAt: 10, endedAt: null }, 30, { kind: 'look_again', at: at(40) }],
  ['one millisecond early: looks again', { lastAt: 0, endedAt: null }, 30 - 1 / 60_000, { kind: 'look_again', at: at(30) }],
  ['ended since', { lastAt: 0, endedAt: 12 }, 30, { kind: 'drop' }],
  ['ended at the very moment', { lastAt: 12, endedAt: 12 }, 42, { kind: 'drop' }],
  ['ended before it began again', { lastAt: 12, endedAt: 11 }, 42, { kind: 'derive', at: at(42) }],
  ['nothing left of the activity', { lastAt: null, endedAt: null }, 30, { kind: 'drop' }],
])('%s', (_title, seen, now, expected) => {
  const moments = {
    lastAt: seen.lastAt === null ? null : at(seen.lastAt),
    endedAt: seen.endedAt === null ? null : at(seen.endedAt),
  };
  expect(settleWait(terms, moments, at(now))).toEqual(expected);
});

it('a retired definition derives nothing', () =>
  expect(settleWait({ ...terms, isRetired: true }, { lastAt: at(0), endedAt: null }, at(90))).toEqual({ kind: 'drop' }));

describe('a definition that was changed at minute 20', () => {
  const successor = { id: 2, idle: minutes(5), publishedAt: at(20) };
  it('ends what began before as it began', () =>
    expect(settleWait({ ...terms, successor }, { lastAt: at(19), endedAt: null }, at(49))).toEqual({
      kind: 'derive',
      at: at(49),
    }));
  it('hands on what happened after', () =>
    expect(settleWait({ ...terms, successor }, { lastAt: at(20), endedAt: null }, at(49))).toEqual({
      kind: 'hand_over',
      to: 2,
      at: at(25),
    }));
});

describe('a definition', () => {
  const cart = { format: 'wapas.derived/1', key: 'cart', event: 'Cart Abandoned', after: ['Cart Updated'], unless: ['Order Paid'], idle: '30m', by: 'cart' }; // prettier-ignore
  const others = [{ key: 'other', event: 'Checkout Abandoned', after: ['Checkout Started'] }];
  const codes = (value: unknown): string[] => {
    const parsed = parseDerived(value, others);
    return parsed.ok ? [] : parsed.faults.map(({ at, code }) => `${at} ${code}`);
  };

  it.each<[string, unknown, string[]]>([
    ['as it should be', cart, []],
    ['published again', { ...cart, key: 'other', event: 'Checkout Abandoned' }, []],
    ['no object', 'cart', ['/ bad_value']],
    ['an unknown field', { ...cart, tenant: 1 }, ['/tenant unknown_field']],
    ['no activity', { ...cart, after: [] }, ['/after bad_value']],
    ['59 seconds', { ...cart, idle: '59s' }, ['/idle idle_out_of_range']],
    ['31 days', { ...cart, idle: '31d' }, ['/idle idle_out_of_range']],
    ['no time at all', { ...cart, idle: 'soon' }, ['/idle idle_out_of_range']],
    ['a key that leaves no marks', { ...cart, by: 'email' }, ['/by bad_value']],
    ['derives from itself', { ...cart, after: ['Cart Abandoned'] }, ['/after derived_from_derived']],
    ['derives from another derived event', { ...cart, after: ['Checkout Abandoned'] }, ['/after derived_from_derived']],
    ['makes what another takes for activity', { ...cart, event: 'Checkout Started' }, ['/event derived_from_derived']],
    ['ends itself', { ...cart, unless: ['Cart Abandoned'] }, ['/unless ends_itself']],
    ['activity and ending at once', { ...cart, unless: ['Cart Updated'] }, ['/unless both_at_once']],
    ['a name with control characters', { ...cart, after: ['Cart\u0000'] }, ['/after/0 bad_value']],
  ])('%s', (_title, value, expected) => expect(codes(value)).toEqual(expected));
});
