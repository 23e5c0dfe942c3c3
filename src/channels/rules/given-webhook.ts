import {
  AGAIN,
  ERROR_CLASSES,
  FAILURE_SCOPES,
  type ParsedWebhook,
  RECEIPT_KINDS,
  recordOf,
  type Verification,
} from '@wapas/provider-kit';
import { areStrikes, isPlainText, isTime } from './given-outcome';

/** What a provider read in a webhook, as far as it can be used, and what of it was none of the sort. */
export interface GivenWebhook {
  readonly heard: ParsedWebhook;
  readonly faults: readonly string[];
}

type Part = Record<string, unknown>;
type Asked = readonly (readonly [name: string, fits: (value: unknown) => boolean])[];

const LONGEST_ID = 512;
/** A time in seconds, the commonest mistake, lies in January 1970. */
const EARLIEST = Date.UTC(2001, 8, 9);
const LATEST = Date.UTC(2286, 10, 20);

/** As much as a column of ours holds. */
const MOST = 2 ** 31 - 1;
const MOST_PARTS = 1_000;

const isId = (value: unknown): boolean => isPlainText(value, LONGEST_ID);
const isAt = (value: unknown): boolean => typeof value === 'number' && value >= EARLIEST && value < LATEST;
const isPhone = (value: unknown): boolean => typeof value === 'string' && /^\+\d{5,18}$/.test(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST;
const isText = (value: unknown): boolean => typeof value === 'string';
const isOneOf =
  (...words: readonly unknown[]) =>
  (value: unknown): boolean =>
    words.includes(value);
function isBilling(value: unknown): boolean {
  const { billable, category, parts } = recordOf(value) ?? { parts: Number.NaN };
  const arePartsFine = parts === undefined || (isCount(parts) && (parts as number) <= MOST_PARTS);
  return arePartsFine && (billable === undefined || typeof billable === 'boolean') && (category === undefined || isId(category));
}
const maybe =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || fits(value);

/** What each part of a parsed webhook has to be for our tables to take it; the rest of a part is the provider's. */
const PARTS: Readonly<Record<string, Asked>> = {
  receipts: [
    ['kind', isOneOf(...RECEIPT_KINDS)],
    ['at', isAt],
    ['attemptId', maybe(isId)],
    ['vendorId', maybe(isId)],
    ['phone', maybe(isPhone)],
    ['code', maybe(isId)],
    ['class', maybe(isOneOf(...ERROR_CLASSES.filter((one) => one !== 'unknown_outcome')))],
    ['scope', maybe(isOneOf(...FAILURE_SCOPES))],
    ['only', maybe(isOneOf('marketing'))],
    ['again', maybe(isOneOf(...AGAIN))],
    ['holdsForMs', maybe(isTime)],
    ['strikes', maybe(areStrikes)],
    ['billing', maybe(isBilling)],
  ],
  inbound: [
    ['id', isId],
    ['at', isAt],
    ['kind', isOneOf('text', 'button', 'other')],
    ['text', maybe(isText)],
    ['payload', maybe(isText)],
    ['answers', maybe(isId)],
    ['phone', maybe(isPhone)],
    ['vendorUserId', maybe(isId)],
  ],
  preferences: [
    ['value', isOneOf('stop', 'resume')],
    ['at', isAt],
    ['phone', isPhone],
  ],
  numberChanges: [
    ['id', isId],
    ['at', isAt],
    ['from', isPhone],
    ['to', isPhone],
  ],
  templates: [
    ['template', isId],
    ['language', isId],
    ['status', maybe(isOneOf('usable', 'paused', 'gone'))],
  ],
  account: [
    ['scope', isOneOf('account', 'sender')],
    ['code', isId],
    ['standing', maybe(isOneOf('restricted', 'usable'))],
    ['at', maybe(isAt)],
    ['until', maybe(isAt)],
    ['mostPeoplePerDay', maybe((value) => value === null || isCount(value))],
  ],
};

/**
 * A provider may be code of somebody else. What is no receipt, no answer and no news is left out and named; the rest of the webhook is
 * heard. Null: what it gave is no parsed webhook at all, and none of it can be heard.
 */
export function givenWebhook(given: unknown): GivenWebhook | null {
  const parsed = recordOf(given);
  if (!Array.isArray(parsed?.['receipts'])) return null;
  const faults: string[] = [];
  const heard = Object.fromEntries(
    Object.entries(PARTS).flatMap(([name, asked]) => {
      const list = parsed[name];
      if (list === undefined) return [];
      if (!Array.isArray(list)) faults.push(`${name} is no list`);
      return [[name, (Array.isArray(list) ? list : []).filter((part) => fits(name, recordOf(part), asked, faults))]];
    }),
  );
  const words = (name: string): string[] => {
    const list = Array.isArray(parsed[name]) ? parsed[name] : [];
    return list.filter((word) => typeof word === 'string');
  };
  return {
    heard: { ...heard, unlisted: words('unlisted'), leftovers: words('leftovers') } as unknown as ParsedWebhook,
    faults,
  };
}

function fits(list: string, part: Part | null, asked: Asked, faults: string[]): boolean {
  const wrong = part === null ? 'an entry' : asked.find(([name, isFit]) => !isFit(part[name]))?.[0];
  if (wrong !== undefined) faults.push(`${wrong} of ${list} cannot be used`);
  return wrong === undefined;
}

/** What a provider gave as its verdict on who posted; null: none, which is no reason to believe anybody. */
export function givenVerification(given: unknown): Verification | null {
  const { authentic } = recordOf(given) ?? {};
  return authentic === true || authentic === false ? (given as Verification) : null;
}
