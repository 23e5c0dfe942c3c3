import { type Fault } from '@wapas/problems';

const MAX_DEPTH = 20;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_FAULTS = 20;

/**
 * What JSON.parse accepts and we cannot keep faithfully: depth that overflows a serialiser, NUL and lone surrogates that
 * Postgres refuses, whole numbers that a double has already changed, and keys that reach for an object's prototype.
 */
export function faultsOfJson(value: unknown): Fault[] {
  if (isClean(value, 0)) return [];
  const faults: Fault[] = [];
  visit(value, '', 0, faults);
  return faults;
}

/** Whether there is nothing to say: nearly always, so it builds no paths. */
function isClean(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isCleanText(value);
  if (typeof value === 'number') return isExact(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isClean(item, depth + 1));
  for (const key of Object.keys(value)) {
    if (!isCleanText(key) || reachesForPrototype(key)) return false;
    if (!isClean((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

const isCleanText = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
const isExact = (value: number): boolean => Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
/** All three of the names have an o in them; few other keys need the closer look. */
const reachesForPrototype = (key: string): boolean =>
  key.includes('o') && key.split('.').some((part) => FORBIDDEN_KEYS.has(part));

function visit(value: unknown, at: string, depth: number, faults: Fault[]): void {
  if (faults.length >= MAX_FAULTS) return;
  if (typeof value === 'string') checkText(value, at, faults);
  else if (typeof value === 'number') checkNumber(value, at, faults);
  else if (typeof value === 'object' && value !== null) {
    if (depth >= MAX_DEPTH) faults.push({ at: '/', code: 'too_deep', detail: `Nest at most ${MAX_DEPTH} levels.` });
    else if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${at}/${index}`, depth + 1, faults));
    else visitFields(value as Record<string, unknown>, at, depth, faults);
  }
}

function visitFields(fields: Record<string, unknown>, at: string, depth: number, faults: Fault[]): void {
  let position = 0;
  for (const key of Object.keys(fields)) {
    // Known names are safe to repeat in an answer; anything else is counted instead.
    const path = `${at}/${SAFE_NAME.test(key) ? key : `(field ${position})`}`;
    if (reachesForPrototype(key))
      faults.push({ at, code: 'forbidden_key', detail: 'A key here is the name of an object internal. Rename it.' });
    else {
      checkText(key, at, faults);
      visit(fields[key], path, depth + 1, faults);
    }
    position += 1;
  }
}

const SAFE_NAME = /^[A-Za-z_]{1,40}$/;

function checkText(text: string, at: string, faults: Fault[]): void {
  if (text.includes('\u0000'))
    faults.push({ at, code: 'nul_character', detail: 'A text holds the character U+0000, which cannot be stored.' });
  else if (!text.isWellFormed())
    faults.push({ at, code: 'lone_surrogate', detail: 'A text holds half of a surrogate pair. Send valid Unicode.' });
}

function checkNumber(value: number, at: string, faults: Fault[]): void {
  if (!Number.isFinite(value))
    faults.push({ at, code: 'number_out_of_range', detail: 'The number is too large to be kept exactly. Send it as a string.' });
  else if (Number.isInteger(value) && !Number.isSafeInteger(value))
    faults.push({ at, code: 'number_not_exact', detail: 'Whole numbers beyond 2^53 lose digits in JSON. Send it as a string.' });
}
