import {
  cleanCode,
  parseJsonObject,
  recordOf,
  recordsIn,
  vendorIdOf,
  type ProviderContext,
  type TemplateLibrary,
  type TemplatePage,
  type VendorTemplate,
} from '@wapas/provider-kit';
import { type WhatsAppCloudConfig } from './whatsapp-cloud.config';
import { classify } from './whatsapp-cloud.errors';

/** Answers are read up to 256 KiB; a template with all its buttons has about 4. */
const PAGE_SIZE = 50;
const FIELDS = 'name,language,status,category,quality_score,parameter_format,components,message_send_ttl_seconds';

/** `GET /{WABA-ID}/message_templates`; null when no account is set up. developers.facebook.com, Graph API, template, read 2026-11-28 */
export function whatsAppTemplates(config: WhatsAppCloudConfig, context: ProviderContext): TemplateLibrary | undefined {
  const { accessToken, apiVersion, baseUrl, businessAccountId } = config;
  if (businessAccountId === undefined) return undefined;
  return {
    page: async (after) => {
      const query = new URLSearchParams({ fields: FIELDS, limit: String(PAGE_SIZE), ...(after === undefined ? {} : { after }) });
      const answer = await context.http.request({
        method: 'GET',
        url: `${baseUrl}/${apiVersion}/${businessAccountId}/message_templates?${query.toString()}`,
        headers: { authorization: `Bearer ${accessToken}` },
      });
      const page = answer.kind === 'response' && answer.status === 200 ? pageIn(answer.body) : null;
      return page ?? { ok: false, failure: classify(answer, context.clock.now(), [accessToken]) };
    },
  };
}

/** Null when the text is no page. A page that lost its end is none: half a list would look like deleted templates. */
function pageIn(text: string): TemplatePage | null {
  const body = parseJsonObject(text);
  if (body === null || !Array.isArray(body['data'])) return null;
  const read = body['data'].map(templateIn);
  const paging = recordOf(body['paging']);
  // Meta gives a cursor on the last page, too; only `next` says that there is more.
  const next = paging?.['next'] === undefined ? undefined : vendorIdOf(recordOf(paging['cursors'])?.['after']);
  return {
    ok: true,
    templates: read.filter((one) => typeof one !== 'string'),
    ...(next === undefined ? {} : { next }),
    leftovers: read.filter((one) => typeof one === 'string'),
  };
}

/** Meta's words by what they mean for the next send. */
const STATUS: ReadonlyMap<unknown, VendorTemplate['status']> = new Map([
  ['APPROVED', 'usable'],
  ['PENDING', 'pending'],
  ['IN_APPEAL', 'pending'],
  ['PAUSED', 'paused'],
  ['LIMIT_EXCEEDED', 'paused'],
]);

/** The template, or in a few words why there is none. */
function templateIn(entry: unknown): VendorTemplate | string {
  const given = recordOf(entry);
  const name = vendorIdOf(given?.['name']);
  const language = vendorIdOf(given?.['language']);
  if (given === null || name === undefined || language === undefined) return 'template without a name';
  const components = recordsIn(given['components']);
  const of = (type: string) => components.find((one) => String(one['type']).toUpperCase() === type);
  const body = of('BODY');
  const isNamed = given['parameter_format'] === 'NAMED';
  const quality = recordOf(given['quality_score'])?.['score'];
  const seconds = given['message_send_ttl_seconds'];
  const footer = of('FOOTER')?.['text'];
  return {
    name,
    language,
    status: STATUS.get(given['status']) ?? 'gone',
    code: cleanCode(given['status']),
    ...(typeof given['category'] === 'string' ? { category: cleanCode(given['category']).toLowerCase() } : {}),
    ...(quality === undefined ? {} : { quality: cleanCode(quality) }),
    parameterFormat: isNamed ? 'named' : 'positional',
    ...headerOf(of('HEADER')),
    body: { text: textOf(body?.['text']), parameters: parametersIn(textOf(body?.['text'])) },
    ...(typeof footer === 'string' ? { footer } : {}),
    buttons: recordsIn(of('BUTTONS')?.['buttons']).map(buttonOf),
    // -1 is Meta's word for its own default.
    ...(Number.isInteger(seconds) && Number(seconds) > 0 ? { validForSeconds: Number(seconds) } : {}),
  };
}

const HEADER_KINDS: ReadonlyMap<unknown, NonNullable<VendorTemplate['header']>['kind']> = new Map([
  ['TEXT', 'text'],
  ['IMAGE', 'image'],
  ['VIDEO', 'video'],
  ['DOCUMENT', 'document'],
]);

function headerOf(component: Record<string, unknown> | undefined): Pick<VendorTemplate, 'header'> {
  if (component === undefined) return {};
  const kind = HEADER_KINDS.get(component['format']) ?? 'other';
  const text = textOf(component['text']);
  return { header: { kind, ...(kind === 'text' ? { text } : {}), parameters: parametersIn(text) } };
}

function buttonOf(button: Record<string, unknown>): VendorTemplate['buttons'][number] {
  const text = textOf(button['text']);
  if (button['type'] === 'QUICK_REPLY') return { kind: 'quick_reply', text, hasVariable: false };
  if (button['type'] !== 'URL') return { kind: 'other', text, hasVariable: false };
  const url = textOf(button['url']);
  const end = /\{\{\w+\}\}$/;
  return { kind: 'url', text, url: url.replace(end, ''), hasVariable: end.test(url) };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const parametersIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name as string)),
];
