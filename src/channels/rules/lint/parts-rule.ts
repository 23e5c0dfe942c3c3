import { type DltTemplate, fillDltTemplate, sketchDltTemplate } from '../dlt-template';
import { type SmsParts, smsPartsOf } from '../sms-parts';
import { type DraftTemplate, type Finding, found, type LintPolicy, type LintRule, skipped } from './linted';

/**
 * What a placeholder prints when nobody gave a sample: as long as the order ids of Razorpay, and in Latin letters. A name in
 * Devanagari makes SMS of 70 characters; whoever expects such names registers one as the sample.
 */
const SAMPLE = 'order_9A33XWu170gUtm';

/** Code of the finding that a text is too long. */
export const TOO_MANY_PARTS = 'too_many_parts';

/** Each part is billed as an SMS: a long value, or one character outside GSM-7, must not make three of one unnoticed. */
export const partsAreBounded: LintRule = {
  number: 53,
  demands: 'An SMS takes no more parts than its template, or else the deployment, allows.',
  atPublish: (draft) => {
    const { sms, policy } = draft;
    if (!sms) return [];
    const parts = smsPartsOf(sketchDltTemplate(sms, samplesOf(draft, sms)));
    return tooManyParts(sms, parts, policy);
  },
  // A mandatory notice goes out however long it has become: what it costs holds it back nowhere else either.
  atSend: ({ sms, variables, policy, mandatory }) => {
    if (!sms || mandatory) return null;
    const filled = fillDltTemplate(sms, variables, policy.addresses);
    return filled.ok && smsPartsOf(filled.text).parts > mostPartsOf(sms, policy) ? skipped('sms_too_many_parts') : null;
  },
};

/** What a text that is known, or made of samples, breaks: for the linter and for previews. */
export function tooManyParts(sms: DltTemplate, { parts, encoding, places, unusual }: SmsParts, policy: LintPolicy): Finding[] {
  const most = mostPartsOf(sms, policy);
  if (parts <= most) return [];
  const why = unusual.length === 0 || unusual.length > 5 ? '' : ` because of ${unusual.map((one) => `"${one}"`).join(', ')}`;
  return [
    found(
      '/id',
      TOO_MANY_PARTS,
      `Filled with its samples it takes ${places} places of ${encoding}${why}: ${parts} SMS, and ${most} are allowed. Shorten it, or raise \`mostParts\` of the registered template or WAPAS_SMS_MOST_PARTS.`,
    ),
  ];
}

const mostPartsOf = ({ mostParts }: DltTemplate, { mostSmsParts }: LintPolicy): number => mostParts ?? mostSmsParts;

/** By variable. A sample is registered with the template; our own link is known to the character; text that was written by hand is itself. */
function samplesOf({ texts, policy: { link } }: DraftTemplate, { samples = {} }: DltTemplate): Map<string, string> {
  const written = new Map(texts.map(({ at, text }) => [at.slice('/variables/'.length), text]));
  const shown = [...written].map(([name, text]): [string, string] => {
    const holdsValue = /\{\{(?!\s*link(?:_token)?\s*\})/.test(text);
    const registered = Object.hasOwn(samples, name) ? samples[name] : undefined;
    return [name, holdsValue && registered !== undefined ? registered : inSamples(text, link)];
  });
  return new Map([...Object.entries(samples).filter(([name]) => !written.has(name)), ...shown]);
}

const inSamples = (text: string, { prefix, length }: LintPolicy['link']): string =>
  text
    .replace(/\{\{\s*link\s*\}\}/g, prefix.padEnd(length, 'x'))
    .replace(/\{\{\s*link_token\s*\}\}/g, 'x'.repeat(length - prefix.length))
    .replace(/\{\{[^}]*\}\}/g, SAMPLE);
