import { type Statement } from './statement';

/** How long a table keeps something, and the statement that lets go of it. */
export interface RetentionRule {
  /** What it is about, for progress and logs. */
  readonly name: string;
  /** `payload`: contents, which identify people. `log`: rows that prove what was done. */
  readonly keeps: 'payload' | 'log';
  /** Lets go of at most `$3` rows from `$1` on and before `$2`, business time, and gives one row for each. */
  readonly sql: Statement;
}
