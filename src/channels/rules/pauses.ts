import { type Content, followUpOf, type ProviderReceipt, type SendFailure } from '@wapas/provider-kit';

/** What must not be used for now: all of a provider (its account or its sender), or one template of it. */
export interface Pause {
  readonly provider: string;
  readonly scope: 'provider' | 'template';
  /** The template's name, for scope `template`; '' otherwise. */
  readonly subject: string;
  /** Marketing alone is paused; service messages go on. */
  readonly marketingOnly: boolean;
  /** The vendor asked to wait: messages stay planned meanwhile, instead of falling forward. */
  readonly isHold: boolean;
  /** An error class, or `operator`. */
  readonly reason: string;
  readonly code: string;
}

/** A pause as a failure asks for it. */
export interface WantedPause extends Pause {
  /** Real time; absent: until the vendor or a person says otherwise. */
  readonly lastsMs?: number;
  /** So many of the same within ten minutes make it so: one report about one message may be an accident. */
  readonly needed: number;
}

/** One refused report may be about one message; more than three within ten minutes are about the template. */
const REPORTS_NEEDED = 4;

/** Longer than this nobody is left waiting at once: steps must still be able to expire. The vendor will say it again. */
const LONGEST_HOLD_MS = 60_000;

/** Which pauses follow from a failed call, or from a receipt of a failure. */
export function pausesAfter(
  failure: Pick<SendFailure, 'class' | 'scope' | 'only' | 'holdsForMs' | 'retryAfterMs' | 'code'>,
  about: { readonly provider: string; readonly template: string | null; readonly isReport: boolean },
): WantedPause[] {
  const base = {
    provider: about.provider,
    subject: '',
    marketingOnly: failure.only === 'marketing',
    isHold: false,
    reason: failure.class,
    code: failure.code,
    needed: about.isReport ? REPORTS_NEEDED : 1,
    ...(failure.holdsForMs === undefined ? {} : { lastsMs: failure.holdsForMs }),
  };
  return followUpOf(failure, false).flatMap((follow): WantedPause[] => {
    switch (follow) {
      case 'hold_account':
      case 'hold_sender':
        return failure.retryAfterMs === undefined || about.isReport
          ? []
          : [{ ...base, scope: 'provider', isHold: true, lastsMs: Math.min(failure.retryAfterMs, LONGEST_HOLD_MS) }];
      case 'pause_account':
      case 'pause_sender':
      case 'pause_sender_marketing':
        return [{ ...base, scope: 'provider' }];
      case 'pause_template':
        return about.template === null ? [] : [{ ...base, scope: 'template', subject: about.template }];
      default:
        return [];
    }
  });
}

/** Name and language of a template, as pauses and vendors' news know it; null for content without a registered template. */
export function templateOf(content: Content): string | null {
  if ('language' in content) return templateName(content.template, content.language);
  return 'template' in content ? content.template : null;
}

export const templateName = (name: string, language: string): string => `${name}/${language}`;

/** Reasons of `refusalOf`: they say nothing against the message itself. */
export const PAUSED: readonly string[] = ['provider_paused', 'template_paused'];

/** Why a message may not go out through this provider now; null: it may. A hold is no reason to give a message up. */
export function refusalOf(
  pauses: readonly Pause[],
  provider: string,
  { content, purpose }: { readonly content: Content; readonly purpose: 'service' | 'marketing' },
): string | null {
  const template = templateOf(content);
  const standing = pauses.filter(
    (one) => one.provider === provider && !one.isHold && (!one.marketingOnly || purpose === 'marketing'),
  );
  if (standing.some(({ scope }) => scope === 'provider')) return 'provider_paused';
  return template !== null && standing.some(({ scope, subject }) => scope === 'template' && subject === template)
    ? 'template_paused'
    : null;
}

/** What a failed receipt says, in the words of a failed call; null when it does not say what it means. */
export function failureOfReceipt({
  class: meaning,
  scope,
  only,
  holdsForMs,
  again,
  unlisted,
  code,
}: Pick<ProviderReceipt, 'class' | 'scope' | 'only' | 'holdsForMs' | 'again' | 'unlisted' | 'code'>): SendFailure | null {
  if (meaning === undefined || scope === undefined) return null;
  return { class: meaning, scope, only, holdsForMs, again, unlisted, code: code ?? meaning };
}
