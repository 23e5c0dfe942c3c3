import { type TemplateNews, type VendorTemplate } from '@wapas/provider-kit';
import { type Pause, templateName, type WantedPause } from './pauses';

const TOLD_BY_VENDOR = 'template_news';
const BECAME_MARKETING = 'became marketing';

export type AfterNews =
  | { readonly kind: 'pause'; readonly pause: WantedPause }
  | { readonly kind: 'resume'; readonly template: string }
  /** Nothing changes by itself; a person should know. */
  | { readonly kind: 'tell'; readonly template: string; readonly what: string };

/**
 * What a vendor's news of a template mean for the next send. A template that became marketing needs another consent and
 * costs seven times as much, so it waits until a person has looked (rule 13).
 */
export function afterTemplateNews(provider: string, news: TemplateNews): AfterNews | null {
  const template = templateName(news.template, news.language);
  const pause = (code: string): AfterNews => ({
    kind: 'pause',
    pause: {
      provider,
      scope: 'template',
      subject: template,
      marketingOnly: false,
      isHold: false,
      reason: TOLD_BY_VENDOR,
      code,
      needed: 1,
    },
  });
  if (news.status === 'usable') return { kind: 'resume', template };
  if (news.status !== undefined) return pause(news.code ?? news.status);
  if (news.category !== undefined && news.category !== news.previousCategory)
    return news.category === 'marketing' ? pause(BECAME_MARKETING) : { kind: 'tell', template, what: `became ${news.category}` };
  return news.quality === 'RED' ? { kind: 'tell', template, what: 'quality RED' } : null;
}

/**
 * Templates whose pause the vendor once told us of and whose end got lost: its own list calls them usable. What became marketing
 * is usable as well, and still waits for a person. `standing`: the pauses as they were before the list was asked for.
 */
export function mendedTemplates(provider: string, standing: readonly Pause[], list: readonly VendorTemplate[]): string[] {
  const usable = new Set(list.filter(({ status }) => status === 'usable').map((one) => templateName(one.name, one.language)));
  return standing
    .filter((one) => one.provider === provider && one.scope === 'template' && one.reason === TOLD_BY_VENDOR)
    .filter(({ code, subject }) => code !== BECAME_MARKETING && usable.has(subject))
    .map(({ subject }) => subject);
}
