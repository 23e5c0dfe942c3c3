import { isListed, type ListedAddress } from './lint/addresses';
import limits from './lint/limits.json';
import { promotionalWordIn } from './lint/promotional-words';

/** An SMS template as it was approved on DLT. Categories, tags and limits are of India's rules of 2025; see the README for sources. */
export interface DltTemplate {
  /** The provider's id of it (MSG91: 24 hex digits): what journey files name. */
  readonly id: string;
  readonly language: string;
  readonly category: 'service' | 'promotional';
  /** Principal entity, 10 to 25 digits. */
  readonly entityId: string;
  /** The registered header: six letters. */
  readonly header: string;
  /** The content template's own id, 10 to 25 digits. */
  readonly dltId: string;
  readonly brand: string;
  /** As approved, variables as `{#alphanumeric#}`. */
  readonly text: string;
  /** Their names in the provider's panel, in the order of the text. */
  readonly variables: readonly string[];
  /** Why more than two variables were approved. */
  readonly reason?: string;
  /** Most SMS it may take; absent: what the deployment allows. */
  readonly mostParts?: number;
  /** What its variables look like when they are filled, by name: as DLT wants to see them, and as its parts are counted at publish. */
  readonly samples?: Readonly<Record<string, string>>;
}

/** What is wrong with a template, by which rule, and how to mend it. */
export interface TemplateFault {
  readonly rule: number;
  readonly code: string;
  readonly detail: string;
}

const TAG = /\{#(\w*)#\}/g;
const TAGS: Readonly<Record<string, RegExp>> = {
  numeric: /^[\d.,]+$/,
  alphanumeric: /^[^\n\r\t]+$/,
  url: /^https:\/\/\S+$/,
  urlott: /^https:\/\/\S+$/,
  cbn: /^\+?\d{3,15}$/,
  email: /^[^\s@]+@[^\s@]+$/,
};
const { longestValue, mostVariables, leastFixedShare } = limits.dlt;

/** Everything that would have the operator refuse it; empty: it can be used. */
export function faultsOfDltTemplate(template: DltTemplate): TemplateFault[] {
  const { text, brand, category, reason, variables } = template;
  const tags = [...text.matchAll(TAG)].map(([, tag]) => tag as string);
  const fixed = text.replace(TAG, '');
  const faults: TemplateFault[] = [];
  const add = (rule: number, code: string, detail: string): void => void faults.push({ rule, code, detail });
  if (category === 'service' && promotionalWordIn(fixed) !== null)
    add(
      3,
      'promotional_words',
      'A service message must not offer anything. Take the offer out, or register the template as promotional.',
    );
  for (const tag of new Set(tags))
    if (!Object.hasOwn(TAGS, tag))
      add(
        6,
        'untagged_variable',
        `{#${tag}#} is not accepted any more. Use ${Object.keys(TAGS)
          .map((one) => `{#${one}#}`)
          .join(', ')}.`,
      );
  if (tags.length > mostVariables && (reason ?? '') === '')
    add(6, 'too_many_variables', `There are ${tags.length} variables. Use two, or give the reason that was recorded for more.`);
  if (/#\}[\s,.;:|-]*\{#/.test(text)) add(6, 'adjacent_variables', 'Put fixed words between two variables.');
  if (fixed.length < text.length * leastFixedShare) add(6, 'too_little_fixed', 'At least 30 % of the text must be fixed.');
  if (!fixed.toLowerCase().includes(brand.toLowerCase())) add(6, 'no_brand', `The text must name the brand "${brand}".`);
  for (const [name, value] of Object.entries(template.samples ?? {})) {
    const fault = variables.includes(name) ? faultOfSample(template, name, value) : 'unknown_variable';
    if (fault !== null) add(5, 'bad_sample', `The sample of "${name}" cannot be its value: ${fault}.`);
  }
  if (variables.length !== tags.length || new Set(variables).size !== variables.length)
    add(5, 'variables_do_not_fit', `The text has ${tags.length} variables; name each of them once, in order.`);
  if (/upi:\/\//i.test(text))
    add(8, 'upi_link', 'A upi:// link cannot be white-listed. Use the https short link as a {#url#} variable.');
  if (/https?:\/\/\S*\?/i.test(fixed)) add(7, 'static_link_with_query', 'A link in the fixed text must not hold a "?".');
  return faults;
}

export type FilledTemplate =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly code: string; readonly variable: string };

/**
 * The text as the operator will see it, or why it would be refused: every value must fit its tag and be 40 characters at
 * most (rule 5), and a link must be white-listed; where nobody listed anything, hold the registered header (rule 7).
 */
export function fillDltTemplate(
  template: Pick<DltTemplate, 'text' | 'variables' | 'header'>,
  values: Readonly<Record<string, string>>,
  listed: readonly ListedAddress[] | null = null,
): FilledTemplate {
  const strange = Object.keys(values).find((name) => !template.variables.includes(name));
  if (strange !== undefined) return { ok: false, code: 'unknown_variable', variable: strange };
  let index = 0;
  let fault: { code: string; variable: string } | undefined;
  const text = template.text.replace(TAG, (_whole, tag: string) => {
    const variable = template.variables[index++] ?? '';
    const value = Object.hasOwn(values, variable) ? (values[variable] as string) : '';
    const code = faultOfValue(tag, value, template.header, listed);
    if (code !== null) fault ??= { code, variable };
    return value;
  });
  return fault === undefined ? { ok: true, text } : { ok: false, ...fault };
}

/** The text with values that nobody checks: what it would look like. A variable without one is empty. */
export function sketchDltTemplate(
  { text, variables }: Pick<DltTemplate, 'text' | 'variables'>,
  values: ReadonlyMap<string, string>,
): string {
  let index = 0;
  return text.replace(TAG, () => values.get(variables[index++] ?? '') ?? '');
}

const faultOfSample = (template: DltTemplate, name: string, value: unknown): string | null =>
  typeof value === 'string' ? faultOfOwnValue(template, name, value, null) : 'no_text';

/** What is wrong with one value; null: it passes. */
function faultOfValue(tag: string, value: string, header: string, listed: readonly ListedAddress[] | null): string | null {
  if (value === '') return 'empty_value';
  if (value.length > longestValue) return 'value_too_long';
  if (!(TAGS[tag] ?? /./).test(value)) return 'value_not_of_its_tag';
  if (tag !== 'url') return null;
  // A short link passes by the registered header in it, case and all (rules 7 and 8).
  if (listed === null) return value.includes(`/${header}/`) ? null : 'link_without_header';
  return isListed(value, header, listed) ? null : 'link_not_listed';
}

/** What each tag takes, for people. */
const TAKES: Readonly<Record<string, string>> = {
  numeric: 'digits, full stops and commas',
  alphanumeric: 'one line of text',
  url: 'an https address',
  urlott: 'an https address',
  cbn: 'the 3 to 15 digits of a telephone number',
  email: 'an e-mail address',
};

/** Of a variable; undefined: there is none of this name. */
const tagOf = ({ text, variables }: Pick<DltTemplate, 'text' | 'variables'>, name: string): string | undefined =>
  [...text.matchAll(TAG)][variables.indexOf(name)]?.[1];

/** Why the operator would refuse what stands for a variable, and the mend. `code`: as of the functions here. */
export function mendOfValue(
  { text, variables, header }: Pick<DltTemplate, 'text' | 'variables' | 'header'>,
  name: string,
  code: string,
): string {
  const tag = tagOf({ text, variables }, name) ?? '';
  switch (code) {
    case 'unknown_variable':
      return `The registered template has the variables ${variables.join(', ')}.`;
    case 'empty_value':
      return 'The operator refuses an empty value. Give it one.';
    case 'value_too_long':
      return `The operator refuses a value of more than ${longestValue} characters. Shorten it.`;
    case 'value_not_of_its_tag':
      return `The operator takes ${TAKES[tag] ?? 'something else'} for {#${tag}#}. Give that, or have the variable approved with another tag.`;
    case 'link_without_header':
      return `The operator lets a link pass that holds the registered header: …/${header}/…. Use the short link, or list its address with PUT /v1/templates/sms-addresses.`;
    default:
      return 'The operator refuses a link that is not white-listed. Have it listed, and write it down with PUT /v1/templates/sms-addresses.';
  }
}

/** What of a value written by hand is already known to be refused; a value with placeholders is looked at when it is filled. */
export function faultOfOwnValue(
  template: DltTemplate,
  name: string,
  value: string,
  listed: readonly ListedAddress[] | null,
): string | null {
  const tag = tagOf(template, name);
  return tag === undefined ? null : faultOfValue(tag, value, template.header, listed);
}
