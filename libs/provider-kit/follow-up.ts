import { type FailureMeaning } from './outcome';

/**
 * What follows from a failure.
 * - `try_again`: the message is claimed again, by the same provider, as long as its step is worth it.
 * - `next_address`: this address is not used again on the channel (for `holdsForMs`); another one of the person is, else the run falls forward.
 * - `try_once_more`, `other_provider_once`: before it is over, one further attempt as "again" of the row says.
 * - `fall_forward`: the message is over; another wording that its author gave (where the template is to blame), another provider of the
 *   channel or the next channel goes ahead at once.
 * - `wait_for_receipt`: nobody sends it again; a receipt settles it, or a person sees it listed.
 * - `hold_sender`, `hold_account`: nothing more goes out through it until the wait is over; after `throttled` at half the rate, which
 *   climbs back within minutes.
 * - `suppress`, `suppress_marketing`: the person is not written to on this channel, or not for marketing.
 * - `pause_…`: nothing more goes out with this template, from this sender or account until `holdsForMs` is over, a
 *   webhook of the vendor says it is well again, or a person says so; `pause_sender_marketing` for marketing alone.
 * - `alert`: a person has to look.
 */
export type FollowUp = (typeof FOLLOW_UPS)[number];
export const FOLLOW_UPS = [
  'try_again',
  'next_address',
  'try_once_more',
  'other_provider_once',
  'fall_forward',
  'wait_for_receipt',
  'hold_sender',
  'hold_account',
  'suppress',
  'suppress_marketing',
  'pause_template',
  'pause_sender',
  'pause_sender_marketing',
  'pause_account',
  'alert',
] as const;

/** What class and scope lead to. `resendIsSafe` is the provider's: only then is an unknown outcome sent again. */
export function followUpOf(meaning: FailureMeaning, resendIsSafe: boolean): FollowUp[] {
  const follows = followUpOfClass(meaning, resendIsSafe);
  return meaning.unlisted && !follows.includes('alert') ? [...follows, 'alert'] : follows;
}

function followUpOfClass(meaning: FailureMeaning, resendIsSafe: boolean): FollowUp[] {
  switch (meaning.class) {
    case 'temporary':
    case 'throttled':
      return ['try_again', ...hold(meaning)];
    case 'unknown_outcome':
      return [resendIsSafe ? 'try_again' : 'wait_for_receipt'];
    case 'bad_address':
      return ['next_address'];
    case 'opted_out':
      return ['fall_forward', meaning.only === undefined ? 'suppress' : 'suppress_marketing'];
    case 'bad_content':
    case 'bad_credentials':
      // A credential that only some addresses need (Apple's key): those wait, the others go on.
      if (meaning.scope === 'address') return ['next_address', 'alert'];
      return ['fall_forward', ...pause(meaning), 'alert'];
    case 'refused':
      return [...further(meaning), 'fall_forward', ...afterRefusal(meaning)];
  }
}

function further({ again }: FailureMeaning): FollowUp[] {
  if (again === undefined) return [];
  return [again === 'same' ? 'try_once_more' : 'other_provider_once'];
}

function hold({ scope }: FailureMeaning): FollowUp[] {
  return scope === 'sender' || scope === 'account' ? [`hold_${scope}`] : [];
}

function pause({ scope, only }: FailureMeaning): FollowUp[] {
  if (scope === 'sender') return [only === undefined ? 'pause_sender' : 'pause_sender_marketing'];
  return scope === 'template' || scope === 'account' ? [`pause_${scope}`] : [];
}

function afterRefusal(meaning: FailureMeaning): FollowUp[] {
  if (meaning.scope === 'address') return [meaning.only === undefined ? 'suppress' : 'suppress_marketing'];
  const pauses = pause(meaning);
  return pauses.length > 0 ? [...pauses, 'alert'] : [];
}
