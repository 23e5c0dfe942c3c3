import { assertNever } from '@wapas/kernel';
import { type LedgerEntry, type SmsShown, type WhatsAppShown } from '../ledger';
import { type SandboxOptions, type SmsTemplate } from '../options';

export type LinkSettings = Pick<SandboxOptions, 'whatsappButtonPrefix' | 'smsTemplates'>;

/** Where a tap leads, or null when there is nothing to tap. */
export function linkOf(entry: LedgerEntry, settings: LinkSettings): string | null {
  switch (entry.channel) {
    case 'push':
      return entry.content.data.deep_link ?? null;
    case 'whatsapp':
      return buttonLink(entry.content, settings.whatsappButtonPrefix);
    case 'sms':
      return smsLink(entry.content, settings.smsTemplates);
    default:
      return assertNever(entry);
  }
}

/** The template holds the prefix, the sender gives the end: a full address as the end makes a broken link, here as at Meta. */
function buttonLink({ template, buttonSuffix }: WhatsAppShown, prefixes: Readonly<Record<string, string>>): string | null {
  const prefix = prefixes[template] ?? prefixes['*'];
  return buttonSuffix === undefined || prefix === undefined ? null : `${prefix}${buttonSuffix}`;
}

const WEB_LINK = /https?:\/\/[^\s]+/;

/** The first variable that is a link; where the template holds the beginning of the link, the first link of the text. */
function smsLink(sms: SmsShown, templates: readonly SmsTemplate[]): string | null {
  const variable = Object.values(sms.variables).find((value) => WEB_LINK.test(value));
  return WEB_LINK.exec(variable ?? smsText(sms, templates))?.[0] ?? null;
}

export function smsText({ template, variables }: SmsShown, templates: readonly SmsTemplate[]): string {
  const registered = templates.find(({ id }) => id === template);
  if (!registered) return Object.values(variables).join(' · ');
  return registered.text.replace(/##(\w+)##/g, (_, name: string) => variables[name] ?? '');
}
