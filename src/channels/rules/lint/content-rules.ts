import { privateNumberIn } from '../private-numbers';
import { found, type DraftTemplate, type LintRule, rejected, skipped } from './linted';
import limits from './limits.json';
import { promotionalWordIn } from './promotional-words';

/** Rules about what a message says, whatever carries it. */
export const noOffersInService: LintRule = {
  number: 3,
  demands: 'A service SMS or utility template offers nothing.',
  atPublish: (draft) => {
    if (!isService(draft)) return [];
    const own = draft.texts.flatMap(({ at, text }) => offers(at, withoutPlaceholders(text)));
    const fixed = fixedTextOf(draft);
    return fixed === null ? own : [...own, ...offers(fixed.at, fixed.text)];
  },
  atSend: ({ channel, purpose, sms, vendor, freeValues }) => {
    if (purpose !== 'service' || !isPaidChannel(channel)) return null;
    const said = [sms?.category === 'service' ? withoutTags(sms.text) : '', vendor?.body.text ?? '', ...freeValues];
    return said.some((text) => promotionalWordIn(text) !== null) ? skipped('promotional_words') : null;
  },
};

const isPaidChannel = (channel: string): boolean => channel === 'sms' || channel === 'whatsapp';
const isService = ({ channel, step, sms, vendor }: DraftTemplate): boolean =>
  isPaidChannel(channel) &&
  (step === null ? sms?.category === 'service' || vendor?.category === 'utility' : step.purpose === 'service');

function fixedTextOf({ sms, vendor }: DraftTemplate): { at: string; text: string } | null {
  if (sms) return { at: '/id', text: withoutTags(sms.text) };
  if (!vendor) return null;
  const { header, body, footer, buttons } = vendor;
  return { at: '/name', text: [header?.text, body.text, footer, ...buttons.map(({ text }) => text)].join(' ') };
}

function offers(at: string, text: string) {
  const word = promotionalWordIn(text);
  return word === null
    ? []
    : [
        found(
          at,
          'promotional_words',
          `A service message must not offer anything: "${word}". Take it out, or make the step marketing and the template promotional.`,
        ),
      ];
}

const withoutTags = (text: string): string => text.replace(/\{#\w*#\}/g, ' ');
const withoutPlaceholders = (text: string): string => text.replace(/\{\{[^}]*\}\}/g, ' ');

/** A cart without an order is no transaction, whatever its author calls it. */
export const cartsAreMarketing: LintRule = {
  number: 4,
  demands: 'What was left in a cart without an order is marketing on WhatsApp and promotional by SMS.',
  atPublish: ({ channel, step }) =>
    step !== null && isPaidChannel(channel) && step.purpose === 'service' && isCartWithout(step.matter)
      ? [
          found(
            '',
            'cart_is_marketing',
            'There is no order yet, so this message solicits a purchase. Set `purpose: marketing` on the step.',
          ),
        ]
      : [],
  atSend: ({ channel, purpose, keys }) =>
    isPaidChannel(channel) && purpose === 'service' && isCartWithout(kindsOf(keys)) ? skipped('cart_is_marketing') : null,
};

/** Templates say kycApplication, journeys kyc_application. */
const kindsOf = (keys: Readonly<Record<string, string>>): string[] =>
  Object.keys(keys).map((kind) => (kind === 'kycApplication' ? 'kyc_application' : kind));

export const isCartWithout = (kinds: readonly string[]): boolean =>
  kinds.some((kind) => limits.carts.keys.includes(kind)) && !kinds.some((kind) => limits.carts.transactions.includes(kind));

const UPI = /upi:\/\//i;

export const linksAreShort: LintRule = {
  number: 8,
  demands:
    'Links are https://host/HEADER/token of 40 characters at most by SMS; upi:// stands in no SMS and no WhatsApp message.',
  atPublish: (draft) => {
    if (!isPaidChannel(draft.channel)) return [];
    const { texts, sms, vendor, usesLink, policy, channel } = draft;
    const registered = [sms?.text, vendor?.body.text, vendor?.header?.text, ...(vendor?.buttons.map(({ url }) => url) ?? [])];
    const upi = [
      ...texts.filter(({ text }) => UPI.test(text)).map(({ at }) => at),
      ...(registered.some((text) => UPI.test(text ?? '')) ? [sms ? '/id' : '/name'] : []),
    ].map((at) =>
      found(at, 'upi_link', 'A upi:// link cannot be white-listed. Print {{link}}: it leads to a page that opens the UPI app.'),
    );
    const isLong = channel === 'sms' && usesLink && policy.link.length > limits.dlt.longestValue;
    return isLong
      ? [
          ...upi,
          found(
            '/variables',
            'link_too_long',
            `Short links are ${policy.link.length} characters long; a variable takes ${limits.dlt.longestValue}. Set WAPAS_LINK_URL to a shorter address of the same server.`,
          ),
        ]
      : upi;
  },
  atSend: ({ channel, texts }) => (isPaidChannel(channel) && texts.some((text) => UPI.test(text)) ? rejected('upi_link') : null),
};

export const nothingPrivate: LintRule = {
  number: 18,
  demands: 'No message holds a full Aadhaar, PAN, card or account number, an OTP or a CVV.',
  atPublish: ({ texts, sms, vendor }) =>
    [
      ...texts,
      ...(sms ? [{ at: '/id', text: sms.text }] : []),
      ...(vendor ? [{ at: '/name', text: vendor.body.text }] : []),
    ].flatMap(({ at, text }) => {
      const kind = privateNumberIn([text], []) ?? askedIn(text);
      return kind === null
        ? []
        : [
            found(
              at,
              `private_${kind}`,
              'Such numbers must not stand in a message. Take it out; name the document, or its last four digits.',
            ),
          ];
    }),
  atSend: ({ texts, keys }) => {
    const kind = privateNumberIn(texts, Object.values(keys));
    return kind === null ? null : skipped(`private_${kind}`);
  },
};

/** A variable that would print one: the value is not known yet, its name says it. */
function askedIn(text: string): string | null {
  const [, name] =
    /\{\{\s*properties\.(\w*(?:aadhaar|aadhar|pan_number|panNumber|card_number|cardNumber|account_number|accountNumber|cvv|otp)\w*)/i.exec(
      text,
    ) ?? [];
  return name === undefined || /last_?4|last_?four|masked/i.test(name) ? null : 'number';
}
