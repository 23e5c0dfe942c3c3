/** An amount in whole minor units (paise, cents) with its ISO 4217 currency. Never a fraction, never a float of rupees. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** How many decimals a currency's major unit has, from the runtime's ISO 4217 table (INR 2, JPY 0, KWD 3). */
export function minorUnitDigits(currency: string): number {
  let digits = knownDigits.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    if (knownDigits.size < MOST_CURRENCIES) knownDigits.set(currency, digits);
  }
  return digits;
}

/** Asking the runtime was the dearest function of a due step in a CPU profile. There are fewer currencies than this. */
const MOST_CURRENCIES = 500;
const knownDigits = new Map<string, number>();

/** `1499.00`: plain decimal text of the major unit, made with integers only. */
export function toMajorText(money: Money): string {
  const digits = minorUnitDigits(money.currency);
  if (digits === 0) return String(money.amount);
  const sign = money.amount < 0 ? '-' : '';
  const padded = String(Math.abs(money.amount)).padStart(digits + 1, '0');
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}
