import { type VendorTemplate } from '@wapas/provider-kit';
import limits from './limits.json';
import {
  type DraftTemplate,
  type FilledParts,
  type Finding,
  found,
  type LintRule,
  purposeOfCategory,
  rejected,
  type Refusal,
} from './linted';

export const onlyApprovedTemplates: LintRule = {
  number: 13,
  demands: "A template is sent while it is approved, in the step's category, and with what it asks for.",
  atPublish: (draft) => {
    const { channel, vendor, template, step, isPaused } = draft;
    const paused = isPaused
      ? [
          found(
            nameOf(channel),
            'template_paused',
            'It is out of use: see GET /v1/providers. Name another template, or wait until it is resumed.',
          ),
        ]
      : [];
    if (channel !== 'whatsapp') return paused;
    const written = faultsOfTexts(draft);
    if (vendor === undefined) return [...paused, ...written];
    if (vendor === null)
      return [
        found(
          '/name',
          'no_such_template',
          `The account has no template "${String(template.name)}" in "${String(template.language)}": the language must match exactly. Have it approved, then POST /v1/templates/sync.`,
        ),
      ];
    if (vendor.status !== 'usable')
      return [
        found(
          '/name',
          'template_not_approved',
          `The vendor says ${vendor.code}. Only an approved template can be sent: name another, or wait for its approval.`,
        ),
      ];
    return [...paused, ...faultOfCategory(vendor, step), ...written, ...faultsOfParameters(vendor, draft)];
  },
  atSend: ({ channel, vendor, purpose, filled }) => {
    if (channel !== 'whatsapp' || vendor === undefined) return null;
    return (
      refusalOfTemplate(vendor, purpose) ??
      (vendor && filled && !fits(vendor, filled) ? rejected('template_parameters_differ') : null)
    );
  },
};

const nameOf = (channel: string): string => (channel === 'whatsapp' ? '/name' : channel === 'sms' ? '/id' : '');

/** Also asked in the claim: a template may be paused between the plan and the call. */
export function refusalOfTemplate(vendor: VendorTemplate | null, purpose: 'service' | 'marketing'): Refusal | null {
  if (vendor === null) return rejected('template_unknown');
  if (vendor.status !== 'usable') return rejected('template_not_approved');
  return purposeOfCategory(vendor.category) === purpose ? null : rejected('template_category_differs');
}

/** Is the template not there, or not now? Another one may say it then. */
export const isOutOfUse = ({ reason }: Refusal): boolean => reason === 'template_unknown' || reason === 'template_not_approved';

function faultOfCategory({ category }: VendorTemplate, step: DraftTemplate['step']): Finding[] {
  if (step === null || purposeOfCategory(category) === step.purpose) return [];
  const wanted = purposeOfCategory(category);
  return [
    found(
      '/name',
      'category_differs',
      `Its category is ${category ?? 'unknown'} now, and the step says ${step.purpose}. Set \`purpose: ${wanted}\` (another price, and other consents), or name a template of the right category.`,
    ),
  ];
}

const WHOLE_ADDRESS = /:\/\/|\{\{\s*link\s*[|}]/;

/** What the vendor takes in no template. */
function faultsOfTexts({ texts }: DraftTemplate): Finding[] {
  return texts.flatMap(({ at, text }) => {
    if (text.trim() === '')
      return [found(at, 'empty_text', 'WhatsApp refuses an empty text. Write one, or name a template without this placeholder.')];
    return at === '/button' && WHOLE_ADDRESS.test(text)
      ? [
          found(
            at,
            'whole_address',
            'The template holds the beginning of this address, and what stands here is put behind it. Give the end alone, such as {{link_token}}.',
          ),
        ]
      : [];
  });
}

/** What the journey fills in against what the template has: counts, names, and the end of the button's address. */
function faultsOfParameters(vendor: VendorTemplate, { template, policy }: DraftTemplate): Finding[] {
  const { body, header, buttons, parameterFormat } = vendor;
  const faults: Finding[] = [];
  const add = (at: string, code: string, detail: string): void => void faults.push(found(at, code, detail));
  const given = template.body;
  const isNamed = !Array.isArray(given);
  const names = Object.keys(given ?? {});
  if (body.parameters.length > 0 && isNamed !== (parameterFormat === 'named'))
    add(
      '/body',
      'parameter_format_differs',
      `This template has ${parameterFormat} placeholders (${body.parameters.join(', ')}): give ${parameterFormat === 'named' ? '{ name: text }' : 'a list of texts'}.`,
    );
  else if (isNamed ? !isSameSet(names, body.parameters) : names.length !== body.parameters.length)
    add(
      '/body',
      'parameters_do_not_fit',
      `This template has ${body.parameters.length === 0 ? 'no placeholders' : `the placeholders ${body.parameters.join(', ')}`}: give a text for each, and no other.`,
    );
  const [headerKind] = Object.keys(template.header ?? {});
  const headerWanted = wantedHeader(header);
  if (headerWanted !== (headerKind ?? null))
    add(
      '/header',
      'header_does_not_fit',
      headerWanted === null
        ? 'This template has no header that varies. Leave it out.'
        : `This template has a header of kind ${headerWanted}. Give it.`,
    );
  const at = buttons.findIndex(({ hasVariable }) => hasVariable);
  const givenAt = template.button === undefined ? -1 : Number(template.buttonIndex ?? 0);
  if (at !== givenAt)
    add(
      '/button',
      'button_does_not_fit',
      at < 0
        ? 'This template has no button whose address varies. Leave `button` out.'
        : `Button ${at} of this template takes the end of its address: give it as \`button\`${at === 0 ? '' : `, with \`buttonIndex: ${at}\``}.`,
    );
  const [ahead, token] = (typeof template.button === 'string' ? template.button : '').split(/(\{\{\s*link_token\s*\}\})/);
  const leadsTo = `${buttons[at]?.url ?? ''}${ahead}`;
  if (at === givenAt && token !== undefined && buttons[at]?.url !== undefined && leadsTo !== policy.link.prefix)
    add(
      '/button',
      'button_leads_elsewhere',
      `This button leads to ${leadsTo} and short links begin with ${policy.link.prefix}. Have the template approved with that, or set WAPAS_LINK_URL and WAPAS_LINK_HEADER to where it leads.`,
    );
  for (const index of Object.keys(template.quickReplies ?? {}))
    if (buttons[Number(index)]?.kind !== 'quick_reply')
      add(`/quickReplies/${index}`, 'button_does_not_fit', `Button ${index} of this template is no quick reply.`);
  return faults;
}

const wantedHeader = (header: VendorTemplate['header']): string | null =>
  header === undefined || header.kind === 'other' || (header.kind === 'text' && header.parameters.length === 0)
    ? null
    : header.kind;
const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => other.includes(name));

function fits({ body, header, buttons, parameterFormat }: VendorTemplate, filled: FilledParts): boolean {
  const { bodyCount, bodyNames, suffixAt, quickReplies } = filled;
  if (bodyCount !== body.parameters.length) return false;
  if (bodyCount > 0 && (bodyNames !== null) !== (parameterFormat === 'named')) return false;
  if (bodyNames !== null && !isSameSet(bodyNames, body.parameters)) return false;
  if (filled.header !== wantedHeader(header)) return false;
  const at = buttons.findIndex(({ hasVariable }) => hasVariable);
  return (suffixAt ?? -1) === at && quickReplies.every((index) => buttons[index]?.kind === 'quick_reply');
}

const { leastSeconds, mostSeconds } = limits.whatsappUtilityLifetime;

export const nothingArrivesLate: LintRule = {
  number: 14,
  demands:
    'A utility template lives no longer than until the next step; what marketing says stays true for 12 hours at the least.',
  atPublish: ({ channel, vendor, step }) => {
    if (channel !== 'whatsapp' || step === null) return [];
    if (step.purpose === 'marketing')
      return step.lifeMs < limits.whatsappMarketing.leastLifeSeconds * 1_000
        ? [
            found(
              '',
              'life_too_short_for_marketing',
              'Marketing may be delivered for 12 hours at the least, and this is over sooner. Lengthen the window, or leave WhatsApp out.',
            ),
          ]
        : [];
    return vendor ? faultOfLifetime(vendor, step.toNextStepMs) : [];
  },
  // The lifetime of a push is set with each send, never beyond the next step.
  atSend: ({ channel, vendor, purpose, toNextStepMs }) =>
    channel === 'whatsapp' && purpose === 'service' && vendor && lives(vendor, toNextStepMs) !== 'short'
      ? rejected('template_lives_too_long')
      : null,
};

function lives({ validForSeconds }: VendorTemplate, toNextStepMs: number): 'short' | 'long' | 'for_weeks' {
  if (validForSeconds === undefined) return 'for_weeks';
  return validForSeconds * 1_000 <= Math.max(toNextStepMs, leastSeconds * 1_000) ? 'short' : 'long';
}

function faultOfLifetime(vendor: VendorTemplate, toNextStepMs: number): Finding[] {
  const life = lives(vendor, toNextStepMs);
  if (life === 'short') return [];
  const most = Math.min(Math.max(leastSeconds, Math.floor(toNextStepMs / 1_000)), mostSeconds);
  const why =
    life === 'long'
      ? `It is tried for ${vendor.validForSeconds ?? 0} s, which is beyond the next step.`
      : 'It has no lifetime of its own: the vendor would try for 30 days.';
  return [
    found(
      '/name',
      'lives_too_long',
      `${why} Set message_send_ttl_seconds of the template to ${most} at most, then POST /v1/templates/sync.`,
    ),
  ];
}
