import { type Queryable, type Seals } from '@wapas/database';

/** The numbers of a change, E.164. On the bus they travel sealed. */
export interface ChangedNumbers {
  readonly from: string;
  readonly to: string;
}

const FIELD = 'number.change';

/** As a bus event carries them. */
export function sealNumbers({ seals }: Pick<Queryable, 'seals'>, numbers: ChangedNumbers): string {
  return seals.seal(FIELD, JSON.stringify(numbers)).toString('base64');
}

export function openNumbers({ seals }: { readonly seals: Seals }, numbers: string): ChangedNumbers {
  return JSON.parse(seals.openText(FIELD, Buffer.from(numbers, 'base64'))) as ChangedNumbers;
}
