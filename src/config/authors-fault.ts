/** Said of a package that its operator cannot mend, but can do without. */
export const FOR_ITS_AUTHOR = 'Its author has to mend that; take it out of WAPAS_PROVIDER_PACKAGES to start without it';

/** What the code of a provider threw: its kind and its place. Not its message, which may quote a secret that it was given. */
export function thrownInWords(error: unknown): string {
  if (!(error instanceof Error)) return 'threw what is no error';
  const place = /^\s+at (?:.*\()?([^()]+:\d+:\d+)\)?$/m.exec(error.stack ?? '')?.[1];
  return `threw a ${error.name}${place === undefined ? '' : ` at ${place}`}`;
}
