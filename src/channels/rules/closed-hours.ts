import { between, type Instant, minutes } from '@wapas/kernel';
import { nextOpening } from '@wapas/local-hours';
import { type OpenHours } from '@wapas/provider-kit';

/** Two clocks disagree about the minute: when it should be open, the vendor is asked again so soon. */
const CLOCKS_AGREE_WITHIN = minutes(1);

/** For how long a vendor that is closed at this hour takes nothing of the kind, in milliseconds of business time. */
export function closedForMs({ from, to, zone }: OpenHours, now: Instant): number {
  const opening = nextOpening({ from: minuteOf(from), to: minuteOf(to), zone }, now);
  return opening === null ? CLOCKS_AGREE_WITHIN : between(now, opening);
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}
