import { templateName } from './pauses';

type Template = Readonly<Record<string, unknown>>;

/** A registered template says something else from then on. */
export interface CopyChange {
  readonly template: string;
  readonly at: number;
}

/** Under which names the texts are registered that a step's template may send; none of one that holds its own texts. `whatsapp/NAME/LANGUAGE`, `sms/ID`, else `CHANNEL/NAME`. */
export function registeredNamesOf(channel: string, template: Template): string[] {
  const { registered, name, language, id, instead } = template;
  const others = Array.isArray(instead) ? (instead as Template[]).flatMap((one) => registeredNamesOf(channel, one)) : [];
  if (typeof registered === 'string') return [`${channel}/${registered}`, ...others];
  if (typeof name === 'string' && typeof language === 'string') return [`${channel}/${templateName(name, language)}`, ...others];
  return typeof id === 'string' ? [`${channel}/${id}`, ...others] : others;
}
