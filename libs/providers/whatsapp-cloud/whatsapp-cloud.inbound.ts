import {
  cleanCode,
  recordOf,
  vendorIdOf,
  type InboundMessage,
  type NumberChange,
  type PreferenceNews,
  type TemplateNews,
} from '@wapas/provider-kit';

const LONGEST_TEXT = 4_096;

/**
 * What a person wrote or tapped; null without an id, since it could not be told from its repetition. A template's
 * quick-reply comes as `button`, a session's as `interactive`.
 * developers.facebook.com, WhatsApp webhooks reference messages, May and June 2026, read 2026-11-23
 */
export function inboundIn(
  message: Record<string, unknown>,
  { at, answers, ...sender }: Pick<InboundMessage, 'at' | 'phone' | 'vendorUserId'> & { readonly answers: string | undefined },
): InboundMessage | null {
  const id = vendorIdOf(message['id']);
  if (id === undefined) return null;
  return { id, at, ...contentOf(message), ...sender, ...(answers === undefined ? {} : { answers }) };
}

function contentOf(message: Record<string, unknown>): Pick<InboundMessage, 'kind' | 'text' | 'payload'> {
  switch (message['type']) {
    case 'text':
      return { kind: 'text', ...textAs('text', recordOf(message['text'])?.['body']) };
    case 'button': {
      const button = recordOf(message['button']);
      return { kind: 'button', ...textAs('text', button?.['text']), ...textAs('payload', button?.['payload']) };
    }
    case 'interactive': {
      const interactive = recordOf(message['interactive']);
      const reply = recordOf(interactive?.['button_reply']) ?? recordOf(interactive?.['list_reply']);
      return { kind: 'button', ...textAs('text', reply?.['title']), ...textAs('payload', reply?.['id']) };
    }
    default:
      return { kind: 'other' };
  }
}

function textAs(name: 'text' | 'payload', value: unknown): { text?: string; payload?: string } {
  return typeof value === 'string' ? { [name]: value.slice(0, LONGEST_TEXT) } : {};
}

const CHANGED_NUMBER: ReadonlySet<unknown> = new Set(['user_changed_number', 'customer_changed_number']);

/**
 * A `system` message: somebody took their WhatsApp account to another number. `from` is the old one; the new one is `wa_id`, in older
 * versions of the webhook `new_wa_id`. Anything else the system says is none, in a few words.
 * developers.facebook.com, WhatsApp webhooks reference system messages, 21 May 2026, read 2026-11-29
 */
export function numberChangeIn(message: Record<string, unknown>): NumberChange | string {
  const system = recordOf(message['system']);
  if (!CHANGED_NUMBER.has(system?.['type'])) return `message system ${cleanCode(system?.['type'])}`;
  const id = vendorIdOf(message['id']);
  const at = momentOf(message['timestamp']);
  if (id === undefined || at === null) return 'message system without an id or a time';
  const { phone: from } = phoneOf(message['from']);
  const { phone: to } = phoneOf(system?.['wa_id'] ?? system?.['new_wa_id']);
  if (from === undefined || to === undefined || from === to) return 'message system without two numbers';
  return { id, at, from, to };
}

/** `user_preferences`: somebody stopped or resumed marketing from this business. Its time is an integer, unlike elsewhere. */
export function preferenceIn(preference: Record<string, unknown>): PreferenceNews | string {
  const { category, value } = preference;
  const what = `preference ${cleanCode(category)} ${cleanCode(value)}`;
  if (category !== 'marketing_messages' || (value !== 'stop' && value !== 'resume')) return what;
  const at = momentOf(preference['timestamp']);
  if (at === null) return `${what} without a time`;
  const { phone } = phoneOf(preference['wa_id']);
  return phone === undefined ? `${what} of nobody we can name` : { value, purpose: 'marketing', at, phone };
}

export const TEMPLATE_FIELDS: ReadonlySet<string> = new Set([
  'message_template_status_update',
  'message_template_quality_update',
  'template_category_update',
]);

/** Meta's words for a template's status, by what they mean for the next send. PENDING and IN_APPEAL change nothing yet. */
const STATUS: ReadonlyMap<unknown, TemplateNews['status']> = new Map([
  ['APPROVED', 'usable'],
  ['UNARCHIVED', 'usable'],
  ['PAUSED', 'paused'],
  ['REJECTED', 'gone'],
  ['DISABLED', 'gone'],
  ['ARCHIVED', 'gone'],
  ['PENDING_DELETION', 'gone'],
]);

/** News of a template, or in a few words why there are none. developers.facebook.com, template webhooks, Apr 2026, read 2026-11-23 */
export function templateNewsIn(field: string, value: Record<string, unknown>): TemplateNews | string {
  const template = vendorIdOf(value['message_template_name']);
  const language = vendorIdOf(value['message_template_language']);
  if (template === undefined || language === undefined) return `${field} without a template`;
  const about = { template, language };
  if (field === 'message_template_quality_update') return { ...about, quality: cleanCode(value['new_quality_score']) };
  if (field === 'template_category_update') {
    const category = cleanCode(value['new_category']).toLowerCase();
    return { ...about, category, previousCategory: cleanCode(value['previous_category']).toLowerCase() };
  }
  const status = STATUS.get(value['event']);
  return status === undefined ? `template ${cleanCode(value['event'])}` : { ...about, status, code: cleanCode(value['event']) };
}

/** A string of unix seconds in statuses and messages; an integer in some other fields. */
export function momentOf(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\d{9,11}$/.test(text) ? Number(text) * 1_000 : null;
}

/** Meta's own id of a person towards this business (`IN.…`). developers.facebook.com, business-scoped user ids, 28 May 2026, read 2026-11-23 */
export function userOf(value: unknown): { vendorUserId?: string } {
  const vendorUserId = vendorIdOf(value);
  return vendorUserId === undefined ? {} : { vendorUserId };
}

/** The number may be missing since mid 2026: people with a user name are known by a business-scoped id. */
export function phoneOf(value: unknown): { phone?: string } {
  return typeof value === 'string' && /^\d{7,15}$/.test(value) ? { phone: `+${value}` } : {};
}
