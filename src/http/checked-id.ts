import { isId } from '@wapas/kernel';
import { Problem } from '@wapas/problems';

/** Throws a 400 for what is no id: a query by it would find nothing or, worse, something. */
export function checkedId(id: string): string {
  if (!isId(id)) throw new Problem(400, 'bad_id', 'The id must be a UUID in lower case.');
  return id;
}
