import { type SendRequest, type WhatsAppContent, type WhatsAppHeader } from '@wapas/provider-kit';

/** A message that Meta would refuse, found before the call: the code says what is wrong. */
export type MessageResult =
  { readonly ok: true; readonly body: Record<string, unknown> } | { readonly ok: false; readonly code: string };

/** Longest text of a body with its variables in place. (known from Meta's documentation, not re-read; 2026-11-23) */
const LONGEST_BODY = 1_024;

/** The body of a template send. Meta takes at most 512 characters of our own and gives them back in every status. */
export function messageOf(request: SendRequest<WhatsAppContent>): MessageResult {
  const { template, language, body } = request.content;
  const texts = body.map(parameterText);
  const fault = faultOf(request.content, texts);
  if (fault !== null) return { ok: false, code: fault };
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

function faultOf(content: WhatsAppContent, texts: readonly string[]): string | null {
  const { bodyNames, buttonSuffix, header, quickReplies = [] } = content;
  if (texts.includes('')) return 'EMPTY_PARAMETER';
  if (texts.reduce((sum, text) => sum + text.length, 0) > LONGEST_BODY) return 'BODY_TOO_LONG';
  if (
    bodyNames !== undefined &&
    (bodyNames.length !== texts.length || !bodyNames.every((name) => /^[a-z0-9_]{1,64}$/.test(name)))
  )
    return 'PARAMETER_NAMES_DO_NOT_FIT';
  if (header?.kind === 'text' ? parameterText(header.text) === '' : header !== undefined && !header.link.startsWith('https://'))
    return 'BAD_HEADER';
  // The template already holds the beginning: a full address would give https://pay.example/https://pay.example/…
  if (buttonSuffix !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(buttonSuffix)) return 'FULL_URL_AS_SUFFIX';
  if (buttonSuffix === '') return 'EMPTY_SUFFIX';
  const indexes = [...quickReplies.map(({ index }) => index), ...(buttonSuffix === undefined ? [] : [content.buttonIndex ?? 0])];
  if (new Set(indexes).size !== indexes.length || !indexes.every((index) => Number.isInteger(index) && index >= 0 && index <= 9))
    return 'BAD_BUTTON_INDEX';
  return quickReplies.some(({ payload }) => payload === '' || payload.length > 256) ? 'BAD_PAYLOAD' : null;
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

/** Only what has a variable is named: header, body, then buttons by their place among all buttons. */
function componentsOf(content: WhatsAppContent, texts: readonly string[]): Record<string, unknown>[] {
  const { bodyNames, buttonIndex, buttonSuffix, header, quickReplies = [] } = content;
  const named = (index: number) => (bodyNames === undefined ? {} : { parameter_name: bodyNames[index] });
  const bodyParameters = texts.map((text, index) => ({ type: 'text', ...named(index), text }));
  return [
    ...(header === undefined ? [] : [{ type: 'header', parameters: [headerParameter(header)] }]),
    ...(texts.length === 0 ? [] : [{ type: 'body', parameters: bodyParameters }]),
    ...(buttonSuffix === undefined
      ? []
      : [button('url', buttonIndex ?? 0, { type: 'text', text: buttonSuffixText(buttonSuffix) })]),
    ...quickReplies.map(({ index, payload }) => button('quick_reply', index, { type: 'payload', payload })),
  ];
}

function headerParameter(header: WhatsAppHeader): Record<string, unknown> {
  if (header.kind === 'text') return { type: 'text', text: parameterText(header.text) };
  return { type: header.kind, [header.kind]: { link: header.link } };
}

function button(kind: string, index: number, parameter: Record<string, unknown>): Record<string, unknown> {
  return { type: 'button', sub_type: kind, index: String(index), parameters: [parameter] };
}
