/** A language, perhaps with a country: `hi`, `en_IN`. Written with `-` or `_`, in any case; kept as `en_IN`. */
export function localeOf(text: unknown): string | null {
  const [, language, , country] = (typeof text === 'string' ? /^([a-z]{2,3})([-_]([a-z]{2}))?$/i.exec(text.trim()) : null) ?? [];
  if (language === undefined) return null;
  return country === undefined ? language.toLowerCase() : `${language.toLowerCase()}_${country.toUpperCase()}`;
}

/**
 * In which order languages are tried for somebody (rule 39): exactly theirs, their language whatever the country, then the
 * deployment's own order. The same for the same person and texts, always.
 */
export function localeOrder(wanted: string | null, fallback: readonly string[]): string[] {
  const theirs = wanted === null ? [] : [wanted, wanted.split('_')[0] as string];
  return [...new Set([...theirs, ...fallback])];
}

/** The first of the order that there is; null: none. */
export function chooseLocale(order: readonly string[], available: readonly string[]): string | null {
  return order.find((one) => available.includes(one)) ?? null;
}
