import { type FailureMeaning, followUpOf, type SendFailure } from '@wapas/provider-kit';
import { pausesAfter } from './pauses';

/**
 * A refusal that a person has to look at and that takes nothing out of use: the vendor says that the request itself is wrong, or says
 * what nobody has written down. A pause stands in the lists by itself; of this nobody would hear.
 */
export function isOurMistake(
  failure: SendFailure,
  about: { readonly provider: string; readonly template: string | null; readonly isReport: boolean },
): boolean {
  return asksForAPerson(failure) && pausesAfter(failure, about).length === 0;
}

/** Is there something that a person has to mend? Everything that is paused is among it. */
export const asksForAPerson = (failure: FailureMeaning): boolean => followUpOf(failure, false).includes('alert');
