/** The GSM 7-bit alphabet and the characters that cost two places in it. 3GPP TS 23.038 (known, not re-read). */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENDED = '^{}\\[~]|€';

export interface SmsParts {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Places that the text takes, of 160 (153 in each of several) or 70 (67). */
  readonly places: number;
  readonly parts: number;
  /** The characters that force 70 instead of 160 places, each once. */
  readonly unusual: readonly string[];
}

/** How many SMS a text takes, and why. Each part is billed. */
export function smsPartsOf(text: string): SmsParts {
  const characters = [...text];
  const unusual = [...new Set(characters.filter((one) => !BASIC.includes(one) && !EXTENDED.includes(one)))];
  const encoding = unusual.length === 0 ? 'GSM-7' : 'UCS-2';
  const places = encoding === 'UCS-2' ? text.length : characters.reduce((sum, one) => sum + (EXTENDED.includes(one) ? 2 : 1), 0);
  const [alone, among] = encoding === 'GSM-7' ? [160, 153] : [70, 67];
  return { encoding, places, parts: places <= alone ? 1 : Math.ceil(places / among), unusual };
}
