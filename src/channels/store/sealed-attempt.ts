import { type Seals } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';

/** What a vendor said of a call, in its own words. `detail` holds those of before they were sealed. */
export const attemptColumn: SealedColumn = {
  table: 'attempt',
  column: 'sealed',
  key: [
    { name: 'message_id', type: 'uuid' },
    { name: 'fence', type: 'int' },
    { name: 'part', type: 'int' },
  ],
  plain: { value: 'detail', emptied: 'detail = null' },
};
const FIELD = fieldOf(attemptColumn);

/** Null when nothing was said, as of nearly every call. */
export const sealWords = (seals: Seals, words: string | undefined): Buffer | null =>
  words === undefined ? null : seals.seal(FIELD, words);

/** Null when nothing was said, it is erased, or it cannot be opened: a timeline must not fail for it. */
export function wordsIn(seals: Seals, { detail, sealed }: { detail: string | null; sealed: string | null }): string | null {
  if (sealed === null) return detail;
  try {
    return seals.openText(FIELD, Buffer.from(sealed, 'base64'));
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
