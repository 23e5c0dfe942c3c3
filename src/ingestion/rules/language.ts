/** As the API takes languages (event-schema.ts), in any case. */
const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i;

/** A language as we write it: `hi_IN` and `HI-in`, as devices say, are `hi-IN`; undefined for what cannot be one. */
export function languageOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replaceAll('_', '-');
  if (text.length > 35 || !LANGUAGE.test(text)) return undefined;
  try {
    return Intl.getCanonicalLocales(text)[0];
  } catch {
    return undefined; // It looks like a tag and is none, such as one that says a part twice.
  }
}
