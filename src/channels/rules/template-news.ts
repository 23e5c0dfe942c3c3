import { type TemplateNews } from '@wapas/provider-kit';
import { templateName, type WantedPause } from './pauses';

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
      reason: 'template_news',
      code,
      needed: 1,
    },
  });
  if (news.status === 'usable') return { kind: 'resume', template };
  if (news.status !== undefined) return pause(news.code ?? news.status);
  if (news.category !== undefined && news.category !== news.previousCategory)
    return news.category === 'marketing'
      ? pause('became marketing')
      : { kind: 'tell', template, what: `became ${news.category}` };
  return news.quality === 'RED' ? { kind: 'tell', template, what: 'quality RED' } : null;
}
