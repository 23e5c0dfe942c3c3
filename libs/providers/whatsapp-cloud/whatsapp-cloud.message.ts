import { type SendRequest, type WhatsAppContent } from '@wapas/provider-kit';

/** A message that Meta would refuse, found before the call: the code says what is wrong. */
export type MessageResult =
  { readonly ok: true; readonly body: Record<string, unknown> } | { readonly ok: false; readonly code: string };

/** The body of a template send. Meta takes at most 512 characters of our own and gives them back in every status. */
export function messageOf(request: SendRequest<WhatsAppContent>): MessageResult {
  const { template, language, body, buttonSuffix } = request.content;
  const texts = body.map(parameterText);
  if (texts.includes('')) return { ok: false, code: 'EMPTY_PARAMETER' };
  // The template already holds the beginning: a full address would give https://pay.example/https://pay.example/…
  if (buttonSuffix !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(buttonSuffix))
    return { ok: false, code: 'FULL_URL_AS_SUFFIX' };
  if (buttonSuffix === '') return { ok: false, code: 'EMPTY_SUFFIX' };
  return {
    ok: true,
    body: {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: request.address.value.replace('+', ''),
      type: 'template',
      biz_opaque_callback_data: request.attemptId,
      template: { name: template, language: { code: language }, components: componentsOf(request.content, texts) },
    },
  };
}

/**
 * No line break, no tab, no more than four blanks in a row, not empty: anything else is refused with 132012 or 132018.
 * (known from Meta's documentation, not re-read; 2026-11-23)
 */
export function parameterText(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/ {5,}/g, '    ')
    .trim();
}

/** Meta appends the suffix as it is. What is already encoded stays, so encoding twice changes nothing. */
export function buttonSuffixText(suffix: string): string {
  const wellFormed = suffix.replace(/\p{Surrogate}/gu, '\ufffd'); // half a character would make encodeURI throw
  return encodeURI(wellFormed).replace(/%25([0-9A-Fa-f]{2})/g, '%$1');
}

function componentsOf(content: WhatsAppContent, texts: readonly string[]): Record<string, unknown>[] {
  const components: Record<string, unknown>[] = [];
  if (texts.length > 0) components.push({ type: 'body', parameters: texts.map((text) => ({ type: 'text', text })) });
  if (content.buttonSuffix !== undefined) {
    const parameters = [{ type: 'text', text: buttonSuffixText(content.buttonSuffix) }];
    components.push({ type: 'button', sub_type: 'url', index: String(content.buttonIndex ?? 0), parameters });
  }
  return components;
}
