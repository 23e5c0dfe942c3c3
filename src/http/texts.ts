import { type Fault } from '@wapas/problems';

const MOST_FAULTS = 20;
const LONGEST_PLACE = 200;
/** Deeper than anything that is meant, and far from what overflows the stack of those who read it by recursion. */
const MOST_LEVELS = 100;

/**
 * Texts that cannot be stored as they came: with U+0000, which Postgres refuses, or half of a surrogate pair, which would become another
 * text and, where it identifies somebody, another person. Places are JSON pointers into `value`, which is at `root`; names of fields
 * that were made up are not repeated.
 */
export function faultsOfTexts(value: unknown, root: string): Fault[] {
  const faults: Fault[] = [];
  // A list of its own instead of the stack, which what is nested too deep would overflow.
  const open: { readonly value: unknown; readonly at: string; readonly level: number }[] = [{ value, at: root, level: 0 }];
  for (let next = open.pop(); next !== undefined && faults.length < MOST_FAULTS; next = open.pop()) {
    const { value: one, at, level } = next;
    if (typeof one === 'string') faults.push(...faultsOfText(one, at || '/'));
    else if (typeof one === 'object' && one !== null) {
      if (level >= MOST_LEVELS) return [{ at: '/', code: 'too_deep', detail: `Nest at most ${MOST_LEVELS} levels.` }];
      for (const [name, field] of Object.entries(one))
        open.push({ value: field, at: at.length > LONGEST_PLACE ? at : `${at}/${nameToShow(name)}`, level: level + 1 });
    }
  }
  return faults;
}

function faultsOfText(text: string, at: string): Fault[] {
  if (text.includes('\u0000'))
    return [{ at, code: 'nul_character', detail: 'A text holds the character U+0000, which cannot be stored.' }];
  if (!text.isWellFormed())
    return [{ at, code: 'lone_surrogate', detail: 'A text holds half of a surrogate pair. Send valid Unicode.' }];
  return [];
}

const nameToShow = (name: string): string => (/^[A-Za-z0-9_]{1,40}$/.test(name) ? name : '(field)');
