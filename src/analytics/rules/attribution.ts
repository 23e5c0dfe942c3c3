/**
 * A goal is attributed to the last message that a provider accepted before it, if that was no longer ago than this, in
 * hours. "Attributed" says "touched"; what messages caused is the difference from the holdout. 24 hours is the primary
 * window of failed payments; a push is over sooner, since it expires with its step.
 */
export const ATTRIBUTION_HOURS: Readonly<Record<string, number>> = { push: 24, whatsapp: 72, sms: 24 };
const OTHER_CHANNELS_HOURS = 24;

export const attributionHours = (channel: string): number => ATTRIBUTION_HOURS[channel] ?? OTHER_CHANNELS_HOURS;
