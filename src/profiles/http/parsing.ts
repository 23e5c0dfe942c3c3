import { type Instant, parseInstant } from '@wapas/kernel';
import { unprocessable } from '@wapas/problems';
import { normalisePhone } from '../../ingestion/ingestion.api';
import { type Config } from '../../config/config';
import { type PersonRef } from '../identify-people';

/** A time the caller gave, or `now`. Throws a 422 for one without a zone, and for one that lies ahead. */
export function checkedMoment(text: string | undefined, now: Instant, at: string): Instant {
  if (text === undefined) return now;
  const moment = parseInstant(text);
  if (moment === null)
    throw unprocessable([{ at, code: 'bad_time', detail: 'Give RFC 3339 with a zone, such as 2026-11-23T11:02:09+05:30.' }]);
  if (moment > now + AHEAD_MS) throw unprocessable([{ at, code: 'time_out_of_range', detail: 'It must not lie in the future.' }]);
  return moment;
}

/** A clock may run a little fast. */
const AHEAD_MS = 5 * 60_000;

/** When something ends: any time with a zone. One that has passed is refused: it would never have held. */
export function checkedExpiry(text: string, now: Instant, at: string): Instant {
  const moment = parseInstant(text);
  if (moment === null || moment <= now)
    throw unprocessable([{ at, code: 'bad_time', detail: 'Give RFC 3339 with a zone, later than now.' }]);
  return moment;
}

/** Brings identifiers into our form. Throws a 422 for a number that is none, and when there is no identifier at all. */
export function checkedPerson(person: PersonRef, config: Config, at: string): PersonRef {
  const { customerId, phone, email, whatsappId } = person;
  if ([customerId, phone, email, whatsappId].every((one) => one === undefined))
    throw unprocessable([{ at, code: 'no_identifier', detail: 'Give at least one of customerId, phone, email and whatsappId.' }]);
  const number = phone === undefined ? undefined : normalisePhone(phone, config);
  if (number && !number.ok) throw unprocessable([{ at: `${at}/phone`, code: number.code, detail: number.detail }]);
  return { customerId, phone: number?.e164, email: email?.toLowerCase(), whatsappId };
}
