import { type Queryable } from '@wapas/database';
import { bookOf, type RateBook } from '@wapas/rates';
import { rateStore } from '@wapas/rates/store';

/** What costs are computed with. */
export const rateBook = async (reads: Queryable, { defaultCountry }: { readonly defaultCountry: string }): Promise<RateBook> =>
  bookOf(await rateStore.all(reads), defaultCountry);
