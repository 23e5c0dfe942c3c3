import { afterTemplateNews } from './template-news';

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
