import { type Instant, parseInstant } from '@wapas/kernel';
import { type Fault, unprocessable } from '@wapas/problems';
import { faultsOfIds, normalisePhone } from '../../ingestion/ingestion.api';
import { type Config } from '../../config/config';
import { type PersonRef } from '../identify-people';

/** A clock may run a little fast. */
const AHEAD_MS = 5 * 60_000;

/** A time the caller gave, or `now`. One without a zone, or that lies ahead, is a fault. */
export function momentIn(text: string | undefined, now: Instant, at: string, faults: Fault[]): Instant {
  if (text === undefined) return now;
  const moment = parseInstant(text);
  if (moment === null)
    faults.push({ at, code: 'bad_time', detail: 'Give RFC 3339 with a zone, such as 2026-11-23T11:02:09+05:30.' });
  else if (moment > now + AHEAD_MS) faults.push({ at, code: 'time_out_of_range', detail: 'It must not lie in the future.' });
  return moment ?? now;
}

/** When something ends: any time with a zone. One that has passed is a fault: it would never have held. */
export function expiryIn(text: string, now: Instant, at: string, faults: Fault[]): Instant {
  const moment = parseInstant(text);
  if (moment === null || moment <= now)
    faults.push({ at, code: 'bad_time', detail: 'Give RFC 3339 with a zone, later than now.' });
  return moment ?? now;
}

/** Brings identifiers into our form. A number that is none is a fault, and so is no identifier at all. */
export function personIn(person: PersonRef, config: Config, at: string, faults: Fault[]): PersonRef {
  const { customerId, phone, email, whatsappId } = person;
  if ([customerId, phone, email, whatsappId].every((one) => one === undefined))
    faults.push({ at, code: 'no_identifier', detail: 'Give at least one of customerId, phone, email and whatsappId.' });
  faults.push(...faultsOfIds({ customerId }, at));
  const number = phone === undefined ? undefined : normalisePhone(phone, config);
  if (number && !number.ok) faults.push({ at: `${at}/phone`, code: number.code, detail: number.detail });
  return { customerId, phone: number?.ok ? number.e164 : undefined, email: email?.toLowerCase(), whatsappId };
}

/** Throws a 422 that names them all; nothing when there are none. */
export function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0) throw unprocessable(faults);
}
