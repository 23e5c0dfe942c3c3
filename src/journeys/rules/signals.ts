import { type Answer, type Signal } from './definition';

const ENGAGED: readonly Signal[] = ['opened', 'read', 'clicked', 'replied'];
/**
 * What a stronger signal proves about a weaker one: a click is a read, a read a delivery, also when no receipt said so. WhatsApp says
 * `read` and a push `opened`: a journey that asks for the other word means the same.
 */
const PROVED_BY: Partial<Record<Signal, readonly Signal[]>> = {
  delivered: ['delivered', ...ENGAGED],
  read: ENGAGED,
  opened: ENGAGED,
  engaged: ENGAGED,
};

/** Signals of which each alone proves the wanted one. */
export const waysTo = (wanted: Signal): readonly Signal[] => PROVED_BY[wanted] ?? [wanted];

export function isKnown(signals: readonly Signal[], wanted: Signal): boolean {
  return waysTo(wanted).some((signal) => signals.includes(signal));
}

/** Was it so? A message that failed for good was read by nobody; of one that is silent nothing is known. */
export function answerOf(signals: readonly Signal[], wanted: Signal): Answer {
  if (isKnown(signals, wanted)) return 'yes';
  const isRuledOut = wanted === 'failed' ? isKnown(signals, 'delivered') : signals.includes('failed');
  return isRuledOut ? 'no' : 'unknown';
}
