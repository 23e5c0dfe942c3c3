import { type WhatsAppShown } from './ledger';
import { type WhatsAppTemplate } from './options';
import { isNamed, type TemplateBook, wantsSuffix } from './whatsapp-templates';
import { problem, type WhatsAppProblem } from './whatsapp-errors';
import { isObject, type Json, parseObject } from './wire';

export interface WhatsAppMessage {
  /** As the sender wrote it. */
  readonly input: string;
  readonly to: string;
  readonly reference?: string;
  readonly shown: WhatsAppShown;
}

export type WhatsAppReading =
  { readonly ok: true; readonly message: WhatsAppMessage } | { readonly ok: false; readonly problem: WhatsAppProblem };

/** Reads a template message by the rules of the Cloud API (developers.facebook.com, messages, read 2026-11-23). */
export function readWhatsAppMessage(body: string, templates: TemplateBook): WhatsAppReading {
  const message = parseObject(body);
  if (message === null) return { ok: false, problem: problem(100, 'The request body is not a JSON object') };
  const broken = envelopeProblem(message) ?? templateProblem(message, templates);
  return broken ? { ok: false, problem: broken } : { ok: true, message: toMessage(message) };
}

function envelopeProblem(message: Json): WhatsAppProblem | null {
  if (message.messaging_product !== 'whatsapp') return problem(100, 'The parameter messaging_product is required');
  if (message.recipient_type !== undefined && message.recipient_type !== 'individual') {
    return problem(100, 'recipient_type must be individual');
  }
  if (typeof message.to !== 'string' || message.to === '') return problem(131008, 'The parameter to is required');
  if (!/^\+?\d{8,15}$/.test(message.to)) return problem(131009, 'Parameter to is not a phone number');
  return kindProblem(message) ?? referenceProblem(message.biz_opaque_callback_data);
}

function kindProblem({ type }: Json): WhatsAppProblem | null {
  if (type === 'template') return null;
  // The sandbox opens no customer service window: only templates may start a conversation.
  return type === 'text' || type === undefined
    ? problem(131047, 'More than 24 hours have passed since the recipient last replied')
    : problem(131051, 'Unsupported message type');
}

function referenceProblem(reference: unknown): WhatsAppProblem | null {
  if (reference === undefined || (typeof reference === 'string' && reference.length <= 512)) return null;
  return problem(100, 'biz_opaque_callback_data must be text of at most 512 characters');
}

function templateProblem(message: Json, templates: TemplateBook): WhatsAppProblem | null {
  const template = message.template;
  if (!isObject(template)) return problem(131008, 'The parameter template is required');
  const { name, language, components = [] } = template;
  if (typeof name !== 'string' || name === '') return problem(131008, 'template.name is required');
  if (!isObject(language) || typeof language.code !== 'string') return problem(131008, 'template.language.code is required');
  if (!Array.isArray(components) || !components.every(isObject))
    return problem(100, 'template.components must be a list of objects');
  return templates.problemWith(name, language.code) ?? componentsProblem(components, templates.find(name, language.code));
}

function componentsProblem(components: readonly Json[], approved: WhatsAppTemplate | undefined): WhatsAppProblem | null {
  for (const component of components) {
    const check = COMPONENT_CHECKS[String(component.type).toLowerCase()];
    const broken = check ? check(component) : problem(132012, `Unknown component type ${String(component.type)}`);
    if (broken) return broken;
  }
  return approved
    ? (countProblem(components, approved) ?? formatProblem(components, approved) ?? suffixProblem(components, approved))
    : null;
}

type ComponentCheck = (component: Json) => WhatsAppProblem | null;

const COMPONENT_CHECKS: Readonly<Record<string, ComponentCheck>> = {
  header: (component) => (Array.isArray(component.parameters) ? null : problem(132012, 'header: parameters are required')),
  body: bodyProblem,
  button: buttonProblem,
};

function bodyProblem(component: Json): WhatsAppProblem | null {
  const parameters = parametersOf(component);
  if (parameters === null) return problem(100, 'body: parameters must be a list of objects');
  for (const [index, parameter] of parameters.entries()) {
    const broken = textProblem(parameter, `body: parameter ${index + 1}`);
    if (broken) return broken;
  }
  const named = parameters.filter(({ parameter_name }) => typeof parameter_name === 'string').length;
  if (named !== 0 && named !== parameters.length) return problem(132012, 'body: named and positional parameters are mixed');
  const length = parameters.reduce((sum, { text }) => sum + (text as string).length, 0);
  return length > 1_024 ? problem(132005, 'body: at most 1024 characters') : null;
}

function textProblem({ type, text }: Json, which: string): WhatsAppProblem | null {
  // Currency and date parameters exist; the sandbox speaks text, which is what Wapas sends.
  if (type !== 'text') return problem(132012, `${which}: expected a text parameter`);
  if (typeof text !== 'string' || text === '') return problem(131008, `${which}: text is required`);
  if (/[\n\r\t]| {5,}/.test(text)) return problem(132018, `${which}: no new line, tab or more than 4 consecutive spaces`);
  return null;
}

function buttonProblem(component: Json): WhatsAppProblem | null {
  const { sub_type, index } = component;
  if (typeof index !== 'string' || !/^[0-9]$/.test(index)) return problem(131009, 'button: index must be "0" to "9"');
  const parameters = parametersOf(component);
  if (parameters?.length !== 1) return problem(132000, 'button: one parameter is required');
  const [parameter] = parameters as [Json];
  if (sub_type === 'url') return textProblem(parameter, 'button');
  if (sub_type !== 'quick_reply') return problem(132012, 'button: sub_type must be url or quick_reply');
  return typeof parameter.payload === 'string' ? null : problem(131008, 'button: payload is required');
}

function countProblem(components: readonly Json[], { body }: WhatsAppTemplate): WhatsAppProblem | null {
  if (body === undefined) return null;
  const expected = new Set(body.match(/\{\{\w+\}\}/g)).size;
  const given = (componentOf(components, 'body')?.parameters as readonly unknown[] | undefined)?.length ?? 0;
  return expected === given
    ? null
    : problem(132000, `body: number of localizable_params (${given}) does not match (${expected})`);
}

/** Named placeholders are filled by name, numbered ones by place: never one for the other. */
function formatProblem(components: readonly Json[], approved: WhatsAppTemplate): WhatsAppProblem | null {
  const parameters = (componentOf(components, 'body')?.parameters ?? []) as readonly Json[];
  if (isNamed(approved) !== parameters.some(({ parameter_name }) => typeof parameter_name === 'string') && parameters.length > 0)
    return problem(132012, 'body: parameter_name goes with named templates and with no others');
  const names = [...(approved.body ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
  const strange = isNamed(approved) && parameters.some(({ parameter_name }) => !names.includes(parameter_name as string));
  return strange ? problem(132012, 'body: a parameter is named as no placeholder is') : null;
}

function suffixProblem(components: readonly Json[], approved: WhatsAppTemplate): WhatsAppProblem | null {
  const wanted = wantsSuffix(approved);
  const given = components.some((each) => String(each.type).toLowerCase() === 'button' && each.sub_type === 'url');
  if (wanted === true && !given) return problem(131008, 'button: the end of the address is missing');
  return wanted === false && given ? problem(132012, 'button: the template has no button with a variable address') : null;
}

function parametersOf(component: Json): readonly Json[] | null {
  const { parameters } = component;
  return Array.isArray(parameters) && parameters.every(isObject) ? parameters : null;
}

function componentOf(components: readonly Json[], type: string): Json | undefined {
  return components.find((each) => String(each.type).toLowerCase() === type);
}

/** Everything was checked above. */
function toMessage(message: Json): WhatsAppMessage {
  const template = message.template as Json;
  const components = (template.components ?? []) as readonly Json[];
  const body = (componentOf(components, 'body')?.parameters ?? []) as readonly Json[];
  const button = components.find((each) => String(each.type).toLowerCase() === 'button' && each.sub_type === 'url');
  const suffix = (button?.parameters as readonly Json[] | undefined)?.[0]?.text;
  const input = message.to as string;
  return {
    input,
    to: input.replace('+', ''),
    reference: message.biz_opaque_callback_data as string | undefined,
    shown: {
      template: template.name as string,
      language: (template.language as Json).code as string,
      body: body.map(({ text }) => text as string),
      ...(typeof suffix === 'string' && { buttonSuffix: suffix }),
    },
  };
}
