import { cleanCode, cleanWords, recordOf, recordsIn, vendorIdOf, type AccountNews } from '@wapas/provider-kit';
import { momentOf } from './whatsapp-cloud.inbound';

/** Whose news count. Absent parts: whoever's come. */
export interface OwnAccount {
  readonly businessAccountId?: string;
  readonly phoneNumberId: string;
  /** The number itself, digits. */
  readonly phoneNumber?: string;
}

export const ACCOUNT_FIELDS: ReadonlySet<string> = new Set([
  'account_update',
  'account_review_update',
  'account_alerts',
  'phone_number_quality_update',
  'business_capability_update',
]);

type Value = Record<string, unknown>;
/** The standing, or nothing where a person has to know and nothing can be done here. */
type Standing = Pick<AccountNews, 'standing' | 'only'>;

const RESTRICTED: Standing = { standing: 'restricted' };
const USABLE: Standing = { standing: 'usable' };

/**
 * News of the account, or in a few words why there are none. One change may hold several restrictions.
 * developers.facebook.com, WhatsApp webhooks reference, account_update, account_alerts, phone_number_quality_update and
 * business_capability_update as of Sep 2026, read 2026-11-28
 */
export function accountNewsIn(field: string, value: Value, own: OwnAccount): readonly AccountNews[] | string {
  switch (field) {
    case 'account_update':
      return updateIn(value);
    case 'account_review_update':
      return reviewIn(value);
    case 'account_alerts':
      return alertIn(value, own);
    case 'phone_number_quality_update':
      return ofNumber(value, own);
    default:
      return limitIn(value);
  }
}

/** An event without a line here (a partner was added, a price tier was reached) concerns no send. */
const EVENTS: ReadonlyMap<unknown, Standing> = new Map([
  ['ACCOUNT_DELETED', RESTRICTED],
  ['ACCOUNT_OFFBOARDED', RESTRICTED],
  ['ACCOUNT_RECONNECTED', USABLE],
  ['ACCOUNT_VIOLATION', {}],
  ['PARTNER_REMOVED', {}],
  ['PARTNER_APP_UNINSTALLED', {}],
]);
const BANS: ReadonlyMap<unknown, Standing> = new Map([
  ['DISABLE', RESTRICTED],
  ['REINSTATE', USABLE],
  ['SCHEDULE_FOR_DISABLE', {}],
]);

function updateIn(value: Value): readonly AccountNews[] | string {
  const event = value['event'];
  if (event === 'ACCOUNT_RESTRICTION') return restrictionsIn(value);
  if (event === 'DISABLED_UPDATE') {
    const ban = recordOf(value['ban_info']);
    const standing = BANS.get(ban?.['waba_ban_state']);
    if (standing === undefined) return `DISABLED_UPDATE ${cleanCode(ban?.['waba_ban_state'])}`;
    return [news('account', cleanCode(ban?.['waba_ban_state']), standing, ban?.['waba_ban_date'])];
  }
  const standing = EVENTS.get(event);
  if (standing === undefined) return `account_update ${cleanCode(event)}`;
  return [news('account', cleanCode(event), standing, recordOf(value['violation_info'])?.['violation_type'])];
}

/** Only one of them stops what we send; that no number may be added, or nobody called, does not. */
function restrictionsIn(value: Value): readonly AccountNews[] | string {
  const restrictions = recordsIn(value['restriction_info']);
  if (restrictions.length === 0) return 'ACCOUNT_RESTRICTION without a restriction';
  return restrictions.map((one) => {
    const code = cleanCode(one['restriction_type']);
    if (code !== 'RESTRICTED_BIZ_INITIATED_MESSAGING') return news('account', code, {}, one['remediation']);
    const until = momentOf(one['expiration']);
    return { ...news('account', code, RESTRICTED, one['remediation']), ...(until === null ? {} : { until }) };
  });
}

const REVIEWS: ReadonlyMap<unknown, Standing> = new Map([
  ['APPROVED', USABLE],
  ['REJECTED', RESTRICTED],
  ['PENDING', {}],
  ['DEFERRED', {}],
]);

function reviewIn({ decision }: Value): readonly AccountNews[] | string {
  const standing = REVIEWS.get(decision);
  const code = `review ${cleanCode(decision)}`;
  return standing === undefined ? `account_${code}` : [news('account', code, standing)];
}

function alertIn(value: Value, { phoneNumberId }: OwnAccount): readonly AccountNews[] | string {
  const alert = recordOf(value['alert_info']) ?? value;
  const code = cleanCode(alert['alert_type']);
  if (alert['alert_severity'] === 'INFORMATIONAL') return `account_alerts ${code}`;
  const isOfNumber = value['entity_type'] === 'PHONE_NUMBER';
  if (isOfNumber && vendorIdOf(value['entity_id']) !== phoneNumberId) return 'account_alerts of another number';
  return [news(isOfNumber ? 'sender' : 'account', code, {}, alert['alert_description'])];
}

/** FLAGGED is the last warning before Meta lowers the limit, and service messages need what is left of it: marketing waits. */
const QUALITY: ReadonlyMap<unknown, Standing> = new Map([
  ['FLAGGED', { ...RESTRICTED, only: 'marketing' }],
  ['UNFLAGGED', { ...USABLE, only: 'marketing' }],
  ['DOWNGRADE', {}],
]);

function ofNumber(value: Value, { phoneNumber }: OwnAccount): readonly AccountNews[] | string {
  const field = 'phone_number_quality_update';
  const number = (vendorIdOf(value['display_phone_number']) ?? '').replace(/\D/g, '');
  if (phoneNumber !== undefined && number !== '' && number !== phoneNumber) return `${field} of another number`;
  const standing = QUALITY.get(value['event']);
  if (standing === undefined) return `${field} ${cleanCode(value['event'])}`;
  return [
    news('sender', cleanCode(value['event']), standing, value['max_daily_conversations_per_business'] ?? value['current_limit']),
  ];
}

function limitIn(value: Value): readonly AccountNews[] | string {
  const limit = value['max_daily_conversations_per_business'] ?? value['max_daily_conversation_per_phone'];
  if (limit === undefined) return 'business_capability_update of something else';
  const most = mostPeopleIn(limit);
  const told = most === null ? 'any number of' : cleanCode(limit);
  const about = news('account', 'MESSAGING_LIMIT', {}, `${told} different customers in 24 hours`);
  return [most === undefined ? about : { ...about, mostPeoplePerDay: most }];
}

/** Meta's tiers by their names. developers.facebook.com, WhatsApp, messaging limits, read 2026-11-28 */
const TIERS: ReadonlyMap<unknown, number | null> = new Map([
  ['TIER_50', 50],
  ['TIER_250', 250],
  ['TIER_1K', 1_000],
  ['TIER_2K', 2_000],
  ['TIER_10K', 10_000],
  ['TIER_100K', 100_000],
  ['TIER_UNLIMITED', null],
]);

/** A number, or a tier by its name; -1 is no limit. Undefined: Meta said something else. */
export function mostPeopleIn(limit: unknown): number | null | undefined {
  if (limit === -1) return null;
  if (typeof limit === 'number') return Number.isInteger(limit) && limit > 0 ? limit : undefined;
  return TIERS.get(limit);
}

function news(scope: AccountNews['scope'], code: string, standing: Standing, words?: unknown): AccountNews {
  const detail = cleanWords(typeof words === 'number' ? String(words) : words);
  return { scope, ...standing, code, ...(detail === undefined ? {} : { detail }) };
}
