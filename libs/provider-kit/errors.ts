import { type HttpResult } from './http';
import { type FailureMeaning, type SendFailure } from './outcome';

/** One line of a vendor's error table. The class says what Wapas does next; the vendor's own words stay beside it for people. */
export interface ErrorRow extends FailureMeaning {
  /** As the vendor writes it, or as the provider's README names it. */
  readonly code: string;
  readonly meaning: string;
  /** Where this was read, and when. */
  readonly source: string;
  readonly readOn: string;
  /** How long the documentation asks to wait, when the answer itself does not say. */
  readonly waitMs?: number;
}

/** What the table says about a code; undefined for a code nobody has written down yet. */
export type ErrorTable = ReadonlyMap<string, ErrorRow>;

/** Throws on a code that stands twice: two truths about one code is a mistake of the author, seen at the first test. */
export function errorTable(rows: readonly ErrorRow[]): ErrorTable {
  const table = new Map(rows.map((row) => [row.code, row]));
  if (table.size !== rows.length) throw new Error('A code stands twice in an error table');
  return table;
}

/** The meaning alone, without the prose around it. */
export function meaningOf(row: ErrorRow): FailureMeaning {
  return {
    class: row.class,
    scope: row.scope,
    ...(row.only === undefined ? {} : { only: row.only }),
    ...(row.holdsForMs === undefined ? {} : { holdsForMs: row.holdsForMs }),
  };
}

/** A failure of the line. Nothing left: try again freely. Something may have left: only the vendor knows. */
export function lineFailure(result: Extract<HttpResult, { kind: 'failure' }>): SendFailure {
  return { class: result.stage === 'before_send' ? 'temporary' : 'unknown_outcome', scope: 'message', code: result.code };
}

/**
 * A 5xx is never tried again, whatever its body says: the vendor may have taken the message before it fell over.
 * A code that settles the matter (a dead number, a locked account) still settles it.
 */
export function neverRetryServerError(meaning: FailureMeaning, status: number): FailureMeaning {
  const wouldRetry = meaning.class === 'temporary' || meaning.class === 'throttled';
  return status >= 500 && wouldRetry ? { ...meaning, class: 'unknown_outcome' } : meaning;
}
