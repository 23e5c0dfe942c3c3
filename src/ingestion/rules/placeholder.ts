/**
 * What programs write where they have no id. Whoever takes such a word for an id takes all for one customer who have none, and
 * the order of one is written to the phone of another. The list is ours, after what Amplitude asks senders to leave out
 * (https://amplitude.com/docs/data/data-assistant-user-solutions/early-user-ids-engineering, read 2026-12-01) and what languages,
 * databases and shops print for nothing.
 */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  '', // Nothing but spaces.
  'undefined',
  'null',
  '(null)',
  '<null>',
  '\\n',
  'nil',
  'none',
  'nan',
  'n/a',
  '#n/a',
  'unknown',
  'anonymous',
  'guest',
  '[object object]',
  '{}',
  '[]',
  'true',
  'false',
  '-',
  '0',
  '-1',
  '00000000-0000-0000-0000-000000000000',
]);

/** Whether a text that should be an id says that there is none. */
export const isPlaceholder = (id: string): boolean => PLACEHOLDERS.has(id.trim().toLowerCase());
