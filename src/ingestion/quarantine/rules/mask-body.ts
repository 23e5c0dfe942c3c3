const MOST_CHARACTERS = 8_192;
/** What is masked before it is cut: a value that the cut would halve is whole here. */
const LOOKED_AT = 32_768;

/** Fields whose value says who somebody is, however a vendor spells them. */
const PERSONAL =
  'name|first|last|given|surname|email|mail|phone|mobile|contact|msisdn|tel|address|street|line1|line2|city|zip|postal|pincode|vpa|upi|birth|dob|gender|pan|aadhaar|account|ifsc|iban|card|holder|client_?ip|user_?ip|remote_?addr|password|secret|token|otp|cvv';
const JSON_FIELD = new RegExp(
  `("(?!event_?name")[^"\\\\]{0,40}(?:${PERSONAL})[^"\\\\]{0,40}"\\s*:\\s*)"((?:[^"\\\\]|\\\\.)*)("|$)`,
  'gi',
);
const JSON_NUMBER = new RegExp(`("[^"\\\\]{0,40}(?:${PERSONAL})[^"\\\\]{0,40}"\\s*:\\s*)(-?\\d[\\d.eE+-]*)`, 'gi');
const FORM_FIELD = new RegExp(`((?:^|&)[^=&]{0,40}(?:${PERSONAL})[^=&]{0,40}=)([^&]*)`, 'gi');
/** Names of fields too, so that none of their quotes is taken for the beginning of a value. */
const STRING = /"((?:[^"\\]|\\.)*)("\s*:|"|$)/g;
const MAIL = /[^\s"'<>=&,:;]{1,64}(?:@|%40)[^\s"'<>=&,:;]{1,189}/g;
const DIGITS = /\+?\d(?:[\s().-]?\d){7,18}/g;
/** Unix seconds or milliseconds of our decades: times are what one looks for, and no phone number begins so. */
const TIME = /^1[5-9]\d{8}(?:\d{3})?$/;

/**
 * The beginning of a body as text, for a person who mends a mapping: its shape, field names, codes and times stay; what may say who
 * somebody is shows its last four characters at the most. Better too much masked than too little.
 */
export function maskBody(rawBody: Buffer): { readonly text: string; readonly isShortened: boolean } {
  const looked = rawBody.subarray(0, LOOKED_AT).toString('utf8');
  const masked = looked
    .replace(JSON_FIELD, (_all, field: string, value: string, end: string) => `${field}"${maskText(value)}${end}`)
    .replace(JSON_NUMBER, (_all, field: string, value: string) => `${field}${maskText(value)}`)
    .replace(FORM_FIELD, (_all, field: string, value: string) => `${field}${maskText(value)}`)
    .replace(STRING, (all, value: string, end: string) =>
      !end.endsWith(':') && isProse(value) ? `"${DOTS}(${value.length})${end}` : all,
    )
    .replace(MAIL, maskText)
    .replace(DIGITS, (digits) => (TIME.test(digits) ? digits : maskText(digits)));
  return { text: masked.slice(0, MOST_CHARACTERS), isShortened: masked.length > MOST_CHARACTERS || rawBody.length > LOOKED_AT };
}

const DOTS = '••••';
/** A space or a letter beyond ASCII makes it a name, an address, a comment. */
const isProse = (value: string): boolean => /\s|[^\x20-\x7e]|\\u[0-9a-f]{4}/i.test(value) && !value.startsWith(DOTS);

/** Four characters are shown of eight or more, as everywhere; of less, none. */
function maskText(value: string): string {
  if (value === '' || value.startsWith(DOTS)) return value;
  const plain = value.replace(/[^A-Za-z0-9]/g, '');
  return /^\d{8,}$/.test(plain) ? `${DOTS}${plain.slice(-4)}` : DOTS;
}
