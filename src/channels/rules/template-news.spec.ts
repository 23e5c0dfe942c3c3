import { type VendorTemplate } from '@wapas/provider-kit';
import { type Pause } from './pauses';
import { afterTemplateNews, mendedTemplates } from './template-news';

const about = { template: 'paid_v1', language: 'en' };
it.each([
  ['approved', { status: 'usable', code: 'APPROVED' }, 'resume paid_v1/en'],
  ['paused for low quality', { status: 'paused', code: 'PAUSED' }, 'pause paid_v1/en: PAUSED'],
  ['disabled for good', { status: 'gone', code: 'DISABLED' }, 'pause paid_v1/en: DISABLED'],
  ['turned into marketing', { category: 'marketing', previousCategory: 'utility' }, 'pause paid_v1/en: became marketing'],
  ['turned into utility', { category: 'utility', previousCategory: 'marketing' }, 'tell paid_v1/en: became utility'],
  ['confirmed as what it was', { category: 'marketing', previousCategory: 'marketing' }, 'nothing'],
  ['of poor quality', { quality: 'RED' }, 'tell paid_v1/en: quality RED'],
  ['of middling quality', { quality: 'YELLOW' }, 'nothing'],
] as const)('a template that is %s', (_what, news, expected) => {
  const after = afterTemplateNews('whatsapp-cloud', { ...about, ...news });
  const said =
    after === null
      ? 'nothing'
      : after.kind === 'pause'
        ? `pause ${after.pause.subject}: ${after.pause.code}`
        : after.kind === 'tell'
          ? `tell ${after.template}: ${after.what}`
          : `resume ${after.template}`;
  expect(said).toBe(expected);
});

describe("a pause is over when the vendor's own list calls the template usable", () => {
  const pause = (more: Partial<Pause> = {}): Pause => ({
    provider: 'whatsapp-cloud',
    scope: 'template',
    subject: 'paid_v1/en',
    marketingOnly: false,
    isHold: false,
    reason: 'template_news',
    code: 'PAUSED',
    ...more,
  });
  const list = (status: VendorTemplate['status']) => [{ name: 'paid_v1', language: 'en', status } as VendorTemplate];

  it.each<[string, Pause, VendorTemplate['status'], string[]]>([
    ['a webhook paused it', pause(), 'usable', ['paid_v1/en']],
    ['it is still paused', pause(), 'paused', []],
    ['it became marketing, which a person looks at', pause({ code: 'became marketing' }), 'usable', []],
    ['an error said so, not a webhook', pause({ reason: 'bad_content', code: '132007' }), 'usable', []],
    ['it is paused at another provider', pause({ provider: 'gupshup' }), 'usable', []],
    ['the whole provider is paused', pause({ scope: 'provider', subject: '' }), 'usable', []],
  ])('%s', (_case, standing, status, mended) =>
    expect(mendedTemplates('whatsapp-cloud', [standing], list(status))).toEqual(mended),
  );
});
