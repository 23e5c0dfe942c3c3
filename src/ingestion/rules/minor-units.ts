const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const DECIMAL = /^(\d{1,12})(?:\.(\d{1,6}))?$/;

/**
 * Many sources speak of money in major units (`1499.5`, "1499.00"); Wapas in minor ones. Gives null when the currency is unknown,
 * when there are more decimals than the currency has, or when it is not more than nothing.
 */
export function toMinorUnits(value: unknown, currency: unknown): { amount: number; currency: string } | null {
  if (typeof currency !== 'string' || !CURRENCIES.has(currency.toUpperCase())) return null;
  const match = DECIMAL.exec(typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '');
  if (!match) return null;
  const code = currency.toUpperCase();
  const digits = digitsOf(code);
  const [, whole = '', fraction = ''] = match;
  // Digits move, nothing is multiplied: 1499.1 × 100 is not a whole number for a computer.
  const kept = fraction.replace(/0+$/, '');
  if (kept.length > digits) return null;
  const amount = Number(whole + kept.padEnd(digits, '0'));
  return amount > 0 && Number.isSafeInteger(amount) ? { amount, currency: code } : null;
}

const digitsByCurrency = new Map<string, number>();

function digitsOf(currency: string): number {
  const known = digitsByCurrency.get(currency);
  if (known !== undefined) return known;
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  digitsByCurrency.set(currency, digits);
  return digits;
}
