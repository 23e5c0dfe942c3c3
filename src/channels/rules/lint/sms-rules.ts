import {
  type DltTemplate,
  faultOfOwnValue,
  faultsOfDltTemplate,
  fillDltTemplate,
  mendOfValue,
  type TemplateFault,
} from '../dlt-template';
import { nextOpeningOfAll } from '@wapas/local-hours';
import { type LegalWindow } from '../legal-window';
import { addressesIn, isListed } from './addresses';
import limits from './limits.json';
import {
  type DraftMessage,
  type DraftTemplate,
  type Finding,
  found,
  type LintRule,
  purposeOfCategory,
  rejected,
  skipped,
} from './linted';

const isPromotional = ({ channel, step, sms }: DraftTemplate): boolean =>
  channel === 'sms' && (sms?.category === 'promotional' || step?.purpose === 'marketing');

export const promotionalHours: LintRule = {
  number: 1,
  demands: 'A promotional SMS is handed over between 10:00 and 21:00 in India, and not too close to the end.',
  atPublish: (draft) =>
    isPromotional(draft) && draft.step !== null && !draft.step.legalHours.some(isWithinTheLaw)
      ? [
          found(
            '',
            'no_promotional_hours',
            'A promotional SMS may only be handed over from 10:00 to 21:00. Set `purpose: marketing` on the step: it is then held outside those hours.',
          ),
        ]
      : [],
  // The step is held by its run, and once more before the claim, where a late one waits for the next morning or expires.
  atSend: ({ channel, legalHours, handedOverAt }) =>
    channel === 'sms' && handedOverAt !== null && nextOpeningOfAll(legalHours, handedOverAt) !== null
      ? skipped('outside_legal_hours')
      : null,
};

function isWithinTheLaw({ from, to, zone }: LegalWindow): boolean {
  const law = limits.promotionalSmsHours;
  return zone === law.zone && from >= law.from && to <= law.to && from < to;
}

export const categoryIsTheTemplates: LintRule = {
  number: 2,
  demands: 'The category of an SMS is that of its registered template, service or promotional.',
  atPublish: ({ sms, step }) =>
    sms && step && purposeOfCategory(sms.category) !== step.purpose
      ? [
          found(
            '/id',
            'category_differs',
            `This template was approved as ${sms.category} and the step says ${step.purpose}. Set \`purpose: ${purposeOfCategory(sms.category)}\`, or name a template that was approved for it.`,
          ),
        ]
      : [],
  atSend: ({ sms, purpose }) => (sms && purposeOfCategory(sms.category) !== purpose ? rejected('dlt_category_differs') : null),
};

export const textIsTheRegisteredOne: LintRule = {
  number: 5,
  demands: 'An SMS has entity, header and template id, and its text is the registered one with values that fit.',
  atPublish: (draft) => {
    if (draft.channel !== 'sms') return [];
    const { sms, template, policy } = draft;
    if (!sms)
      return policy.needsRegistration
        ? [
            found(
              '/id',
              'template_not_registered',
              `Nobody registered this template. Register it as DLT approved it: PUT /v1/templates/sms/${String(template.id)}.`,
            ),
          ]
        : [];
    return faultsOfVariables(draft, sms);
  },
  atSend: ({ channel, sms, variables, policy }) => {
    if (channel !== 'sms') return null;
    if (!sms) return policy.needsRegistration ? rejected('dlt_not_registered') : null;
    const filled = fillDltTemplate(sms, variables, policy.addresses);
    return filled.ok ? null : skipped(`dlt_${filled.code}`);
  },
};

function faultsOfVariables({ texts, policy }: DraftTemplate, sms: DltTemplate): Finding[] {
  const given = new Map(texts.map(({ at, text }) => [at.slice('/variables/'.length), text]));
  const names = sms.variables;
  const wrong = [...names.filter((name) => !given.has(name)), ...[...given.keys()].filter((name) => !names.includes(name))];
  const others = wrong.map((name) =>
    found(`/variables/${name}`, 'not_the_registered_variables', mendOfValue(sms, name, 'unknown_variable')),
  );
  const own = [...given].flatMap(([name, text]) => {
    const code = text.includes('{{') ? null : faultOfOwnValue(sms, name, text, policy.addresses);
    return code === null ? [] : [found(`/variables/${name}`, code, mendOfValue(sms, name, code))];
  });
  return [...others, ...own];
}

/** What a template breaks does not change while it is registered: looked at once. */
const known = new WeakMap<DltTemplate, readonly TemplateFault[]>();
function faultsOfRegistration(sms: DltTemplate): readonly TemplateFault[] {
  const faults = known.get(sms) ?? faultsOfDltTemplate(sms);
  known.set(sms, faults);
  return faults;
}

export const registrationIsSound: LintRule = {
  number: 6,
  demands:
    'A registered SMS template has tagged variables, two at most without a reason, none adjacent, 30 % fixed text and the brand.',
  atPublish: ({ sms }) =>
    sms
      ? faultsOfRegistration(sms)
          .filter(({ rule }) => rule === 6)
          .map(({ code, detail }) => found('/id', code, detail))
      : [],
  atSend: ({ sms }) =>
    sms && faultsOfRegistration(sms).some(({ rule }) => rule === 6) ? rejected('dlt_template_unsound') : null,
};

export const addressesAreListed: LintRule = {
  number: 7,
  demands: 'Every address in an SMS is white-listed with the operators, a short one under the sending header.',
  atPublish: ({ sms, usesLink, texts, policy }) => {
    if (!sms) return [];
    const { link, addresses } = policy;
    const faults: Finding[] =
      usesLink && link.header !== sms.header
        ? [
            found(
              '/variables',
              'link_under_other_header',
              `Short links hold ${link.header} and this template is sent as ${sms.header}. Set WAPAS_LINK_HEADER to the header of your templates.`,
            ),
          ]
        : [];
    if (addresses === null) return faults;
    const written = [
      { at: '/id', text: sms.text.replace(/\{#\w*#\}/g, ' ') },
      ...texts.filter(({ text }) => !text.includes('{{')),
    ];
    const unlisted = written.flatMap(({ at, text }) =>
      addressesIn(text)
        .filter((address) => !isListed(address, sms.header, addresses))
        .map((address) =>
          found(
            at,
            'address_not_listed',
            `${address} is not among the listed addresses. List it with your operators, then with PUT /v1/templates/sms-addresses.`,
          ),
        ),
    );
    return [...faults, ...unlisted];
  },
  atSend: (message) => (unlistedIn(message) ? rejected('dlt_link_not_listed') : null),
};

function unlistedIn({ sms, variables, policy }: DraftMessage): boolean {
  if (!sms || policy.addresses === null) return false;
  const { addresses } = policy;
  return [sms.text.replace(/\{#\w*#\}/g, ' '), ...Object.values(variables)].some((text) =>
    addressesIn(text).some((address) => !isListed(address, sms.header, addresses)),
  );
}

export const dndNeedsConsent: LintRule = {
  number: 9,
  demands: 'A promotional SMS to somebody on the do-not-disturb register, or of whom it is not known, needs recorded consent.',
  atPublish: (draft) =>
    isPromotional(draft) && draft.step?.mandatory === true
      ? [
          found(
            '',
            'promotion_is_mandatory',
            'Consent and the do-not-disturb register hold for every promotional SMS, so it can be no mandatory notice. Leave `mandatory` out.',
          ),
        ]
      : [],
  // Whether this person may be written to is asked in the claim, under their lock: a withdrawal takes the same one.
  atSend: ({ channel, contactRefusal }) =>
    channel === 'sms' && contactRefusal === 'dnd_no_consent' ? skipped(contactRefusal) : null,
};
