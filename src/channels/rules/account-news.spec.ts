import { type AccountNews } from '@wapas/provider-kit';
import { afterAccountNews, type AfterAccountNews } from './account-news';

const NOW = 1_000_000;

it.each<[string, Omit<AccountNews, 'code'>, Omit<AfterAccountNews, 'code'>]>([
  ['disabled', { standing: 'restricted' }, { kind: 'restrict', marketingOnly: false, until: null }],
  [
    'restricted for a while',
    { standing: 'restricted', until: NOW + 1 },
    { kind: 'restrict', marketingOnly: false, until: NOW + 1 },
  ],
  ['restricted, and that is over', { standing: 'restricted', until: NOW }, { kind: 'tell' }],
  ['of poor quality', { standing: 'restricted', only: 'marketing' }, { kind: 'restrict', marketingOnly: true, until: null }],
  ['well again', { standing: 'usable' }, { kind: 'restore', marketingOnly: false }],
  ['good enough for marketing again', { standing: 'usable', only: 'marketing' }, { kind: 'restore', marketingOnly: true }],
  ['to be disabled in a week', {}, { kind: 'tell' }],
] as never)('an account that is %s', (_what, news, expected) =>
  expect(afterAccountNews({ code: 'X', ...news }, NOW)).toEqual({ code: 'X', ...expected }),
);
