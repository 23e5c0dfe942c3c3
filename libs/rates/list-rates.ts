import { type Rate, type RateBook } from './rate';

/**
 * What messages cost before tax, dated. They are list prices of others' accounts: an operator's own contract goes into the
 * rate table by `PUT /v1/analytics/rates` and wins. Prices are in thousandths of the currency's minor unit.
 */
export const LIST_RATES: readonly Rate[] = [
  { channel: 'push', category: null, country: 'IN', currency: 'INR', from: '2020-01-01', price: 0, source: 'FCM is free of charge, firebase.google.com/pricing, read 2026-11-23' },
  // WhatsApp, India, per delivered message since 2025-07-01: several vendors' rate pages, read 2026-11-23.
  { channel: 'whatsapp', category: 'marketing', country: 'IN', currency: 'INR', from: '2025-07-01', price: 78_460, source: 'WhatsApp rate card India 2025 (0.7846), as quoted by vendors, read 2026-11-23' },
  { channel: 'whatsapp', category: 'marketing', country: 'IN', currency: 'INR', from: '2026-01-01', price: 86_310, source: 'WhatsApp rate card India 2026 (0.8631), as quoted by vendors, read 2026-11-23' },
  { channel: 'whatsapp', category: 'utility', country: 'IN', currency: 'INR', from: '2025-07-01', price: 11_500, source: 'WhatsApp rate card India (0.115), as quoted by vendors, read 2026-11-23' },
  { channel: 'whatsapp', category: 'authentication', country: 'IN', currency: 'INR', from: '2025-07-01', price: 11_500, source: 'WhatsApp rate card India (0.115), as quoted by vendors, read 2026-11-23' },
  { channel: 'whatsapp', category: 'service', country: 'IN', currency: 'INR', from: '2025-07-01', price: 0, source: 'free until 2026-10-01, as quoted by vendors, read 2026-11-23' },
  { channel: 'whatsapp', category: 'service', country: 'IN', currency: 'INR', from: '2026-10-01', price: 11_500, source: 'billed at the utility rate from 2026-10-01; reported, not confirmed by Meta, read 2026-11-23' },
  // The middle of what is quoted, 0.10 to 0.35: the first price to replace by one's own.
  { channel: 'sms', category: null, country: 'IN', currency: 'INR', from: '2025-01-01', price: 20_000, source: 'quotes of 0.10 to 0.35 per part, middle taken, read 2026-11-23' },
]; // prettier-ignore

/** GST on messaging services in India, in percent; printed apart. Quoted with the rates above, read 2026-11-23. */
export const GST_PERCENT: Readonly<Record<string, number>> = { INR: 18 };

/** What is assumed of a message of which nothing is known: neither its vendor's word, nor its template's category, nor its step's purpose. */
export const ASSUMED_CATEGORY: Readonly<Record<string, string>> = { whatsapp: 'utility' };

/** Channels whose gateways charge for what they took and could not deliver (MSG91 says so of failed and DND-blocked SMS, read 2026-11-23). */
export const CHARGED_FOR_FAILURES: ReadonlySet<string> = new Set(['sms']);

/** The deployment's own rates, and the listed ones where none of those has begun. `country`: ISO 3166. */
export const bookOf = (own: readonly Rate[], country: string): RateBook => ({
  own,
  listed: LIST_RATES,
  country,
  assumedCategory: ASSUMED_CATEGORY,
  gstPercent: GST_PERCENT,
});
