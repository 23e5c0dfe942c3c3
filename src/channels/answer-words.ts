import { type Queryable, type Seals } from '@wapas/database';

/** What an answer holds of a person. On the bus it travels sealed. */
export interface AnswerWords {
  readonly text: string | null;
  /** What a reply button carries back. */
  readonly payload: string | null;
  /** E.164; null for people whom the vendor knows by a name. */
  readonly phone: string | null;
  /** The vendor's own name for the person. */
  readonly vendorUserId: string | null;
}

const FIELD = 'answer.words';

/** As a bus event carries it. */
export function sealWords({ seals }: Queryable, words: AnswerWords): string {
  return seals.seal(FIELD, JSON.stringify(words)).toString('base64');
}

export function openWords({ seals }: { readonly seals: Seals }, words: string): AnswerWords {
  return JSON.parse(seals.openText(FIELD, Buffer.from(words, 'base64'))) as AnswerWords;
}
