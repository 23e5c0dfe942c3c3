/**
 * Why something failed, in the words that journeys branch on. Situations differ, and one text for all of them is the common error:
 * who typed a wrong PIN is told to try again, who may have been debited is told to wait.
 */
export const REASON_CLASSES = {
  pending: 'Nobody knows yet whether it went through. Never "pay again".',
  timeout: 'No answer in time; the money may have left the account. Never "pay again".',
  infrastructure: 'A bank, the network or the gateway was down or made an error.',
  user_error: 'The customer entered something wrong or did not prove who they are, and can try again.',
  insufficient_funds: 'There was not enough money in the account.',
  limit_exceeded: 'A limit of amount or number is used up: another method, or later.',
  instrument: 'This card, account or app cannot be used: another method is needed.',
  payer_declined: 'The customer or their bank said no.',
  payer_cancelled: 'The customer went away or cancelled before it was done.',
  risk: 'Refused as fraud, risk or breach of a rule. Not to be nudged.',
  business: "The seller's own setup or request was wrong. Nothing a customer could repair.",
  mandate_dead: 'The mandate has ended or was never valid: it must be set up again.',
  revoked: 'The customer has revoked or stopped the mandate.',
  account_holder: 'Something has happened to the account holder. A matter for people, not for messages.',
  blurry: 'A photo cannot be read.',
  glare: 'A photo shows a reflection.',
  cropped: 'Part of the document or of its data is not in the picture.',
  name_mismatch: 'Names or other data differ between the document and the application.',
  expired_document: 'The document has expired.',
  wrong_document: 'Another document, side or original is needed.',
  selfie: 'The photo or video of the face has to be made again.',
  aadhaar_otp: 'The one-time password of Aadhaar did not work.',
  final: 'Rejected for good. Never "try again".',
  unknown: 'The source gave a reason that is not in our tables, or none.',
} as const;

export type ReasonClass = keyof typeof REASON_CLASSES;

/** How a vendor's codes are to be understood. Data: what it says, where that stands, and when it was read. */
export interface ReasonTable {
  readonly name: string;
  /** What the codes are, for people. */
  readonly title: string;
  readonly origin: {
    readonly from: string;
    readonly readOn: string;
    /** `verified`: read in the vendor's own pages. `secondary`: in others' copies of them. `assumed`: see the table's own comment. */
    readonly as: 'verified' | 'secondary' | 'assumed';
  };
  /** Codes by the class they belong to. */
  readonly codes: Readonly<Partial<Record<ReasonClass, readonly string[]>>>;
}

/** The classes of a table by code, as a mapping takes them. A code that stands in two classes is a mistake and throws. */
export function classesOf({ name, codes }: ReasonTable): Readonly<Record<string, ReasonClass>> {
  const classes: [string, ReasonClass][] = Object.entries(codes).flatMap(([kind, all]) =>
    all.map((code): [string, ReasonClass] => [code, kind as ReasonClass]),
  );
  const byCode = new Map(classes);
  if (byCode.size < classes.length) throw new Error(`The reason table ${name} has a code in two classes.`);
  return Object.freeze(Object.fromEntries(byCode));
}

/** The class of the first word that a table knows; `unknown` for anything else, `constructor` included. */
export function classOf(
  ...asked: readonly (readonly [word: string | undefined, table: Readonly<Record<string, ReasonClass>>])[]
) {
  for (const [word, table] of asked) if (word !== undefined && Object.hasOwn(table, word)) return table[word] as ReasonClass;
  return 'unknown';
}
